"""Networks that vote with the sum of their popcounts: one wider network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.shape import Shape
from bnnsat.spelling import LEARNED, WEIGHTS


def member(shape: Shape, members: int) -> Shape:
    """The shape of one of the members whose hidden layers side by side are that of `shape` (n-m-k)."""
    if members == 1:
        return shape
    n, m, k = shape.sizes
    m //= members
    half, constants = (m * shape.repeat + 1) // 2, shape.constants
    if constants and constants[-1]:
        half = m * shape.repeat + 1
        constants = (constants[0], half)
    return replace(shape, sizes=(n, m, k), thresholds=(shape.thresholds[0][:m], (half,) * k), constants=constants)


def widened(shape: Shape, members: int) -> Shape:
    """The one network (n-m-k) that an ensemble of so many networks of a shape is; InputError where it is none."""
    if members == 1:
        return shape
    if members < 1 or shape.layers != 2 or shape.activation != "popcount" or len(set(shape.thresholds[0])) > 1:
        raise InputError("an ensemble is made of popcount networks n-m-k; give ensemble 1 or more, and such a topology")
    n, m, k = shape.sizes
    given, kind = [shape.thresholds[0][0], (m * members * shape.repeat + 1) // 2], WEIGHTS[shape.repeat - 1]
    thresholds = LEARNED if any(shape.constants) else given
    return Shape.parse(f"{n}-{m * members}-{k}", head=shape.head, thresholds=thresholds, weights=kind)


def joined(members: Sequence[Network], shape: Shape) -> Network:
    """Members put together: the sum of their popcounts is one popcount, and that of their thresholds its threshold.

    Args:
        members: of the shape `member(shape, len(members))`; one of them several times is that one.
        shape: of the whole.
    """
    if len(members) == 1:
        return members[0]
    layers = [network.matrices() for network in members]
    hidden = np.concatenate([matrices[0] for matrices in layers])
    read = members[0].shape.sizes[1] * shape.repeat
    # Where neurons are read twice, first come all that read them first.
    parts = [matrices[1][:, :read].reshape(len(matrices[1]), shape.repeat, -1) for matrices in layers]
    weights = np.concatenate(parts, axis=2).reshape(len(parts[0]), -1)
    constants = shape.matrices[1][1] - weights.shape[1]
    # Of the constants those that are 1 lower a threshold, and their numbers differ by the members' less one.
    ones = sum(matrices[1][:, read:].sum(axis=1) for matrices in layers) - (len(members) - 1)
    raised = np.arange(constants) < np.reshape(ones, (-1, 1))
    return Network.of(shape, [hidden, np.concatenate([weights, raised], axis=1)])


def resampled(problem: Problem, rng: np.random.Generator) -> Problem:
    """As many examples, drawn with replacement (bagging: Breiman, Machine Learning 24, 1996).

    Args:
        problem: the training examples.
        rng: of the draw.
    """
    # Of each label as many as there are.
    costs = np.zeros_like(problem.costs)
    for label in np.unique(problem.labels):
        rows = np.flatnonzero(problem.labels == label)
        # Examples that are equal are one row, and are drawn one by one all the same.
        unit = np.gcd.reduce(problem.costs[rows])
        shares = problem.costs[rows] / problem.costs[rows].sum()
        costs[rows] = rng.multinomial(problem.costs[rows].sum() // unit, shares) * unit
    kept = costs > 0
    return replace(problem, inputs=problem.inputs[kept], labels=problem.labels[kept], costs=costs[kept])
