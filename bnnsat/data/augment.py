"""Random copies of images: shifted, or rotated, scaled and sheared too."""

from __future__ import annotations

from math import isqrt, radians
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.types import Grey


class Reach(NamedTuple):
    """The most that a copy may differ.

    Attributes:
        shift: as a share of the image's side.
        rotation: in radians.
        scale: as a share of the size.
        shear: sideways, as a share of the height.
    """

    shift: float
    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0


WAYS = {
    "shift": Reach(1.5 / 28),
    "affine": Reach(1.5 / 28, radians(10), 0.1, 0.1),
    "wide": Reach(2 / 28, radians(15), 0.15, 0.2),
}


def copies(images: Grey, how: str, count: int, rng: np.random.Generator) -> Grey:
    """Copies of square images, (count, examples, side * side).

    Each is warped by itself, with bilinear interpolation and black around it.

    Args:
        images: grey values (examples, side * side).
        how: shift, affine or wide.
        count: of copies.
        rng: of what is random.

    Raises:
        InputError: the way is unknown, or the inputs are no square images.
    """
    if how not in WAYS:
        raise InputError(f"unknown augmentation {how!r}; there are {', '.join(WAYS)}, and flip:P and swap:P for tables")
    side = isqrt(images.shape[1])
    if side * side != images.shape[1]:
        raise InputError(f"{images.shape[1]} inputs are no square image; leave augment out")
    return np.stack([_warped(images.reshape(-1, side, side), WAYS[how], rng) for _ in range(count)])


def _warped(images: Grey, reach: Reach, rng: np.random.Generator) -> Grey:
    examples, side, _ = images.shape
    spread = rng.uniform(-1, 1, size=(6, examples, 1))
    angle, shear = reach.rotation * spread[0], reach.shear * spread[3]
    x_scale, y_scale = 1 + reach.scale * spread[1], 1 + reach.scale * spread[2]
    # Where each pixel of the copy comes from, about the centre.
    centre = (side - 1) / 2
    y, x = (grid.reshape(1, -1) - centre for grid in np.mgrid[:side, :side])
    from_x = (np.cos(angle) * x - np.sin(angle) * y) * x_scale + shear * y + centre + reach.shift * side * spread[4]
    from_y = (np.sin(angle) * x + np.cos(angle) * y) * y_scale + centre + reach.shift * side * spread[5]
    left, top = np.floor(from_x).astype(np.int64), np.floor(from_y).astype(np.int64)
    right, below = from_x - left, from_y - top
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(np.float32)
    rows = np.arange(examples)[:, np.newaxis]

    def at(dy: int, dx: int) -> NDArray[np.float32]:
        y, x = np.clip(top + dy + 1, 0, side + 1), np.clip(left + dx + 1, 0, side + 1)
        return np.asarray(framed[rows, y, x], dtype=np.float32)

    upper = at(0, 0) * (1 - right) + at(0, 1) * right
    lower = at(1, 0) * (1 - right) + at(1, 1) * right
    return np.asarray(np.rint(upper * (1 - below) + lower * below), dtype=np.uint8)
