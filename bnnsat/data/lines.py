"""Examples as lines of text that anyone can read, each its bits, a space and its label; and digests of contents."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bnnsat.types import Bits, Integers


def write_examples(inputs: Bits, labels: Integers) -> bytes:
    """Examples as text, bytes."""
    digits = np.where(inputs, "1", "0")
    rows = ("".join(row) for row in digits.tolist())
    return "".join(f"{row} {label}\n" for row, label in zip(rows, labels.tolist(), strict=True)).encode()


def read_examples(text: bytes) -> tuple[Bits, Integers]:
    """Inputs (examples, n) and labels (examples,) from text; ValueError for anything else."""
    rows = [line.split(" ") for line in text.decode("ascii").splitlines()]
    if not rows or any(len(row) != 2 or set(row[0]) - {"0", "1"} or len(row[0]) != len(rows[0][0]) for row in rows):
        raise ValueError("its lines are not as many bits each, a space and a label")
    if any(len(label) > 6 for _, label in rows):
        raise ValueError("a label is beyond any class")
    inputs = np.array([[bit == "1" for bit in bits] for bits, _ in rows], dtype=np.bool_)
    return inputs, np.array([int(label) for _, label in rows], dtype=np.int64)


def sha256(content: bytes) -> str:
    """The digest of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
