"""From 28x28 pixels to 8x8, in the two ways of the embedded data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.types import Grey

REDUCTIONS = ("crop24", "pad32")


def sixteen_levels(images: Grey, how: str) -> Grey:
    """Images in 16 grey levels 0..15, (examples, 64), rounded to the nearest.

    Args:
        images: (examples, 784) grey values.
        how: crop24 takes the central 24x24 pixels and means of 3x3 blocks, pad32 pads to 32x32 and takes means of 4x4
            blocks.

    Raises:
        InputError: it is another way.
    """
    square = images.reshape(-1, 28, 28).astype(np.int64)
    if how == "crop24":
        square, side = square[:, 2:26, 2:26], 3
    elif how == "pad32":
        square, side = np.pad(square, ((0, 0), (2, 2), (2, 2))), 4
    else:
        raise InputError(f"unknown reduction {how!r}; there are {', '.join(REDUCTIONS)} and WxH")
    sums = square.reshape(-1, 8, side, 8, side).sum(axis=(2, 4))
    # A level is 17 grey values wide: floor(sum / (side^2 * 17) + 1/2) in whole numbers.
    levels: Grey = ((2 * sums + 17 * side**2) // (34 * side**2)).astype(np.uint8)
    return levels.reshape(-1, 64)


def reduced(dataset: Dataset, how: str) -> Dataset:
    """The data set at 8x8, grey values 0, 17, ..., 255.

    Args:
        dataset: of 28x28 images.
        how: crop24 or pad32.

    Raises:
        InputError: the images are of another size, or it is another way.
    """
    if dataset.inputs != 784:
        raise InputError(f"{dataset.name} has {counted(dataset.inputs, 'input')}; reduce takes 28x28 images (784)")

    def part(examples: Examples) -> Examples:
        return Examples(sixteen_levels(examples.grey, how) * np.uint8(17), examples.labels)

    test = None if dataset.test is None else part(dataset.test)
    made = Dataset.of(f"{dataset.name} ({how})", part(dataset.train), test, "image-mean")
    return replace(made, full=dataset.train.grey, reduction=how)
