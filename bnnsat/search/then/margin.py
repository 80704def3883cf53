"""Among the networks with the fewest errors one with the largest margin, asked for one step at a time.

The margin is how far the last layer's counts of the worst right example are from saying anything else (see
`forward.right`). Whether a margin can be had is a training problem of its own: an example that is
right by less counts as wrong, and there may be no more wrong ones than there are errors.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np

from bnnsat.criterion import Criterion
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.context import Search
from bnnsat.search.methods import together
from bnnsat.search.progress import Run
from bnnsat.shape import Shape

NAME = "margin"


def widen(search: Search, known: Criterion | None = None) -> None:
    """Find the largest margin, from the incumbent's on; `known` is what an earlier run has proved.

    Returns once it is proved; raises TimeoutError at the deadline, with what is known in the run's levels.
    """
    run, problem = search.run, search.problem
    bound = most(problem, search.shape, run.errors)
    if known is not None:
        bound = min(bound, known.bound)
    run.further(run.network, Criterion(NAME, margin(run.network, problem, bound), bound), "start")
    while (level := run.then[-1]).value < level.bound:
        wider = replace(problem, margin=level.value + 1)
        step = Run(wider, run.network, time.monotonic(), goal=run.errors)
        # Whoever misses an example misses it by any margin.
        step.bound(run.lower_bound, NAME)
        try:
            together(replace(search, run=step, problem=wider, stop=threading.Event()))
        finally:
            if step.errors <= run.errors:
                # With fewer errors than before it is the better network whatever its margin.
                run.further(
                    step.network, Criterion(NAME, margin(step.network, problem, level.bound), level.bound), NAME
                )
        if step.lower_bound > run.errors:
            run.further(run.network, Criterion(NAME, run.then[-1].value, level.value), NAME)


def margin(network: Network, problem: Problem, most: int) -> int:
    """The largest margin, up to `most`, at which the network is right about all examples that it is right about."""
    right = network.right(problem.inputs, problem.labels)
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if np.array_equal(network.right(problem.inputs, problem.labels, middle), right):
            low = middle
        else:
            high = middle - 1
    return low


def most(problem: Problem, shape: Shape, errors: int) -> int:
    """A margin that no network with so many errors exceeds, by its last layer's fan-in alone."""
    fan_in = shape.matrices[-1][1]
    if shape.head == "argmax":
        return fan_in
    # An output that is right about a label has so many counts above its threshold, or below it.
    above, below = max(0, fan_in - min(shape.thresholds[-1])), max(0, max(shape.thresholds[-1]) - 1)
    if shape.head == "onehot":
        return min(above, below)
    costs = [int(problem.costs[problem.labels == label].sum()) for label in (0, 1)]
    # A label that has to be right about some example bounds the margin by its own side.
    sides = [side for side, cost in zip((below, above), costs, strict=True) if cost > errors]
    return min(sides) if sides else max(above, below)
