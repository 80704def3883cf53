"""What may be asked for among the networks with the fewest errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Criterion:
    """A further objective: the best value so far, and the best possible.

    Attributes:
        objective: "margin" (to be large: value <= bound) or "sparse" (to be small: bound <= value).
        value: what the network attains.
        bound: what no network with as few errors exceeds, or falls below.
        margin: of sparse, the margin that the networks in question have at least.
    """

    objective: str
    value: int
    bound: int
    margin: int = 0

    @property
    def status(self) -> str:
        """OPTIMAL where the bound is attained, else FEASIBLE."""
        return "OPTIMAL" if self.value == self.bound else "FEASIBLE"

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> Criterion:
        """The criterion from JSON; KeyError, TypeError or ValueError for anything else.

        Args:
            noted: its fields.
        """
        found = cls(noted["objective"], noted["value"], noted["bound"], noted.get("margin", 0))
        if not all(type(n) is int and n >= 0 for n in (found.value, found.bound, found.margin)):
            raise ValueError("a further objective without whole numbers")
        return found
