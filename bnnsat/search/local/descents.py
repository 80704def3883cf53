"""Good networks quickly: gradient descent where there are popcounts, then tabu search from the best."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.search.context import Search
from bnnsat.search.found import Found
from bnnsat.search.local.gradient import descend
from bnnsat.search.local.tabu import tabu
from bnnsat.shape import Shape
from bnnsat.spelling import WEIGHTS

DESCENTS = 3
"""Gradient descents, at most, before tabu search takes over."""


def local(search: Search) -> None:
    """Search until the optimum is proved, which only happens where it meets a bound known already."""
    rng = np.random.default_rng(search.seed)
    _descents(search, rng, None)
    while not search.run.done:
        search.follow(tabu(search.problem, search.run.network, rng, search.check), "tabu")


def start(search: Search, seconds: float) -> None:
    """The same for a short time; a descent that learns from variants takes the time that it needs."""
    rng = np.random.default_rng(search.seed)
    _descents(search, rng, None if search.augment is not None or search.ensemble > 1 else seconds)
    if not search.run.done:
        search.follow(tabu(search.problem, search.run.network, rng, search.check), "tabu", seconds)


class Turns:
    """Tabu search from the incumbent, in turn with a search that has no processor to spare for it.

    A turn takes `share` of the time since the last one.
    """

    def __init__(self, search: Search, share: float = 1.0) -> None:
        self._search = search
        self._steps = tabu(search.problem, search.run.network, np.random.default_rng(search.seed), search.check)
        self._share = share
        self._since = time.monotonic()

    def among(self, others: Iterator[Found | None]) -> Iterator[Found | None]:
        """Take a turn after each step of another search."""
        for step in others:
            self.take()
            yield step

    def take(self) -> None:
        """Search for a while."""
        self._search.follow(self._steps, "tabu", self._share * (time.monotonic() - self._since))
        self._since = time.monotonic()


def _descents(search: Search, rng: np.random.Generator, seconds: float | None) -> None:
    """Descents until one ends at the bound; none for half-comparisons, which have no gradient worth following."""
    if search.shape.activation != "popcount":
        return
    if search.ensemble > 1:
        search.follow(_joined(search, rng), "gradient", seconds, to_end=True)
    for descent in range(DESCENTS):
        if search.run.done:
            return
        # Dropout makes for better networks, but for more errors where the shape is small.
        steps = descend(search.problem, search.shape, rng, search.augment, dropout=descent == 0)
        search.follow(steps, "gradient", seconds, to_end=True)


def narrow(shape: Shape, members: int) -> Shape:
    """The shape of one of the members whose hidden layers side by side are that of `shape` (n-m-k)."""
    n, m, k = shape.sizes
    m //= members
    half = (m * shape.repeat + 1) // 2
    return replace(shape, sizes=(n, m, k), thresholds=(shape.thresholds[0][:m], (half,) * k))


def widened(shape: Shape, members: int) -> Shape:
    """The one network (n-m-k) that an ensemble of so many networks of a shape is; InputError where it is none."""
    if members == 1:
        return shape
    if members < 1 or shape.layers != 2 or shape.activation != "popcount" or len(set(shape.thresholds[0])) > 1:
        raise InputError("an ensemble is made of popcount networks n-m-k; give ensemble 1 or more, and such a topology")
    if any(shape.constants):
        raise InputError("an ensemble votes with sums, not with learned thresholds; leave one of the two out")
    n, m, k = shape.sizes
    given, kind = [shape.thresholds[0][0], (m * members * shape.repeat + 1) // 2], WEIGHTS[shape.repeat - 1]
    return Shape.parse(f"{n}-{m * members}-{k}", head=shape.head, thresholds=given, weights=kind)


def _joined(search: Search, rng: np.random.Generator) -> Iterator[Found | None]:
    """Members trained one by one, put together: the sum of their popcounts is one popcount."""
    shape = narrow(search.shape, search.ensemble)
    layers: list[list[np.ndarray]] = []
    for _ in range(search.ensemble):
        last = None
        for found in descend(search.problem, shape, rng, search.augment, dropout=True):
            last = found or last
            yield None
        if last is not None:
            layers.append(last[0].matrices())
    hidden = np.concatenate([matrices[0] for matrices in layers])
    # Where neurons are read twice, first come all that read them first.
    parts = [matrices[1].reshape(len(matrices[1]), shape.repeat, -1) for matrices in layers]
    output = np.concatenate(parts, axis=2).reshape(len(parts[0]), -1)
    network = Network.of(search.shape, [hidden, output])
    yield network, network.errors(search.problem)
