"""Decision trees over bits: what they say, as rules, and as a network of ternary popcounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bnnsat.network import Network
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

INDENT = "    "
Path = tuple[tuple[int, int], ...]
"""Tests on the way to a leaf: the feature, and which value it has."""


@dataclass(frozen=True)
class Tree:
    """A leaf, or a test of an input with a tree for each of its values.

    Attributes:
        label: of a leaf, 0 or 1.
        feature: which input is tested; -1 for a leaf.
        branches: where it is 0, and where it is 1; none of a leaf.
    """

    label: int = 0
    feature: int = -1
    branches: tuple[Tree, ...] = ()

    @classmethod
    def test(cls, feature: int, zero: Tree, one: Tree) -> Tree:
        """A test; a single tree where both are the same.

        Args:
            feature: which input.
            zero: where it is 0.
            one: where it is 1.
        """
        return zero if zero == one else cls(0, feature, (zero, one))

    def settled(self, known: Mapping[int, int] = MappingProxyType({})) -> Tree:
        """The same tree without tests whose outcome is known from those before.

        Args:
            known: the values of inputs that are.
        """
        if not self.branches:
            return self
        if self.feature in known:
            return self.branches[known[self.feature]].settled(known)
        return Tree.test(
            self.feature, *(b.settled({**known, self.feature: value}) for value, b in enumerate(self.branches))
        )

    def labels(self, rows: Bits) -> Integers:
        """The label of each row, (rows,).

        Args:
            rows: (rows, n) bits.
        """
        if not self.branches:
            return np.full(len(rows), self.label, dtype=np.int64)
        zero, one = (branch.labels(rows) for branch in self.branches)
        return np.where(rows[:, self.feature], one, zero)

    def leaves(self, path: Path = ()) -> Iterator[tuple[Path, int]]:
        """Each leaf: the tests on the way to it, and its label.

        Args:
            path: tests before this tree.
        """
        if not self.branches:
            yield path, self.label
        for value, branch in enumerate(self.branches):
            yield from branch.leaves((*path, (self.feature, value)))

    def rules(self, terms: Sequence[str], labels: Sequence[str], indent: str = "") -> list[str]:
        """The tree in words, a line each.

        Args:
            terms: what each input says when it is 1.
            labels: what 0 and 1 are called.
            indent: before each line.

        >>> Tree.test(1, Tree(0), Tree(1)).rules(["a", "b"], ["no", "yes"])
        ['if b: yes', 'otherwise: no']
        """
        if not self.branches:
            return [f"{indent}always {labels[self.label]}"]
        lines = []
        for start, branch in zip((f"if {terms[self.feature]}", "otherwise"), self.branches[::-1], strict=True):
            if branch.branches:
                lines += [f"{indent}{start}:", *branch.rules(terms, labels, indent + INDENT)]
            else:
                lines.append(f"{indent}{start}: {labels[branch.label]}")
        return lines

    def network(self, inputs: int) -> Network:
        """A network that says the same: a neuron for each leaf of one label, and whether one of them is 1.

        The label is the one with fewer leaves; of label 0 the output is 1 where none of them is.

        Args:
            inputs: of the network.

        Raises:
            ValueError: a path tests an input twice (see `settled`).
        """
        by_label = [[path for path, label in self.leaves() if label == wanted] for wanted in (0, 1)]
        wanted = int(len(by_label[1]) <= len(by_label[0]))
        # Without any there is one that is never taken.
        paths: Sequence[Path | None] = by_label[wanted] or [None]
        shape = Shape.parse(f"{inputs}-{len(paths)}-1", weights="ternary")
        weights = np.zeros((len(paths), 2, inputs), dtype=np.bool_)
        if any(len({feature for feature, _ in path}) < len(path) for path in paths if path is not None):
            raise ValueError("a path tests an input twice")
        # Unequal weights are 0.
        weights[:, 1] = True
        # Each input that is not read is one agreement of two; a path is taken where all its tests have both.
        least = [2 * inputs + 1 if path is None else inputs + len(path) for path in paths]
        for neuron, path in enumerate(paths):
            for feature, value in path or ():
                weights[neuron, :, feature] = bool(value)
        output = np.full((1, 2 * len(paths)), bool(wanted))
        # Twice as many agreements as there are leaves: one is taken, or none.
        due = 2 if wanted else 2 * len(paths)
        return Network.of(shape.with_thresholds([least, [due]]), [weights.reshape(len(paths), -1), output])
