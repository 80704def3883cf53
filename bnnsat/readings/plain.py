"""The plain reading of the algebra: small, slow and obvious. Certificates are about its formulas.

Operations work on one literal, or one row of literals, after the other. Counts and comparisons are made of "and" and
"xnor" by definition; a gate with the inputs of an earlier one is that one. Shares no code with the fast reading.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnnsat.readings.algebra import Value
    from bnnsat.types import Bits, Integers

State = tuple[int, int]
"""A comparison after some pairs of bits: whether all were equal, and whether it is decided that upper > lower."""
Call = tuple[str, tuple[int, ...], int]
"""A gate as it was asked for: its kind, inputs and output."""


class PlainAlgebra:
    """Writes `clauses` over the variables 1 to `top`; `calls` are all gates in the order in which they were asked for.

    >>> plain = PlainAlgebra()
    >>> a, b = plain.fresh((2,))
    >>> plain.conj(np.array([[a, b], [a, plain.true]])).tolist(), plain.clauses
    ([4, 2], [[1], [-4, 2], [-4, 3], [4, -2, -3]])
    """

    def __init__(self) -> None:
        self.top = 0
        self.true = self._new()
        self.clauses: list[list[int]] = [[self.true]]
        self.calls: list[Call] = []
        self._known: dict[tuple[str, tuple[int, ...]], int] = {}

    def fresh(self, shape: tuple[int, ...]) -> Integers:
        """New variables, an array of that shape."""
        return np.array([self._new() for _ in range(int(np.prod(shape)))], dtype=np.int64).reshape(shape)

    def constant(self, bits: Bits | bool) -> Value:
        return np.where(bits, self.true, -self.true)

    def negated(self, values: Value) -> Value:
        return np.negative(values)

    def xnor(self, a: Value, b: Value) -> Value:
        a, b = np.broadcast_arrays(a, b)
        return _array([self.agree(x, y) for x, y in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)], a.shape)

    def parity(self, a: Value, b: Value, c: Value) -> Value:
        return self.xnor(self.xnor(a, b), c)

    def majority(self, a: Value, b: Value, c: Value) -> Value:
        rows = np.stack(np.broadcast_arrays(a, b, c), axis=-1)
        return self._along(lambda row, _: self.count(row, 2)[2], 0, rows)

    def at_least(self, values: Value, k: Integers | int) -> Value:
        return self._along(lambda row, k: self.count(row, k)[max(k, 0)], k, values)

    def exceeds(self, a: Value, b: Value, by: Integers | int) -> Value:
        return self._along(self._exceeds, by, a, b)

    def greater(self, upper: Value, lower: Value) -> Value:
        return self._along(lambda upper, lower, _: self.compared(upper, lower)[-1][1], 0, upper, lower)

    def conj(self, values: Value) -> Value:
        return self._along(lambda row, _: self.all(row), 0, values)

    def agree(self, a: int, b: int) -> int:
        """1 where a and b agree."""
        if self.true in (abs(a), abs(b)):
            return b if a == self.true else -b if a == -self.true else a if b == self.true else -a
        if abs(a) == abs(b):
            return self.true if a == b else -self.true
        # A sign in front of an input is one in front of the output.
        y = self._gate("xnor", (abs(a), abs(b)))
        y = y if (a > 0) == (b > 0) else -y
        self.calls.append(("xnor", (a, b), y))
        return y

    def all(self, literals: Sequence[int]) -> int:
        """1 where all literals are."""
        kept = tuple(literal for literal in literals if literal != self.true)
        if -self.true in kept or any(-literal in kept for literal in kept):
            return -self.true
        if len(kept) < 2:
            return kept[0] if kept else self.true
        y = self._gate("all", kept)
        self.calls.append(("all", kept, y))
        return y

    def either(self, a: int, b: int) -> int:
        """1 where a or b is."""
        return -self.all([-a, -b])

    def count(self, literals: Sequence[int], most: int) -> list[int]:
        """ "At least k of the literals", for k from 0 to `most`: one more literal, and k of them or it and k - 1."""
        row = [self.true] + [-self.true] * most
        for x in literals:
            row = [self.true] + [self.either(more, self.all([x, fewer])) for fewer, more in pairwise(row)]
        return row

    def compared(self, upper: Sequence[int], lower: Sequence[int]) -> list[State]:
        """The states of upper > lower, the most significant bit first: the first bit that differs decides."""
        states, equal, greater = [(self.true, -self.true)], self.true, -self.true
        for u, v in zip(upper, lower, strict=True):
            greater = self.either(greater, self.all([equal, u, -v]))
            equal = self.all([equal, self.agree(u, v)])
            states.append((equal, greater))
        return states

    def _exceeds(self, a: Sequence[int], b: Sequence[int], by: int) -> int:
        """For each k: whenever b has at least k, a has at least k + by."""
        own, other = self.count(a, len(a) + 1), self.count(b, len(b))
        return self.all([self.either(-k, own[min(max(j + by, 0), len(a) + 1)]) for j, k in enumerate(other)])

    def _along(self, work: Any, number: Integers | int, *values: Value) -> Value:
        """`work` on each row of the values along their last axis, with the number that belongs to it."""
        shape = np.broadcast_shapes(*(value.shape[:-1] for value in values), np.shape(number))
        count = int(np.prod(shape))
        rows = [np.broadcast_to(v, (*shape, v.shape[-1])).reshape(count, v.shape[-1]).tolist() for v in values]
        rows.append(np.broadcast_to(number, shape).reshape(count).tolist())
        return _array([work(*row) for row in zip(*rows, strict=True)], shape)

    def _gate(self, kind: str, inputs: tuple[int, ...]) -> int:
        y = self._known.get((kind, inputs))
        if y is None:
            y = self._known[kind, inputs] = self._new()
            # The output comes first in each clause: in a proof, where a gate may be added, it is what is defined.
            if kind == "xnor":
                a, b = inputs
                self.clauses += [[y, -a, -b], [y, a, b], [-y, -a, b], [-y, a, -b]]
            else:
                self.clauses += [[-y, literal] for literal in inputs] + [[y, *(-literal for literal in inputs)]]
        return y

    def _new(self) -> int:
        self.top += 1
        return self.top


def _array(literals: list[int], shape: tuple[int, ...]) -> Value:
    return np.array(literals, dtype=np.int64).reshape(shape)
