"""The network that has the fewest errors, from the tensors of the dynamic programming: from the root to the leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.half import lists
from bnnsat.search.half.differences import Trie
from bnnsat.search.half.dynamic import Fewest, before, leaf_errors, sides
from bnnsat.search.half.statuses import Pairs, least_at, places
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

Lists = tuple[Bits, Bits, Bits]
"""Of each list where it differs and its values, (lists, pairs) each, and its default bit, (lists,)."""


def best_network(problem: Problem, shape: Shape, fewest: Fewest) -> Network:
    """A network with as many errors as `fewest` says."""
    tensors, nodes = fewest.tensors, fewest.trie.nodes
    made = traced(
        fewest.trie,
        shape.sizes[1],
        lambda place, statuses: _after(problem, fewest, place, statuses),
        lambda child, options: _choice(tensors[child], options, nodes[child].known + 1),
    )
    return lists.network(shape, *made)


def traced(
    trie: Trie,
    count: int,
    after: Callable[[int, list[int]], list[int]],
    choice: Callable[[int, Sequence[Sequence[int]]], list[int]],
) -> Lists:
    """The lists that have the fewest errors: from the root, where all are open, to the leaves.

    `after` says what becomes of lists with some statuses before a node at the end of its pairs, and `choice` which of
    their options lists take at a child, both where the errors are fewest.
    """
    half = trie.differ.shape[1]
    differs, values = np.zeros((2, count, half), dtype=np.bool_)
    defaults = np.zeros(count, dtype=np.bool_)
    todo = [(0, [trie.nodes[0].known] * count)]
    while todo:
        place, statuses = todo.pop()
        node = trie.nodes[place]
        opened = [each for each, status in enumerate(statuses) if status == node.known]
        if not opened:
            continue
        then = after(place, statuses)
        # To pass a pair is to differ as the rows do.
        differs[opened, node.start : node.stop] = trie.differ[node.rows[0], node.start : node.stop]
        for each in opened:
            fires = np.argwhere(node.statuses[node.start :] == then[each])
            if len(fires):
                pair, w = fires[0] + (node.start, 0)
                differs[each, pair] ^= True
                values[each, pair] = w
            elif not trie.parts(node):
                defaults[each] = then[each]
        for side, (child, options) in enumerate(sides(trie, place) if trie.parts(node) else ()):
            lower = trie.nodes[child]
            there = choice(child, [options[status] for status in then])
            todo.append((child, there))
            for each in opened:
                # A list that goes on with the other rows fires on these.
                if then[each] == node.count + (1 - side):
                    differs[each, node.stop] = not side
                    values[each, node.stop] = lower.statuses[node.stop, 1] == there[each]
    return differs, values, defaults


def _after(problem: Problem, fewest: Fewest, place: int, statuses: Sequence[int]) -> list[int]:
    """What becomes of lists with some statuses before a node, at the end of its pairs, where the errors are fewest."""
    trie = fewest.trie
    node = trie.nodes[place]
    options = before(trie, node)
    wanted = _pairs([options[status] for status in statuses])
    if trie.parts(node):
        left, right = (
            least_at(fewest.tensors[child], there, trie.nodes[child].known + 1, wanted)
            for child, there in sides(trie, place)
        )
        errors = left + right
    else:
        errors = leaf_errors(problem, trie, node, len(wanted))
        errors = errors[np.ix_(*([places(node.count)[pair] for pair in pairs] for pairs in wanted))]
    return _pick(errors, wanted)


def _choice(tensor: Integers, options: Sequence[Sequence[int]], count: int) -> list[int]:
    """For each list the status among its options at which a tensor over `count` statuses is least."""
    wanted = _pairs(options)
    return _pick(tensor[np.ix_(*([places(count)[pair] for pair in pairs] for pairs in wanted))], wanted)


def _pairs(options: Sequence[Sequence[int]]) -> list[Pairs]:
    """For each pair of lists what both may be."""
    half = len(options) // 2
    return [tuple(product(options[k], options[half + k])) for k in range(half)]


def _pick(errors: Integers, wanted: Sequence[Pairs]) -> list[int]:
    best = np.unravel_index(int(errors.argmin()), errors.shape)
    chosen = [pairs[int(place)] for pairs, place in zip(wanted, best, strict=True)]
    return [p for p, _ in chosen] + [q for _, q in chosen]
