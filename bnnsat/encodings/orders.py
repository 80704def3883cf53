"""Orders in which a count takes its literals; for known inputs they decide how much examples share.

The order can matter more than the encoding (Reeves, Filipe, Hsu, Martins, Heule, "The impact of literal
sorting on cardinality constraint encodings", AAAI 2025).
"""

from __future__ import annotations

import numpy as np

from bnnsat.errors import InputError
from bnnsat.problem import Problem
from bnnsat.shape import Shape
from bnnsat.types import Integers

LITERAL_ORDERS = ("given", "cluster", "correlation")


def literal_permutation(problem: Problem, name: str) -> Integers | None:
    """A permutation of the inputs, (n,); None for given.

    Args:
        problem: the examples.
        name: given; cluster, similar columns side by side; correlation, those first that say most of the label.

    Raises:
        InputError: it is another name.
    """
    if name not in LITERAL_ORDERS:
        raise InputError(f"unknown literal order {name!r}; there are {', '.join(LITERAL_ORDERS)}")
    if name == "given":
        return None
    columns = np.repeat(problem.inputs, problem.costs, axis=0) - 0.5
    if name == "correlation":
        labels = np.repeat(problem.labels, problem.costs)
        spread = np.array([[columns[labels == label].mean(axis=0)] for label in np.unique(labels)]).std(axis=0)[0]
        return np.argsort(-np.round(spread, 9), kind="stable")
    # Equal and complementary columns are alike: a count's gates are shared up to sign.
    likeness = np.abs(columns.T @ columns)
    np.fill_diagonal(likeness, -1)
    order = [int(np.argmax(likeness.max(axis=1)))]
    left = np.ones(len(likeness), dtype=np.bool_)
    left[order[0]] = False
    while left.any():
        following = int(np.argmax(np.where(left, likeness[order[-1]], -2)))
        order.append(following)
        left[following] = False
    return np.array(order, dtype=np.int64)


def reading_order(problem: Problem, shape: Shape, name: str) -> Integers | None:
    """The order in which the first layer's counts take what they read, (fan-in,); None for given.

    Inputs that are read twice stand side by side, constants last.

    Args:
        problem: the examples.
        shape: of the network.
        name: of the order.

    Raises:
        InputError: it is another name.
    """
    order = literal_permutation(problem, name)
    if order is None:
        return None
    n, fan_in = shape.sizes[0], shape.matrices[0][1]
    twice = (order[:, np.newaxis] + n * np.arange(shape.repeat)).reshape(-1)
    return np.concatenate([twice, np.arange(n * shape.repeat, fan_in)])
