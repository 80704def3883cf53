"""The first incumbent of every search."""

from __future__ import annotations

import time

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.shape import Shape

START_NETWORKS = 8
"""Random networks tried before the search, so that there is an incumbent whatever happens."""


def start(problem: Problem, shape: Shape, seed: int, deadline: float | None = None) -> Network:
    """The best of a few random networks: the first incumbent. At least one, whatever the deadline.

    Args:
        problem: the training examples.
        shape: of the network.
        seed: of the networks.
        deadline: a `time.monotonic` value, a tenth of the time to which is used at most; None for none.
    """
    rng, began = np.random.default_rng(seed), time.monotonic()
    best, fewest = None, problem.total_cost + 1
    for _ in range(START_NETWORKS):
        network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
        errors = network.quick_errors(problem)
        if errors < fewest:
            best, fewest = network, errors
        # A tenth of the time is enough for a first network.
        if deadline is not None and time.monotonic() > deadline - 0.9 * (deadline - began):
            break
    assert best is not None
    return best
