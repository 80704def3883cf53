"""Images of any size brought down by means over areas."""

from __future__ import annotations

import re
from dataclasses import replace
from math import isqrt

import numpy as np

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.types import Doubles, Grey

SIZE = re.compile(r"([1-9]\d{0,3})x([1-9]\d{0,3})")
"""Width and height."""


def sized(how: str) -> tuple[int, int] | None:
    """Width and height of a reduction WxH; None for another one.

    Args:
        how: the reduction.
    """
    match = SIZE.fullmatch(how)
    return None if match is None else (int(match[1]), int(match[2]))


def resized(images: Grey, width: int, height: int) -> Grey:
    """Images as means over areas, (examples, height, width), rounded to the nearest.

    Args:
        images: (examples, rows, columns) grey values.
        width: in pixels.
        height: in pixels.
    """
    down, across = _areas(images.shape[1], height), _areas(images.shape[2], width)
    means = np.einsum("ij,njk,lk->nil", down, images.astype(np.float64), across, optimize=True)
    # A half is rounded up, whatever the last digit of the sum.
    return np.asarray(np.floor(np.round(means, 9) + 0.5), dtype=np.uint8)


def _areas(before: int, after: int) -> Doubles:
    """What share of each new pixel, (after, before), each old one covers."""
    edges = np.arange(after + 1) * before / after
    old = np.arange(before)
    covered = np.minimum(edges[1:, np.newaxis], old + 1) - np.maximum(edges[:-1, np.newaxis], old)
    shares: Doubles = np.maximum(0, covered) * after / before
    return shares


def brought_down(dataset: Dataset, how: str) -> Dataset:
    """A data set of images at another size.

    Args:
        dataset: of images whose sides are known, or which are squares.
        how: WxH.

    Raises:
        InputError: the inputs are no images.
    """
    size = sized(how)
    assert size is not None
    side = isqrt(dataset.inputs)
    sides = dataset.sides or (side, side)
    if sides[0] * sides[1] != dataset.inputs:
        raise InputError(f"{dataset.name} has {counted(dataset.inputs, 'input')}, which are no square image")

    def part(examples: Examples) -> Examples:
        images = examples.grey.reshape(-1, *sides)
        return Examples(resized(images, *size).reshape(len(examples), -1), examples.labels)

    test = None if dataset.test is None else part(dataset.test)
    made = Dataset.of(f"{dataset.name} ({how})", part(dataset.train), test, "image-mean")
    return replace(made, names=dataset.names, classes=dataset.classes, sides=(size[1], size[0]))
