"""The question of training networks of whole numbers: which weights make the fewest errors?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bnnsat.data.lines import sha256
from bnnsat.errors import InputError
from bnnsat.exchanges import Pairs, exchanges
from bnnsat.integers import forward
from bnnsat.integers.model import IntegerModel
from bnnsat.integers.network import IntegerNetwork, checked, labelled
from bnnsat.integers.shape import IntegerShape
from bnnsat.questions.parts import EXAMPLES, MODEL, Sum
from bnnsat.questions.sketch import MINIMIZE, SketchQuestion
from bnnsat.sketch.expression import Expression
from bnnsat.sketch.program import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bnnsat.questions.question import Files, Holes
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.types import Bits, Integers


@dataclass(frozen=True, eq=False)
class IntegersQuestion:
    """The errors that networks of a shape make on examples.

    Attributes:
        shape: everything about the networks but their weights, which are free.
        inputs: (examples, n) whole numbers.
        labels: (examples,).
    """

    KIND: ClassVar[str] = "integers"
    UNIT: ClassVar[str] = "errors"
    CHANGES: ClassVar[tuple[str, ...]] = ("shape",)
    SOLUTION: ClassVar[str] = MODEL

    shape: IntegerShape
    inputs: Integers
    labels: Integers

    def __post_init__(self) -> None:
        if len(checked(self.shape, self.inputs)) != len(labelled(self.shape, self.labels)) or not len(self.labels):
            raise InputError(f"{len(self.inputs)} inputs and {len(self.labels)} labels; one or more each are due")

    @cached_property
    def merged(self) -> tuple[Integers, Integers, Integers]:
        """Distinct inputs with their labels, and how often each is there."""
        rows, counts = np.unique(np.column_stack([self.inputs, self.labels]), axis=0, return_counts=True)
        return rows[:, :-1], rows[:, -1], counts.astype(np.int64)

    @cached_property
    def lower_bound(self) -> int:
        """Errors that equal inputs with different labels make certain."""
        rows, _, counts = self.merged
        _, place = np.unique(rows, axis=0, return_inverse=True)
        place = place.reshape(-1)
        most = np.zeros(int(place.max()) + 1, dtype=np.int64)
        np.maximum.at(most, place, counts)
        return int(counts.sum() - most.sum())

    @cached_property
    def exchanges(self) -> Pairs:
        """Inputs that may be exchanged: the examples stay the same, in another order."""
        rows, labels, counts = self.merged
        return exchanges(rows, np.column_stack([labels, counts]))

    @cached_property
    def inner(self) -> SketchQuestion:
        """The same as a question about a sketch."""
        rows, labels, counts = self.merged
        weights, x = forward.holes(self.shape), forward.inputs(self.shape)
        ends = min(0, int(labels.min())), max(1, int(labels.max()))
        label = Expression.of("variable", data=("input", (), *ends))
        cost = Expression.of("variable", data=("input", (), 1, int(counts.max())))
        out = forward.output(self.shape, [*weights.values()], x)
        wrong = ~forward.right(self.shape, out, label)
        program = Program({**weights, "x": x, "label": label, "cost": cost}, (), wrong * cost)
        made = SketchQuestion(program, {"x": rows, "label": labels, "cost": counts}, MINIMIZE, self.shape.words)
        # A wrong example counts from 0, so the sum is the number of errors.
        assert made.offset == 0
        return made

    @property
    def neurons(self) -> tuple[str, ...]:
        return ()

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        return self.inner.holes

    @property
    def sums(self) -> tuple[str, ...]:
        return (self.UNIT,)

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        return self.inner.required(algebra, holes)

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        if name != self.UNIT:
            raise InputError(f"training a network {self.shape.topology} has no sum {name!r}")
        return self.inner.sum(self.inner.UNIT, algebra, holes)

    def certain(self, most: Mapping[str, int]) -> bool:
        return most[self.UNIT] < self.lower_bound

    def errors(self, network: IntegerNetwork) -> int:
        """The errors of a network, by the judge of sketches.

        Args:
            network: of the question's shape.
        """
        return self.inner.loss(dict(zip(self.holes, network.parameters(), strict=True)))

    def network(self, holes: Mapping[str, Bits]) -> IntegerNetwork:
        """The network that free bits say.

        Args:
            holes: by name.
        """
        return IntegerNetwork.of(self.shape, [*self.inner.numbers(holes).values()])

    def facts(self, holes: Mapping[str, Bits]) -> dict[str, Any]:
        return {"examples": len(self.labels), "network": self.network(holes).noted()}

    def attained(self, files: Files) -> dict[str, int]:
        if MODEL not in files:
            return {}
        network = IntegerModel.loads(files[MODEL], MODEL).network
        if network.shape != self.shape:
            raise InputError(f"the model is no network {self.shape.words}")
        return {self.UNIT: self.errors(network)}

    def told(self, sums: Mapping[str, int]) -> str:
        return f"a network {self.shape.words} makes {_errors(sums[self.UNIT])} on {len(self.labels)} examples"

    def refuted(self, most: Mapping[str, int]) -> str:
        return f"no network {self.shape.words} makes fewer than {_errors(most[self.UNIT] + 1)}"

    def noted(self) -> dict[str, Any]:
        return {"shape": self.shape.noted(), "digest": sha256(self.files()[EXAMPLES])}

    def files(self) -> dict[str, bytes]:
        return {EXAMPLES: self._text}

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> IntegersQuestion:
        if sha256(files[EXAMPLES]) != noted["digest"]:
            raise InputError("the examples are not those of the question")
        lines = files[EXAMPLES].decode("ascii").split("\n")
        rows = np.array([[int(word) for word in line.split(" ")] for line in lines[:-1]], dtype=np.int64)
        if lines[-1] or rows.ndim != 2 or rows.shape[1] < 2:
            raise InputError(f"{EXAMPLES} does not hold examples, one a line")
        return cls(IntegerShape.of(noted["shape"]), rows[:, :-1], rows[:, -1])

    @cached_property
    def _text(self) -> bytes:
        rows = np.column_stack([self.inputs, self.labels]).tolist()
        return "".join(" ".join(map(str, row)) + "\n" for row in rows).encode()


def _errors(count: int) -> str:
    return f"{count} error{'' if count == 1 else 's'}"


QUESTION = IntegersQuestion
"""The kind."""
