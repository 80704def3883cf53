"""The question whether a claim about all inputs is wrong: an input, or two, whose labels refute it.

The networks are known and the inputs' bits are free, but only those that values of columns and pixels can have.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bnnsat.data.lines import sha256
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.questions.parts import MODEL, Sum
from bnnsat.questions.properties import Property, equal, ignores, keeps, monotone, reach
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bnnsat.questions.question import Files, Holes
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.shape import Shape
    from bnnsat.types import Bits

OTHER, INPUTS = "other.json", "inputs.txt"
"""Another network; and the bits of one input that refutes, or of two, a line each."""
REACH, KEEPS, IGNORES, MONOTONE, EQUAL = ASKED = "reach", "keeps", "ignores", "monotone", "equal"


@dataclass(frozen=True, eq=False)
class PropertyQuestion:
    """Inputs that refute a claim: its sum, `kept`, is 0 where they do, and 1 where they do not.

    Attributes:
        claim: in full.
        asked: what is claimed, as JSON: `ask`, and `label`, `input`, `falling`, `where` as far as they belong to it.
        contents: the models' files, by name.
    """

    KIND: ClassVar[str] = "property"
    UNIT: ClassVar[str] = "kept"
    CHANGES: ClassVar[tuple[str, ...]] = ()
    SOLUTION: ClassVar[str] = INPUTS

    claim: Property
    asked: dict[str, Any]
    contents: dict[str, bytes]

    @classmethod
    def on(
        cls,
        model: Model,
        ask: str,
        *,
        label: Any = None,
        inputs: Sequence[str] = (),
        falling: bool = False,
        other: Model | None = None,
        where: Sequence[str] = (),
    ) -> PropertyQuestion:
        """The question about a model.

        Args:
            model: the network.
            ask: reach, keeps, ignores, monotone or equal.
            label: of reach and keeps; of equal, where the other network tells it from the rest.
            inputs: of ignores, and the only one of monotone.
            falling: of monotone.
            other: of equal.
            where: conditions, as `Inputs.where` takes them.

        Raises:
            InputError: they do not fit.
        """
        noted = {"ask": ask, "label": label, "inputs": list(inputs), "falling": falling, "where": list(where)}
        files = {MODEL: model.dumps()} | ({} if other is None else {OTHER: other.dumps()})
        return cls.of(noted, files)

    @property
    def shape(self) -> Shape:
        return self.claim.models[0].network.shape

    @property
    def neurons(self) -> tuple[str, ...]:
        return (self.shape.activation,)

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        changing = self.claim.inputs.parts[len(self.claim.inputs.parts) - self.claim.changing :]
        return {"first": (self.claim.inputs.bits,), "second": (sum(len(part.places) for part in changing),)}

    @property
    def sums(self) -> tuple[str, ...]:
        return (self.UNIT,)

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        inputs = self.claim.inputs
        found = []
        for bits in self._pair(holes):
            # Two literals of a part that never hold together.
            pairs = inputs.apart()
            signed = np.concatenate([algebra.negated(bits), bits])
            found.append(algebra.negated(algebra.conj(np.stack([signed[pairs[:, 0]], signed[pairs[:, 1]]], axis=-1))))
        if self.claim.rising:
            found.append(self._steps(algebra, holes))
        return np.concatenate(found)

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        if name != self.UNIT:
            raise InputError(f"a property has no sum {name!r}")
        named = [
            self._named(algebra, model, bits[order])
            for model, bits, order in zip(self.claim.models, self._pair(holes), self.claim.orders, strict=True)
        ]
        a, b = np.nonzero(self.claim.bad)
        refuted = algebra.conj(np.stack([named[0][a], named[1][b]], axis=-1))
        return Sum(algebra.conj(algebra.negated(refuted)[np.newaxis]), np.ones(1, dtype=np.int64))

    def certain(self, most: Mapping[str, int]) -> bool:
        # Where nothing goes up nothing can go down.
        return most[self.UNIT] <= 0 and (not self.claim.bad.any() or (self.claim.rising and self.claim.width == 1))

    def facts(self, holes: Mapping[str, Bits]) -> dict[str, Any]:
        first, second = (np.asarray(bits) for bits in self._pair(holes))
        if not (self.claim.inputs.hold(first) and self.claim.inputs.hold(second)):
            raise InputError("there is no such input: no solution of the formula")
        return {"inputs": ["".join(str(int(bit)) for bit in bits) for bits in (first, second)]}

    def attained(self, files: Files) -> dict[str, int]:
        if INPUTS not in files:
            return {}
        lines = files[INPUTS].decode("ascii").split()
        if len(lines) != 2 or any(len(line) != self.claim.inputs.bits or {*line} - {"0", "1"} for line in lines):
            raise InputError(f"{INPUTS} does not hold two lines of {self.claim.inputs.bits} digits 0 and 1")
        first, second = (np.array([digit == "1" for digit in line], dtype=np.bool_) for line in lines)
        changing = self._changing
        same = np.ones(len(first), dtype=np.bool_)
        same[changing] = False
        holes = {"first": first, "second": second[changing]}
        _ = self.facts(holes)
        if (first != second)[same].any() or not self.required(NUMPY, holes).all():
            raise InputError(f"the inputs in {INPUTS} differ in more than they may")
        found = self.sum(self.UNIT, NUMPY, holes)
        return {self.UNIT: int(found.costs[found.bits].sum())}

    def told(self, sums: Mapping[str, int]) -> str:
        return f"{'some input refutes' if not sums[self.UNIT] else 'some input is in accord with'}: {self.words}"

    def refuted(self, most: Mapping[str, int]) -> str:
        return f"of all {self.claim.inputs.total} inputs: {self.words}"

    @property
    def words(self) -> str:
        """What is claimed."""
        ask, inputs = self.asked["ask"], ", ".join(map(repr, self.asked["inputs"]))
        said = {
            REACH: f"none gets label {self.asked['label']!r}",
            KEEPS: f"all get label {self.asked['label']!r}",
            IGNORES: f"the label does not depend on {inputs}",
            MONOTONE: f"the label never {'rises' if self.asked['falling'] else 'falls'} where {inputs} rises",
            EQUAL: "two networks name the same label"
            if self.asked["label"] is None
            else f"one network names label {self.asked['label']!r} exactly where another one says so",
        }[ask]
        where = "".join(f", where {condition}" for condition in self.asked["where"])
        return f"{said}{where}; the network is {self.shape.words}"

    def noted(self) -> dict[str, Any]:
        return {**self.asked, "sha256": {name: sha256(content) for name, content in self.contents.items()}}

    def files(self) -> dict[str, bytes]:
        return dict(self.contents)

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> PropertyQuestion:
        asked = {name: noted[name] for name in ("ask", "label", "inputs", "falling", "where")}
        if unknown := noted.keys() - {*asked, "sha256"}:
            raise InputError(f"the question says {', '.join(sorted(unknown))}, which it does not know")
        ask, label, names, falling, where = asked.values()
        for texts in (names, where):
            if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
                raise InputError("inputs and conditions are lists of texts")
        contents = {name: files[name] for name in ((MODEL, OTHER) if ask == EQUAL else (MODEL,))}
        if any(sha256(contents[name]) != digest for name, digest in noted.get("sha256", {}).items()):
            raise InputError("a model is not the one that the question is about")
        model = Model.loads(contents[MODEL], MODEL)
        match ask:
            case "reach":
                claim = reach(model, label, where)
            case "keeps":
                claim = keeps(model, label, where)
            case "ignores":
                claim = ignores(model, names, where)
            case "monotone" if len(names) == 1 and type(falling) is bool:
                claim = monotone(model, names[0], where, falling=falling)
            case "equal":
                claim = equal(model, Model.loads(contents[OTHER], OTHER), where, label)
            case _:
                raise InputError(f"{ask!r} of {len(names)} inputs is no property; {', '.join(ASKED)} are")
        return cls(claim, asked, contents)

    @cached_property
    def _changing(self) -> list[int]:
        """Bits that the second input has for itself, part by part."""
        parts = self.claim.inputs.parts[len(self.claim.inputs.parts) - self.claim.changing :]
        return [int(place) for part in parts for place in part.places]

    def _pair(self, holes: Holes) -> tuple[Value, Value]:
        """The bits of both inputs."""
        first = holes["first"]
        second = first.copy()
        second[self._changing] = holes["second"]
        return first, second

    def _steps(self, algebra: Algebra, holes: Holes) -> Value:
        """Whether the second input has the next value of the part that rises, (1,)."""
        part = self.claim.inputs.parts[-1]
        first, second = self._pair(holes)
        here = algebra.conj(algebra.xnor(first[part.places], algebra.constant(part.patterns[:-1])))
        there = algebra.conj(algebra.xnor(second[part.places], algebra.constant(part.patterns[1:])))
        steps = algebra.conj(np.stack([here, there], axis=-1))
        return algebra.negated(algebra.conj(algebra.negated(steps)[np.newaxis]))

    @staticmethod
    def _named(algebra: Algebra, model: Model, inputs: Value) -> Value:
        """Whether each label, (labels + 1,), is named; the last is none."""
        shape = model.network.shape
        weights = [algebra.constant(matrix) for matrix in model.network.matrices()]
        rows = np.repeat(inputs[np.newaxis], shape.classes, axis=0)
        found = forward.judged(algebra, shape, weights, rows, np.arange(shape.classes))
        none = algebra.conj(algebra.negated(found)[np.newaxis])
        return np.concatenate([found, none])


QUESTION = PropertyQuestion
"""The kind."""
