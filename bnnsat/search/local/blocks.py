"""Networks by simulated annealing, one neuron after the other.

With all others fixed, a neuron is a problem of its own: it matters to the rows about which the head would change its
mind if the neuron did, and to each of these it should say what makes the head right. A few flips of one neuron by
`annealing` are a few flips of the network, at a fraction of the price.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.found import Found
from bnnsat.search.local.annealing import Annealing, Neuron, cold, heat
from bnnsat.search.local.layers import Check
from bnnsat.search.local.neighbourhood import Neighbourhood
from bnnsat.search.local.pace import Pace

FLIPS = 30
"""Flips of a neuron before it is the next one's turn."""


def by_neurons(
    problem: Problem,
    start: Network,
    rng: np.random.Generator,
    budget: int,
    seconds: float | None = None,
    *,
    hot: float = 1.0,
    check: Check = lambda: None,
) -> Iterator[Found | None]:
    """Networks with fewer errors than those before them, or None; ends with its flips, its time or at 0 errors.

    Not each of them is told of: see `pace`. The last is the best.

    Args:
        problem: the training examples.
        start: of popcounts.
        rng: of what is random.
        budget: flips, at most.
        seconds: the time there is; None for that of all flips.
        hot: the first temperature, as a share of that of a single neuron.
        check: is called between parts that take long.
    """
    began, shape, flips = time.monotonic(), start.shape, 0
    here = Neighbourhood(problem, start, check)
    fewest, first, last, pace = here.errors, hot * heat(problem.costs), cold(problem.costs), Pace()
    weights, told = start.matrices(), fewest + 1
    # The counts of argmax are compared with each other, not with a threshold.
    layers = range(shape.layers - (shape.head == "argmax"))
    places = [(layer, neuron) for layer in layers for neuron in range(shape.sizes[layer + 1])]
    while fewest > 0:
        for place in rng.permutation(len(places)).tolist():
            progress = flips / budget
            if seconds is not None:
                progress = max(progress, (time.monotonic() - began) / seconds)
            if progress >= 1:
                if fewest < told:
                    yield Network.of(shape, weights), fewest
                return
            if fewest < told and (fewest == 0 or pace.due):
                pace.begin()
                told = fewest
                yield Network.of(shape, weights), fewest
                pace.end()
                if fewest == 0:
                    return
            flips += FLIPS
            layer, neuron = places[place]
            own = Neuron.of(here.weights(layer)[neuron], shape, layer, shape.thresholds[layer][neuron])
            part = Annealing(here.duty(layer, neuron), own, rng)
            others, best = here.errors - part.cost, None
            for _ in range(FLIPS):
                part.flip(first * last**progress)
                if others + part.cost < fewest:
                    fewest, best = others + part.cost, part.neuron
            if best is not None:
                here.replace(layer, neuron, best.bits(shape, layer))
                fewest, weights = here.errors, [here.weights(index).copy() for index in range(shape.layers)]
            here.replace(layer, neuron, part.neuron.bits(shape, layer))
            yield None
        if not places:
            break
    if fewest < told:
        yield Network.of(shape, weights), fewest
