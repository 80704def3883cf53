"""Pictures of bits for a terminal: two columns a bit, so that pixels are square."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterator

import numpy as np

from bnnsat.model import Model
from bnnsat.types import Bits


def network_pictures(model: Model) -> Iterator[str]:
    """Lines that show every neuron, layer by layer, as many side by side as fit."""
    width = shutil.get_terminal_size((100, 24)).columns
    for index, weights in enumerate(model.network.matrices()):
        if index == 0 and model.preprocessing.order is not None:
            raw = np.empty_like(weights)
            raw[:, list(model.preprocessing.order)] = weights
            weights = raw
        thresholds = model.network.shape.thresholds[index]
        pictures = [picture(row) for row in weights]
        titles = [f"neuron {j}" + (f"  T={thresholds[j]}" if thresholds else "") for j in range(len(weights))]
        neurons = f"{len(weights)} neuron{'' if len(weights) == 1 else 's'}"
        yield f"\nlayer {index + 1}: {weights.shape[1]} inputs, {neurons}"
        yield from _side_by_side(pictures, titles, width)


def picture(bits: Bits) -> list[str]:
    """A square number of bits from 9 as a square, others as lines of 32.

    >>> print("\\n".join(picture(np.array([1, 1, 0, 1], dtype=bool))))
    ####. ##
    """
    on, off = _blocks()
    side = math.isqrt(len(bits))
    row = side if side * side == len(bits) and side >= 3 else 32
    return ["".join(on if bit else off for bit in bits[i : i + row]) for i in range(0, len(bits), row)]


def _blocks() -> tuple[str, str]:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "█·".encode(encoding)
    except UnicodeEncodeError:
        return "##", ". "
    return "██", "· "


def _side_by_side(pictures: list[list[str]], titles: list[str], width: int) -> Iterator[str]:
    column = max(max(len(line) for line in [*picture, title]) for picture, title in zip(pictures, titles, strict=True))
    across = max(1, (width + 3) // (column + 3))
    for start in range(0, len(pictures), across):
        group = pictures[start : start + across]
        yield "   ".join(title.ljust(column) for title in titles[start : start + across]).rstrip()
        for line in range(len(group[0])):
            yield "   ".join(rows[line].ljust(column) for rows in group).rstrip()
        yield ""
