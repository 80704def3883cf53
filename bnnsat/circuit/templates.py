"""Templates of clauses, instantiated for whole batches at once, each distinct instance once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from bnnsat.circuit.cnf import Cnf
from bnnsat.types import Integers, Literals

CHUNK_LITERALS = 1 << 21
"""Literals written between two looks at the clock."""


@dataclass(frozen=True, eq=False)
class Template:
    """A small formula over local variables: 1..inputs are given, the rest made anew each time.

    Attributes:
        name: two templates of the same name are taken to be the same.
        inputs: how many variables are given.
        variables: how many there are in all.
        outputs: the local literals that an instance returns, (outputs,).
        blocks: clauses (clauses, width), one block for each width.
        cards: native constraints, local literals (width,) of which at most so many hold.
    """

    name: str
    inputs: int
    variables: int
    outputs: Literals
    blocks: tuple[Literals, ...]
    cards: tuple[tuple[Literals, int], ...] = ()

    @classmethod
    def of(cls, name: str, inputs: int, outputs: Sequence[int], clauses: Iterable[Sequence[int]]) -> Template:
        """A template from clauses given one by one; repeats and tautologies are left out.

        Args:
            name: two templates of the same name are taken to be the same.
            inputs: how many variables are given.
            outputs: local literals.
            clauses: in DIMACS literals, without the 0.
        """
        rows = [list(dict.fromkeys(row)) for row in clauses if {-literal for literal in row}.isdisjoint(row)]
        widths = sorted({len(row) for row in rows})
        blocks = [np.array([row for row in rows if len(row) == w], dtype=np.int32) for w in widths]
        top = max([inputs, *(abs(o) for o in outputs), *(int(np.abs(b).max()) for b in blocks if b.size)])
        return cls(name, inputs, top, np.array(outputs, dtype=np.int32), tuple(blocks))


class Circuit:
    """Writes instances of templates into a formula, sharing those with equal inputs (hash-consing).

    Args:
        cnf: the formula.
        share: without, every instance is written, as a plain encoder would.
        check: is called now and then; writing ends by what it raises.
    """

    def __init__(self, cnf: Cnf, *, share: bool = True, check: Callable[[], object] = lambda: None) -> None:
        self.cnf = cnf
        self.share = share
        self.check = check
        self._tables: dict[str, _Table] = {}

    def instantiate(self, template: Template, inputs: Literals, *, distinct: bool = False) -> Literals:
        """One instance per row of inputs; returns literals (batch, outputs).

        Args:
            template: what is written.
            inputs: (batch, template.inputs).
            distinct: promises that no row holds a variable twice (what a gate has folded already).

        Raises:
            ValueError: the rows have another width.
        """
        self.check()
        if inputs.shape[1] != template.inputs:
            raise ValueError(f"{template.name} takes {template.inputs} inputs, not {inputs.shape[1]}")
        if not len(inputs):
            # Gates have folded all rows; that is so for many batches of one.
            return np.empty((0, len(template.outputs)), dtype=np.int32)
        if not self.share:
            return self._write(template, inputs, distinct)
        table = self._tables.setdefault(template.name, _Table(template))
        keys = _hash(inputs)
        first, inverse = _distinct_rows(inputs, keys)
        rows, keys = inputs[first], keys[first]
        place = table.find(rows, keys)
        new = np.flatnonzero(place < 0)
        if len(new):
            place[new] = table.insert(rows[new], keys[new], self._write(template, rows[new], distinct))
        return table.outputs[place[inverse]]

    def _write(self, template: Template, inputs: Literals, distinct: bool) -> Literals:
        batch, new = len(inputs), template.variables - template.inputs
        made = self.cnf.fresh(batch * new).reshape(batch, new)
        repeats = not distinct and _repeats_a_variable(inputs)
        outputs = np.empty((batch, len(template.outputs)), dtype=np.int32)
        # Some rows at a time: tables that fit into the cache are much faster than those that need new memory.
        widest = max([2 * template.variables, *(block.size for block in template.blocks)])
        step = max(1, CHUNK_LITERALS // widest)
        for start in range(0, batch, step):
            self.check()
            part = slice(start, start + step)
            values = _by_local_literal(inputs[part], made[part])
            for block in template.blocks:
                clauses = np.take(values, block, axis=1)
                self.cnf.add(clauses.reshape(-1, block.shape[1]), repeats=repeats)
            for literals, bound in template.cards:
                self.cnf.add_at_most(np.take(values, literals, axis=1), bound)
            outputs[part] = np.take(values, template.outputs, axis=1)
        return outputs


def _by_local_literal(inputs: Literals, made: Literals) -> Literals:
    """A table (rows, 2 * variables + 1) that local literals index as they are: column v is the literal of local
    variable v, column -v (from the end) that of its negation, and column 0 is never read.
    """
    values = np.concatenate([inputs, made], axis=1)
    return np.concatenate([np.zeros((len(values), 1), np.int32), values, -values[:, ::-1]], axis=1)


class _Table:
    """The instances of one template so far: rows of inputs, found by a hash that is always verified."""

    def __init__(self, template: Template) -> None:
        self._keys = np.empty(0, dtype=np.int64)
        self._places = np.empty(0, dtype=np.int64)
        self._rows = np.empty((0, template.inputs), dtype=np.int32)
        self.outputs = np.empty((0, len(template.outputs)), dtype=np.int32)

    def find(self, rows: Literals, keys: Integers) -> Integers:
        """The place of each row, or -1; `keys` are the hashes."""
        if not len(self._keys):
            return np.full(len(rows), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        place = self._places[at]
        # Two rows with one hash: the later is not found and is simply written again.
        same = (self._keys[at] == keys) & (self._rows[place] == rows).all(axis=1)
        return np.where(same, place, -1)

    def insert(self, rows: Literals, keys: Integers, outputs: Literals) -> Integers:
        """Append distinct rows with their outputs; their places. `keys` are the hashes."""
        places = np.arange(len(self._rows), len(self._rows) + len(rows))
        order = np.argsort(keys, kind="stable")
        at = np.searchsorted(self._keys, keys[order])
        self._keys = np.insert(self._keys, at, keys[order])
        self._places = np.insert(self._places, at, places[order])
        self._rows = np.concatenate([self._rows, rows])
        self.outputs = np.concatenate([self.outputs, outputs])
        return places


def _hash(rows: Literals) -> Integers:
    """A 64-bit hash of each row; exact (no two rows alike) up to two columns."""
    if rows.shape[1] == 1:
        return rows[:, 0].astype(np.int64)
    if rows.shape[1] == 2:
        return (rows[:, 0].astype(np.int64) << 32) | (rows[:, 1].astype(np.int64) & 0xFFFFFFFF)
    key = np.zeros(len(rows), dtype=np.int64)
    for column, factor in enumerate(_factors(rows.shape[1])):
        # Wrap-around is wanted; the shift brings the well-mixed high bits down again.
        key = (key ^ (key >> 29)) * factor + rows[:, column]
    return key


@cache
def _factors(columns: int) -> Integers:
    """What the columns of a hash are multiplied with."""
    rng = np.random.default_rng(20_181_231)
    return np.array([2 * rng.integers(2**62) + 1 for _ in range(columns)], dtype=np.int64)


def _distinct_rows(rows: Literals, keys: Integers) -> tuple[Integers, Integers]:
    """`first`, `inverse`: rows[first] are the distinct rows in order of appearance, [inverse] the whole."""
    if len(rows) == 1:
        return np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    if rows.shape[1] > 2 and not np.array_equal(rows[first[inverse]], rows):
        _, first, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        inverse = inverse.reshape(-1)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[inverse]


def _repeats_a_variable(rows: Literals) -> bool:
    sorted_rows = np.sort(np.abs(rows), axis=1)
    return bool((sorted_rows[:, 1:] == sorted_rows[:, :-1]).any())
