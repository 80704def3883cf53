"""The shape of a network: everything about it but its weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from bnnsat.types import Integers

ACTIVATIONS = ("popcount", "half")
HEADS = ("bit", "onehot", "argmax")
MAX_SIZE = 1_000_000
"""The largest layer: beyond it a formula is out of any machine's reach."""


@dataclass(frozen=True)
class Shape:
    """Everything about a network but its weights.

    Attributes:
        sizes: the inputs, then each layer's neurons: (64, 2, 1) is written 64-2-1.
        activation: "popcount", or "half", the half-comparison.
        head: "bit", "onehot" or "argmax".
        thresholds: thresholds[l][j] is T of neuron j in layer l; empty tuples for the half-comparison.
        repeat: 2 where inputs are read twice: equal weights are +1 or -1, unequal ones 0, as one of them always agrees.
        constants: bits 1 that each layer reads behind its inputs; their weights lower thresholds, so these are learned.
        offsets: what argmax adds to each class's count, fractions; empty for nothing.
    """

    sizes: tuple[int, ...]
    activation: str = "popcount"
    head: str = "bit"
    thresholds: tuple[tuple[int, ...], ...] = ()
    repeat: int = 1
    constants: tuple[int, ...] = ()
    offsets: tuple[Fraction, ...] = ()

    @classmethod
    def parse(
        cls,
        topology: str,
        activation: str = "popcount",
        head: str | None = None,
        thresholds: Sequence[int] | str = (),
        weights: str = "binary",
    ) -> Shape:
        """A shape by the words of users; InputError where the parts do not fit.

        Args:
            topology: the sizes, as "64-32-10".
            activation: "popcount" or "half".
            head: "bit", "onehot" or "argmax"; without, bit for one output, onehot for more.
            thresholds: one T per layer; without, ceil(fan-in / 2), a tie is 1; "learned" leaves them to training.
            weights: "binary", or "ternary": 0 beside +1 and -1, with counts and thresholds of twice as many inputs.
        """
        # Most who hold shapes read no users' words.
        from bnnsat.spelling import spelled

        return cls(*spelled(topology, activation, head, thresholds, weights)).checked()

    @property
    def topology(self) -> str:
        """The sizes as users write them."""
        return "-".join(map(str, self.sizes))

    @property
    def layers(self) -> int:
        """The number of layers that have weights."""
        return len(self.sizes) - 1

    @property
    def matrices(self) -> list[tuple[int, int]]:
        """The size (neurons, fan-in) of each layer's weights."""
        constants = self.constants or (0,) * self.layers
        return [(m, n * self.repeat + c) for (n, m), c in zip(pairwise(self.sizes), constants, strict=True)]

    def sources(self, layer: int) -> Integers:
        """Which input of a layer each of a neuron's weights reads, (fan-in,); -1 is the constant 1."""
        n, fan_in = self.sizes[layer], self.matrices[layer][1]
        return np.concatenate([np.tile(np.arange(n), self.repeat), np.full(fan_in - n * self.repeat, -1)])

    def read(self, layer: int, inputs: NDArray[Any], one: Any) -> NDArray[Any]:
        """What a neuron of a layer reads, (rows, fan-in), of its inputs (rows, n) and the constant `one`."""
        if self.reads_once:
            return inputs
        ones = np.full((len(inputs), 1), one, dtype=inputs.dtype)
        return np.concatenate([inputs, ones], axis=1)[:, self.sources(layer)]

    @property
    def words(self) -> str:
        """The networks in question."""
        rows = zip(self.thresholds, self.matrices, strict=True)
        default = all(set(row) <= {(n + 1) // 2} for row, (_, n) in rows)
        given = "" if default else f", thresholds {'; '.join(', '.join(map(str, row)) for row in self.thresholds)}"
        kind = self.activation + (", any thresholds" if any(self.constants) else given)
        kind += (", ternary weights" if self.repeat == 2 else "") + (", offsets" if self.offsets else "")
        return f"{self.topology} ({kind}, head {self.head})"

    def admits(self, other: Shape) -> bool:
        """Whether all networks of the `other` shape, whose thresholds are not free, are among those of this one."""
        free = self.constants or (0,) * self.layers
        rows = zip(other.thresholds, self.thresholds, free, strict=False)
        mine = tuple(theirs if constants else own for theirs, own, constants in rows)
        return other == replace(self, thresholds=mine, constants=())

    def noted(self) -> dict[str, Any]:
        """The shape as JSON."""
        names = ("topology", "activation", "head", "thresholds", "repeat", "constants")
        offsets = {"offsets": list(map(str, self.offsets))} if self.offsets else {}
        return {**{name: getattr(self, name) for name in names}, **offsets}

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> Shape:
        """The shape that was noted; InputError, KeyError, TypeError or ValueError for anything else."""
        sizes, rows = tuple(map(int, noted["topology"].split("-"))), tuple(map(tuple, noted["thresholds"]))
        # Models of old have no repeat, and none has constants.
        rest: tuple[Any, ...] = noted.get("repeat", 1), tuple(noted.get("constants", ()))
        if noted.get("offsets"):
            from bnnsat.offsets import read

            rest = *rest, read(noted["offsets"])
        shape = cls(sizes, noted["activation"], noted["head"], rows, *rest).checked()
        if shape.topology != noted["topology"] or not all(type(n) is int for n in (shape.repeat, *shape.constants)):
            raise InputError(f"topology {noted['topology']!r}, repeat or constants are not as they are written")
        return shape

    @property
    def reads_once(self) -> bool:
        """Whether each neuron reads each of its inputs once, and nothing else."""
        return self.repeat == 1 and not any(self.constants)

    @property
    def classes(self) -> int:
        """The number of labels that the head can name: 0..classes-1."""
        return 2 if self.head == "bit" else self.sizes[-1]

    @property
    def weight_bits(self) -> int:
        """The number of weight bits."""
        return sum(m * n for m, n in self.matrices)

    def with_thresholds(self, thresholds: Sequence[Sequence[int]]) -> Shape:
        """The same shape with `thresholds`, one per neuron, a row per layer; InputError where they do not fit."""
        rows = tuple(tuple(row) for row in thresholds)
        wanted = [m if self.activation == "popcount" else 0 for m in self.sizes[1:]]
        if [len(row) for row in rows] != wanted or not all(type(t) is int for row in rows for t in row):
            raise InputError(f"the thresholds do not fit topology {self.topology}; whole numbers, {wanted} per layer")
        for (_, n), row in zip(self.matrices, rows, strict=True):
            for t in row:
                if not 0 <= t <= n + 1:
                    raise InputError(f"threshold {t} does not fit; give one from 0 (always 1) to {n + 1} (always 0)")
        return replace(self, thresholds=rows)

    def checked(self) -> Shape:
        """The shape; InputError, with what would be right, for one that cannot be."""
        for what, given, known in (("activation", self.activation, ACTIVATIONS), ("head", self.head, HEADS)):
            if given not in known:
                raise InputError(f"unknown {what} {given!r}; there are {', '.join(known)}")
        if self.repeat not in (1, 2):
            raise InputError(f"inputs are read once or twice, not {self.repeat} times")
        if len(self.sizes) < 2 or not all(1 <= size <= MAX_SIZE for size in self.sizes):
            raise InputError(f"topology {self.topology} is none: two sizes or more, each from 1 to {MAX_SIZE}")
        if (self.head == "bit") != (self.sizes[-1] == 1):
            outputs = self.sizes[-1]
            right = "1 output; take head bit" if outputs == 1 else f"{outputs} outputs; take head onehot or argmax"
            raise InputError(f"head {self.head} does not fit {right}, or change the topology")
        if self.activation == "half":
            if self.head == "argmax" or self.repeat == 2:
                raise InputError("the half-comparison has binary weights and no counts; take head onehot")
            for n in self.sizes[:-1]:
                if n % 2:
                    even = f"use an even number in topology {self.topology}"
                    raise InputError(f"the half-comparison splits its inputs in two halves, and {n} is odd; {even}")
        if self.offsets and (self.head != "argmax" or len(self.offsets) != self.sizes[-1]):
            raise InputError(f"{len(self.offsets)} offsets do not fit head {self.head} with {self.sizes[-1]} outputs")
        # All thresholds are free, or none: so many constants make any of them.
        free = [n * self.repeat + 1 for n in self.sizes[:-1]]
        if self.head == "argmax":
            free[-1] = 0
        rows = zip(self.thresholds, free, strict=False)
        if any(self.constants) and (list(self.constants) != free or any(set(row) != {c} for row, c in rows if c)):
            raise InputError("the constants are not those of learned thresholds")
        return self.with_thresholds(self.thresholds)
