"""Good networks quickly: gradient descent where there are popcounts, then tabu search from the best."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bnnsat.data.problem import Problem
from bnnsat.search.found import Found
from bnnsat.search.gradient import descend
from bnnsat.search.search import Search
from bnnsat.search.tabu import tabu
from bnnsat.shape import Shape

DESCENTS = 3
"""Gradient descents before tabu search takes over."""


def descents(problem: Problem, shape: Shape, rng: np.random.Generator, times: int) -> Iterator[Found | None]:
    """Several gradient descents; nothing for half-comparisons, which have no gradient worth following."""
    if shape.activation == "popcount":
        for _ in range(times):
            yield from descend(problem.inputs, problem.labels, problem.weights, shape, rng)


def local(search: Search) -> None:
    """Search until the optimum is proved, which only happens where it meets a bound known already."""
    rng = np.random.default_rng(search.seed)
    search.follow(descents(search.problem, search.shape, rng, DESCENTS), "gradient")
    while not search.run.proved:
        search.follow(tabu(search.problem, search.run.network, rng), "tabu")


def start(search: Search, seconds: float) -> None:
    """The same for a short time."""
    rng = np.random.default_rng(search.seed)
    search.follow(descents(search.problem, search.shape, rng, DESCENTS), "gradient", seconds)
    if not search.run.proved:
        search.follow(tabu(search.problem, search.run.network, rng), "tabu", seconds)
