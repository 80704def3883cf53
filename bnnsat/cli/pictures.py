"""Pictures of bits for a terminal: two columns a bit, so that pixels are square."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterator

import numpy as np

from bnnsat.model import Model
from bnnsat.plural import counted
from bnnsat.types import Integers


def network_pictures(model: Model) -> Iterator[str]:
    """Lines that show every neuron, layer by layer, as many side by side as fit."""
    width = shutil.get_terminal_size((100, 24)).columns
    for index, weights in enumerate(model.network.matrices()):
        if index == 0 and model.preprocessing.order is not None:
            # Of an input that is read twice, the second weight comes behind all others.
            n = len(model.preprocessing.order)
            place = np.unique(model.preprocessing.order, return_index=True)[1]
            if model.preprocessing.binarizer.levels == 1:
                # Pictures of grey levels have no place for it.
                place = np.concatenate([place, [n - 1] * (n - len(place))]).astype(np.int64)
            weights = weights[:, np.concatenate([place + n * i for i in range(model.network.shape.repeat)])]
        shape = model.network.shape
        thresholds = shape.thresholds[index]
        # Read twice, equal weights are +1 or -1, and unequal ones 0; each level of grey has a picture of its own.
        signs = weights.reshape(len(weights), shape.repeat, -1).astype(np.int64).sum(axis=1) * (2 // shape.repeat)
        parts = model.preprocessing.binarizer.levels if index == 0 else 1
        pictures = [[line for part in np.split(row, parts) for line in picture(part)] for row in signs]
        titles = [f"neuron {j}" + (f"  T={thresholds[j]}" if thresholds else "") for j in range(len(weights))]
        counts = f"{counted(signs.shape[1], 'input')}, {counted(len(weights), 'neuron')}"
        yield f"\nlayer {index + 1}: {counts}{_planes(model) if parts > 1 else ''}"
        yield from _side_by_side(pictures, titles, width)


def _planes(model: Model) -> str:
    """Which of the pictures of a neuron, one below the other, is of which grey levels."""
    steps = [f"grey >= {math.ceil(step)}" for step in model.preprocessing.binarizer.steps]
    return f"; {len(steps)} pictures each, from the top: {', '.join(steps)}"


def picture(signs: Integers) -> list[str]:
    """Weights 0 for -1, 1 for 0, 2 for +1; a square number of them from 9 as a square, others as lines of 32.

    >>> print("\\n".join(picture(np.array([2, 2, 0, 1]))))
    ####. ::
    """
    blocks = _blocks()
    side = math.isqrt(len(signs))
    row = side if side * side == len(signs) and side >= 3 else 32
    return ["".join(blocks[sign] for sign in signs[i : i + row]) for i in range(0, len(signs), row)]


def _blocks() -> tuple[str, str, str]:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "█░·".encode(encoding)
    except UnicodeEncodeError:
        return ". ", "::", "##"
    return "· ", "░░", "██"


def _side_by_side(pictures: list[list[str]], titles: list[str], width: int) -> Iterator[str]:
    column = max(max(len(line) for line in [*picture, title]) for picture, title in zip(pictures, titles, strict=True))
    across = max(1, (width + 3) // (column + 3))
    for start in range(0, len(pictures), across):
        group = pictures[start : start + across]
        yield "   ".join(title.ljust(column) for title in titles[start : start + across]).rstrip()
        for line in range(len(group[0])):
            yield "   ".join(rows[line].ljust(column) for rows in group).rstrip()
        yield ""
