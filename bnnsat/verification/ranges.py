"""How far grey levels and numbers may move while what a reason says of them holds (inflated reasons)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from bnnsat.data.binarize import Binarizer
from bnnsat.model import Model
from bnnsat.questions.inputs import GREY_LEVELS, Inputs
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.rules import Cuts
from bnnsat.types import Bits

Range = tuple[float | None, float | None]
"""Ends that are numbers; None for none."""


def ranges(model: Model, example: Bits, reason: Collection[int]) -> dict[str, Range]:
    """The values for which the bits of a reason are those of the example, by column or raw input.

    Grey levels from the first to the last; of a column numbers above the first, up to the last. Columns that are no
    numbers, and bits, have none, nor those whose bits in the example say two ranges apart from each other.

    Args:
        model: the network and what its inputs mean.
        example: (n,) its own input.
        reason: places of its inputs.
    """
    inputs, binarizer = Inputs.of(model), model.preprocessing.binarizer
    grey = isinstance(binarizer, Binarizer) and binarizer.way not in ("bits", "image-mean")
    bits, kept = example[inputs.read], np.zeros(inputs.bits, dtype=np.bool_)
    kept[inputs.order[sorted(reason)]] = True
    found: dict[str, Range] = {}
    for place, part in enumerate(inputs.parts):
        rule = binarizer.rules[place] if isinstance(binarizer, TableBinarizer) else None
        if not kept[part.places].any() or not (grey or isinstance(rule, Cuts)):
            continue
        same = part.ascending == bits[part.places]
        here = np.flatnonzero(same.all(axis=1))
        if not len(here):
            # A value that is missing is no number.
            continue
        agree = same[:, kept[part.places]].all(axis=1)
        first = last = int(here[0])
        while first and agree[first - 1]:
            first -= 1
        while last + 1 < len(agree) and agree[last + 1]:
            last += 1
        if here[-1] > last:
            # What is below an interval has the same bits as what is above it: which of them it is nobody knows.
            continue
        if isinstance(rule, Cuts):
            cuts = rule.cuts
            found[part.name] = (cuts[first - 1] if first else None, cuts[last] if last < len(cuts) else None)
        else:
            found[part.name] = (None if first == 0 else first, None if last == GREY_LEVELS - 1 else last)
    return found
