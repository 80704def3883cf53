"""A formula in conjunctive normal form, kept as blocks of 32-bit literals."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from bnnsat.types import Literals

TRUE = np.int32(2**31 - 1)
"""The literal that is always true. It is no variable: a clause never holds it once it is stored."""
FALSE = np.int32(-TRUE)


class Cnf:
    """Variables 1..`variables` and constraints over them, which can only grow.

    Clauses come and stay as blocks: int32 arrays of shape (clauses, width). Groups name the
    variables that mean something outside the formula (weights, outputs, errors). `cards` are native
    cardinality constraints, which only some solvers take: pairs of literals (rows, width) and a bound,
    at most so many of each row, repeats counted.

    >>> cnf = Cnf()
    >>> a, b = cnf.fresh(2)
    >>> cnf.add([[a, -b], [TRUE, b], [FALSE, b]])
    >>> [block.tolist() for block in cnf.blocks]
    [[[2]], [[1, -2]]]
    """

    def __init__(self) -> None:
        self.variables = 0
        self.blocks: list[Literals] = []
        self.cards: list[tuple[Literals, int]] = []
        self.groups: dict[str, Literals] = {}
        self._room = memory_limit()

    @classmethod
    def of(cls, variables: int, clauses: Iterable[list[int]]) -> Cnf:
        """From clauses one by one, as DIMACS has them.

        Args:
            variables: how many there are.
            clauses: literals, without the 0.
        """
        cnf = cls()
        cnf.fresh(variables)
        for _, same in groupby(sorted(clauses, key=len), key=len):
            cnf.add(np.array(list(same), dtype=np.int32))
        return cnf

    @property
    def clauses(self) -> int:
        """The number of clauses."""
        return sum(len(block) for block in self.blocks)

    @property
    def literals(self) -> int:
        """The number of literals in all clauses."""
        return sum(block.size for block in self.blocks)

    def fresh(self, count: int) -> Literals:
        """New variables, ascending, an int32 array.

        Args:
            count: of variables.

        Raises:
            MemoryError: there would be more than 2147483646.
        """
        first = self.variables + 1
        self.variables += count
        if self.variables >= TRUE:
            raise MemoryError("a formula holds at most 2147483646 variables")
        return np.arange(first, first + count, dtype=np.int32)

    def add(self, clauses: object, *, repeats: bool = False) -> None:
        """Add a block of clauses, with its constants folded.

        Args:
            clauses: literals (clauses, width).
            repeats: whether a clause may hold a variable twice; then duplicate literals are merged and tautologies left
                out. (Looking for them costs a sort, so it is not done unasked.)

        Raises:
            ValueError: the block has other axes.
            MemoryError: the formula grows beyond this machine.
        """
        block = np.asarray(clauses, dtype=np.int32)
        if block.ndim != 2:
            raise ValueError(f"a block of clauses has two axes, not {block.ndim}")
        if not len(block):
            return
        self._room -= block.size
        if self._room < 0:
            raise MemoryError("the formula grows beyond this machine's memory")
        if block.shape[1] and (repeats or block.max() == TRUE or block.min() == FALSE):
            self.blocks.extend(_simplified(block))
        else:
            self.blocks.append(block)

    def add_at_most(self, rows: Literals, bound: int) -> None:
        """Native constraints, one for each row.

        Args:
            rows: literals (rows, width) without constants.
            bound: at most so many of a row's literals hold.
        """
        if len(rows):
            self.cards.append((rows, bound))

    def rows(self) -> Iterator[list[int]]:
        """The clauses one by one, as lists of plain integers (slow: for tests and small formulas)."""
        for block in self.blocks:
            yield from block.tolist()

    def name(self, group: str, literals: Literals) -> None:
        """Name an array of literals, so that a model can be read back by that name.

        Args:
            group: the name.
            literals: of any shape.

        Raises:
            ValueError: the name is taken.
        """
        if group in self.groups:
            raise ValueError(f"the group {group!r} exists already")
        self.groups[group] = literals


def memory_limit() -> int:
    """How many literals a formula may have here: one takes 4 bytes, and about 40 with a solver's copy."""
    try:
        available = Path("/proc/meminfo").read_text().partition("MemAvailable:")[2].split()[0]
        return int(available) * 1024 // 40
    except (OSError, IndexError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 80


def _simplified(block: Literals) -> list[Literals]:
    """The block without satisfied clauses, false literals and repeats, as one block per width."""
    block = np.take_along_axis(block, np.argsort(np.abs(block), axis=1, kind="stable"), axis=1)
    left, right = block[:, :-1], block[:, 1:]
    keep = block != FALSE
    keep[:, 1:] &= left != right
    satisfied = (block == TRUE).any(axis=1) | (left == -right).any(axis=1)
    block, keep = block[~satisfied], keep[~satisfied]
    widths = keep.sum(axis=1)
    return [block[widths == w][keep[widths == w]].reshape((widths == w).sum(), w) for w in np.unique(widths)]
