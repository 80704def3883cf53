"""The least change of an example after which a network says something else: found, and proved, by counting."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bnnsat import limits
from bnnsat.data.binarize import Binarizer
from bnnsat.errors import InputError, SoundnessError
from bnnsat.model import Model
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY
from bnnsat.types import Bits, Grey, Integers
from bnnsat.verification.answer import CHANGES, FEASIBLE, KEEPS, OPTIMAL, PROVED, REFUTED, UNKNOWN, Minimum
from bnnsat.verification.attack import attacked, smooth
from bnnsat.verification.counting import FirstLayer, find
from bnnsat.verification.facts import AUTO, SAT
from bnnsat.verification.fewest import fewest
from bnnsat.verification.flips import LEVELS, Flips
from bnnsat.verification.rest import Rest

METHOD = "counting"
WAYS = AUTO, METHOD, SAT
"""To find and prove a least change: counting where it can, else a solver; or one of both alone."""
QUICK_SECONDS = 0.15
"""A budget that is refuted in less time is doubled, else raised by one."""
PATIENCE_SECONDS = 1.0
"""Once a budget takes longer, some change is looked for, and a smaller budget is taken."""


def minimum(
    model: Model,
    raw: Any,
    norm: str = "l0",
    *,
    radius: int | None = None,
    tied: str = CHANGES,
    within: Collection[int] | None = None,
    seconds: float | None = None,
    method: str = AUTO,
) -> Minimum:
    """The least change of an example after which a network says something else.

    Args:
        model: of popcounts with a hidden layer, each bit of whose input is of one raw value; of others changed bits are
            counted (l0), by a solver, and are what is told where a value has several.
        raw: the example, (raw inputs,).
        norm: l0, l1, l2 (the sum of squares) or linf.
        radius: whether a change that costs at most this does it, in place of the least one.
        tied: keeps or changes: whether a class with as many points as the label's is a change; of argmax.
        within: places of the raw values that may change; None for all.
        seconds: the time there is; None for no limit.
        method: counting or sat; auto for counting where the model is one of which flips are counted.

    Raises:
        InputError: the model or the options do not fit.
    """
    began, raw = time.monotonic(), np.asarray(raw)
    if method not in WAYS:
        raise InputError(f"unknown method {method!r}; there are {', '.join(WAYS)}")
    if tied not in (KEEPS, CHANGES):
        raise InputError(f"ties are said by {KEEPS} or {CHANGES}, not {tied!r}")
    if method == METHOD and not countable(model):
        raise InputError(
            f"{METHOD} is for popcounts with a hidden layer each bit of whose input is of one value; take {SAT}"
        )
    if method == SAT or not countable(model):
        return _solved(model, raw, norm, radius, tied, within, seconds)
    flips = Flips.of(model, raw) if within is None else Flips.of(model, raw).within(within)
    label = int(model.codes(flips.bits[np.newaxis])[0])
    if label < 0:
        raise InputError("the network names no label for the example, so there is nothing to be kept")
    first, hidden = FirstLayer.of(model.network, flips.bits)
    rest = Rest.of(model.network, hidden, label, tied_changes=tied == CHANGES)
    search = _Budgets(first, rest, flips, None if seconds is None else began + seconds)
    found, bound, done = search.largest(radius) if norm == "linf" else search.sums(flips.costs(norm), radius)
    made = _told(model, flips, norm, label, found, bound, began, tied)
    if radius is not None:
        status = REFUTED if made.value is not None else PROVED if done else UNKNOWN
    else:
        status = PROVED if made.value is None and done else made.status
    return replace(made, status=status)


def countable(model: Model) -> bool:
    """Whether flips are counted: of popcounts with a hidden layer, each bit of whose input is of one raw value.

    Args:
        model: any network.
    """
    shape = model.network.shape
    return shape.activation == "popcount" and shape.layers > 1 and each_alone(model)


def each_alone(model: Model) -> bool:
    """Whether each bit of a model's input is of one raw value, which has no other.

    Args:
        model: any network.
    """
    binarizer, order = model.preprocessing.binarizer, model.preprocessing.order
    each = isinstance(binarizer, Binarizer) and binarizer.levels == 1 and binarizer.way != "image-mean"
    return each and (order is None or len(set(order)) == len(order))


def _solved(
    model: Model,
    raw: Grey,
    norm: str,
    radius: int | None,
    tied: str,
    within: Collection[int] | None,
    seconds: float | None,
) -> Minimum:
    """The fewest bits by a solver, told as raw values where each has one bit."""
    binarizer = model.preprocessing.binarizer
    if not isinstance(binarizer, Binarizer) or binarizer.way == "image-mean":
        raise InputError(
            f"the bits of the model's input ({binarizer.way}) are of several values each; changes of grey levels are "
            "asked of models trained with --binarize threshold:128 or pixel-mean"
        )
    if norm != "l0" and (norm == "linf" or binarizer.way != "bits"):
        raise InputError(f"of such a network changed bits are counted, by a solver, for l0; {norm} is not")
    found = fewest(model, model.bits(raw[np.newaxis])[0], radius=radius, tied=tied, within=within, seconds=seconds)
    order = model.preprocessing.order
    if found.counterexample is None or binarizer.levels > 1 or (order is not None and len(set(order)) < len(order)):
        return found
    flips = Flips.of(model, raw)
    return replace(found, counterexample=flips.changed(np.flatnonzero(np.isin(flips.places, found.changed))))


class _SlowError(Exception):
    """A budget takes longer than expected."""


class _Budgets:
    """Budgets that are raised until a set of flips is found, and lowered until none is."""

    def __init__(self, first: FirstLayer, rest: Rest, flips: Flips, deadline: float | None) -> None:
        self._first, self._rest, self._flips, self._deadline = first, rest, flips, deadline
        # Flips that bring the network nearer to something else stand first among those that cost as much.
        nearer = rest.margins(smooth(first, first.towards.astype(np.int64), rest), smooth=True)
        self._order = np.argsort(nearer, kind="stable")

    def sums(self, costs: Integers, radius: int | None) -> tuple[Integers | None, int, bool]:
        """The flips with the least sum of costs, as far as that is known, a bound on it, and whether all were tried.

        With a radius, any flips within it.
        """
        free = self._order[self._flips.free[self._order]]
        if self._changed(np.zeros(0, dtype=np.int64)):
            return np.zeros(0, dtype=np.int64), 0, True
        best, refuted, most = None, 0, int(costs[free].sum())
        most = most if radius is None else min(most, radius)
        budget, attacked_yet, upper = min(most, int(costs[free].min())) if free.size else 0, False, most + 1
        try:
            while refuted < upper - 1:
                began = time.monotonic()
                patient = attacked_yet or best is not None or radius is not None
                check = self._check if patient else partial(self._look, began + PATIENCE_SECONDS)
                try:
                    found = find(self._first, self._rest, costs, free, budget, refuted, check)
                except _SlowError:
                    # Should there be no time to prove it, some change is known.
                    attacked_yet = True
                    found = attacked(self._first, self._rest, costs, free, self._check)
                    if found is not None:
                        best, upper = found, int(costs[found].sum())
                    budget = min(upper - 1, max(refuted + 1, int(costs[free].min())))
                    continue
                if found is not None:
                    best, upper = found, int(costs[found].sum())
                    if radius is not None:
                        break
                    budget = upper - 1
                    continue
                refuted = budget
                quick = time.monotonic() - began < QUICK_SECONDS
                budget = min(upper - 1, 2 * budget if quick else budget + 1)
        except TimeoutError:
            # What was found and refuted until then is the answer.
            pass
        return best, refuted + 1, refuted >= most

    def largest(self, radius: int | None) -> tuple[Integers | None, int, bool]:
        """The same for the largest step."""
        steps, free = self._flips.steps, self._order[self._flips.free[self._order]]
        if self._changed(np.zeros(0, dtype=np.int64)):
            return np.zeros(0, dtype=np.int64), 0, True
        bound, ones = 1, np.ones(len(steps), dtype=np.int64)
        try:
            for step in np.unique(steps[free]).tolist():
                if radius is not None and step > radius:
                    return None, step, True
                bound, these = step, free[steps[free] <= step]
                for budget in range(1, len(these) + 1):
                    found = find(self._first, self._rest, ones, these, budget, budget - 1, self._check)
                    if found is not None:
                        return found, bound, False
            return None, LEVELS, True
        except TimeoutError:
            return None, bound, False

    def _changed(self, flipped: Integers) -> bool:
        return bool(self._rest.changes(flipped, np.ones((1, len(flipped)), dtype=np.bool_))[0])

    def _look(self, until: float) -> None:
        self._check()
        if time.monotonic() > until:
            raise _SlowError

    def _check(self) -> None:
        limits.check(self._deadline)


def _told(
    model: Model, flips: Flips, norm: str, label: int, found: Integers | None, bound: int, began: float, tied: str
) -> Minimum:
    """What was found, replayed by the numpy reading."""
    if found is None:
        return Minimum(UNKNOWN, None, bound, label, None, (), None, time.monotonic() - began, METHOD)
    raw = flips.changed(found)
    steps = np.abs(raw.astype(np.int64) - flips.raw.astype(np.int64))
    value = {"l0": (steps > 0).sum(), "l1": steps.sum(), "l2": (steps**2).sum(), "linf": steps.max(initial=0)}[norm]
    bits = model.bits(raw[np.newaxis])
    new = _other(model, bits, label, tied)
    if new is None or int(value) < bound:
        raise SoundnessError(f"the change that was found ({np.flatnonzero(steps).tolist()}) is none")
    changed = tuple(np.flatnonzero(steps).tolist())
    status = OPTIMAL if int(value) == bound else FEASIBLE
    return Minimum(status, int(value), bound, label, new, changed, raw, time.monotonic() - began, METHOD)


def _other(model: Model, bits: Bits, label: int, tied: str) -> int | None:
    """What the network says of bits instead of a label, -1 for nothing; None where it says the label."""
    network = model.network
    named = np.flatnonzero([network.right(bits, np.array([y]))[0] for y in range(network.shape.classes)])
    if not named.size:
        return -1
    if named[0] != label:
        return int(named[0])
    if tied == CHANGES and network.shape.head == "argmax":
        counts = forward.head_inputs(NUMPY, network.shape, network.matrices(), bits)[0].sum(axis=1).tolist()
        offsets = network.shape.offsets or (0,) * len(counts)
        points = [count + offset for count, offset in zip(counts, offsets, strict=True)]
        equal = [c for c, one in enumerate(points) if c != label and one == points[label]]
        return equal[0] if equal else None
    return None
