"""What argmax adds to its counts before it compares them: fractions, of which only the order matters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

import numpy as np

from bnnsat.errors import InputError
from bnnsat.types import Integers

WRITTEN = re.compile(r"-?[0-9]{1,999}(/[1-9][0-9]{0,998})?")


def read(texts: Sequence[str]) -> tuple[Fraction, ...]:
    """Offsets as they are noted.

    Args:
        texts: such as 3/4 or -3.

    Raises:
        InputError: one is anything else.
    """
    if not isinstance(texts, (list, tuple)) or not all(type(t) is str and WRITTEN.fullmatch(t) for t in texts):
        raise InputError("the offsets are no fractions, such as 3/4")
    return tuple(map(Fraction, texts))


def nearer(offsets: Sequence[Fraction], most: int) -> tuple[Fraction, ...]:
    """Offsets that compare all counts as others do, and are no farther apart than matters; the first is 0.

    Args:
        offsets: of the classes.
        most: no count is larger.
    """
    known, place = {}, Fraction(0)
    levels = sorted(set(offsets))
    for before, level in zip([levels[0], *levels], levels, strict=False):
        place += min(level - before, Fraction(most + 1))
        known[level] = place
    return tuple(known[one] - known[offsets[0]] for one in offsets)


def due(offsets: Sequence[Fraction]) -> Integers:
    """By how much each class's count has to exceed each other's, (classes, classes); ties go to the lowest class.

    Args:
        offsets: of the classes.
    """
    gaps = [[other - own for other in offsets] for own in offsets]
    # Where a tie can be, and is the other's, one more is due.
    return np.array([[ceil(g) + (c < y and g == ceil(g)) for c, g in enumerate(row)] for y, row in enumerate(gaps)])


def ordered(offsets: Sequence[Fraction], counts: Integers) -> Integers:
    """Whole numbers (examples, classes) that are ordered as counts with offsets are.

    Args:
        offsets: of the classes.
        counts: (examples, classes).
    """
    whole = [floor(offset) for offset in offsets]
    parts = [offset - part for offset, part in zip(offsets, whole, strict=True)]
    ranks = [sorted(set(parts)).index(part) for part in parts]
    found: Integers = (counts + np.array(whole)) * len(parts) + np.array(ranks)
    return found
