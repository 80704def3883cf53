"""CIFAR-10's binary version."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.data.images import called
from bnnsat.errors import InputError
from bnnsat.tables.table import Label

SIDE, COLOURS = 32, 3


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
    return called(made, names if len(names) >= made.classes else (), (SIDE, SIDE))


def _cifar(file: Path) -> Examples:
    pixels = SIDE * SIDE
    record = 1 + COLOURS * pixels
    content = np.fromfile(file, dtype=np.uint8)
    if not content.size or content.size % record:
        raise InputError(f"{file}: {content.size} bytes are no whole number of records of {record} bytes")
    rows = content.reshape(-1, record)
    colours = rows[:, 1:].reshape(-1, COLOURS, pixels).astype(np.int64)
    grey = (colours * np.array([299, 587, 114])[:, np.newaxis]).sum(axis=1)
    return Examples.of((grey + 500) // 1000, rows[:, 0], str(file))
