"""How a certificate says that cases of a property are counted: blocks of places, and a condition of each case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnnsat.documents import Format
from bnnsat.errors import RefusedError
from bnnsat.foreign.linear import Places
from bnnsat.foreign.stack import Stack
from bnnsat.questions.box import BLOCKS

FORMAT = Format("bnnsat-blocks", 1, "a note of blocks")
MOST_BITS = 16
"""Undecided bits of a block whose patterns are tried."""


@dataclass(frozen=True, eq=False)
class Noted:
    """How cases are counted.

    Attributes:
        parts: for each way, of how many undecided bits all patterns are tried, and the places of each block.
        cases: by a case's number its condition that is impossible, and the way.
    """

    parts: tuple[tuple[int, tuple[Places, ...]], ...]
    cases: dict[int, tuple[int, int]]

    def dumps(self) -> bytes:
        """The note as a file."""
        parts = [
            {"bits": bits, "blocks": [" ".join(map(str, block.tolist())) for block in blocks]}
            for bits, blocks in self.parts
        ]
        return FORMAT.dumps({"parts": parts, "cases": [[case, *how] for case, how in sorted(self.cases.items())]})

    @classmethod
    def loads(cls, text: bytes, places: int, conditions: Sequence[int]) -> Noted:
        """The note of a file; some exception for anything else.

        Args:
            text: of the file.
            places: of the last hidden layer; each is in one block of each way.
            conditions: how many each case has.
        """
        content, parts = FORMAT.loads(text, BLOCKS), []
        for noted in content["parts"]:
            blocks = [np.array([int(part) for part in block.split()], dtype=np.int64) for block in noted["blocks"]]
            every = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *blocks]))
            if not np.array_equal(every, np.arange(places)):
                raise RefusedError(f"{BLOCKS}: the blocks do not have each of {places} places once")
            if type(noted["bits"]) is not int or not 0 <= noted["bits"] <= MOST_BITS:
                raise RefusedError(f"{BLOCKS}: patterns of up to {MOST_BITS} bits are tried")
            parts.append((noted["bits"], tuple(block for block in blocks if len(block))))
        cases: dict[int, tuple[int, int]] = {}
        for case, condition, way in content["cases"]:
            ends = ((case, len(conditions)), (way, len(parts)))
            if not all(type(n) is int and 0 <= n < end for n, end in ends) or case in cases:
                raise RefusedError(f"{BLOCKS}: a case, or a way of counting, is not there")
            if type(condition) is not int or not 0 <= condition < conditions[case]:
                raise RefusedError(f"{BLOCKS}: case {case} has no condition {condition!r}")
            cases[case] = condition, way
        return cls(tuple(parts), cases)


def places_of(stack: Stack) -> int:
    """How many places the last hidden layer has, each with a bit for each channel.

    Args:
        stack: the network.
    """
    linear = stack.layers[-1].linear
    return linear.outputs // len(linear.kernels)
