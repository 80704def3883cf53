"""Tabu search over single flips with exact gains (Glover, "Tabu search, part I", ORSA J. Computing 1989)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.found import Found
from bnnsat.search.local.layers import Check
from bnnsat.search.local.neighbourhood import Neighbourhood

PATIENCE_STEPS = 500
"""Steps without a better network after which the search is kicked away from the best."""


def tabu(
    problem: Problem, start: Network, rng: np.random.Generator, check: Check = lambda: None
) -> Iterator[Found | None]:
    """Search until there are no errors: at each step a better network with its errors, or None.

    Each step takes the flip that leaves the fewest errors, ties at random, among those not taken in the
    last few steps, or one that beats everything so far. After a while without success the best
    network is taken up again, with some of its weights changed. `check` is called between parts of a step that
    take long; the search ends by what it raises.
    """
    here = Neighbourhood(problem, start, check)
    best, fewest = start, here.errors
    sizes = [matrix.shape for matrix in start.matrices()]
    offsets = np.cumsum([0, *(m * n for m, n in sizes)])
    weights = int(offsets[-1])
    free_from = np.zeros(weights, dtype=np.int64)
    since = 0
    step = 0
    while fewest > 0:
        step += 1
        gains = np.concatenate([gain.reshape(-1) for gain in here.gains()])
        allowed = (free_from <= step) | (here.errors + gains < fewest)
        gains[~allowed] = np.inf
        choice = int(np.argmin(gains + rng.random(weights, dtype=np.float32) / 2))
        _flip(here, choice, offsets, sizes)
        free_from[choice] = step + 1 + int(rng.integers(3, 4 + min(20, weights // 4)))
        since += 1
        if here.errors < fewest:
            best, fewest, since = here.network, here.errors, 0
            yield best, fewest
            continue
        if since >= PATIENCE_STEPS:
            here = Neighbourhood(problem, best, check)
            for choice in rng.choice(weights, size=max(1, weights // int(rng.integers(8, 40))), replace=False):
                _flip(here, int(choice), offsets, sizes)
            since = 0
        yield None


def _flip(here: Neighbourhood, choice: int, offsets: np.ndarray, sizes: list[tuple[int, int]]) -> None:
    layer = int(np.searchsorted(offsets, choice, side="right")) - 1
    neuron, weight = divmod(choice - int(offsets[layer]), sizes[layer][1])
    here.flip(layer, neuron, weight)
