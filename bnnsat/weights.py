"""The shape and the weights in a model file; see `model` for the rest of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from bnnsat.documents import Format
from bnnsat.errors import InputError
from bnnsat.shape import Shape

if TYPE_CHECKING:
    from bnnsat.types import Bits

FORMAT = Format("bnnsat-model", 1, "a model file")


def shape_and_weights(content: Mapping[str, Any]) -> tuple[Shape, list[Bits]]:
    """The shape and weights (neurons, fan-in) of a model; InputError, KeyError, TypeError or ValueError for none."""
    shape = Shape.of({**content, "constants": ()})
    rows = [row for layer in content["weights"] for row in layer]
    fits = [[len(row) for row in layer] for layer in content["weights"]] == [[n] * m for m, n in shape.matrices]
    typed = all(type(layer) is list for layer in content["weights"]) and all(type(row) is str for row in rows)
    if not fits or not typed or not set("".join(rows)) <= {"0", "1"}:
        raise InputError(f"the weights do not fit topology {shape.topology}: a string of 0 and 1 per neuron is due")
    matrices = ["".join(layer).encode() for layer in content["weights"]]
    return shape, [
        (np.frombuffer(one, dtype=np.uint8) == ord("1")).reshape(size)
        for one, size in zip(matrices, shape.matrices, strict=True)
    ]
