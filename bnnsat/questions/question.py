"""What an exported formula asks: which variables there are, and what of them is to be small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import Encoding
from bnnsat.shape import Shape
from bnnsat.types import Bits


@dataclass(frozen=True)
class Best:
    """The best value of the objective that is known, a bound below which there is none, and who found them."""

    value: int
    lower: int
    by: str

    @property
    def proved(self) -> bool:
        """Whether there is nothing better."""
        return self.value == self.lower

    def answer(self, bound: int | None) -> str:
        """Whether `bound` can be attained; without one, whether the least value is known."""
        if bound is None:
            return "OPTIMUM" if self.proved else "UNKNOWN"
        return "SAT" if bound >= self.value else "UNSAT" if bound < self.lower else "UNKNOWN"


@dataclass(frozen=True)
class Solution:
    """What values of the variables mean: the objective, replayed, and a line about it."""

    value: int
    words: str
    facts: dict[str, Any]


class Question(Protocol):
    """Training (which weights?) and robustness (which input?) alike."""

    NAME: str
    """In the file beside the formula."""
    UNIT: str
    """What the objective counts."""

    @property
    def shape(self) -> Shape:
        """The networks in question."""

    def noted(self) -> dict[str, Any]:
        """Everything that is needed to ask it again, as JSON."""

    def parameters(self) -> dict[str, Any]:
        """What a reader of the formula wants to know, for its first comments."""

    def encode(self, circuit: Circuit, encodings: Sequence[Encoding], order: str = "given") -> Objective:
        """Write the clauses, with the groups that `replay` reads named; returns the objective."""

    def start(self) -> int:
        """A value that is attained, or above it: where a loop from above begins."""

    def best(self, seconds: float | None) -> Best:
        """The least value, proved; ResourceError where `seconds` are too few."""

    def replay(self, groups: dict[str, Any], values: Bits) -> Solution:
        """What the values (variables + 1,) are, by the plain reading; InputError where they are no solution."""
