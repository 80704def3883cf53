"""Better networks from one that is there: annealing where there are popcounts, else tabu search."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.context import Search
from bnnsat.search.found import Found
from bnnsat.search.local.annealing import Duty, Neuron, anneal
from bnnsat.search.local.blocks import by_neurons
from bnnsat.search.local.tabu import tabu
from bnnsat.shape import Shape

FLIPS, MOST_FLIPS = 20, 1_000_000_000
"""For each weight in the first of several annealings, whose lengths double; in one that has a time, at most."""
NARROW = 8
"""Hidden neurons up to which annealing finds better networks than gradient descent."""
MANY_ROWS = 5000
"""Rows up to which several neurons are annealed from anywhere: with more, a flip takes too long to begin there."""
HEATS = 1.0, 4.0, 16.0
"""Of annealings one after the other, in units of that of a start; the last forgets where it began."""
WARM = 0.8
"""Neurons for which a network's first annealing has the full temperature; more of them have less each."""


class Turns:
    """Annealing, or tabu search, in turn with a search that has no processor to spare for it.

    A turn takes `share` of the time since the last one.
    """

    def __init__(self, search: Search, share: float = 1.0) -> None:
        self._search = search
        self._steps = without_end(search, np.random.default_rng(search.seed))
        self._share = share
        self._since = time.monotonic()

    def among(self, others: Iterator[Found | None]) -> Iterator[Found | None]:
        """Take a turn after each step of another search."""
        for step in others:
            self.take()
            yield step

    def take(self) -> None:
        """Search for a while."""
        search = self._search
        search.follow(self._steps, source(search.shape), self._share * (time.monotonic() - self._since))
        self._since = time.monotonic()


def single(shape: Shape) -> bool:
    """Whether a network is one popcount neuron."""
    return shape.layers == 1 and shape.head == "bit" and shape.activation == "popcount"


def narrow(shape: Shape, problem: Problem) -> bool:
    """Whether annealing from anywhere beats gradient descent."""
    few = single(shape) or len(problem.labels) <= MANY_ROWS
    return few and anneals(shape) and sum(shape.sizes[1:-1]) <= NARROW


def anneals(shape: Shape) -> bool:
    """Whether all layers are popcounts against thresholds; argmax compares counts, which annealing cannot change."""
    return shape.activation == "popcount" and shape.head != "argmax"


def source(shape: Shape) -> str:
    """What improves networks of a shape."""
    return "annealing" if anneals(shape) else "tabu"


def without_end(search: Search, rng: np.random.Generator) -> Iterator[Found | None]:
    """Annealings, each twice as long as the one before it, or tabu search, from whatever is the incumbent."""
    budget = FLIPS * max(FLIPS, search.shape.weight_bits)
    while True:
        for hot in HEATS:
            if single(search.shape):
                yield from neuron(search.problem, search.shape, rng, budget)
            else:
                yield from improved(search, rng, budget, None, hot)
            if search.run.done:
                return
        budget *= 2


def improved(
    search: Search, rng: np.random.Generator, budget: int, seconds: float | None, hot: float = 1.0
) -> Iterator[Found | None]:
    """Networks near the incumbent."""
    problem, shape, network = search.problem, search.shape, search.run.network
    if not anneals(shape):
        return tabu(problem, network, rng, search.check)
    hot = min(1.0, hot * warmth(shape))
    return by_neurons(problem, network, rng, budget, seconds, hot=hot, check=search.check)


def warmth(shape: Shape) -> float:
    """The share of a single neuron's first temperature at which a network is not forgotten: the wider, the less."""
    return min(1.0, WARM / max(1, sum(shape.sizes[1:-1])))


def neuron(
    problem: Problem,
    shape: Shape,
    rng: np.random.Generator,
    budget: int,
    seconds: float | None = None,
) -> Iterator[Found | None]:
    """A single neuron by annealing.

    Args:
        problem: the training examples.
        shape: n-1, head bit.
        rng: of what is random.
        budget: flips, at most.
        seconds: the time there is; None for that of all flips.
    """
    signs = 2 * problem.inputs.astype(np.float32) - 1
    free = any(shape.constants)
    duty = Duty(signs, problem.labels == 1, problem.costs, problem.margin, shape.repeat == 2, free)
    first = Neuron(2 * rng.integers(2, size=shape.sizes[0]) - 1, duty.most // 2 if free else shape.thresholds[0][0])
    for found in anneal(duty, first, rng, budget, seconds):
        yield None if found is None else (Network.of(shape, [found[0].bits(shape, 0)[np.newaxis]]), found[1])
