"""The IDX format of MNIST's original files, plain or gzip.

Two zero bytes, a type byte (8: unsigned bytes), the number of axes, each axis' length as a 32-bit
big-endian integer, then the values.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError

MAX_BYTES = 1 << 30
PIECE = 1 << 20


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array in one IDX file.

    Args:
        path: the file; .gz is unpacked.

    Raises:
        InputError: it is anything but exactly one array of bytes.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4)
            if len(head) < 4 or head[:3] != b"\0\0\x08" or not 1 <= head[3] <= 4:
                raise InputError(f"{path}: not an IDX file of bytes (it starts with {head.hex(' ') or 'nothing'})")
            lengths = file.read(4 * head[3])
            if len(lengths) < 4 * head[3]:
                raise InputError(f"{path}: truncated in its header")
            shape = struct.unpack(f">{head[3]}I", lengths)
            size = math.prod(shape)
            if size > MAX_BYTES or max(shape) > MAX_BYTES:
                raise InputError(f"{path}: announces {shape} values; at most {MAX_BYTES} are read")
            # In pieces: what a header announces is not allocated before it is there.
            values = bytearray()
            while len(values) <= size and (piece := file.read(min(PIECE, size + 1 - len(values)))):
                values += piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: damaged or truncated gzip data ({error})") from None
    if len(values) != size:
        trouble = "truncated" if len(values) < size else "too long"
        there = "more" if len(values) > size else len(values)
        raise InputError(f"{path}: {trouble}: {size} values are announced, and there are {there}")
    return np.frombuffer(values, dtype=np.uint8).reshape(shape)


def read_idx_folder(folder: Path) -> Dataset:
    """MNIST's four files, plain or .gz.

    Args:
        folder: where they are, or their MNIST/raw is (torchvision's layout).

    Raises:
        InputError: they are not there, or damaged.
    """
    for place in (folder, folder / "raw", folder / "MNIST" / "raw"):
        if _find(place, "train-images") is not None:
            train = _pair(place, "train")
            test = _pair(place, "t10k") if _find(place, "t10k-images") is not None else None
            return Dataset.of(str(folder), train, test, "image-mean")
    raise InputError(f"{folder}: no train-images-idx3-ubyte here or in MNIST/raw")


def _pair(folder: Path, part: str) -> Examples:
    images, labels = _find(folder, f"{part}-images"), _find(folder, f"{part}-labels")
    if images is None or labels is None:
        raise InputError(f"{folder}: {part}-images and {part}-labels are both due")
    return Examples.of(read_idx(images), read_idx(labels), str(images))


def _find(folder: Path, stem: str) -> Path | None:
    """The file of that stem, spelled with "-idx" or ".idx"; an unpacked one before a packed one."""
    axes = 3 if stem.endswith("images") else 1
    names = [f"{stem}{mark}idx{axes}-ubyte{end}" for end in ("", ".gz") for mark in "-."]
    return next((folder / name for name in names if (folder / name).is_file()), None)
