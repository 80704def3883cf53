"""The IDX format of MNIST's original files and of those that follow them (EMNIST, QMNIST), plain or gzip.

Two zero bytes, a type byte, the number of axes, each axis' length as a 32-bit big-endian integer, then the values,
big-endian, too.
"""

from __future__ import annotations

import gzip
import math
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError

MAX_BYTES = 1 << 30
PIECE = 1 << 20
TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""What the type byte says."""
FILE = re.compile(r"(.*-)?(train|test|t10k)-(images|labels)[-.]idx([123])-(?:ubyte|int)(\.gz)?")
"""The name of a file: what set it is of (nothing in MNIST's), training or test, images or labels, axes."""


def read_idx(path: Path) -> NDArray[Any]:
    """The array in one IDX file.

    Args:
        path: the file; .gz is unpacked.

    Raises:
        InputError: it is anything but exactly one array of numbers.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES or not 1 <= head[3] <= 4:
                raise InputError(f"{path}: not an IDX file (it starts with {head.hex(' ') or 'nothing'})")
            dtype = np.dtype(TYPES[head[2]])
            lengths = file.read(4 * head[3])
            if len(lengths) < 4 * head[3]:
                raise InputError(f"{path}: truncated in its header")
            shape = struct.unpack(f">{head[3]}I", lengths)
            size = math.prod(shape) * dtype.itemsize
            if size > MAX_BYTES or max(shape) > MAX_BYTES:
                raise InputError(f"{path}: announces {shape} values; at most {MAX_BYTES} bytes are read")
            # In pieces: what a header announces is not allocated before it is there.
            values = bytearray()
            while len(values) <= size and (piece := file.read(min(PIECE, size + 1 - len(values)))):
                values += piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: damaged or truncated gzip data ({error})") from None
    if len(values) != size:
        trouble = "truncated" if len(values) < size else "too long"
        there = "more" if len(values) > size else len(values)
        raise InputError(f"{path}: {trouble}: {size} bytes are announced, and there are {there}")
    return np.frombuffer(values, dtype=dtype).reshape(shape)


def read_idx_folder(folder: Path) -> Dataset:
    """MNIST's four files, plain or .gz, or those of a set that follows it (EMNIST: images as they are, lying).

    Args:
        folder: where they are, or their MNIST/raw is (torchvision's layout, with MNIST before any other set).

    Raises:
        InputError: they are not there, are of several sets, or are damaged.
    """
    others = [place for place in sorted(folder.glob("*/raw")) if _sets(place)]
    known = [place for place in (folder, folder / "raw", folder / "MNIST" / "raw") if _sets(place)]
    if not known and len(others) > 1:
        names = ", ".join(place.parent.name for place in others)
        raise InputError(f"{folder}: holds several sets: {names}; name the folder of one")
    for place in known or others:
        sets = _sets(place)
        if len(sets) > 1:
            names = ", ".join(name.rstrip("-") for name in sorted(sets))
            raise InputError(f"{place}: holds several sets: {names}; give each a folder of its own")
        for files in sets.values():
            test = next((part for part in ("test", "t10k") if (part, "images") in files), None)
            return Dataset.of(
                str(folder),
                _pair(place, files, "train"),
                None if test is None else _pair(place, files, test),
                "image-mean",
            )
    raise InputError(f"{folder}: no train-images-idx3-ubyte here, in raw or in MNIST/raw")


def _sets(folder: Path) -> dict[str, dict[tuple[str, str], Path]]:
    """The files of each set that has training images, by part and kind; an unpacked one before a packed one."""
    sets: dict[str, dict[tuple[str, str], Path]] = {}
    for file in sorted(folder.iterdir() if folder.is_dir() else (), key=lambda file: (file.suffix == ".gz", file.name)):
        if (match := FILE.fullmatch(file.name)) and file.is_file():
            sets.setdefault(match[1] or "MNIST", {}).setdefault((match[2], match[3]), file)
    return {name: files for name, files in sets.items() if ("train", "images") in files}


def _pair(folder: Path, files: dict[tuple[str, str], Path], part: str) -> Examples:
    if (part, "labels") not in files:
        raise InputError(f"{folder}: {part}-images and {part}-labels are both due")
    labels = read_idx(files[part, "labels"])
    # QMNIST says more of each digit; what it is comes first.
    if labels.ndim == 2 and labels.shape[1] and "idx2-int" in files[part, "labels"].name:
        labels = labels[:, 0]
    return Examples.of(read_idx(files[part, "images"]), labels, str(files[part, "images"]))
