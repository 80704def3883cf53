"""Images as they are: folders of PNG or JPEG, by class or not, and single ones."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.data.sizes import resized, sized
from bnnsat.errors import InputError
from bnnsat.tables.table import Label
from bnnsat.types import Grey

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
MOST_PIXELS, MOST_IMAGES = 1 << 26, 1 << 20


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
    size = _size(folder, how)
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
    return called(made, names, first[0])


def is_pictures(path: Path) -> bool:
    """Whether there is one image, or a folder that holds images that are in no class.

    Args:
        path: that is looked at.
    """
    return path.suffix.lower() in ENDINGS if path.is_file() else bool(_files(path)) and not is_image_folder(path)


def read_pictures(path: Path, how: str | None) -> tuple[list[str], Grey]:
    """Images without labels: their files' names, and grey values (images, pixels).

    Args:
        path: an image, or a folder of them.
        how: WxH, to which each is brought down; None where all have one size.

    Raises:
        InputError: an image cannot be read, sizes differ, or Pillow is not installed.
    """
    files = [path] if path.is_file() else _files(path)
    return [file.name for file in files], _rows(path, files, _size(path, how), [])


def _size(path: Path, how: str | None) -> tuple[int, int] | None:
    """Width and height to which images are brought down."""
    if find_spec("PIL") is None:
        raise InputError(f"{path}: images need Pillow: pip install 'bnnsat[images]'")
    size = None if how is None else sized(how)
    if how is not None and size is None:
        raise InputError(f"{path}: images are brought down to WxH, like 8x8, not by {how!r}")
    return size


def _files(folder: Path) -> list[Path]:
    """The images in a folder."""
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in ENDINGS and not file.name.startswith("."))


def _train(folder: Path) -> Path:
    return folder / "train" if _classes(folder / "train") else folder


def _classes(folder: Path) -> dict[str, list[Path]]:
    """Images by the folder that they are in."""
    if not folder.is_dir():
        return {}
    found = {
        place.name: _files(place)
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
    places = {str(name): place for place, name in enumerate(names)}
    labels = [places[str(int(name)) if name.isdecimal() else name] for name, files in classes.items() for _ in files]
    grey = _rows(folder, [file for files in classes.values() for file in files], size, first)
    return Examples(grey, np.array(labels, dtype=np.int64))


def _rows(folder: Path, files: list[Path], size: tuple[int, int] | None, first: list[Any]) -> Grey:
    """Images as (images, pixels); `first` holds the height and width of the first of all, once there is one."""
    if len(files) > MOST_IMAGES:
        raise InputError(f"{folder}: holds more than {MOST_IMAGES:,} images; take some of them")
    rows = []
    for file in files:
        image = _grey(file)
        if size is not None:
            image = resized(image[np.newaxis], *size)[0]
        if not first:
            first.append(image.shape)
        if image.shape != first[0]:
            (h, w), (there_h, there_w) = first[0], image.shape
            raise InputError(
                f"{file}: {there_w}x{there_h} pixels where others have {w}x{h}; bring all to one size with reduce WxH"
            )
        rows.append(image.reshape(-1))
    return np.stack(rows)


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


def called(dataset: Dataset, names: tuple[Label, ...], sides: tuple[int, int]) -> Dataset:
    """The same data set with the names of its labels, and the size of its images.

    Args:
        dataset: of images.
        names: of the labels 0, 1, ..., which may be those numbers.
        sides: height and width in pixels.
    """
    counting = names == tuple(range(len(names)))
    classes = max(dataset.classes, len(names))
    return replace(dataset, names=() if counting else names, classes=classes, sides=sides)
