"""Contradictions settled before the search: equal inputs with both labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bnnsat.problem import Problem


def netted(problem: Problem) -> tuple[Problem, int]:
    """The same problem without contradictions, and what these cost whatever is said.

    Of equal inputs with both labels the rarer cancels as much of the other: whoever names one of two labels for each
    input is wrong about one of the two. For heads of one output without a margin.

    >>> rest, cost = netted(Problem.of(np.array([[0], [0], [0], [1]]), np.array([1, 1, 0, 0])))
    >>> rest.labels.tolist(), rest.costs.tolist(), cost
    ([1, 0], [1, 1], 1)

    Args:
        problem: of two labels.
    """
    _, group = np.unique(np.packbits(problem.inputs, axis=1), axis=0, return_inverse=True)
    both = np.zeros((len(problem.labels), 2), dtype=np.int64)
    np.add.at(both, (group.reshape(-1), problem.labels), problem.costs)
    lost = both.min(axis=1)
    costs = problem.costs - lost[group.reshape(-1)]
    kept = costs > 0
    if not lost.any() or not kept.any():
        return problem, 0
    rest = replace(problem, inputs=problem.inputs[kept], labels=problem.labels[kept], costs=costs[kept])
    return rest, int(lost.sum())
