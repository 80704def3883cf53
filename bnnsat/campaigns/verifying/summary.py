"""What the answers about many examples say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

SOLVED = ("OPTIMAL", "PROVED", "REFUTED")


def summary(answers: Sequence[dict[str, Any]], limit: float | None) -> dict[str, Any]:
    """Numbers of answers by status, and times, as JSON.

    Args:
        answers: of the examples.
        limit: seconds for each; None for none.
    """
    asked = [answer for answer in answers if "seconds" in answer]
    times = [answer["seconds"] for answer in asked]
    solved = [answer for answer in asked if answer["status"] in SOLVED]
    values = [answer["value"] for answer in solved if answer["value"] is not None]
    facts: dict[str, Any] = {
        "examples": len(answers),
        "solved": len(solved),
        "statuses": dict(Counter(answer["status"] for answer in answers)),
        "seconds": round(sum(times), 3),
        "seconds_median": round(median(times), 4) if times else None,
        "seconds_most": max(times, default=None),
        "value_median": median(values) if values else None,
    }
    if limit is not None and asked:
        late = len(asked) - len(solved)
        # Twice the limit for what is not solved, as competitions count.
        facts["par2"] = round((sum(a["seconds"] for a in solved) + 2 * limit * late) / len(asked), 4)
    return facts
