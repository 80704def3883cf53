"""Gates over batches of literals: signs normalised and constants folded, so that equal ones meet.

Every function takes the circuit where its clauses go and int32 arrays of literals that broadcast against
each other, and returns the array of outputs. xor drops its signs, majority is self-dual, a mux turns its
selector and its first branch positive: that is what makes structural sharing find equal gates.

>>> from bnnsat.circuit.cnf import Cnf
>>> circuit = Circuit(Cnf())
>>> a, b, c = circuit.cnf.fresh(3)
>>> conj(circuit, [a, a, a, a], [b, -a, TRUE, b]).tolist(), list(circuit.cnf.rows())
([4, -2147483647, 1, 4], [[1, -4], [2, -4], [-1, -2, 4]])
>>> xor(circuit, [a, -a, a], [b, b, FALSE]).tolist()
[5, -5, 1]
>>> maj(circuit, [a, -c], [b, -a], [c, -b]).tolist()
[6, -6]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bnnsat.circuit.cnf import FALSE, TRUE
from bnnsat.circuit.templates import Circuit, Template
from bnnsat.types import Bits, Literals

AND = Template.of("and", 2, [3], [[1, -3], [2, -3], [-1, -2, 3]])
XOR = Template.of("xor", 2, [3], [[-1, -2, -3], [1, 2, -3], [1, -2, 3], [-1, 2, 3]])
XOR3 = Template.of(
    "xor3",
    3,
    [4],
    [[a, b, c, -(a * b * c) // 6 * 4] for a in (1, -1) for b in (2, -2) for c in (3, -3)],
)
MAJ = Template.of("maj", 3, [4], [[s * a, s * b, -s * 4] for s in (1, -1) for a, b in ((1, 2), (1, 3), (2, 3))])
MUX = Template.of("mux", 3, [4], [[-1, -2, 4], [-1, 2, -4], [1, -3, 4], [1, 3, -4]])
"""local 1 ? local 2 : local 3. The two redundant clauses are left out: measured, they cost time."""

STEP = Template.of("step", 3, [4], [[-3, 4], [-1, -2, 4], [-4, 2], [-4, 1, 3]])
"""local 3 or (local 1 and local 2), where local 3 implies local 2: a node of a monotone diagram."""
NODE = Template.of("node", 3, [4], [[-1, -2, 4], [-1, 2, -4], [1, -3, 4], [1, 3, -4], [-2, -3, 4], [2, 3, -4]])
"""A mux with its two redundant clauses: a node of any decision diagram."""


def conj(circuit: Circuit, a: Any, b: Any) -> Literals:
    """a and b."""
    shape, (a, b) = _flat(a, b)
    out: Literals = np.where(a == TRUE, b, np.where((b == TRUE) | (a == b), a, FALSE))
    open_ = ~(_constant(a) | _constant(b) | (np.abs(a) == np.abs(b)))
    out[open_] = _gate(circuit, AND, np.minimum(a, b)[open_], np.maximum(a, b)[open_])
    return out.reshape(shape)


def disj(circuit: Circuit, a: Any, b: Any) -> Literals:
    """a or b."""
    return -conj(circuit, np.negative(a), np.negative(b))


def xor(circuit: Circuit, a: Any, b: Any) -> Literals:
    """a xor b."""
    shape, (a, b) = _flat(a, b)
    sign = np.sign(a) * np.sign(b)
    low, high = np.minimum(np.abs(a), np.abs(b)), np.maximum(np.abs(a), np.abs(b))
    # The constant is the largest literal, so it can only be `high`; low == high covers both constant.
    out: Literals = np.where(low == high, -sign * TRUE, -sign * low)
    open_ = (low != high) & (high != TRUE)
    out[open_] = sign[open_] * _gate(circuit, XOR, low[open_], high[open_])
    return out.reshape(shape)


def xor3(circuit: Circuit, a: Any, b: Any, c: Any) -> Literals:
    """a xor b xor c: the sum bit of a full adder."""
    shape, (a, b, c) = _flat(a, b, c)
    sign = np.sign(a) * np.sign(b) * np.sign(c)
    x, y, z = _sorted3(np.abs(a), np.abs(b), np.abs(c))
    out: Literals = np.where(x == y, sign * z, sign * x)
    pair = (x != y) & (y != z) & (z == TRUE)
    out[pair] = -sign[pair] * xor(circuit, x[pair], y[pair])
    open_ = (x != y) & (y != z) & (z != TRUE)
    out[open_] = sign[open_] * _gate(circuit, XOR3, x[open_], y[open_], z[open_])
    return out.reshape(shape)


def maj(circuit: Circuit, a: Any, b: Any, c: Any) -> Literals:
    """At least two of three: the carry bit of a full adder."""
    shape, (a, b, c) = _flat(a, b, c)
    a, b, c = _sorted3(a, b, c, by_variable=True)
    out: Literals = np.where(np.abs(a) == np.abs(b), np.where(a == b, a, c), np.where(b == c, b, a))
    distinct = (np.abs(a) != np.abs(b)) & (np.abs(b) != np.abs(c))
    some, every = distinct & (c == TRUE), distinct & (c == FALSE)
    out[some] = disj(circuit, a[some], b[some])
    out[every] = conj(circuit, a[every], b[every])
    open_ = distinct & ~_constant(c)
    sign = np.sign(a[open_])
    out[open_] = sign * _gate(circuit, MAJ, sign * a[open_], sign * b[open_], sign * c[open_])
    return out.reshape(shape)


def mux(circuit: Circuit, s: Any, a: Any, b: Any) -> Literals:
    """a where s holds, else b."""
    shape, (s, a, b) = _flat(s, a, b)
    # Under s the branch a may take s for true, and under not s the branch b for false.
    a = np.where(a == s, TRUE, np.where(a == -s, FALSE, a))
    b = np.where(b == s, FALSE, np.where(b == -s, TRUE, b))
    out: Literals = np.where(_constant(s), np.where(s == TRUE, a, b), a)
    todo = ~_constant(s) & (a != b)
    for case, gate, x, y in (
        (np.abs(a) == np.abs(b), xor, s, b),
        (a == TRUE, disj, s, b),
        (a == FALSE, conj, -s, b),
        (b == TRUE, disj, -s, a),
        (b == FALSE, conj, s, a),
    ):
        here = todo & case
        out[here] = gate(circuit, x[here], y[here])
        todo &= ~case
    s, a, b = s[todo], a[todo], b[todo]
    a, b = np.where(s > 0, a, b), np.where(s > 0, b, a)
    sign = np.sign(a)
    out[todo] = sign * _gate(circuit, MUX, np.abs(s), sign * a, sign * b)
    return out.reshape(shape)


def step(circuit: Circuit, template: Template, x: Any, high: Any, low: Any) -> Literals:
    """high where x holds, else low.

    Args:
        circuit: where the clauses go.
        template: STEP or NODE.
        x: what decides.
        high: the result where x holds.
        low: the result where it does not; it has to imply `high`.
    """
    shape, (x, high, low) = _flat(x, high, low)
    out: Literals = np.where(x == TRUE, high, low)
    todo = ~_constant(x) & (high != low)
    for case, gate, y in ((high == TRUE, disj, low), (low == FALSE, conj, high)):
        here = todo & case
        out[here] = gate(circuit, x[here], y[here])
        todo &= ~case
    out[todo] = circuit.instantiate(template, np.stack([x[todo], high[todo], low[todo]], axis=1))[:, 0]
    return out.reshape(shape)


def conj_all(circuit: Circuit, literals: Literals) -> Literals:
    """The conjunction along the last axis, as a balanced tree; true where it is empty.

    Args:
        circuit: where the clauses go.
        literals: (..., n).
    """
    if literals.shape[-1] == 0:
        return np.full(literals.shape[:-1], TRUE, dtype=np.int32)
    while literals.shape[-1] > 1:
        even = literals.shape[-1] // 2 * 2
        pairs = conj(circuit, literals[..., 0:even:2], literals[..., 1:even:2])
        literals = np.concatenate([pairs, literals[..., even:]], axis=-1)
    return literals[..., 0]


def _flat(*operands: Any) -> tuple[tuple[int, ...], list[Literals]]:
    arrays: tuple[Literals, ...] = np.broadcast_arrays(*(np.asarray(o, dtype=np.int32) for o in operands))
    return arrays[0].shape, [array.reshape(-1) for array in arrays]


def _constant(literals: Literals) -> Bits:
    return np.asarray(np.abs(literals) == TRUE, dtype=np.bool_)


def _gate(circuit: Circuit, template: Template, *columns: Literals) -> Literals:
    return circuit.instantiate(template, np.stack(columns, axis=1), distinct=True)[:, 0]


def _sorted3(
    a: Literals, b: Literals, c: Literals, *, by_variable: bool = False
) -> tuple[Literals, Literals, Literals]:
    """Three columns sorted in each row, by value or by variable (a sorting network of three)."""

    def pair(x: Literals, y: Literals) -> tuple[Literals, Literals]:
        swap = np.abs(x) > np.abs(y) if by_variable else x > y
        return np.where(swap, y, x), np.where(swap, x, y)

    a, b = pair(a, b)
    b, c = pair(b, c)
    a, b = pair(a, b)
    return a, b, c
