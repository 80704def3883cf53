"""What is known of the least change of an example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bnnsat.model import Model
from bnnsat.types import Grey

OPTIMAL, FEASIBLE, UNKNOWN, PROVED, REFUTED = "OPTIMAL", "FEASIBLE", "UNKNOWN", "PROVED", "REFUTED"
KEEPS, CHANGES = "keeps", "changes"
"""What a tie with another class does to the label."""


@dataclass(frozen=True, eq=False)
class Minimum:
    """What is known of the least change.

    Attributes:
        status: OPTIMAL, FEASIBLE where only the bound is not met, PROVED where no change does it, or UNKNOWN; with a
            radius PROVED, REFUTED or UNKNOWN.
        value: what the change costs; None for none.
        lower_bound: proved: no change costs less.
        label: what the network says of the example.
        new_label: of the change; None for none. With ties that change it is a class with as many points.
        changed: places of the raw values that change; of columns, and of grey levels with several bits, of their bits.
        counterexample: the raw values, or bits, with the change; None for none.
        seconds: of the search.
        method: by which it was found.
    """

    status: str
    value: int | None
    lower_bound: int
    label: int
    new_label: int | None
    changed: tuple[int, ...]
    counterexample: Grey | None
    seconds: float
    method: str

    def noted(self, model: Model) -> dict[str, Any]:
        """As JSON.

        Args:
            model: that was asked.
        """
        return {
            "status": self.status,
            "value": self.value,
            "lower_bound": self.lower_bound,
            "label": model.label(self.label),
            "new_label": None if self.new_label is None else model.label(self.new_label),
            "counterexample": None if self.counterexample is None else self.counterexample.tolist(),
            "changed": list(self.changed),
            "seconds": round(self.seconds, 4),
            "method": self.method,
        }
