"""Sums whose costs are far apart, without a digit for each unit: counted apart for each cost, or in binary."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import gcd, prod
from typing import Protocol

import numpy as np

from bnnsat.circuit.binary import BinaryCount, ripple
from bnnsat.circuit.cnf import FALSE, TRUE
from bnnsat.circuit.counters import ErrorCounter, Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.types import Integers, Literals

UNARY_DIGITS = 64
"""So many digits are always counted in unary, which propagates best."""
UNARY_RATIO = 2
"""And so many for each term."""
MOST_COPIES = 16
"""The largest multiple of a cost that is counted with it."""
MOST_CLAUSES = 10_000
"""The most clauses that a bound on costs counted apart may take."""


class Counter(Protocol):
    """An objective under bounds that are assumptions.

    Attributes:
        constant: no bound is below.
    """

    constant: int

    def at_most(self, bound: int) -> list[int]:
        """Assumptions under which the sum is at most so large; clauses may be added for it.

        Args:
            bound: constant <= bound < the cap.
        """


def counter(circuit: Circuit, objective: Objective, cap: int) -> Counter:
    """The counter of an objective that takes the fewest clauses.

    Args:
        circuit: where the clauses go.
        objective: what is counted.
        cap: what an incumbent attains, so there never is a bound above.
    """
    costs = objective.costs
    if not len(costs):
        return ErrorCounter(circuit, objective, cap)
    unit = reduce(gcd, costs.tolist())
    most = (cap - 1 - objective.constant) // unit
    if unit == 1 and not far(costs, cap - objective.constant):
        return ErrorCounter(circuit, objective, cap)
    scaled = Objective(objective.literals, costs // unit, 0)
    if not far(scaled.costs, most + 1):
        return Scaled(ErrorCounter(circuit, scaled, most + 1), unit, objective.constant)
    apart = Apart(circuit, scaled, most)
    inner: Counter = apart if apart.clauses <= MOST_CLAUSES else Binary(circuit, scaled)
    return Scaled(inner, unit, objective.constant)


def far(costs: Integers, digits: int) -> bool:
    """Whether costs are so far apart that a digit for each unit would be too many.

    Args:
        costs: (terms,).
        digits: the most that would be needed.
    """
    return min(digits, int(costs.sum())) > max(UNARY_DIGITS, UNARY_RATIO * len(costs))


class Scaled:
    """A sum of multiples of a unit, and a constant, by the counter of how many units there are.

    Args:
        inner: counts the units.
        unit: a cost from 1.
        constant: what is due in any case.
    """

    def __init__(self, inner: Counter, unit: int, constant: int) -> None:
        self._inner, self._unit, self.constant = inner, unit, constant

    def at_most(self, bound: int) -> list[int]:
        """Assumptions under which the sum is at most so large."""
        return self._inner.at_most((bound - self.constant) // self._unit)


class Apart:
    """A sum of few different costs: the terms of each are counted in unary, and a bound is said by clauses.

    For every number of the dearer errors at once, so many of the cheapest are too many. The clauses of a bound hang on
    a literal of their own.

    Args:
        circuit: where the clauses go; the counts are written at the first bound.
        objective: what is counted; its constant is 0.
        most: no bound is above.
    """

    def __init__(self, circuit: Circuit, objective: Objective, most: int) -> None:
        self.constant = 0
        self._circuit, self._objective = circuit, objective
        self._costs = _bases(objective.costs)
        copies, self._base = _shared(objective.costs, self._costs)
        self._copies = copies
        totals = [int(copies[self._base == place].sum()) for place in range(len(self._costs))]
        self._digits = [min(total, most // cost + 1) for total, cost in zip(totals, self._costs, strict=True)]
        self._counts: list[Literals] = []
        self._bounds: dict[int, int] = {}

    @property
    def clauses(self) -> int:
        """How many a bound takes."""
        return prod(digits + 1 for digits in self._digits) // (max(self._digits) + 1)

    def at_most(self, bound: int) -> list[int]:
        """Assumptions under which the sum is at most so large."""
        if bound not in self._bounds:
            self._bounds[bound] = self._written(bound)
        return [self._bounds[bound]]

    def _written(self, bound: int) -> int:
        counts = self._counts = self._counts or [self._count(place) for place in range(len(self._costs))]
        # "At least 0" is true, and what is beyond the digits is false.
        rows = [np.concatenate([[TRUE], digits, [FALSE]]).astype(np.int32) for digits in counts]
        free = max(range(len(rows)), key=lambda place: len(rows[place]))
        others = [place for place in range(len(rows)) if place != free]
        grid = np.meshgrid(*(np.arange(len(counts[place]) + 1) for place in others), indexing="ij")
        taken = [axis.reshape(-1) for axis in grid]
        left = np.full(len(taken[0]) if taken else 1, bound)
        for place, number in zip(others, taken, strict=True):
            left -= self._costs[place] * number
        # So many of the others leave room for fewer than this; none at all where they are too many themselves.
        beyond = np.where(left < 0, 0, np.minimum(left // self._costs[free] + 1, len(rows[free]) - 1))
        literal = int(self._circuit.cnf.fresh(1)[0])
        columns = [rows[place][number] for place, number in zip(others, taken, strict=True)]
        columns.append(rows[free][beyond])
        self._circuit.cnf.add(np.stack([np.full(len(left), -literal), *(-column for column in columns)], axis=1))
        return literal

    def _count(self, place: int) -> Literals:
        here = self._base == place
        terms = Objective(self._objective.literals[here], self._copies[here], 0)
        return ErrorCounter(self._circuit, terms, self._digits[place]).nodes[-1]


class Binary:
    """A sum in binary, added in pairs; a bound is a comparison with a number.

    Args:
        circuit: where the clauses go.
        objective: what is counted; its constant is 0.
    """

    def __init__(self, circuit: Circuit, objective: Objective) -> None:
        self.constant = 0
        self._circuit = circuit
        costs, literals = objective.costs, objective.literals
        self._most = int(costs.sum())
        places = range(int(costs.max()).bit_length())
        # One number a row, (numbers,) literals a digit.
        digits = [np.where(costs >> place & 1, literals, FALSE).astype(np.int32) for place in places]
        while len(digits[0]) > 1:
            if len(digits[0]) % 2:
                digits = [np.append(digit, np.int32(FALSE)) for digit in digits]
            digits = ripple(circuit, [digit[0::2] for digit in digits], [digit[1::2] for digit in digits])
        self._sum = BinaryCount(circuit, digits)

    def at_most(self, bound: int) -> list[int]:
        """Assumptions under which the sum is at most so large."""
        if bound >= self._most:
            return []
        more = int(self._sum.at_least(np.array([bound + 1]))[0])
        if abs(more) != TRUE:
            return [-more]
        if more == FALSE:
            return []
        # Certainly more: an assumption that cannot hold.
        never = int(self._circuit.cnf.fresh(1)[0])
        self._circuit.cnf.add([[-never]])
        return [never]


def _bases(costs: Integers) -> Sequence[int]:
    """Costs of which all others are small multiples, ascending."""
    bases: list[int] = []
    for cost in np.unique(costs).tolist():
        if not any(cost % base == 0 and cost // base <= MOST_COPIES for base in bases):
            bases.append(cost)
    return bases


def _shared(costs: Integers, bases: Sequence[int]) -> tuple[Integers, Integers]:
    """Of each cost, how many times which base it is; the largest base that does."""
    copies, base = np.zeros((2, len(costs)), dtype=np.int64)
    for place, cost in enumerate(bases):
        here = (costs % cost == 0) & (costs // cost <= MOST_COPIES) & (costs >= cost)
        copies[here], base[here] = costs[here] // cost, place
    return copies, base
