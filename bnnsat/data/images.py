"""Images as they are: folders of PNG or JPEG by class, CIFAR-10's binary files; and any size brought down."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.util import find_spec
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.table import Label
from bnnsat.types import Doubles, Grey

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
MOST_PIXELS, MOST_IMAGES = 1 << 26, 1 << 20
CIFAR_SIDE, CIFAR_COLOURS = 32, 3
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
    return _named(made, dataset.names, (size[1], size[0]))


def is_image_folder(folder: Path) -> bool:
    """Whether a folder holds folders of images, or a train folder that does.

    Args:
        folder: that is looked at.
    """
    return bool(_classes(_train(folder)))


def read_images(folder: Path, how: str | None) -> Dataset:
    """Images by class: a folder for each, in FOLDER, or in FOLDER/train and FOLDER/test.

    Args:
        folder: where they are.
        how: WxH, to which each is brought down; None where all have one size.

    Raises:
        InputError: an image cannot be read, sizes differ, or Pillow is not installed.
    """
    if find_spec("PIL") is None:
        raise InputError(f"{folder}: images need Pillow: pip install 'bnnsat[images]'")
    size = None if how is None else sized(how)
    if how is not None and size is None:
        raise InputError(f"{folder}: images are brought down to WxH, like 8x8, not by {how!r}")
    classes = _classes(_train(folder))
    names: tuple[Label, ...] = tuple(
        sorted((int(c) if c.isdecimal() else c for c in classes), key=lambda n: (str(type(n)), n))
    )
    first: list[Any] = []
    train = _part(_train(folder), classes, names, size, first)
    test_folder = folder / "test"
    test = None
    if _train(folder) != folder and _classes(test_folder):
        if strange := sorted(set(_classes(test_folder)) - set(classes)):
            raise InputError(f"{test_folder}: no training images are of class {strange[0]!r}")
        test = _part(test_folder, _classes(test_folder), names, size, first)
    made = Dataset.of(folder.name or str(folder), train, test, "image-mean")
    return _named(made, names, first[0])


def is_cifar(folder: Path) -> bool:
    """Whether a folder holds CIFAR-10's binary version.

    Args:
        folder: that is looked at.
    """
    return any((place / "data_batch_1.bin").is_file() for place in (folder, folder / "cifar-10-batches-bin"))


def read_cifar(folder: Path) -> Dataset:
    """CIFAR-10's binary version, as grey: (299 R + 587 G + 114 B) / 1000, rounded.

    Args:
        folder: where data_batch_1.bin is, or cifar-10-batches-bin.

    Raises:
        InputError: a file is damaged.
    """
    place = folder if (folder / "data_batch_1.bin").is_file() else folder / "cifar-10-batches-bin"
    batches = sorted(place.glob("data_batch_*.bin"))
    parts = [_cifar(file) for file in batches]
    train = Examples(np.concatenate([p.grey for p in parts]), np.concatenate([p.labels for p in parts]))
    test_file = place / "test_batch.bin"
    test = _cifar(test_file) if test_file.is_file() else None
    names: tuple[Label, ...] = ()
    if (file := place / "batches.meta.txt").is_file():
        names = tuple(file.read_text(encoding="utf-8", errors="replace").split())
    made = Dataset.of(str(folder), train, test, "image-mean")
    return _named(made, names if len(names) >= made.classes else (), (CIFAR_SIDE, CIFAR_SIDE))


def _cifar(file: Path) -> Examples:
    pixels = CIFAR_SIDE * CIFAR_SIDE
    record = 1 + CIFAR_COLOURS * pixels
    content = np.fromfile(file, dtype=np.uint8)
    if not content.size or content.size % record:
        raise InputError(f"{file}: {content.size} bytes are no whole number of records of {record} bytes")
    rows = content.reshape(-1, record)
    colours = rows[:, 1:].reshape(-1, CIFAR_COLOURS, pixels).astype(np.int64)
    grey = (colours * np.array([299, 587, 114])[:, np.newaxis]).sum(axis=1)
    return Examples.of((grey + 500) // 1000, rows[:, 0], str(file))


def _train(folder: Path) -> Path:
    return folder / "train" if _classes(folder / "train") else folder


def _classes(folder: Path) -> dict[str, list[Path]]:
    """Images by the folder that they are in."""
    if not folder.is_dir():
        return {}
    found = {
        place.name: sorted(file for file in place.iterdir() if file.suffix.lower() in ENDINGS)
        for place in sorted(folder.iterdir())
        if place.is_dir() and not place.name.startswith(".")
    }
    return {name: files for name, files in found.items() if files}


def _part(
    folder: Path,
    classes: dict[str, list[Path]],
    names: tuple[Label, ...],
    size: tuple[int, int] | None,
    first: list[Any],
) -> Examples:
    if sum(map(len, classes.values())) > MOST_IMAGES:
        raise InputError(f"{folder}: holds more than {MOST_IMAGES:,} images; take some of them")
    rows, labels, places = [], [], {str(name): place for place, name in enumerate(names)}
    for name, files in classes.items():
        for file in files:
            image = _grey(file)
            if size is not None:
                image = resized(image[np.newaxis], *size)[0]
            if not first:
                first.append(image.shape)
            if image.shape != first[0]:
                (h, w), (there_h, there_w) = first[0], image.shape
                raise InputError(
                    f"{file}: {there_w}x{there_h} pixels where others have {w}x{h}; bring all to one size "
                    "with reduce WxH"
                )
            rows.append(image.reshape(-1))
            labels.append(places[str(int(name)) if name.isdecimal() else name])
    return Examples(np.stack(rows), np.array(labels, dtype=np.int64))


def _grey(file: Path) -> NDArray[Any]:
    """The grey values of an image, (rows, columns)."""
    from PIL import Image

    try:
        with Image.open(file) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InputError(f"{file}: {image.width}x{image.height} pixels are more than {MOST_PIXELS:,}")
            if image.mode.startswith(("I", "F")):
                # 16 bits a pixel.
                return np.clip(np.asarray(image, dtype=np.float64) / 257 + 0.5, 0, 255).astype(np.uint8)
            return np.asarray(image.convert("L"), dtype=np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{file}: no image that can be read ({error})") from None


def _named(dataset: Dataset, names: tuple[Label, ...], sides: tuple[int, int]) -> Dataset:
    counting = names == tuple(range(len(names)))
    classes = max(dataset.classes, len(names))
    return replace(dataset, names=() if counting else names, classes=classes, sides=sides)
