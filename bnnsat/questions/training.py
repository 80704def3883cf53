"""The question of training: which weights make the fewest errors?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bnnsat.data.lines import read_examples, sha256, write_examples
from bnnsat.errors import InputError
from bnnsat.problem import MAX_COST, Problem
from bnnsat.questions.parts import EXAMPLES, MODEL, Sum
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.weights import FORMAT, shape_and_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bnnsat.questions.question import Files, Holes
    from bnnsat.readings.algebra import Algebra, Value
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
    CHANGES: ClassVar[tuple[str, ...]] = ("shape", "margin")
    SOLUTION: ClassVar[str] = MODEL

    problem: Problem
    shape: Shape
    costs: tuple[int, ...] = ()
    examples: tuple[Bits, Integers] | None = None

    @classmethod
    def on(
        cls, inputs: Bits, labels: Integers, shape: Shape, costs: Sequence[int] = (), margin: int = 0
    ) -> TrainingQuestion:
        """The question about some examples; InputError where the parts do not fit.

        Args:
            inputs: (examples, n) bits.
            labels: (examples,), from 0.
            shape: everything about the networks but their weights.
            costs: what an error costs for each label, whole numbers; 1 each without.
            margin: an example that is right by less counts as wrong.
        """
        if inputs.ndim != 2 or inputs.shape[1] != shape.sizes[0] or labels.shape != (len(inputs),) or not len(labels):
            raise InputError(f"{inputs.shape} inputs and {labels.shape} labels do not fit topology {shape.topology}")
        if not (((inputs == 0) | (inputs == 1)).all() and np.isin(labels, np.arange(shape.classes)).all()):
            raise InputError(f"{shape.topology} takes bits and labels from 0 to {shape.classes - 1}; there are others")
        if len(costs) not in (0, shape.classes) or not all(cost in range(1, MAX_COST + 1) for cost in costs):
            many = f"give {shape.classes}, one per label, from 1 to {MAX_COST}"
            raise InputError(f"costs {', '.join(map(str, costs))} do not fit; {many}")
        if not 0 <= margin <= shape.matrices[-1][1] * (shape.activation == "popcount"):
            raise InputError(f"margin {margin} is not one that counts of a network {shape.topology} can have")
        return cls(Problem.of(inputs, labels, costs, margin), shape, tuple(costs), (inputs, labels))

    @property
    def neurons(self) -> tuple[str, ...]:
        return (self.shape.activation,)

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        return {f"weights.{layer}": size for layer, size in enumerate(self.shape.matrices)}

    @property
    def sums(self) -> tuple[str, ...]:
        return ("errors", "nonzero") if self.shape.repeat == 2 else ("errors",)

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        return algebra.constant(np.empty(0, dtype=np.bool_))

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        weights, problem = [holes[name] for name in self.holes], self.problem
        if name == "errors":
            rows = algebra.constant(problem.inputs)
            right = forward.judged(algebra, self.shape, weights, rows, problem.labels, problem.margin)
            return Sum(algebra.negated(right), problem.costs)
        if name == "nonzero" and name in self.sums:
            # A weight is 0 where its two bits differ: one of them always agrees.
            pairs = [(m[:, :n], m[:, n : 2 * n]) for n, m in zip(self.shape.sizes, weights, strict=False)]
            bits = np.concatenate([algebra.xnor(first, second).reshape(-1) for first, second in pairs])
            return Sum(bits, np.ones(len(bits), dtype=np.int64))
        raise InputError(f"training a network {self.shape.topology} has no sum {name!r}")

    def certain(self, most: Mapping[str, int]) -> bool:
        return min(most.values()) < 0 or most.get("errors", self.problem.total_cost) < self.problem.lower_bound

    def facts(self, holes: Mapping[str, Bits]) -> dict[str, Any]:
        return {"examples": self._count}

    def attained(self, files: Files) -> dict[str, int]:
        shape, weights = shape_and_weights(FORMAT.loads(files[MODEL], MODEL))
        if not self.shape.admits(shape):
            raise InputError(f"the model is no network {self.shape.words}")
        # As a solution of the same question about its own shape, whose thresholds are numbers.
        own = replace(self, shape=shape)
        sums = {name: own.sum(name, NUMPY, dict(zip(own.holes, weights, strict=True))) for name in self.sums}
        return {name: int(found.costs[found.bits].sum()) for name, found in sums.items()}

    def told(self, sums: Mapping[str, int]) -> str:
        margin = f" with a margin of {self.problem.margin}" * (self.problem.margin > 0 or "margin" in sums)
        errors, examples = self._counted(sums.get("errors", 0), "error"), self._counted(self._count, "example")
        words = [f"makes {errors}{margin} on {examples}"] * ("errors" in sums)
        words += [f"has {self._counted(sums.get('nonzero', 0), 'weight')} other than 0"] * ("nonzero" in sums)
        return f"a network {self.shape.words} {' and '.join(words)}"

    def refuted(self, most: Mapping[str, int]) -> str:
        errors, weights = most["errors"] + 1, self._counted(most.get("nonzero", 0) + 1, "weight")
        words = f"no network {self.shape.words} makes fewer than {self._counted(errors, 'error')}"
        words += f" with a margin of {self.problem.margin}" * (self.problem.margin > 0)
        return words + f" with fewer than {weights} other than 0" * ("nonzero" in most)

    def noted(self) -> dict[str, Any]:
        about = {"shape": self.shape.noted(), "costs": list(self.costs), "margin": self.problem.margin}
        return {**about, "digest": sha256(self.files()[EXAMPLES])}

    def files(self) -> dict[str, bytes]:
        if self.examples is None:
            raise InputError(
                "the question does not know its examples before they were merged; TrainingQuestion.on does"
            )
        return {EXAMPLES: write_examples(*self.examples)}

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> TrainingQuestion:
        if sha256(files[EXAMPLES]) != noted["digest"]:
            raise InputError("the examples are not those of the question")
        if not all(type(number) is int for number in (*noted["costs"], noted["margin"])):
            raise InputError("costs or margin are not whole numbers")
        inputs, labels = read_examples(files[EXAMPLES])
        return cls.on(inputs, labels, Shape.of(noted["shape"]), noted["costs"], noted["margin"])

    @property
    def _count(self) -> int:
        return len(self.problem.labels) if self.examples is None else len(self.examples[1])

    def _counted(self, count: int, noun: str) -> str:
        weighted = f" (weighted {', '.join(map(str, self.costs))} by label)" * (noun == "error" and bool(self.costs))
        return f"{count} {noun}{'' if count == 1 else 's'}{weighted}"


QUESTION = TrainingQuestion
