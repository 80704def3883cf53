"""The question which program of a shape says the same as a network of some inputs.

That no program does of some inputs says that none does of all. The labels are the network's own, which is asked anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bnnsat.data.lines import sha256
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.parts import MODEL, Sum
from bnnsat.questions.property import INPUTS
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.tables.labels import listed, place_among

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bnnsat.questions.question import Files, Holes
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.tables.table import Label
    from bnnsat.types import Bits, Integers

MOST_DEPTH = 6
"""Of trees."""


@dataclass(frozen=True, eq=False)
class MemberQuestion:
    """The errors that programs of a shape make, which are to say what a network says.

    Attributes:
        model: the network.
        label: which is told from the rest; None where there are two.
        inputs: (rows, bits) of which it is asked.
        shape: of the programs, networks; None for trees.
        depth: of trees, their inner nodes on a path; 0 for networks.
        rows: which of the inputs count.
    """

    KIND: ClassVar[str] = "member"
    UNIT: ClassVar[str] = "errors"
    CHANGES: ClassVar[tuple[str, ...]] = ("shape", "depth", "rows")
    SOLUTION: ClassVar[str] = "program.json"

    model: Model
    label: Label | None
    inputs: Bits
    shape: Shape | None
    depth: int
    rows: tuple[int, ...]

    def __post_init__(self) -> None:
        there = Inputs.of(self.model)
        if self.inputs.ndim != 2 or self.inputs.shape[1] != there.bits or not all(map(there.hold, self.inputs)):
            raise InputError("some of the inputs can never be the network's")
        if not self.rows or not all(type(row) is int and 0 <= row < len(self.inputs) for row in self.rows):
            raise InputError(f"rows are places of {len(self.inputs)} inputs, one or more")
        if (self.shape is None) == (self.depth == 0) or not (type(self.depth) is int and 0 <= self.depth <= MOST_DEPTH):
            raise InputError("programs are networks of a shape, or trees of a depth from 1 to 6")
        # Of other heads no single sum says the label, which `_balanced` is about.
        if self.shape is not None and (self.shape.head != "bit" or self.shape.sizes[0] != len(self._order)):
            raise InputError(f"networks {self.shape.topology} do not read the network's inputs, or have no head bit")
        _ = self.labels

    @property
    def neurons(self) -> tuple[str, ...]:
        return () if self.shape is None else (self.shape.activation,)

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        if self.shape is None:
            return {"tests": (2**self.depth - 1, len(self._order)), "leaves": (2**self.depth,)}
        return {f"weights.{layer}": size for layer, size in enumerate(self.shape.matrices)}

    @property
    def sums(self) -> tuple[str, ...]:
        return (self.UNIT,)

    @cached_property
    def labels(self) -> Integers:
        """What the network says of the inputs that count, (rows,), 0 or 1."""
        model, asked = self.model, self.inputs[list(self.rows)]
        called = model.labels or tuple(range(model.network.shape.classes))
        place = 1 if self.label is None else place_among(self.label, called)
        if place is None or (self.label is None and (len(called) != 2 or model.network.shape.head == "onehot")):
            raise InputError(f"say which of the labels {listed(called)} is told from the rest")
        rows = asked[:, Inputs.of(model).order]
        weights = [NUMPY.constant(matrix) for matrix in model.network.matrices()]
        named = forward.judged(NUMPY, model.network.shape, weights, rows, np.full(len(rows), place))
        return np.asarray(named).astype(np.int64)

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        if self.shape is not None:
            return algebra.constant(np.empty(0, dtype=np.bool_))
        # Each inner node tests one input.
        tests = holes["tests"]
        first, second = np.triu_indices(tests.shape[1], 1)
        both = algebra.conj(np.stack([tests[:, first], tests[:, second]], axis=-1))
        some = algebra.negated(algebra.conj(algebra.negated(tests)))
        return np.concatenate([some, algebra.negated(both).reshape(-1)])

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        if name != self.UNIT:
            raise InputError(f"a program has no sum {name!r}")
        read = self.inputs[list(self.rows)][:, self._order]
        rows = algebra.constant(read)
        if self.shape is not None:
            weights = [holes[hole] for hole in self.holes]
            wrong = algebra.negated(forward.judged(algebra, self.shape, weights, rows, self.labels))
        else:
            said = self._said(algebra, holes, rows)
            wrong = np.where(self.labels == 1, algebra.negated(said), said)
        return Sum(wrong, np.ones(len(read), dtype=np.int64))

    def certain(self, most: Mapping[str, int]) -> bool:
        return most[self.UNIT] < 0 or (most[self.UNIT] == 0 and self._balanced)

    def facts(self, holes: Mapping[str, Bits]) -> dict[str, Any]:
        return {"examples": len(self.rows)}

    def attained(self, files: Files) -> dict[str, int]:
        # That there is a program is told as a claim about all inputs, which is more.
        return {}

    def told(self, sums: Mapping[str, int]) -> str:
        return f"a {self._words} makes {sums[self.UNIT]} errors"

    def refuted(self, most: Mapping[str, int]) -> str:
        label = "" if self.label is None else f" of label {self.label!r}"
        return (
            f"no {self._words} says the same as the network{label}, not even of {len(self.rows)} inputs: "
            f"none makes fewer than {most[self.UNIT] + 1} errors"
        )

    def noted(self) -> dict[str, Any]:
        shape = None if self.shape is None else self.shape.noted()
        digests = {name: sha256(content) for name, content in self.files().items()}
        return {"label": self.label, "shape": shape, "depth": self.depth, "rows": list(self.rows), "sha256": digests}

    def files(self) -> dict[str, bytes]:
        lines = ["".join("01"[int(bit)] for bit in row) for row in self.inputs]
        return {MODEL: self.model.dumps(), INPUTS: ("\n".join(lines) + "\n").encode()}

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> MemberQuestion:
        if unknown := noted.keys() - {"label", "shape", "depth", "rows", "sha256"}:
            raise InputError(f"the question says {', '.join(sorted(unknown))}, which it does not know")
        if any(sha256(files[name]) != noted["sha256"][name] for name in (MODEL, INPUTS)):
            raise InputError("the model or the inputs are not those that the question is about")
        lines = files[INPUTS].decode("ascii").split()
        if {len(line) for line in lines} != {len(lines[0])} or {*"".join(lines)} - {"0", "1"}:
            raise InputError(f"{INPUTS} does not hold lines of as many digits 0 and 1")
        inputs = np.array([[digit == "1" for digit in line] for line in lines])
        shape = None if noted["shape"] is None else Shape.of(noted["shape"])
        model = Model.loads(files[MODEL], MODEL)
        return cls(model, noted["label"], inputs, shape, noted["depth"], tuple(noted["rows"]))

    @property
    def _balanced(self) -> bool:
        """Whether no sum of weights parts the rows: those of either label are as many, and have as many of each bit.

        All weights together then make as much of those that are to reach a threshold as of those that are not.
        """
        if self.shape is None or self.shape.activation != "popcount" or self.shape.layers > 1 or self.shape.offsets:
            return False
        rows = self.inputs[list(self.rows)][:, self._order].astype(np.int64)
        sides = [rows[self.labels == label] for label in (0, 1)]
        return len(sides[0]) == len(sides[1]) and bool((sides[0].sum(axis=0) == sides[1].sum(axis=0)).all())

    @property
    def _words(self) -> str:
        return f"tree of depth {self.depth}" if self.shape is None else f"network {self.shape.words}"

    @cached_property
    def _order(self) -> list[int]:
        """Which bits programs read: those of the network, each once; half-comparisons of an odd number one twice."""
        order: Sequence[int] = list(dict.fromkeys(Inputs.of(self.model).order.tolist()))
        half = self.shape is not None and self.shape.activation == "half"
        return [*order, *order[: len(order) % 2 if half else 0]]

    def _said(self, algebra: Algebra, holes: Holes, rows: Value) -> Value:
        """What a tree says, (rows,): whether it comes to a leaf that says 1."""
        tests, leaves = holes["tests"], holes["leaves"]
        shape = (len(rows), *tests.shape)
        both = np.stack([np.broadcast_to(tests, shape), np.broadcast_to(rows[:, np.newaxis], shape)], axis=-1)
        seen = algebra.negated(algebra.conj(algebra.negated(algebra.conj(both))))
        there = [algebra.constant(np.ones(len(rows), dtype=np.bool_))]
        # Below node i stand 2 i + 1, where its input is 0, and 2 i + 2.
        for node in range(len(tests)):
            for side in (algebra.negated(seen[:, node]), seen[:, node]):
                there.append(algebra.conj(np.stack([there[node], side], axis=-1)))
        ends = np.stack(there[len(tests) :], axis=-1)
        taken = algebra.conj(np.stack([ends, np.broadcast_to(leaves, ends.shape)], axis=-1))
        return algebra.negated(algebra.conj(algebra.negated(taken)))


QUESTION = MemberQuestion
"""The kind."""
