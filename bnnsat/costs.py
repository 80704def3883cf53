"""What errors cost, from the words of users."""

from __future__ import annotations

import numpy as np

from bnnsat.errors import InputError
from bnnsat.problem import MAX_COST
from bnnsat.types import Integers

BALANCED = "balanced"


def costs_of(said: str | None, labels: Integers, classes: int) -> tuple[int, ...]:
    """What an error costs for each label; none for 1 each.

    Args:
        said: whole numbers like 1,5; or balanced, by how rare the label is, maybe with a resolution: balanced:10.
        labels: (examples,), from 0.
        classes: how many labels there are.

    Raises:
        InputError: it is neither.
    """
    if said is None:
        return ()
    if said.partition(":")[0] == BALANCED:
        return balanced(labels, classes, said.partition(":")[2] or "1")
    try:
        return tuple(int(part) for part in said.split(","))
    except ValueError:
        raise InputError(f"costs {said!r} are neither balanced nor whole numbers like 1,5") from None


def balanced(labels: Integers, classes: int, resolution: str) -> tuple[int, ...]:
    """Costs by which all labels together cost about the same.

    Args:
        labels: (examples,), from 0.
        classes: how many labels there are.
        resolution: a whole number: costs are rounded to that share of the commonest label's.

    Raises:
        InputError: the resolution is none.
    """
    if not resolution.isdecimal() or not 1 <= int(resolution) <= MAX_COST:
        raise InputError(f"costs balanced:{resolution} have no resolution from 1 to {MAX_COST}; write balanced:10")
    # No label is so rare that its errors could not be counted.
    counts = np.maximum(1, np.bincount(labels, minlength=classes))
    costs = np.rint(int(resolution) * counts.max() / counts).astype(np.int64)
    costs //= np.gcd.reduce(costs)
    if costs.max() > MAX_COST:
        # With fewer digits; the least cost is 1 all the same.
        costs = np.maximum(1, np.rint(costs * (MAX_COST / costs.max())).astype(np.int64))
    return tuple(costs.tolist())
