"""Pictures of bits for a terminal: two columns a bit, so that pixels are square."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from bnnsat.data.binarize import Binarizer
from bnnsat.plural import counted
from bnnsat.types import Integers

if TYPE_CHECKING:
    from bnnsat.model import Model


def network_pictures(model: Model) -> Iterator[str]:
    """Lines that show every neuron, layer by layer, as many side by side as fit.

    Args:
        model: of images, or of inputs without names.
    """
    width = shutil.get_terminal_size((100, 24)).columns
    for index, (neurons, _) in enumerate(model.network.shape.matrices):
        parts = planes(model, index)
        pictures = [[line for part in rows for line in picture(np.array(part))] for rows in parts]
        titles = _titles(model, index)
        inputs = sum(map(len, parts[0]))
        counts = f"{counted(inputs, 'input')}, {counted(neurons, 'neuron')}"
        yield f"\nlayer {index + 1}: {counts}{_planes(model) if len(parts[0]) > 1 else ''}"
        yield from _side_by_side(pictures, titles, width)


def _titles(model: Model, index: int) -> list[str]:
    """What each neuron of a layer is called; beside it what its count is compared with, or begins with."""
    shape = model.network.shape
    neurons, last = shape.matrices[index][0], index == shape.layers - 1
    names = [f"neuron {j + 1}" for j in range(neurons)]
    if last and (model.labels or shape.head != "bit"):
        labels = [str(label) for label in model.labels or range(shape.classes)]
        names = [f"{labels[1]}, else {labels[0]}"] if shape.head == "bit" else labels
    if last and shape.head == "argmax":
        # Counts are compared with each other.
        return (
            [f"{name}  {float(o):+g}" for name, o in zip(names, shape.offsets, strict=True)] if shape.offsets else names
        )
    thresholds = shape.thresholds[index] or [""] * neurons
    return [name + (f"  T={t}" if t != "" else "") for name, t in zip(names, thresholds, strict=True)]


def planes(model: Model, index: int) -> list[list[list[int]]]:
    """The weights of each neuron of a layer in the raw inputs' order, 0 for -1, 1 for 0, 2 for +1.

    Of grey levels there is a list for each threshold, else one.

    Args:
        model: the network with its inputs.
        index: of the layer.
    """
    weights, shape = model.network.matrices()[index], model.network.shape
    binarizer = model.preprocessing.binarizer
    levels = binarizer.levels if index == 0 else 1
    if index == 0 and model.preprocessing.order is not None:
        # Of an input that is read twice, the second weight comes behind all others.
        n = len(model.preprocessing.order)
        place = np.unique(model.preprocessing.order, return_index=True)[1]
        if levels == 1:
            # Pictures of grey levels have no place for it.
            place = np.concatenate([place, [n - 1] * (n - len(place))]).astype(np.int64)
        weights = weights[:, np.concatenate([place + n * i for i in range(shape.repeat)])]
    # Read twice, equal weights are +1 or -1, and unequal ones 0; each level of grey has a picture of its own.
    signs = weights.reshape(len(weights), shape.repeat, -1).astype(np.int64).sum(axis=1) * (2 // shape.repeat)
    return [[part.tolist() for part in np.split(row, levels)] for row in signs]


def _planes(model: Model) -> str:
    """Which of the pictures of a neuron, one below the other, is of which grey levels."""
    assert isinstance(model.preprocessing.binarizer, Binarizer)
    steps = [f"grey >= {math.ceil(step)}" for step in model.preprocessing.binarizer.steps]
    return f"; {len(steps)} pictures each, from the top: {', '.join(steps)}"


def picture(signs: Integers) -> list[str]:
    """Weights as a square where their number is one, from 9 on, others as lines of 32.

    Args:
        signs: 0 for -1, 1 for 0, 2 for +1.

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
