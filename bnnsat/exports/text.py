"""Blocks of literals as text, a million clauses in a tenth of a second.

A table holds each literal's text with a space behind it, padded with zeros to a machine word or two: a block is one
look-up, and the zeros are struck out at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bnnsat.types import Literals

CHUNK_LITERALS = 1 << 17
"""Literals that are turned into text at once."""

Words = NDArray[np.bytes_]


class Literary:
    """Writes literals as text.

    Args:
        variables: of the formula.
        plus: what stands before the number of a variable.
        minus: what stands before it where the variable is negated.
    """

    def __init__(self, variables: int, plus: str = "", minus: str = "-") -> None:
        self._middle = variables
        self._table = _table(variables, plus.encode(), minus.encode())

    def lines(self, block: Literals, before: str = "", after: str = "0") -> Iterator[bytes]:
        """The rows of a block as lines.

        Args:
            block: literals (rows, width).
            before: the start of each line.
            after: its end.

        Raises:
            ValueError: one of these is too long.
        """
        dtype = self._table.dtype
        first, last = before.encode(), after.encode() + b"\n"
        if max(len(first), len(last)) > dtype.itemsize:
            raise ValueError(f"{before!r} and {after!r} are longer than {dtype.itemsize} bytes")
        left, width = bool(first), block.shape[1]
        step = max(1, CHUNK_LITERALS // (left + width + 1))
        words = np.empty((min(step, len(block)), left + width + 1), dtype)
        words[:, 0] = first
        words[:, -1] = last
        for start in range(0, len(block), step):
            part = block[start : start + step]
            words[: len(part), left : left + width] = self._table.take(part + self._middle, mode="clip")
            yield words[: len(part)].tobytes().translate(None, b"\0")


def _table(variables: int, plus: bytes, minus: bytes) -> Words:
    """The texts of the literals -variables..variables, (2 * variables + 1,); that of 0 is not meant to be used."""
    numbers, digits = np.arange(variables + 1), len(str(variables))
    # What stands before and behind a row has to fit, too.
    width = 8 if digits + len(minus) < 8 and len(minus) == 1 else 16
    length = sum((numbers >= 10**e).astype(np.int64) for e in range(1, digits)) + np.ones(variables + 1, dtype=np.int64)
    out = np.zeros((2 * variables + 1, width), dtype=np.uint8)
    for sign, prefix in ((1, plus), (-1, minus)):
        rows, start = variables + sign * numbers, len(prefix)
        # Both signs write the row of 0, which is nobody's.
        out[rows, :start] = np.frombuffer(prefix, dtype=np.uint8)
        for e in range(digits):
            there = length > e
            out[rows[there], start + length[there] - 1 - e] = numbers[there] // 10**e % 10 + ord("0")
        out[rows, start + length] = ord(" ")
    return out.view(f"S{width}").reshape(-1)
