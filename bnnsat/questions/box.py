"""The question whether a network over numbers violates a VNN-LIB property: bounds of inputs, conditions on outputs.

As a formula it is about one case, and about the bits that intervals leave undecided: of compared inputs their
comparisons are free, and of a first layer over numbers more patterns are allowed than there are. So what has no model
is impossible, and a model need not be an input; inputs are judged by the exact sums of the network itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import lcm
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bnnsat.data.lines import sha256
from bnnsat.errors import InputError
from bnnsat.foreign.document import Written, fraction
from bnnsat.foreign.vnnlib import Case, Condition, cases_of
from bnnsat.plural import counted
from bnnsat.questions.parts import Sum
from bnnsat.questions.undecided import behind, keep_size, met
from bnnsat.questions.within import Known, known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bnnsat.foreign.fold import Layer
    from bnnsat.questions.question import Files, Holes
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.types import Bits

NETWORK, PROPERTY, BLOCKS, INPUT = "network.json", "property.vnnlib", "blocks.json", "violation.txt"
"""The network, the property as given, how cases are counted, and an input (a number a line) for which one occurs."""
MOST_BITS = 1 << 13
"""Digits of what all numbers of an input are multiples of."""


@dataclass(frozen=True, eq=False)
class BoxQuestion:
    """Inputs for which a case occurs: its sum, `kept`, is 0 where one does, and 1 where none does.

    Attributes:
        network: as it was read.
        cases: of the property.
        case: the one that it is about; None for any.
        contents: the files, by name.
    """

    KIND: ClassVar[str] = "box"
    UNIT: ClassVar[str] = "kept"
    CHANGES: ClassVar[tuple[str, ...]] = ("case",)
    SOLUTION: ClassVar[str] = INPUT

    network: Written
    cases: tuple[Case, ...]
    case: int | None
    contents: dict[str, bytes]

    @classmethod
    def on(cls, network: Written, content: bytes) -> BoxQuestion:
        """The question about a network and a property.

        Args:
            network: as it was read.
            content: of the VNN-LIB file, unpacked.

        Raises:
            InputError: they do not fit.
        """
        return cls.of({"case": None}, {NETWORK: network.dumps(), PROPERTY: content})

    @property
    def asked(self) -> list[int]:
        """The numbers of the cases that it is about."""
        return [*range(len(self.cases))] if self.case is None else [self.case]

    @property
    def neurons(self) -> tuple[str, ...]:
        return ("popcount",)

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        return {"bits": (int((self.known[0] == -1).sum()),)}

    @property
    def sums(self) -> tuple[str, ...]:
        return (self.UNIT,)

    @cached_property
    def known(self) -> list[Known]:
        """The bits that all inputs of the case have in common, of each layer; see `within`.

        Raises:
            InputError: it is about several cases.
        """
        if self.case is None:
            raise InputError("a formula is about one case")
        return known(self.network.stack, self.cases[self.case])

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        return np.broadcast_to(algebra.constant(True), (0,))

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        if name != self.UNIT:
            raise InputError(f"a box has no sum {name!r}")
        keep_size(self._behind, self.known)
        bits = algebra.constant(self.known[0] == 1)
        bits[self.known[0] == -1] = holes["bits"]
        for layer, before, own in zip(self._behind, self.known[:-1], self.known[1:], strict=True):
            bits = behind(algebra, layer, bits, before, own)
        assert self.case is not None
        stack, own = self.network.stack, self.known[-1]
        every = [met(algebra, stack, one, bits, own) for one in self.cases[self.case].conditions]
        every.append(algebra.constant(True).reshape(()))
        return Sum(algebra.negated(algebra.conj(np.stack(every)[np.newaxis])), np.ones(1, dtype=np.int64))

    def certain(self, most: Mapping[str, int]) -> bool:
        return most[self.UNIT] <= 0 and not self.asked

    def facts(self, holes: Mapping[str, Bits]) -> dict[str, Any]:
        return {}

    def attained(self, files: Files) -> dict[str, int]:
        if INPUT not in files:
            return {}
        lines, stack = files[INPUT].decode("ascii").split(), self.network.stack
        if len(lines) != stack.inputs:
            raise InputError(f"{INPUT} does not hold {counted(stack.inputs, 'number')}")
        point, unit = list(map(fraction, lines)), 1
        for x in point:
            unit = lcm(unit, x.denominator)
            if unit.bit_length() > MOST_BITS:
                raise InputError(f"{INPUT} has too many digits to be added exactly")
        scores = stack.scores(stack.bits(point)[-1])
        for number in self.asked:
            case = self.cases[number]
            inside = all(a <= x <= b for a, x, b in zip(case.lower, point, case.upper, strict=True))
            if inside and all(_weighted(one, scores) <= one.most for one in case.conditions):
                return {self.UNIT: 0}
        raise InputError(f"for the input in {INPUT} no case occurs")

    def told(self, sums: Mapping[str, int]) -> str:
        if self.case is not None:
            return f"case {self.case} occurs"
        return f"one of {self._property} occurs, for the input in {INPUT}; {self._words}"

    def refuted(self, most: Mapping[str, int]) -> str:
        if self.case is not None:
            return f"case {self.case} does not occur"
        return f"none of {self._property} occurs for any input; {self._words}"

    def noted(self) -> dict[str, Any]:
        digests = {name: sha256(self.contents[name]) for name in (NETWORK, PROPERTY)}
        return {"case": self.case, "sha256": digests}

    def files(self) -> dict[str, bytes]:
        return dict(self.contents)

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> BoxQuestion:
        if unknown := noted.keys() - {"case", "sha256"}:
            raise InputError(f"the question says {', '.join(sorted(unknown))}, which it does not know")
        contents = {name: files[name] for name in (NETWORK, PROPERTY)}
        if any(sha256(contents[name]) != digest for name, digest in noted.get("sha256", {}).items()):
            raise InputError("the network or the property is not the one that the question is about")
        if BLOCKS in files:
            contents[BLOCKS] = files[BLOCKS]
        network, cases, case = _network(contents[NETWORK]), _cases(contents[PROPERTY]), noted["case"]
        if case is not None and not (type(case) is int and 0 <= case < len(cases)):
            raise InputError(f"there is no case {case!r}; they are 0 to {len(cases) - 1}")
        stack = network.stack
        for each in cases:
            sizes = {len(one.weights) for one in each.conditions} | {len(stack.scale)}
            if len(each.lower) != stack.inputs or len(sizes) > 1:
                raise InputError("the property has other inputs or outputs than the network")
        if network.ended and not all(ordered(one) for each in cases for one in each.conditions):
            raise InputError(
                f"the network ends with {network.ended[-1]}, which leaves only the order of the outputs: conditions "
                "like (<= Y_0 Y_1) are answered"
            )
        return cls(network, cases, case, contents)

    @property
    def _property(self) -> str:
        return f"{counted(len(self.cases), 'case')} of {PROPERTY} (SHA-256 {sha256(self.contents[PROPERTY])})"

    @property
    def _words(self) -> str:
        stack = self.network.stack
        bits = "-".join(str(layer.linear.outputs) for layer in stack.layers)
        return f"the network has {counted(stack.inputs, 'input')}, bits {bits} and {len(stack.scale)} outputs"

    @property
    def _behind(self) -> tuple[Layer, ...]:
        """The layers behind the first bits that are known or not."""
        layers = self.network.stack.layers
        return layers[len(layers) + 1 - len(self.known) :]


def ordered(condition: Condition) -> bool:
    """Whether a condition compares two outputs, which a Softmax leaves in their order.

    Args:
        condition: on the outputs.
    """
    weights = sorted(weight for weight in condition.weights if weight)
    return condition.most == 0 and len(weights) in (0, 2) and sum(weights) == 0


def _weighted(condition: Condition, scores: Sequence[Fraction]) -> Fraction:
    return sum((w * s for w, s in zip(condition.weights, scores, strict=True) if w), Fraction(0))


@lru_cache(maxsize=1)
def _network(content: bytes) -> Written:
    return Written.loads(content, NETWORK)


@lru_cache(maxsize=1)
def _cases(content: bytes) -> tuple[Case, ...]:
    return cases_of(content, PROPERTY)


QUESTION = BoxQuestion
"""The kind."""
