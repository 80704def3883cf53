"""A cheap change that makes a network say something else, without proof that there is none cheaper.

Flips are taken one by one, those first that bring a smoothed network nearest to another answer for what they cost; then
what is not needed is given back, and flips are exchanged for cheaper ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bnnsat.types import Bits, Floats, Integers
from bnnsat.verification.counting import FirstLayer
from bnnsat.verification.rest import Rest

STEPS = 256
"""Flips at most."""
PATTERNS = 1 << 18
"""Exchanges that are looked at, at most, in one step."""


def smooth(first: FirstLayer, net: Integers, rest: Rest) -> Floats:
    """Values of the first layer's neurons between -1 and 1, (rows, neurons), for net flips towards being turned.

    Args:
        first: the first layer.
        net: (rows, neurons).
        rest: what stands behind it.
    """
    return np.asarray(np.tanh((first.needed - 0.5 - net) / len(first.towards) ** 0.5 * 2) * rest.base, dtype=np.float32)


def attacked(
    first: FirstLayer, rest: Rest, costs: Integers, free: Integers, check: Callable[[], None]
) -> Integers | None:
    """Places of flips after which the network says something else; None where none were found.

    Args:
        first: the first layer.
        rest: what stands behind it.
        costs: (n,) of each flip, above 0.
        free: places of those that can be.
        check: raises TimeoutError once there is no time left.
    """
    towards = first.towards[free].astype(np.int64)
    chosen = _greedy(first, rest, costs[free], towards, check)
    if chosen is None:
        return None
    while True:
        check()
        chosen = _needed(first, rest, costs[free], towards, chosen)
        better = _exchanged(first, rest, costs[free], towards, chosen, check)
        if better is None:
            return free[np.flatnonzero(chosen)]
        chosen = better


def _changes(first: FirstLayer, rest: Rest, net: Integers) -> Bits:
    return rest.changes(np.arange(len(first.needed)), net >= first.needed)


def _greedy(
    first: FirstLayer, rest: Rest, costs: Integers, towards: Integers, check: Callable[[], None]
) -> Bits | None:
    """Flips that do it, (free,); None where they do not."""
    chosen, net = np.zeros(len(costs), dtype=np.bool_), np.zeros(towards.shape[1], dtype=np.int64)
    for _ in range(min(STEPS, len(costs))):
        check()
        here = rest.margins(smooth(first, net[np.newaxis], rest), smooth=True)[0]
        gains = (here - rest.margins(smooth(first, net + towards, rest), smooth=True)) / costs
        gains[chosen] = -np.inf
        # Where no flip is a gain, the least loss is taken.
        place = int(np.argmax(gains if gains.max() > 0 else np.where(chosen, -np.inf, gains * costs)))
        chosen[place] = True
        net = net + towards[place]
        if _changes(first, rest, net[np.newaxis])[0]:
            return chosen
    return None


def _needed(first: FirstLayer, rest: Rest, costs: Integers, towards: Integers, chosen: Bits) -> Bits:
    """The same without flips that are not needed, the dearest first."""
    while True:
        places = np.flatnonzero(chosen)
        if not places.size:
            return chosen
        spared = _changes(first, rest, towards[places].sum(axis=0) - towards[places])
        if not spared.any():
            return chosen
        dearest = places[spared][np.argmax(costs[places[spared]])]
        chosen = chosen & (np.arange(len(chosen)) != dearest)


def _exchanged(
    first: FirstLayer, rest: Rest, costs: Integers, towards: Integers, chosen: Bits, check: Callable[[], None]
) -> Bits | None:
    """Cheaper flips, one instead of one or of two; None where there are none."""
    places, others = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    net = towards[places].sum(axis=0)
    pairs = [(a, b) for i, a in enumerate(places) for b in places[i:]]
    for a, b in pairs[: max(1, PATTERNS // max(1, len(others)))]:
        check()
        left = net - towards[a] - (towards[b] if b != a else 0)
        saved = costs[a] + (costs[b] if b != a else 0)
        cheaper = others[costs[others] < saved]
        if not cheaper.size:
            continue
        done = _changes(first, rest, left + towards[cheaper])
        if done.any():
            best = cheaper[done][np.argmin(costs[cheaper[done]])]
            made = chosen.copy()
            made[[a, b]] = False
            made[best] = True
            return made
    return None
