"""How few errors a neuron can do with, at least: a linear relaxation, for many partial neurons at once.

A row that may be wrong pays c * (least - v) / (least - floor) where its value v misses the least that it needs: at
most its cost c, for no value is below the floor. Over weights from the interval [-1, 1] this is a linear program, and
its dual,

    max  p.r - |p S|_1   over prices  low <= p <= high,

with r what each row still needs, and S the signs of the weights that are not fixed, bounds what is paid from below
whatever p is. So p may come from where it wants: it is found by the primal-dual hybrid gradient method (Chambolle,
Pock, "A first-order primal-dual algorithm for convex problems with applications to imaging", JMIV 2011), whose steps
are two matrix products for all nodes together. The bound that is returned is computed anew, without any rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bnnsat.types import Doubles, Floats, Integers

QUANTUM = -20
"""Prices are multiples of 2 to this power, or to a higher one where sums would not be exact in double precision."""
HARD = 2
"""The highest price of a row that has to be right (or wrong), in highest costs: any number is sound, few are quick."""
STEPS, CHECK = 60, 15
"""Steps in all, and after how many the bounds are looked at."""
PRIMAL = 20.0
"""Length of primal steps against dual ones; best from 10 to 40 for errors that cost 1."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """For each node a lower bound, the `slopes` p S (count, n) it comes with, and where to go on from.

    That are `points` and `prices` (count, rows), not yet rounded as those of the bound are.
    """

    values: Doubles
    slopes: Doubles
    prices: Floats
    points: Floats


class Relaxation:
    """For all nodes the same `signs` (rows, n) and `costs` (rows,), and the same length of steps."""

    def __init__(self, signs: Floats, costs: Integers) -> None:
        rows, n = signs.shape
        norm = float(np.sqrt(np.linalg.eigvalsh(signs.T @ signs if n < rows else signs @ signs.T)[-1])) if rows else 1.0
        # The higher the costs, the longer the dual steps.
        ratio = PRIMAL * max(1, len(costs)) / max(1, costs.sum())
        self._signs, self._columns, self._exact = signs, np.ascontiguousarray(signs.T), signs.astype(np.float64)
        self.hard = float(HARD * costs.max(initial=1))
        # No sum of prices times needs or signs is as large: a value is at most 2n + 1, a margin n.
        largest = max(1, rows) * self.hard * (8 * n + 16)
        self.quantum = 2.0 ** max(QUANTUM, int(np.ceil(np.log2(largest))) - 52)
        self._costs = costs
        self._primal, self._dual = np.float32(ratio / norm), np.float32(1 / (ratio * norm))

    def bounds(
        self, needs: Floats, free: Floats, low: Doubles, high: Doubles, prices: Floats, points: Floats, enough: Integers
    ) -> Bounds:
        """Bounds for nodes with `needs` and limits of prices (count, rows), from a first guess of prices and points.

        `free` (count, n) is 1 where a weight is not fixed, else 0. Ends early where every bound exceeds `enough`.
        """
        least, most = low.astype(np.float32), high.astype(np.float32)
        prices, points = prices.clip(least, most), points * free
        best, chosen = np.full(len(needs), -np.inf, dtype=np.float32), prices
        total = np.zeros_like(prices)
        for step in range(1, STEPS + 1):
            moved = (points + self._primal * (prices @ self._signs)).clip(-1, 1) * free
            prices = (prices + self._dual * (needs - (2 * moved - points) @ self._columns)).clip(least, most)
            points = moved
            total += prices
            if step % CHECK:
                continue
            for candidate in (prices, total / np.float32(step)):
                values: Floats = (candidate * needs).sum(axis=1) - (np.abs(candidate @ self._signs) * free).sum(axis=1)
                better = values > best
                best = np.where(better, values, best)
                chosen = np.where(better[:, np.newaxis], candidate, chosen)
            if (best > enough).all():
                break
        exact = np.clip(np.floor(chosen.astype(np.float64) / self.quantum) * self.quantum, low, high)
        slopes = exact @ self._exact * free
        return Bounds((exact * needs).sum(axis=1) - np.abs(slopes).sum(axis=1), slopes, chosen, points)

    def highest(self, missing: Floats) -> Doubles:
        """The most that rows (count, rows) may ask for each unit that they lack: cost / missing, rounded down."""
        prices: Doubles = np.floor(self._costs / self.quantum / missing) * self.quantum
        return prices
