"""How many inputs get each label, exactly: all are tried, or counted by what the first layer says of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bnnsat import limits
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.plural import counted
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.properties import equal
from bnnsat.readings import packed
from bnnsat.shape import Shape
from bnnsat.tables.table import Label
from bnnsat.types import Bits, Integers
from bnnsat.verification.distribution import (
    MOST_STATES,
    STATUSES,
    Sums,
    Threshold,
    by_counts,
    by_pairs,
    states,
    thresholds,
)
from bnnsat.verification.mixture import by_both
from bnnsat.verification.outside import APPROXMC, COUNTERS, outside

OWN = AUTO, TRIED, COUNTED = "auto", "enumeration", "counts"
METHODS = *OWN, *COUNTERS
FEW, MOST = 1 << 18, 1 << 30
"""Inputs that are all tried without more ado, and at most."""
BATCH = 1 << 16


@dataclass(frozen=True, eq=False)
class Counts:
    """Of how many inputs a network says what.

    Attributes:
        by_label: (labels,) inputs of each label.
        none: those of no label (onehot).
        differing: those of which the other network says something else; None without another.
        seconds: that it took.
        method: how they were counted.
        exact: whether the numbers are the true ones, not within a factor of them with some probability.
    """

    by_label: tuple[int, ...]
    none: int
    differing: int | None
    seconds: float
    method: str
    exact: bool = True


@dataclass(frozen=True, eq=False)
class Ball:
    """Inputs near an example.

    Attributes:
        centre: (bits,) of the example.
        radius: bits that may differ.
    """

    centre: Bits
    radius: int


def count(
    model: Model,
    *,
    where: Sequence[str] = (),
    other: Model | None = None,
    label: Label | None = None,
    ball: Ball | None = None,
    method: str = AUTO,
    seconds: float | None = None,
) -> Counts:
    """How many inputs get each label.

    Args:
        model: the network.
        where: conditions, as `Inputs.where` takes them.
        other: a network that reads the same inputs.
        label: of the network, where the other one tells it from the rest: by the second of two labels.
        ball: which inputs are counted; all without.
        method: auto, enumeration or counts; ganak or approxmc by such a counter.
        seconds: the time there is; None for no limit.

    Raises:
        InputError: a condition, the other network or the method does not fit.
        ResourceError: there are too many inputs for every method, or there was no time.
    """
    began, deadline = time.monotonic(), limits.deadline(seconds)
    if method not in METHODS:
        raise InputError(f"unknown method {method!r}; there are {', '.join(METHODS)}")
    inputs, models = Inputs.of(model).where(where), [model]
    orders, claim = [inputs.order], None
    if other is not None:
        claim = equal(model, other, label=label)
        orders = list(claim.orders)
        models.append(other)

    def check() -> None:
        limits.check(deadline)

    if method in COUNTERS and ball is not None:
        raise InputError(f"{method} counts all inputs, not those near an example; leave the radius out")
    few = inputs.total <= FEW
    way = (
        None
        if method in COUNTERS or method == TRIED or (method == AUTO and few)
        else _way(models, orders, inputs, ball, check)
    )
    if way is None and method not in COUNTERS and (method == COUNTED or inputs.total > MOST):
        raise ResourceError(
            f"{counted(inputs.total, 'input')}, and the first layer is too wide for a table of its counts: they "
            f"cannot be counted so; set conditions, take {' or '.join(COUNTERS)}, or ask whether there is one (verify)"
        )
    try:
        if method in COUNTERS:
            totals = outside(models, orders, inputs, method, deadline)
        else:
            totals = _tried(models, orders, inputs, ball, check) if way is None else _summed(models, way(), ball)
    except TimeoutError:
        raise ResourceError("there was no time to count all inputs; give more, or conditions") from None
    by_label = [sum(row) for row in totals]
    differing = None if claim is None else sum(totals[a][b] for a, b in np.argwhere(claim.bad).tolist())
    used = method if method in COUNTERS else TRIED if way is None else COUNTED
    taken = time.monotonic() - began
    return Counts(tuple(by_label[:-1]), by_label[-1], differing, taken, used, used != APPROXMC)


def _tried(
    models: Sequence[Model], orders: Sequence[Integers], inputs: Inputs, ball: Ball | None, check: Callable[[], None]
) -> list[list[int]]:
    """Inputs by both labels, [first][second], the last being none; of one network both are the same."""
    totals = np.zeros(tuple(models[i].network.shape.classes + 1 for i in (0, -1)), dtype=np.int64)
    for start in range(0, inputs.total, BATCH):
        check()
        rows = inputs.numbered(start, min(inputs.total, start + BATCH))
        if ball is not None:
            rows = rows[(rows != ball.centre).sum(axis=1) <= ball.radius]
        codes = [model.codes(rows[:, order]) for model, order in zip(models, orders, strict=True)]
        np.add.at(totals, (codes[0], codes[-1]), 1)
    return [[int(number) for number in row] for row in totals]


def _way(
    models: Sequence[Model], orders: Sequence[Integers], inputs: Inputs, ball: Ball | None, check: Callable[[], None]
) -> Callable[[], list[int]] | None:
    """How many inputs have each pattern of the first layers' bits, and last of whether they are beyond the ball."""
    networks = [model.network for model in models]
    if {network.shape.activation for network in networks} == {"half"}:
        single = all(len(part.places) == 1 for part in inputs.parts) and ball is None
        once = all(sorted(order.tolist()) == list(range(inputs.bits)) for order in orders)
        neurons = sum(network.shape.sizes[1] for network in networks)
        if not (single and once and (orders[0] == orders[-1]).all() and STATUSES**neurons <= MOST_STATES):
            return None
        return lambda: by_pairs(inputs, list(zip(networks, orders, strict=True)), check)
    if len({network.shape.activation for network in networks}) > 1:
        return _mixed(networks, orders, inputs, ball, check)
    compared = any(network.shape.layers == 1 and network.shape.head == "argmax" for network in networks)
    if compared or not all(network.shape.activation == "popcount" for network in networks):
        return None
    rows = [row for n, order in zip(networks, orders, strict=True) for row in thresholds(n, order, inputs.bits)]
    if ball is not None:
        away = np.where(ball.centre, -1, 1)
        rows.append(Threshold(away, ball.radius + 1 - int(ball.centre.sum())))
    if states(inputs, rows) > MOST_STATES:
        return None
    return lambda: by_counts(inputs, rows, check)


def _mixed(
    networks: Sequence[Network],
    orders: Sequence[Integers],
    inputs: Inputs,
    ball: Ball | None,
    check: Callable[[], None],
) -> Callable[[], list[int]] | None:
    """The same of a network of popcounts and one of half-comparisons."""
    place = int(networks[1].shape.activation == "half")
    (counting, read), (comparing, order) = (networks[1 - place], orders[1 - place]), (networks[place], orders[place])
    single = all(len(part.places) == 1 for part in inputs.parts) and ball is None
    if not single or sorted(order.tolist()) != list(range(inputs.bits)):
        return None
    if counting.shape.layers == 1 and counting.shape.head == "argmax":
        return None
    rows = thresholds(counting, read, inputs.bits)
    if Sums(inputs, rows).states * STATUSES ** comparing.shape.sizes[1] > MOST_STATES:
        return None

    def counted() -> list[int]:
        found = by_both(inputs, rows, [(comparing, order)], check)
        axes = list(range(found.ndim))
        # Of the first network's bits come first.
        axes = axes if place else axes[len(rows) :] + axes[: len(rows)]
        return [int(number) for number in found.transpose(axes).reshape(-1)]

    return counted


def _summed(models: Sequence[Model], numbers: Sequence[int], ball: Ball | None) -> list[list[int]]:
    """Inputs by both labels, of those by the patterns of first layers."""
    bits = len(numbers).bit_length() - 1
    patterns = ((np.arange(len(numbers))[:, np.newaxis] >> np.arange(bits)[::-1]) & 1).astype(np.bool_)
    codes, start = [], 0
    for model in models:
        width = model.network.shape.sizes[1]
        codes.append(_behind(model, patterns[:, start : start + width]))
        start += width
    rows, columns = (models[i].network.shape.classes + 1 for i in (0, -1))
    totals = [[0] * columns for _ in range(rows)]
    for pattern, number in enumerate(numbers):
        if number and not (ball is not None and patterns[pattern, -1]):
            totals[int(codes[0][pattern])][int(codes[-1][pattern])] += number
    return totals


def _behind(model: Model, first: Bits) -> Integers:
    """The place of the label, (rows,), by the first layer's bits; -1 where none is named."""
    shape = model.network.shape
    if shape.layers > 1:
        return packed.predict(_rest(shape), model.network.matrices()[1:], first)
    if shape.head == "bit":
        return first[:, 0].astype(np.int64)
    return np.where(first.sum(axis=1) == 1, np.argmax(first, axis=1), -1)


def _rest(shape: Shape) -> Shape:
    """The layers behind the first."""
    return replace(shape, sizes=shape.sizes[1:], thresholds=shape.thresholds[1:], constants=())
