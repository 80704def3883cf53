"""The question of robustness: how few bits of an example have to change until a network names another label?

The network is known and the input is free. Asked for at most r changes it is the question of adversarial examples
within a Hamming distance of r (Narodytska, Kasiviswanathan, Ryzhyk, Sagiv, Walsh: "Verifying Properties of Binarized
Deep Neural Networks", AAAI 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bnnsat.arrays import bits
from bnnsat.data.lines import sha256
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.plural import counted
from bnnsat.questions.parts import MODEL, Sum
from bnnsat.questions.replay import replayed
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY
from bnnsat.typed import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bnnsat.questions.question import Files, Holes
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.shape import Shape
    from bnnsat.types import Bits

INPUT = "input.txt"
"""The changed input, a digit a bit, where a certificate has one."""


@dataclass(frozen=True, eq=False)
class RobustnessQuestion:
    """The bits by which an input differs from an example, while the network's label for it differs, too.

    Every pattern of bits is an input, but that bits of one grey value (levels:N) have to be a thermometer's. An input
    that is read again (of an odd number, by a half-comparison) changes with the other, and is counted once.
    InputError where the network names no label for the example.

    Attributes:
        model: the network and what its inputs mean.
        example: the network's own input bits, (n,).
        content: the model's file.
    """

    KIND: ClassVar[str] = "robustness"
    UNIT: ClassVar[str] = "changes"
    CHANGES: ClassVar[tuple[str, ...]] = ()
    SOLUTION: ClassVar[str] = INPUT

    model: Model
    example: Bits
    content: bytes

    @classmethod
    def on(cls, model: Model, example: Sequence[int] | Bits) -> RobustnessQuestion:
        """The question about a model and an example.

        Args:
            model: the network and what its inputs mean.
            example: (n,) bits of the network's own input.

        Raises:
            InputError: the bits do not fit the network.
        """
        typed(model, Model, "model")
        found = bits(example, "the bits of the example")
        if found.ndim != 1:
            raise InputError(f"the bits of the example have shape {found.shape}; a row of them is due")
        return cls(model, _bits(digits(found), model.network.shape), model.dumps())

    @property
    def shape(self) -> Shape:
        """That of the network."""
        return self.model.network.shape

    @cached_property
    def label(self) -> int:
        """What the network names for the example.

        Raises:
            InputError: it names none, or no grey value has such bits.
        """
        if any(self.example[high] and not self.example[low] for high, low in self._ordered):
            raise InputError("no grey value has the bits of the example")
        found = self._named(self.example)
        if found is None:
            raise InputError("the network names no label for the example, so there is nothing to be kept")
        return found

    @property
    def neurons(self) -> tuple[str, ...]:
        return (self.shape.activation,)

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        return {"inputs": self.example.shape}

    @property
    def sums(self) -> tuple[str, ...]:
        return (self.UNIT,)

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        inputs = holes["inputs"]
        pairs = np.array(self._ordered, dtype=np.int64).reshape(-1, 2)
        # A higher bit of a grey value implies the lower one.
        broken = algebra.conj(np.stack([inputs[pairs[:, 0]], algebra.negated(inputs[pairs[:, 1]])], axis=-1))
        weights = [algebra.constant(matrix) for matrix in self.model.network.matrices()]
        kept = forward.judged(algebra, self.shape, weights, inputs[np.newaxis], np.array([self.label]))
        return algebra.negated(np.concatenate([broken, kept]))

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        if name != self.UNIT:
            raise InputError(f"robustness has no sum {name!r}")
        changed = algebra.negated(algebra.xnor(holes["inputs"], algebra.constant(self.example)))[self._own]
        return Sum(changed, np.ones(self._own.sum(), dtype=np.int64))

    def certain(self, most: Mapping[str, int]) -> bool:
        # Without a change the label is kept.
        return most["changes"] <= 0

    def facts(self, holes: Mapping[str, Bits]) -> dict[str, Any]:
        found = np.asarray(holes["inputs"])
        label = self._named(found)
        if label == self.label:
            raise InputError(f"the network names label {label} for this input, too: no solution of the formula")
        if not self.required(NUMPY, holes).all():
            raise InputError("no grey value has these bits: no solution of the formula")
        changed = np.flatnonzero((found != self.example) & self._own).tolist()
        return {"input": digits(found), "changed": changed, "label": -1 if label is None else label}

    def attained(self, files: Files) -> dict[str, int]:
        if INPUT not in files:
            return {}
        holes = {"inputs": _bits(files[INPUT].decode("ascii").strip(), self.shape)}
        return {"changes": replayed(self, holes).value}

    def told(self, sums: Mapping[str, int]) -> str:
        bits, verb = counted(sums["changes"], "bit"), "makes" if sums["changes"] == 1 else "make"
        return f"{bits} changed {verb} the network {self.shape.words} name another label or none"

    def refuted(self, most: Mapping[str, int]) -> str:
        count, levels = most["changes"] + 1, self.model.preprocessing.binarizer.levels
        among = f" (bits of one grey value, levels:{levels}, staying in order)" if levels > 1 else ""
        among += "" if self._own.all() else " (the last input being another one read again)"
        words = f"no change of fewer than {counted(count, 'bit')}{among} takes label {self.label}"
        return f"{words} of the network {self.shape.words} from the example {digits(self.example)}"

    def noted(self) -> dict[str, Any]:
        return {"example": digits(self.example), "label": self.label, "sha256": sha256(self.content)}

    def files(self) -> dict[str, bytes]:
        return {MODEL: self.content}

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> RobustnessQuestion:
        model = Model.loads(files[MODEL], MODEL)
        if noted.get("sha256") not in (None, sha256(files[MODEL])):
            raise InputError("the model is not the one that the question is about")
        question = cls(model, _bits(noted["example"], model.network.shape), files[MODEL])
        if noted.get("label") not in (None, question.label):
            raise InputError(f"the network names label {question.label} for the example, not {noted['label']}")
        return question

    @property
    def _own(self) -> Bits:
        """Which inputs, (n,), are a bit of their own: the last may read another one again."""
        n = len(self.example)
        return np.arange(n) < self.model.preprocessing.bits(n)

    @property
    def _ordered(self) -> list[tuple[int, int]]:
        return self.model.preprocessing.ordered(len(self.example))

    def _named(self, bits: Bits) -> int | None:
        """The label that the network names for an input, by the numpy reading."""
        labels = np.arange(self.shape.classes)
        right = self.model.network.right(np.tile(bits, (len(labels), 1)), labels)
        return int(labels[right][0]) if right.any() else None


def digits(values: Iterable[Any]) -> str:
    """Bits as digits 0 and 1.

    Args:
        values: 0 and 1, in any form.
    """
    return "".join(str(int(value)) for value in values)


def _bits(text: Any, shape: Shape) -> Bits:
    if type(text) is not str or set(text) - {"0", "1"} or len(text) != shape.sizes[0]:
        raise InputError(f"an input of the network {shape.topology} is {counted(shape.sizes[0], 'digit')}, each 0 or 1")
    return np.array([bit == "1" for bit in text], dtype=np.bool_)


QUESTION = RobustnessQuestion
