"""One half-comparison neuron, n-1, to the optimum by dynamic programming, in time linear in examples and inputs.

A neuron is a decision list over pairs of inputs (see `lists`): pair i fires on the examples whose x_upper xor
x_lower differs from w_upper xor w_lower. So the examples that no pair up to i has fired on are those that share
a prefix of x_upper xor x_lower, and the fewest errors on them depend on nothing but that prefix.
"""

from __future__ import annotations

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.found import Found
from bnnsat.search.half.tries import pairs
from bnnsat.shape import Shape


def fits(shape: Shape) -> bool:
    """Whether a shape is a single half-comparison."""
    return shape.activation == "half" and shape.head == "bit" and shape.layers == 1


def best_neuron(problem: Problem, shape: Shape) -> Found:
    """The network with the fewest errors, and these. Raises ValueError for shapes that do not fit."""
    if not fits(shape):
        raise ValueError(f"{shape.topology} is more than one half-comparison")
    differ, upper = pairs(problem.inputs)
    half = differ.shape[1]
    # groups[i] (rows,): which of the prefixes of length i a row has.
    groups = [np.zeros(len(differ), dtype=np.int64)]
    for i in range(half):
        _, group = np.unique(2 * groups[-1] + differ[:, i], return_inverse=True)
        groups.append(group.reshape(-1))
    # Rows on which nothing ever fires are 0.
    fewest = np.bincount(groups[half], problem.costs * (problem.labels == 1)).astype(np.int64)
    choices = []
    for i in reversed(range(half)):
        group, count = groups[i], int(groups[i].max()) + 1
        # [group, d, w]: of the rows that differ by d, those that are wrong if the pair fires with w_upper = w.
        place = 4 * group + 2 * differ[:, i]
        flat = np.zeros(4 * count, dtype=np.int64)
        for w in (0, 1):
            wrong = (upper[:, i] == bool(w)) != (problem.labels == 1)
            np.add.at(flat, place + w, problem.costs * wrong)
        errors = flat.reshape(count, 2, 2)
        rest = np.zeros((count, 2), dtype=np.int64)
        rest[group, differ[:, i].astype(np.int64)] = fewest[groups[i + 1]]
        # With w_upper xor w_lower = d the rows that differ by d go on, and the others are decided.
        value = errors[:, ::-1].argmin(axis=2)
        total = rest + errors[:, ::-1].min(axis=2)
        chosen = total.argmin(axis=1)
        choices.append((chosen, np.take_along_axis(value, chosen[:, np.newaxis], axis=1)[:, 0]))
        fewest = total.min(axis=1)
    weights, rows = np.zeros((2, half), dtype=np.bool_), np.arange(len(differ))
    for i, (chosen, value) in enumerate(reversed(choices)):
        if not len(rows):
            break
        group = groups[i][rows[0]]
        weights[0, i] = value[group]
        weights[1, i] = bool(value[group]) ^ bool(chosen[group])
        rows = rows[differ[rows, i] == bool(chosen[group])]
    return Network.of(shape, [weights.reshape(1, -1)]), int(fewest[0])
