"""The question of the least change of an example: by how much have its raw values to change until a network errs?

The network is known and its input bits are free. A bit that is turned costs what the smallest change of its raw value
costs that turns it, under a norm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import floor
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bnnsat.data.binarize import Binarizer
from bnnsat.data.lines import sha256
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.questions.parts import MODEL, Sum
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bnnsat.questions.question import Files, Holes
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.shape import Shape
    from bnnsat.types import Bits, Integers

CHANGED = "changed.txt"
"""The raw values with the change, where a certificate has one."""
NORMS = {"l0": "values that change", "l1": "their changes together", "l2": "their squares", "linf": "the largest"}
TIES = KEEPS, CHANGES = "keeps", "changes"


@dataclass(frozen=True, eq=False)
class ChangeQuestion:
    """The raw values by which an input differs from an example, while the network's label for it differs, too.

    Attributes:
        model: the network and what its inputs mean; each bit is of one raw value.
        raw: (values,) the example: grey levels, or bits.
        norm: l0 (how many values change), l1 (by how much together), l2 (the sum of squares) or linf (the largest).
        tied: keeps or changes: whether a class with as many points as the label's is a change.
        within: raw values that may change; None for all.
        content: the model's file.
    """

    KIND: ClassVar[str] = "change"
    UNIT: ClassVar[str] = "cost"
    CHANGES: ClassVar[tuple[str, ...]] = ()
    SOLUTION: ClassVar[str] = CHANGED

    model: Model
    raw: Integers
    norm: str
    tied: str
    within: tuple[int, ...] | None
    content: bytes

    @classmethod
    def on(
        cls, model: Model, raw: Sequence[int] | Integers, norm: str, tied: str, within: Collection[int] | None = None
    ) -> ChangeQuestion:
        """The question about a model and an example.

        Args:
            model: the network and what its inputs mean.
            raw: (values,) grey levels, or bits.
            norm: one of NORMS.
            tied: one of TIES.
            within: raw values that may change, from 0; None for all.

        Raises:
            InputError: they do not fit, or the bits depend on each other.
        """
        places = None if within is None else tuple(sorted(within))
        noted = {"raw": np.asarray(raw).tolist(), "norm": norm, "tied": tied, "within": places}
        return cls.of(noted, {MODEL: model.dumps()})

    @property
    def shape(self) -> Shape:
        return self.model.network.shape

    @cached_property
    def bits(self) -> Bits:
        """The network's input for the example, (n,)."""
        return np.asarray(self.model.bits(self.raw[np.newaxis].astype(np.uint8))[0])

    @cached_property
    def label(self) -> int:
        """What the network says of the example.

        Raises:
            InputError: it says none.
        """
        found = int(self.model.codes(self.bits[np.newaxis])[0])
        if found < 0:
            raise InputError("the network names no label for the example, so there is nothing to be kept")
        return found

    @cached_property
    def steps(self) -> Integers:
        """By how much the raw value of each bit has to change until the bit turns, (n,); 0 where it never does."""
        levels = np.arange(2 if self._binarizer.way == "bits" else 256)
        # An input whose values are all equal, for each level.
        there = self.model.bits(np.repeat(levels[:, np.newaxis], len(self.raw), axis=1).astype(np.uint8))
        far = np.abs(levels[:, np.newaxis] - self.raw[self._places])
        least = np.where(there != self.bits, far, len(levels)).min(axis=0)
        least[least == len(levels)] = 0
        if self.within is not None:
            least[~np.isin(self._places, self.within)] = 0
        return np.asarray(least)

    @property
    def costs(self) -> Integers:
        """What each turned bit costs, (n,); of linf its step, the largest of which counts."""
        return {"l0": (self.steps > 0).astype(np.int64), "l2": self.steps**2}.get(self.norm, self.steps)

    @property
    def neurons(self) -> tuple[str, ...]:
        return (self.shape.activation,)

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        return {"inputs": self.bits.shape}

    @property
    def sums(self) -> tuple[str, ...]:
        return (self.UNIT,)

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        inputs, fixed = holes["inputs"], self.steps == 0
        kept = algebra.xnor(inputs[fixed], algebra.constant(self.bits[fixed]))
        return np.concatenate([kept, algebra.negated(self.kept(algebra, inputs[np.newaxis]))])

    def kept(self, algebra: Algebra, inputs: Value, first: int = 0) -> Value:
        """Whether the network still says the label, (examples,).

        Args:
            algebra: the reading.
            inputs: (examples, n) of layer `first`.
            first: the layer that reads them.
        """
        shape, label = self.shape, self.label
        weights = [algebra.constant(matrix) for matrix in self.model.network.matrices()]
        labels = np.full(len(inputs), label)
        if shape.head != "argmax":
            seen = forward.outputs(algebra, shape, weights, inputs, first)
            return forward.right(algebra, shape, seen, labels)
        for index in range(first, shape.layers - 1):
            inputs = forward.layer(algebra, shape, index, inputs, weights[index])
        z = forward.products(algebra, forward.read(algebra, shape, shape.layers - 1, inputs), weights[-1])
        if self.tied == KEEPS:
            return forward.right(algebra, shape, z, labels)
        others = [c for c in range(shape.classes) if c != label]
        offsets = shape.offsets or (0,) * shape.classes
        more = np.array([floor(offsets[c] - offsets[label]) + 1 for c in others])
        return algebra.conj(algebra.exceeds(z[:, label : label + 1], z[:, others], more))

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        if name != self.UNIT:
            raise InputError(f"the least change has no sum {name!r}")
        free = self.steps > 0
        same = algebra.xnor(holes["inputs"], algebra.constant(self.bits))
        if self.norm != "linf":
            return Sum(algebra.negated(same[free]), self.costs[free])
        # Some value changes by so much: each step adds what it is more than the one before.
        ends = [0, *np.unique(self.steps[free]).tolist()]
        reached = [algebra.negated(algebra.conj(same[self.steps >= end])).reshape(1) for end in ends[1:]]
        return Sum(np.concatenate([same[:0], *reached]), np.diff(ends))

    def certain(self, most: Mapping[str, int]) -> bool:
        free = self.costs[self.steps > 0]
        affordable = bool(len(free)) and bool(free.min() <= most[self.UNIT])
        # Without a change the label is kept, unless another class is tied already.
        return not affordable and bool(self.kept(NUMPY, self.bits[np.newaxis])[0])

    def facts(self, holes: Mapping[str, Bits]) -> dict[str, Any]:
        changed = np.flatnonzero(np.asarray(holes["inputs"]) != self.bits)
        if not self.required(NUMPY, holes).all():
            raise InputError("the network keeps its label, or no raw value has such a bit: no solution of the formula")
        return {"changed": self._places[changed].tolist()}

    def attained(self, files: Files) -> dict[str, int]:
        if CHANGED not in files:
            return {}
        values = np.array([int(part) for part in files[CHANGED].split()])
        most = 1 if self._binarizer.way == "bits" else 255
        if values.shape != self.raw.shape or values.min() < 0 or values.max() > most:
            raise InputError(f"{CHANGED} does not hold {len(self.raw)} values from 0 to {most}")
        by = np.abs(values - self.raw)
        if self.within is not None and by[~np.isin(np.arange(len(by)), self.within)].any():
            raise InputError(f"{CHANGED} changes values that may not change")
        if self.kept(NUMPY, self.model.bits(values[np.newaxis].astype(np.uint8)))[0]:
            raise InputError(f"the network keeps its label for the values in {CHANGED}")
        found = {"l0": (by > 0).sum(), "l1": by.sum(), "l2": (by**2).sum(), "linf": by.max()}
        return {self.UNIT: int(found[self.norm])}

    def told(self, sums: Mapping[str, int]) -> str:
        what = f"a change of {self.norm} {sums[self.UNIT]} takes label {self.label} from the example{self._how}"
        return f"{what}; the network is {self.shape.words}"

    def refuted(self, most: Mapping[str, int]) -> str:
        return f"no change of {self.norm} {most[self.UNIT]} or less does{self._how}: {' '.join(map(str, self.raw))}"

    def noted(self) -> dict[str, Any]:
        within = None if self.within is None else list(self.within)
        asked = {"raw": self.raw.tolist(), "norm": self.norm, "tied": self.tied, "within": within}
        return {**asked, "label": self.label, "sha256": sha256(self.content)}

    def files(self) -> dict[str, bytes]:
        return {MODEL: self.content}

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> ChangeQuestion:
        model = Model.loads(files[MODEL], MODEL)
        if noted.get("sha256") not in (None, sha256(files[MODEL])):
            raise InputError("the model is not the one that the question is about")
        if unknown := noted.keys() - {"raw", "norm", "tied", "within", "label", "sha256"}:
            raise InputError(f"the question says {', '.join(sorted(unknown))}, which it does not know")
        norm, tied, within, raw = (noted[name] for name in ("norm", "tied", "within", "raw"))
        for numbers in (raw, [] if within is None else within):
            if not isinstance(numbers, list | tuple) or not all(type(number) is int for number in numbers):
                raise InputError("values and their places are lists of whole numbers")
        if norm not in NORMS or tied not in TIES:
            raise InputError(f"norm {norm!r} with ties {tied!r} is none; {', '.join(NORMS)}, and {', '.join(TIES)} are")
        values = np.array(raw, dtype=np.int64)
        places = None if within is None else tuple(within)
        binarizer, order = model.preprocessing.binarizer, model.preprocessing.order
        if not isinstance(binarizer, Binarizer) or binarizer.levels > 1 or binarizer.way == "image-mean":
            raise InputError(f"bits of {binarizer.way} depend on each other, and have no costs of their own")
        n = model.network.shape.sizes[0]
        if values.shape != (n,) or values.min() < 0 or values.max() > (1 if binarizer.way == "bits" else 255):
            raise InputError(f"the example does not hold {n} values as the model takes them")
        if sorted(order or range(n)) != list(range(n)) or not {*(places or ())} <= {*range(n)}:
            raise InputError("an input is read twice, or values that may change are not there")
        question = cls(model, values, norm, tied, places, files[MODEL])
        if noted.get("label") not in (None, question.label):
            raise InputError(f"the network says {question.label} of the example, not {noted['label']}")
        return question

    @property
    def _how(self) -> str:
        ties = ", ties with it counted as changes" if self.tied == CHANGES and self.shape.head == "argmax" else ""
        alone = (
            ""
            if self.within is None
            else f", where only values {', '.join(map(str, self.within)) or 'none'} may change"
        )
        return ties + alone

    @property
    def _binarizer(self) -> Binarizer:
        assert isinstance(self.model.preprocessing.binarizer, Binarizer)
        return self.model.preprocessing.binarizer

    @property
    def _places(self) -> Integers:
        """Which raw value each bit is of, (n,)."""
        return np.array(self.model.preprocessing.order or range(len(self.raw)), dtype=np.int64)


QUESTION = ChangeQuestion
"""The kind."""
