"""The question of training: which weights make the fewest errors?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.lines import read_examples, sha256, write_examples
from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.problem import MAX_COST, Problem
from bnnsat.questions.question import EXAMPLES, MODEL, Files, Holes, Solution, Sum, value
from bnnsat.readings import forward
from bnnsat.readings.algebra import Algebra, Value
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers


@dataclass(frozen=True, eq=False)
class TrainingQuestion:
    """The errors that networks of a shape make on a problem.

    Attributes:
        problem: the examples, merged; with a margin, an example that is right by less counts as wrong.
        shape: everything about the networks but their weights, which are free.
        costs: what an error costs for each label, as in the problem; 1 each without.
        examples: inputs (examples, n) and labels (examples,) as they were before they were merged.
    """

    KIND: ClassVar[str] = "training"
    UNIT: ClassVar[str] = "errors"

    problem: Problem
    shape: Shape
    costs: tuple[int, ...] = ()
    examples: tuple[Bits, Integers] | None = None

    @classmethod
    def on(
        cls, inputs: Bits, labels: Integers, shape: Shape, costs: Sequence[int] = (), margin: int = 0
    ) -> TrainingQuestion:
        """The question about examples.

        Args:
            inputs: (examples, n) bits.
            labels: (examples,), from 0.
            shape: of the networks.
            costs: what an error costs for each label; 1 each without.
            margin: see `Problem`.

        Raises InputError where they do not fit each other.
        """
        x, y = np.asarray(inputs), np.asarray(labels)
        fit(x, y, shape)
        if len(costs) and (len(costs) != shape.classes or not all(1 <= cost <= MAX_COST for cost in costs)):
            many = f"give {shape.classes}, one per label, from 1 to {MAX_COST}"
            raise InputError(f"costs {', '.join(map(str, costs))} do not fit; {many}")
        if not 0 <= margin <= shape.matrices[-1][1] * (shape.activation == "popcount"):
            raise InputError(f"margin {margin} is not one that counts of a network {shape.topology} can have")
        x, y = x.astype(np.bool_), y.astype(np.int64)
        return cls(Problem.of(x, y, costs, margin), shape, tuple(costs), (x, y))

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        return {f"weights.{layer}": size for layer, size in enumerate(self.shape.matrices)}

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        return algebra.constant(np.empty(0, dtype=np.bool_))

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        weights, problem = [holes[name] for name in self.holes], self.problem
        if name == "errors":
            rows = algebra.constant(problem.inputs)
            right = forward.judged(algebra, self.shape, weights, rows, problem.labels, problem.margin)
            return Sum(algebra.negated(right), problem.costs)
        if name == "nonzero" and self.shape.repeat == 2:
            # A weight is 0 where its two bits differ: one of them always agrees.
            pairs = [(m[:, :n], m[:, n : 2 * n]) for n, m in zip(self.shape.sizes, weights, strict=False)]
            bits = np.concatenate([algebra.xnor(first, second).reshape(-1) for first, second in pairs])
            return Sum(bits, np.ones(len(bits), dtype=np.int64))
        raise InputError(f"training a network {self.shape.topology} has no sum {name!r}")

    def literal_order(self, name: str) -> Integers | None:
        # Only the fast reading asks.
        from bnnsat.encodings.orders import literal_permutation

        order = literal_permutation(self.problem, name)
        if order is None:
            return None
        # Inputs that are read twice stand side by side, constants last.
        n, fan_in = self.shape.sizes[0], self.shape.matrices[0][1]
        twice = (order[:, np.newaxis] + n * np.arange(self.shape.repeat)).reshape(-1)
        return np.concatenate([twice, np.arange(n * self.shape.repeat, fan_in)])

    def certain(self, most: Mapping[str, int]) -> bool:
        return min(most.values()) < 0 or most.get("errors", self.problem.total_cost) < self.problem.lower_bound

    def network(self, holes: Mapping[str, Bits]) -> Network:
        """The network with these weights."""
        return Network.of(self.shape, [holes[name] for name in self.holes])

    def replay(self, holes: Mapping[str, Bits]) -> Solution:
        errors = value(self, holes)
        return Solution(errors, f"{self.told({'errors': errors})}, replayed", {"examples": self._count})

    def attained(self, files: Files) -> dict[str, int]:
        network = Network.loads(files[MODEL], MODEL)
        if not self.shape.admits(network.shape):
            raise InputError(f"the model is no network {self._networks}")
        problem = self.problem
        found = {"errors": problem.errors(network.right(problem.inputs, problem.labels, problem.margin))}
        if self.shape.repeat == 2:
            holes = dict(zip(self.holes, network.matrices(), strict=True))
            found["nonzero"] = int(self.sum("nonzero", NUMPY, holes).bits.sum())
        return found

    def told(self, sums: Mapping[str, int]) -> str:
        words = [f"{self._errors(sums['errors'])}{self._margin} on {self._count} examples"] if "errors" in sums else []
        words += [f"{sums['nonzero']} weights other than 0"] if "nonzero" in sums else []
        return ", ".join(words)

    def refuted(self, most: Mapping[str, int]) -> str:
        words = f"no network {self._networks} makes fewer than {self._errors(most['errors'] + 1)}{self._margin}"
        return words + (f" with fewer than {most['nonzero'] + 1} weights other than 0" if "nonzero" in most else "")

    def noted(self) -> dict[str, Any]:
        digest = sha256(self.files()[EXAMPLES])
        margin = self.problem.margin
        return {"shape": self.shape.noted(), "costs": list(self.costs), "margin": margin, "examples": digest}

    def files(self) -> dict[str, bytes]:
        if self.examples is None:
            raise ValueError("the question is about merged examples, which cannot be noted")
        return {EXAMPLES: write_examples(*self.examples)}

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> TrainingQuestion:
        if sha256(files[EXAMPLES]) != noted["examples"]:
            raise InputError("the examples are not those of the question")
        if not all(type(number) is int for number in (*noted["costs"], noted["margin"])):
            raise InputError("costs or margin are not whole numbers")
        inputs, labels = read_examples(files[EXAMPLES])
        return cls.on(inputs, labels, Shape.of(noted["shape"]), noted["costs"], noted["margin"])

    @property
    def _count(self) -> int:
        return len(self.problem.labels) if self.examples is None else len(self.examples[1])

    @property
    def _networks(self) -> str:
        return f"{self.shape.topology} ({self.shape.words})"

    @property
    def _margin(self) -> str:
        return f" with a margin of {self.problem.margin}" if self.problem.margin else ""

    def _errors(self, count: int) -> str:
        weighted = f", weighted {', '.join(map(str, self.costs))} by label," if self.costs else ""
        return f"{count} {'error' if count == 1 else 'errors'}{weighted}"


def fit(inputs: NDArray[Any], labels: NDArray[Any], shape: Shape) -> None:
    """Raise InputError for examples that networks of a shape cannot learn."""
    if inputs.ndim != 2 or not len(inputs):
        raise InputError(f"the inputs have shape {inputs.shape}; a table of examples x bits is due")
    if inputs.shape[1] != shape.sizes[0]:
        raise InputError(
            f"topology {shape.topology} starts with {shape.sizes[0]}, but the data have {inputs.shape[1]} inputs; "
            f"start it with {inputs.shape[1]}"
        )
    if not np.isin(inputs, (0, 1)).all():
        raise InputError("the inputs hold values other than bits 0 and 1; binarise them first")
    if labels.shape != (len(inputs),):
        raise InputError(f"the labels have shape {labels.shape} for {len(inputs)} examples; one label each is due")
    if not np.isin(labels, np.arange(shape.classes)).all():
        wrong = labels[~np.isin(labels, np.arange(shape.classes))][0]
        raise InputError(
            f"label {wrong} is not one that topology {shape.topology} can name: 0 to {shape.classes - 1}; "
            "choose one label with --positive, or as many outputs as there are labels"
        )


QUESTION = TrainingQuestion
