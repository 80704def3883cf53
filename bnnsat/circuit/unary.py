"""Unary numbers and their merge, the node of every totalizer.

A unary number of width n is n literals, the k-th (from 1) true iff the value is at least k.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from bnnsat.circuit.cnf import TRUE
from bnnsat.circuit.templates import Circuit, Template
from bnnsat.types import Integers, Literals

MOST_PAIRS = 1 << 20
"""Pairs of digits up to which a merge is a template, made in one go."""


@cache
def merge_template(a: int, b: int, cap: int, both: bool) -> Template:
    """The sum of two unary numbers.

    Bailleux and Boufkhad, "Efficient CNF encoding of boolean cardinality constraints", CP 2003.
    Inputs may be saturated at the cap themselves.

    Args:
        a: width of the first.
        b: width of the second.
        cap: the sum is saturated there.
        both: inputs to outputs always (a >= i and b >= j imply sum >= i + j); with this, outputs to inputs as well (a <
            i and b < j imply sum < i + j - 1).
    """
    width = min(a + b, cap)
    i, j = (grid.reshape(-1) for grid in np.indices((a + 1, b + 1), dtype=np.int32))
    # Local variables: the left number 1..a, the right one a+1..a+b, the sum behind them.
    # A literal of index 0 ("at least 0") is left out; 0 marks it below.
    left, right = np.where(i > 0, i, 0), np.where(j > 0, a + j, 0)
    rows = [np.stack([-left, -right, a + b + i + j], axis=1)[(i + j >= 1) & (i + j <= width)]]
    if both:
        left, right = np.where(i < a, i + 1, 0), np.where(j < b, a + j + 1, 0)
        rows.append(np.stack([left, right, -(a + b + i + j + 1)], axis=1)[i + j < width])
    # Arrays, not clause by clause: there are millions where thousands of digits are merged.
    clauses = np.concatenate(rows).astype(np.int32)
    full = (clauses != 0).all(axis=1)
    short = clauses[~full]
    blocks = (short[short != 0].reshape(-1, 2), clauses[full])
    outputs = np.arange(a + b + 1, a + b + width + 1, dtype=np.int32)
    return Template(
        f"merge-{a}-{b}-{width}-{both}", a + b, a + b + width, outputs, tuple(block for block in blocks if len(block))
    )


def merge(circuit: Circuit, a: Literals, b: Literals, *, cap: int | None = None, both: bool) -> Literals:
    """The unary sums of two batches of unary numbers.

    Args:
        circuit: where the clauses go.
        a: (batch, width).
        b: (batch, its width).
        cap: the sums are saturated there; None for no cap.
        both: as in `merge_template`.
    """
    whole = a.shape[1] + b.shape[1]
    width = whole if cap is None else min(cap, whole)
    if not both and a.shape[1] * b.shape[1] > MOST_PAIRS:
        return np.concatenate([_in_parts(circuit, x, y, width) for x, y in zip(a, b, strict=True)])
    template = merge_template(a.shape[1], b.shape[1], width, both)
    return circuit.instantiate(template, np.concatenate([a, b], axis=1))


def _in_parts(circuit: Circuit, a: Literals, b: Literals, width: int) -> Literals:
    """The sum (1, width) of two numbers of thousands of digits, a few of the first at a time."""
    total = circuit.cnf.fresh(width)
    # "At least 0" is true.
    right = np.concatenate([[TRUE], b[:width]]).astype(np.int32)
    left = np.concatenate([[TRUE], a[:width]]).astype(np.int32)
    step = max(1, MOST_PAIRS // len(right))
    for start in range(0, len(left), step):
        circuit.check()
        i, j = (grid.reshape(-1) for grid in np.indices((min(step, len(left) - start), len(right)), dtype=np.int32))
        i += start
        kept = (i + j >= 1) & (i + j <= width)
        i, j = i[kept], j[kept]
        circuit.cnf.add(np.stack([-left[i], -right[j], total[i + j - 1]], axis=1))
    return total[np.newaxis]


class UnaryCount:
    """A count given as unary numbers.

    Args:
        digits: (batch, n).
    """

    def __init__(self, digits: Literals) -> None:
        self.digits = digits

    def at_least(self, k: Integers) -> Literals:
        """The literal "at least k" of each row, (batch,).

        Args:
            k: (batch,), from 1 to n.
        """
        return np.take_along_axis(self.digits, k[:, np.newaxis] - 1, axis=1)[:, 0]
