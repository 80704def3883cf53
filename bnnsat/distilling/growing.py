"""The tree of a depth with the fewest errors, exactly: all first tests, and below them pairs of tests by counting.

How many examples of a label have two inputs at 1 is a matrix product, from which all trees of depth 2 are judged at
once (Demirovic et al., "MurTree: optimal decision trees via dynamic programming and search", JMLR 23, 2022).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bnnsat.distilling.tree import Tree
from bnnsat.types import Bits, Floats, Integers


def grown(
    inputs: Bits, labels: Integers, depth: int, check: Callable[[], None], most: int | None = None
) -> tuple[Tree, int]:
    """A best tree, and its errors; where all have more than `most`, one of these.

    Args:
        inputs: (examples, n) bits.
        labels: (examples,) of 0 and 1.
        depth: tests on its longest path, from 1.
        check: raises TimeoutError once there is no time left.
        most: errors that are of interest; None for any.
    """
    features = np.ascontiguousarray(inputs, dtype=np.float32)
    tree, errors = _grown(features, np.asarray(labels) == 1, depth, check, len(labels) if most is None else most)
    return tree.settled(), errors


def _grown(inputs: Floats, ones: Bits, depth: int, check: Callable[[], None], most: int) -> tuple[Tree, int]:
    check()
    zeros = int(len(ones) - ones.sum())
    best = Tree(int(2 * zeros < len(ones))), min(zeros, len(ones) - zeros)
    if not best[1] or depth == 0:
        return best
    if depth <= 2:
        found = _pairs(inputs, ones, depth)
        return found if found[1] < best[1] else best
    for feature in range(inputs.shape[1]):
        there = inputs[:, feature] > 0
        if there.all() or not there.any():
            continue
        # A tree is of interest only if it is better than the best one, and has at most so many errors.
        limit = min(most, best[1] - 1)
        one, missed = _grown(inputs[there], ones[there], depth - 1, check, limit)
        if missed > limit:
            continue
        zero, also = _grown(inputs[~there], ones[~there], depth - 1, check, limit - missed)
        if missed + also < best[1]:
            best = Tree.test(feature, zero, one), missed + also
            if not best[1]:
                break
    return best


def _pairs(inputs: Floats, ones: Bits, depth: int) -> tuple[Tree, int]:
    """A best tree of depth 1 or 2."""
    # (labels, n): examples of the label whose input is 1; and all of them.
    parts = inputs[~ones], inputs[ones]
    every = np.array([len(part) for part in parts], dtype=np.float64)
    single = np.stack([part.sum(axis=0, dtype=np.float64) for part in parts])
    if depth == 1:
        errors = np.minimum(*single) + np.minimum(*(every[:, np.newaxis] - single))
        feature = int(np.argmin(errors))
        zero, one = (Tree(int(count[0] < count[1])) for count in (every - single[:, feature], single[:, feature]))
        return Tree.test(feature, zero, one), int(errors[feature])
    # (labels, n, n): examples of the label whose inputs i and j are 1.
    both = np.stack([(part.T @ part).astype(np.float64) for part in parts])
    # Where input i is 1, and where it is 0, by input j.
    first = single[:, :, np.newaxis]
    second = single[:, np.newaxis]
    cells = {
        (1, 1): both,
        (1, 0): first - both,
        (0, 1): second - both,
        (0, 0): every[:, np.newaxis, np.newaxis] - first - second + both,
    }
    sides = [np.minimum(*cells[side, 0]) + np.minimum(*cells[side, 1]) for side in (0, 1)]
    below = [side.argmin(axis=1) for side in sides]
    errors = sum(side.min(axis=1) for side in sides)
    root = int(np.argmin(errors))
    branches = []
    for side in (0, 1):
        feature = int(below[side][root])
        counts = [cells[side, value][:, root, feature] for value in (0, 1)]
        branches.append(Tree.test(feature, *(Tree(int(count[0] < count[1])) for count in counts)))
    return Tree.test(root, *branches), int(np.asarray(errors)[root])
