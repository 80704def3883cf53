"""What flips within some places make of a network: patterns of its first layer that they can reach, as far as is known.

Neuron by neuron, patterns grow: turned or not. A pattern is dropped where linear inequalities refute it: no flips can
meet a sum of its conditions with multipliers (Farkas). These are found by subgradient steps, and rounded to sixteenths,
so that all sums are exact. Few patterns are left; of those that make the network say something else flips are decided
one by one, until all are refuted or some are found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.types import Bits, Floats, Integers
from bnnsat.verification.counting import FirstLayer
from bnnsat.verification.rest import Rest

MOST_PATTERNS = 100_000
"""At once; more of them take longer than a solver."""
STEPS, MORE_STEPS = 8, 30
"""Subgradient steps for each neuron, and for each flip that is decided."""
FINE, LARGEST = 16, 4
"""Multipliers are fractions of the first, and no larger than the second."""
EXACT = 1 << 24
"""Whole numbers up to that are exact in single precision."""


class ManyError(Exception):
    """There are more patterns than are looked at."""


@dataclass(eq=False)
class _Rows:
    """Patterns that are not refuted.

    Attributes:
        towards: (k, neurons) what each flip adds to each neuron's net flips.
        turned: (rows, neurons) which neurons are turned, of those that are decided.
        needed: (rows, neurons) net flips that are left to be made, of turned neurons; of others they are avoided.
        free: (rows, k) flips that are not decided.
        multipliers: (rows, neurons).
        met: (rows, k) flips that meet all conditions, or were tried last.
        balance: (rows, k) what the multipliers say of each flip.
    """

    towards: NDArray[Any]
    turned: Bits
    needed: Integers
    free: Bits
    multipliers: NDArray[Any]
    met: Bits
    balance: NDArray[Any]

    def kept(self, rows: Any) -> _Rows:
        """Some of them."""
        names = ("turned", "needed", "free", "multipliers", "met", "balance")
        return _Rows(self.towards, *(getattr(self, name)[rows] for name in names))

    def refuted(self, steps: int, check: Callable[[], None]) -> Bits:
        """Which are; multipliers move on where neither that nor flips that meet all conditions are known."""
        gone, met = np.zeros((2, len(self.turned)), dtype=np.bool_)
        signs = np.where(self.turned, 1, -1).astype(self.towards.dtype)
        # Turned: sum >= needed; not turned: sum <= needed - 1, and minus that >= 1 - needed.
        due = np.where(self.turned, self.needed, 1 - self.needed).astype(self.towards.dtype)
        for step in range(steps):
            check()
            open_ = np.flatnonzero(~gone & ~met)
            if not open_.size:
                break
            sign, condition, free = signs[open_], due[open_], self.free[open_]
            rounded = np.round(self.multipliers[open_] * FINE) / FINE
            balance = (rounded * sign) @ self.towards.T
            most = np.where(free, np.maximum(balance, 0), 0).sum(axis=1)
            gone[open_] = most < (rounded * condition).sum(axis=1)
            tried = (balance > 0) & free
            missing = condition - sign * (tried.astype(self.towards.dtype) @ self.towards)
            met[open_] = (missing <= 0).all(axis=1) & ~gone[open_]
            self.met[open_], self.balance[open_] = tried, balance
            scale = np.maximum(1, np.abs(missing).max(axis=1, keepdims=True)) * (1 + 0.3 * step)
            old = self.multipliers[open_]
            new = np.maximum(old + missing / scale * old.max(axis=1, keepdims=True), 0)
            self.multipliers[open_] = new * LARGEST / np.maximum(new.max(axis=1, keepdims=True), 1e-6)
        return gone

    def hopeless(self) -> Bits:
        """Which have a condition that no flips meet, even by itself."""
        free = self.free.astype(self.towards.dtype)
        most, least = (free @ np.maximum(self.towards * by, 0) for by in (1, -1))
        return np.asarray(np.where(self.turned, most < self.needed, least < 1 - self.needed).any(axis=1))


def escape(
    first: FirstLayer, rest: Rest, places: Integers, always: int | None, check: Callable[[], None]
) -> Integers | None:
    """Flips within some places after which the network says something else; None is a proof that there are none.

    Args:
        first: the first layer around an example.
        rest: what stands behind it.
        places: of the flips.
        always: a further place that is flipped in any case; None for none.
        check: raises what ends the work.

    Raises:
        ManyError: there are too many patterns to know.
    """
    start = first.towards[always].astype(np.int64) if always is not None else np.zeros(len(first.needed), np.int64)
    towards = first.towards[places].astype(np.int64)
    needed = first.needed - start
    low, high = np.minimum(towards, 0).sum(axis=0), np.maximum(towards, 0).sum(axis=0)
    sure = np.flatnonzero(low >= needed)
    opened = np.flatnonzero((high >= needed) & (low < needed))
    # Those that are turned by the fewest patterns come first.
    opened = opened[np.argsort(high[opened] - needed[opened], kind="stable")]
    neurons = np.concatenate([sure, opened])
    single = len(places) * len(opened) * LARGEST * FINE * 2 < EXACT
    own = towards[:, opened].astype(np.float32 if single else np.float64)

    def changes(turned: Bits) -> Bits:
        whole = np.concatenate([np.ones((len(turned), len(sure)), dtype=np.bool_), turned], axis=1)
        return rest.changes(neurons, whole)

    alone = np.array([] if always is None else [always], dtype=np.int64)
    if not len(opened):
        return alone if changes(np.zeros((1, 0), dtype=np.bool_))[0] else None
    rows = _grown(own, needed[opened], check)
    rows = rows.kept(changes(rows.turned))
    whole, fixed = needed[opened], np.zeros_like(rows.met)
    while len(rows.turned):
        check()
        gone = rows.refuted(MORE_STEPS, check)
        # Whether or not they meet the pattern: flips that do it are what is looked for.
        tried = rows.met | fixed
        done = np.flatnonzero(changes(tried.astype(own.dtype) @ own >= whole))
        if done.size:
            return np.append(places[tried[done[0]]], alone)
        left = ~gone & ~rows.hopeless()
        rows, fixed = rows.kept(left), fixed[left]
        rows, fixed = _parted(rows, fixed)
        if len(rows.turned) > MOST_PATTERNS:
            raise ManyError
    return None


def _grown(towards: NDArray[Any], needed: Integers, check: Callable[[], None]) -> _Rows:
    """All patterns of some neurons that flips reach, and perhaps some others; `met` are flips, if known, that do."""
    k, m = towards.shape
    turned, met = np.zeros((1, 0), dtype=np.bool_), np.zeros((1, k), dtype=np.bool_)
    multipliers = np.zeros((1, 0), dtype=towards.dtype)
    for j in range(m):
        check()
        # Flips that are known meet one of both; whether the other one can be met is asked.
        there = met.astype(towards.dtype) @ towards[:, j] >= needed[j]
        other = np.concatenate([turned, ~there[:, np.newaxis]], axis=1)
        before = np.concatenate([multipliers, np.full((len(there), 1), LARGEST, towards.dtype)], axis=1)
        asked = _Rows(
            towards[:, : j + 1],
            other,
            np.broadcast_to(needed[: j + 1], other.shape),
            np.ones((len(there), k), dtype=np.bool_),
            before,
            met.copy(),
            np.zeros((len(there), k), dtype=towards.dtype),
        )
        gone = asked.refuted(STEPS, check)
        left = asked.kept(~gone)
        known = np.concatenate([multipliers, np.ones((len(there), 1), towards.dtype)], axis=1)
        turned = np.concatenate([np.concatenate([turned, there[:, np.newaxis]], axis=1), left.turned])
        met = np.concatenate([met, left.met])
        multipliers = np.concatenate([known, left.multipliers])
        if len(turned) > MOST_PATTERNS:
            raise ManyError
    free, balance = np.ones((len(turned), k), dtype=np.bool_), np.zeros((len(turned), k), dtype=towards.dtype)
    return _Rows(towards, turned, np.tile(needed, (len(turned), 1)), free, multipliers, met, balance)


def _parted(rows: _Rows, fixed: Bits) -> tuple[_Rows, Bits]:
    """Each row twice: with a flip, that of which the multipliers say the least, and without it."""
    if not len(rows.turned):
        return rows, fixed
    number = np.arange(len(rows.turned))
    weights: Floats = np.where(rows.free, np.abs(rows.balance), np.inf)
    place = np.argmin(weights, axis=1)
    free = rows.free.copy()
    free[number, place] = False
    with_it = fixed.copy()
    with_it[number, place] = True
    both = np.concatenate([number, number])
    made = rows.kept(both)
    made.free = np.concatenate([free, free])
    made.needed = np.concatenate([rows.needed, rows.needed - rows.towards[place].astype(np.int64)])
    return made, np.concatenate([fixed, with_it])
