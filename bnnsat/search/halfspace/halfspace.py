"""One popcount neuron as a halfspace over {-1, +1}: what each example asks of its weights.

With weights w in {-1, +1}^n a row of the problem has the *value* v = s.w + d, where s are its inputs as -1 and +1,
all negated where the label is 0, and d is the threshold's part; it is right where v >= 1. Two facts make
that sharper than it looks:

- v is odd, and v mod 4 depends only on how many weights are -1, odd or even. So once the *parity* of the weights is
  chosen, a row that is right has v >= 1, or even v >= 3, and one that is wrong has at most 4 less.
- The values of two rows differ by at most twice the number of places where their signs do. So a row that is right
  keeps the rows near it from being very wrong, and one that is wrong its opposites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.sums import attainable
from bnnsat.shape import Shape
from bnnsat.types import Bits, Floats, Integers

FEW_ROWS, MOST_COMPARED = 512, 1 << 27
"""Rows by which all pairs of literals are compared, and how often pairs are then compared one by one."""
WIDE = 1000
"""Weights up to which all are compared with all."""


def fits(shape: Shape) -> bool:
    """Whether a shape is a single popcount neuron."""
    return shape.activation == "popcount" and shape.head == "bit" and shape.layers == 1


@dataclass(frozen=True, eq=False)
class Halfspace:
    """`signs` (rows, n) are -1 and +1, `offsets` (rows,) the d, `costs` (rows,) what an error in each row costs.

    `least` (2, rows) are the least values of right rows for an even and an odd number of weights -1. `implied`
    (2n, 2n) says which of the literals w_0 = 1, ..., w_0 = -1, ... may be required to imply which others. Of rows with
    equal inputs and different labels one is wrong: the lower cost is `paid`, the rest is the other's (unless there is
    a margin, which both can miss).
    """

    shape: Shape
    signs: Floats
    offsets: Floats
    costs: Integers
    least: Floats
    implied: Floats | None
    paid: int

    @classmethod
    def of(cls, problem: Problem, shape: Shape, *, symmetry: bool = True) -> Halfspace:
        """The neuron of a problem; without `symmetry`, or if it is too wide, no literal implies another.

        Raises ValueError for other shapes.
        """
        if not fits(shape):
            raise ValueError(f"{shape.topology} is more than one popcount")
        costs = _net(problem)
        inputs, sides = problem.inputs[costs > 0], np.where(problem.labels == 1, 1, -1)[costs > 0]
        seen = np.concatenate([inputs, np.ones((len(inputs), 1), dtype=np.bool_)], axis=1)[:, shape.sources(0)]
        n = seen.shape[1]
        signs = np.where(seen, np.int8(1), np.int8(-1)) * sides[:, np.newaxis].astype(np.int8)
        # The neuron says 1 where at least T of n products are +1, so where their sum exceeds 2T - n - 1.
        offsets = -sides * (2 * shape.thresholds[0][0] - n - 1)
        base = 1 + 2 * problem.margin
        even = n - 2 * (signs < 0).sum(axis=1) + offsets
        least = np.stack([base + (value - base) % 4 for value in (even, even - 2)])
        single = np.float32
        return cls(
            shape,
            signs.astype(single),
            offsets.astype(single),
            costs[costs > 0],
            least.astype(single),
            _single(_implied(signs)) if symmetry and n <= WIDE else None,
            int((problem.costs - costs).sum()) // 2,
        )

    def floors(self, parity: Integers, rows: Integers, *, right: bool) -> Floats:
        """(count, all rows): what no value can be below, where the one of `rows` (count,) is right (or else wrong)."""
        near: Floats = self.signs[rows] @ self.signs.T
        here, there = self.offsets[rows, np.newaxis], self.offsets
        least: Floats = self.least[parity, rows][:, np.newaxis]
        n = self.signs.shape[1]
        # v_j - v_i >= d_j - d_i - (n - near), and v_j + v_i >= d_j + d_i - (n + near) where v_i <= least_i - 4.
        floors: Floats = least + there - here - n + near if right else 4 - least + there + here - n - near
        return floors

    def errors(self, weights: Floats) -> Integers:
        """What neurons with weights (count, n) get wrong, by their costs: (count,)."""
        wrong = weights @ self.signs.T + self.offsets < self.least.min(axis=0)
        errors: Integers = wrong @ self.costs + self.paid
        return errors

    def attainable(self, errors: int) -> int:
        """The fewest errors from `errors` on that some rows cost together."""
        return self.paid + attainable(self.costs, errors - self.paid)

    def network(self, weights: Floats) -> Network:
        """The network with these weights (n,)."""
        return Network.of(self.shape, [weights[np.newaxis] > 0])

    def propagated(self, weights: Floats) -> tuple[Floats, Bits]:
        """Weights (count, n) with 0 for the unknown ones: with all that they imply, and whether that is possible."""
        n = weights.shape[1]
        known = np.concatenate([weights > 0, weights < 0], axis=1)
        if self.implied is not None:
            known |= _single(known) @ self.implied > 0
        return _single(known[:, :n]) - _single(known[:, n:]), ~(known[:, :n] & known[:, n:]).any(axis=1)


def _net(problem: Problem) -> Integers:
    """What is left of each row's cost when rows with equal inputs have paid each other off."""
    _, group = np.unique(np.packbits(problem.inputs, axis=1), axis=0, return_inverse=True)
    totals = np.zeros((len(problem.labels), 2), dtype=np.int64)
    np.add.at(totals, (group.reshape(-1), problem.labels), problem.costs)
    least = totals.min(axis=1)[group.reshape(-1)]
    # With a margin, both can be wrong.
    return problem.costs - (0 if problem.margin else least)


def _implied(signs: Integers) -> Bits:
    """[a, b]: literal b may be required wherever literal a holds.

    Where the column of b is at least that of a in every row, a network with a and without b gets no worse
    by exchanging the two weights. Each exchange raises the sum of all values, so this comes to an end; of equal
    columns the first goes first. A column with the other sign is that of the negated weight.
    """
    n = signs.shape[1]
    columns = np.concatenate([signs, -signs], axis=1)
    # b is at least a unless b is -1 somewhere where a is +1.
    above = _single(columns[:FEW_ROWS] > 0).T @ _single(columns[:FEW_ROWS] < 0) == 0
    rest = columns[FEW_ROWS:]
    candidates = above & ~np.eye(2 * n, dtype=np.bool_)
    if np.count_nonzero(candidates) * len(rest) <= MOST_COMPARED:
        # Most pairs are out by now.
        some, other = np.nonzero(candidates)
        above[some, other] = ~((rest[:, some] > 0) & (rest[:, other] < 0)).any(axis=0)
    else:
        above &= _single(rest > 0).T @ _single(rest < 0) == 0
    equal = above & above.T
    variable, positive = np.arange(2 * n) % n, np.arange(2 * n) < n
    earlier = variable[np.newaxis] < variable[:, np.newaxis]
    # Of equal columns, "later +1 implies earlier +1" and its contrapositive; not the other way round, too.
    first = (positive[np.newaxis] & earlier) | (~positive[:, np.newaxis] & earlier.T)
    implied: Bits = above & (~equal | first)
    return implied


def _single(values: Bits) -> Floats:
    return values.astype(np.float32)
