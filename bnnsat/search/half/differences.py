"""The trie of a problem's differences: which examples reach which pair of half-comparisons together.

A half-comparison is a decision list over pairs of inputs (see `lists`). Pair i fires on the examples whose
x_upper xor x_lower is not d_i, so those that pass it are one of two classes, and the examples that reach a pair
share all differences before it: a node of a binary trie. A list that has fired before a node has, on the node's
examples, one column of x_upper or the complement of one for its value, whatever it does to others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bnnsat.problem import Problem
from bnnsat.search.half.tries import pairs
from bnnsat.types import Bits, Integers


@dataclass(frozen=True, eq=False)
class Node:
    """The `rows` that share their differences at all pairs before `stop`; their parent shares those before `start`.

    The *status* of a list that has fired is the values it gives to the rows: 0 and 1 are the constants, 2i and
    2i + 1 the i-th other column, with value 0 and with value 1 for the first row. There are `count` of them, and
    `known` from pairs before `start`. A list that fires at pair p with w_upper = w has `statuses[p, w]`;
    `origins` are p and w of a list that has each status (without meaning for the constants).
    """

    rows: Integers
    start: int
    stop: int
    statuses: Integers
    origins: Integers
    known: int

    @property
    def count(self) -> int:
        """Statuses of lists that have fired before `stop`."""
        return len(self.origins)


@dataclass(frozen=True, eq=False)
class Trie:
    """Nodes, parents first. `children` (nodes, 2): those whose rows differ at `stop` by 0 and by 1; -1 for none.

    `differ` and `upper` (rows, pairs) are x_upper xor x_lower and x_upper.
    """

    nodes: tuple[Node, ...]
    children: Integers
    differ: Bits
    upper: Bits

    @classmethod
    def of(cls, problem: Problem, check: Callable[[], None] = lambda: None) -> Trie:
        """The trie of a problem with an even number of inputs. `check` is called between nodes."""
        differ, upper = pairs(problem.inputs)
        nodes: list[Node] = []
        children: list[list[int]] = []
        todo = [(np.arange(len(differ)), 0, -1, 0)]
        while todo:
            check()
            rows, start, parent, side = todo.pop()
            if parent >= 0:
                children[parent][side] = len(nodes)
            nodes.append(_node(differ[rows], upper[rows], rows, start))
            children.append([-1, -1])
            stop = nodes[-1].stop
            if stop < differ.shape[1]:
                last = differ[rows, stop]
                todo += [(rows[last == bool(side)], stop + 1, len(nodes) - 1, side) for side in (0, 1)]
        return cls(tuple(nodes), np.array(children, dtype=np.int64), differ, upper)

    def parts(self, node: Node) -> bool:
        """Whether a node's rows part at its `stop`; else they share all differences."""
        return bool(node.stop < self.differ.shape[1])

    def values(self, node: Node) -> Bits:
        """The values (count, rows) that lists of each status give to a node's rows."""
        pair, w = node.origins.T
        result: Bits = w[:, np.newaxis].astype(np.bool_) == self.upper[node.rows][:, pair].T
        result[:2] = [[False], [True]]
        return result


def _node(differ: Bits, upper: Bits, rows: Integers, start: int) -> Node:
    half = differ.shape[1]
    apart = np.flatnonzero((differ[:, start:] != differ[0, start:]).any(axis=0))
    stop = start + int(apart[0]) if len(apart) else half
    # Equal columns have equal keys, and so have complementary ones.
    keys = np.packbits((upper[:, :stop] ^ upper[0, :stop]).T, axis=1)
    places = {bytes(keys.shape[1]): 0}
    columns = np.array([places.setdefault(key.tobytes(), len(places)) for key in keys], dtype=np.int64)
    # xnor(x, w): with the first row's x the value for the first row, which is the status' last bit.
    statuses = 2 * columns[:, np.newaxis] + (upper[0, :stop, np.newaxis] == np.array([False, True]))
    origins = np.zeros((2 * len(places), 2), dtype=np.int64)
    for w in (0, 1):
        origins[statuses[:, w]] = np.stack([np.arange(stop), np.full(stop, w)], axis=1)
    known = 2 * (int(columns[:start].max(initial=0)) + 1)
    return Node(rows, start, stop, statuses, origins, known)
