"""One popcount neuron to the optimum: branch and bound over examples and weights, many nodes at a time.

A node knows of some examples that they are right or that they are wrong, and of some weights what they are. Its
relaxation gives a bound; where that is no proof, the example that the relaxation misses most is made right in
one child and wrong in the other, and once no example is missed, the most undecided weight is split. The two
parities of the weights are the first branching of all (see `halfspace`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from bnnsat.search import threads
from bnnsat.search.found import Found
from bnnsat.search.halfspace.halfspace import Halfspace
from bnnsat.search.halfspace.relaxation import Relaxation
from bnnsat.types import Bits, Doubles, Floats, Integers

BATCH_NODES, PRODUCTS = 256, 1 << 22
"""Nodes looked at together, at most, and products of weights and rows."""
ROUND = 2
"""Batches for each thread before the caller may look at the clock: one would leave threads waiting for the last."""
MISSED = 1.0
"""By how much the relaxation has to miss an example that is worth a branching."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """Many nodes: `weights` (count, n) are -1, +1 or 0 for unknown, `rows` (count, rows) -1 for wrong, 1 for right.

    No value is below its `floors`. `prices` and `points` are where the relaxation of the parent ended.
    """

    parity: Integers
    weights: Floats
    rows: NDArray[np.int8]
    floors: Floats
    prices: Floats
    points: Floats

    def __len__(self) -> int:
        return len(self.parity)

    def __getitem__(self, which: slice | Bits | Integers) -> Nodes:
        return Nodes(*(getattr(self, part.name)[which] for part in fields(self)))

    def joined(self, other: Nodes) -> Nodes:
        """Both."""
        return Nodes(*(np.concatenate([getattr(nodes, p.name) for nodes in (self, other)]) for p in fields(self)))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What comes of nodes: the best neuron (n,) that their relaxations are rounded to, its errors, and the children."""

    rounded: Floats
    errors: int
    children: Nodes


def search(space: Halfspace, relaxation: Relaxation, most: int, fewest: int, jobs: int = 1) -> Iterator[Found | None]:
    """Ever better networks, with fewer than `fewest` errors, until one has at most `most` or all were looked at.

    So if `fewest` is more than `most`, and no network with at most `most` was among them, none exists. A None now and
    then gives the caller time to look at the clock; no thread, of which there are `jobs`, works meanwhile.
    """
    rows, n = space.signs.shape
    count = min(BATCH_NODES, max(8, PRODUCTS // max(1, rows * n)))
    stack = [_roots(space)]
    # Numpy lets go of Python's lock in the long operations.
    with threads.pool(jobs) as pool:
        while stack:
            yield None
            batches: list[Nodes] = []
            while stack and len(batches) < ROUND * jobs:
                batches.append(_taken(stack, count))
            looks = pool.map(lambda nodes: _look(space, relaxation, nodes, most), batches)
            # The last nodes were the most promising ones.
            for look in reversed([look for look in looks if look is not None]):
                if look.errors < fewest:
                    fewest = look.errors
                    yield space.network(look.rounded), fewest
                if look.errors <= most:
                    return
                stack.append(look.children)


def _taken(stack: list[Nodes], count: int) -> Nodes:
    """The last nodes of a stack, `count` at most."""
    nodes = stack.pop()
    while stack and len(nodes) < count:
        nodes = stack.pop().joined(nodes)
    if len(nodes) > count:
        # A copy: a slice would keep all of them in memory.
        stack.append(nodes[np.arange(len(nodes) - count)])
        nodes = nodes[-count:]
    return nodes


def _look(space: Halfspace, relaxation: Relaxation, nodes: Nodes, most: int) -> Evaluation | None:
    """None if no node can have at most `most` errors."""
    nodes, above = _bounded(space, relaxation, _settled(space, nodes, most), most)
    if not len(nodes):
        return None
    rounded = np.where(nodes.weights != 0, nodes.weights, np.where(nodes.points >= 0, np.float32(1), -1))
    errors = space.errors(rounded)
    best = int(errors.argmin())
    # That few errors are the end of the search, whatever the children are.
    children = nodes if errors[best] <= most else _children(space, nodes, above)
    return Evaluation(rounded[best], int(errors[best]), children)


def _roots(space: Halfspace) -> Nodes:
    rows, n = space.signs.shape
    nothing, unknown = np.zeros((2, rows), dtype=np.float32), np.zeros((2, n), dtype=np.float32)
    floors = np.tile(space.offsets - n, (2, 1))
    return Nodes(np.arange(2), unknown, np.zeros((2, rows), dtype=np.int8), floors, nothing, unknown)


def _settled(space: Halfspace, nodes: Nodes, most: int) -> Nodes:
    """The nodes that may have a network with at most `most` errors, with all that follows from what they know."""
    weights, possible = space.propagated(nodes.weights)
    values, reach = _values(space, weights)
    least = space.least[nodes.parity]
    floors = np.maximum(nodes.floors, values - reach)
    never: Bits = values + reach < least
    always: Bits = floors >= least
    possible &= ~((never & ((nodes.rows == 1) | always)) | (always & (nodes.rows == -1))).any(axis=1)
    rows = np.where(never, np.int8(-1), np.where(always, np.int8(1), nodes.rows))
    left = _left(space, rows, most)
    # What may not be wrong any more is right.
    rows[(rows == 0) & (space.costs > left[:, np.newaxis])] = 1
    return replace(nodes, weights=weights, rows=rows, floors=floors)[possible & (left >= 0)]


def _bounded(space: Halfspace, relaxation: Relaxation, nodes: Nodes, most: int) -> tuple[Nodes, Doubles]:
    """Settled nodes whose relaxation allows them, with the weights that it fixes, and how far it is above the limit."""
    values, reach = _values(space, nodes.weights)
    least, left = space.least[nodes.parity], _left(space, nodes.rows, most)
    free = (nodes.weights == 0).astype(np.float32)
    # What the fixed weights decide has no price; what is decided otherwise still holds the weights.
    undecided = (values + reach >= least) & (values - reach < least)
    soft = relaxation.highest(np.maximum(least - nodes.floors, 1))
    high = np.where(nodes.rows == 0, soft, np.where((nodes.rows == 1) & undecided, relaxation.hard, 0))
    low = np.where((nodes.rows == -1) & undecided, -relaxation.hard, 0)
    needs = np.where(nodes.rows == -1, least - 4, least) - values
    found = relaxation.bounds(needs, free, low, high, nodes.prices, nodes.points, left)
    # A weight that is not where its slope says costs twice the slope.
    fixed = (free > 0) & (found.values[:, np.newaxis] + 2 * np.abs(found.slopes) > left[:, np.newaxis])
    weights = np.where(fixed, np.sign(found.slopes).astype(np.float32), nodes.weights)
    hope = found.values <= left
    nodes = replace(nodes, weights=weights, prices=found.prices, points=found.points)
    return nodes[hope], (found.values - left)[hope]


def _values(space: Halfspace, weights: Floats) -> tuple[Floats, Floats]:
    """The middle of the values (count, rows) that weights allow, and how far they reach from it (count, 1)."""
    reach: Floats = (weights == 0).sum(axis=1, keepdims=True, dtype=np.float32)
    values: Floats = weights @ space.signs.T + space.offsets
    return values, reach


def _left(space: Halfspace, rows: NDArray[np.int8], most: int) -> Integers:
    left: Integers = most - space.paid - (rows == -1) @ space.costs
    return left


def _children(space: Halfspace, nodes: Nodes, above: Doubles) -> Nodes:
    """Both children of each node, those with the lowest bounds last; a node whose weights are all fixed stays one."""
    here = np.arange(len(nodes))
    values = nodes.points @ space.signs.T + space.offsets
    missed = np.where(nodes.rows == 0, space.least[nodes.parity] - values, 0)
    row = np.where(missed > MISSED, missed * nodes.prices, 0).argmax(axis=1)
    by_row = missed[here, row] > MISSED
    undecided = np.where(nodes.weights == 0, 2 - np.abs(nodes.points), 0)
    weight = undecided.argmax(axis=1)
    by_weight = ~by_row & (undecided[here, weight] > 0)
    split = by_row | by_weight
    right, wrong = (_child(space, nodes, row, weight, by_row, by_weight, side) for side in (1, -1))
    paid = above + np.where(by_row, space.costs[row], 0)
    order = np.argsort(-np.concatenate([above, paid[split]]), kind="stable")
    return right.joined(wrong[split])[order]


def _child(
    space: Halfspace, nodes: Nodes, row: Integers, weight: Integers, by_row: Bits, by_weight: Bits, side: int
) -> Nodes:
    here, there = np.flatnonzero(by_row), np.flatnonzero(by_weight)
    rows, floors, weights = nodes.rows.copy(), nodes.floors.copy(), nodes.weights.copy()
    rows[here, row[here]] = side
    floors[here] = np.maximum(floors[here], space.floors(nodes.parity[here], row[here], right=side == 1))
    weights[there, weight[there]] = side
    return replace(nodes, rows=rows, floors=floors, weights=weights)
