"""Half-comparison networks n-m-1 to the optimum by dynamic programming over the trie of differences.

A list passes a pair with one of the two classes of examples that reach it, and from then on matters to these alone:
to the others it has given its value. So at a node of the trie (see `differences`) the fewest errors on its examples
depend on nothing but each list's status there: a value that it has given already, or *open*. Where the examples part,
each open list goes on with one class and fires on the other, and the two classes are independent of each other:

    fewest(node, statuses) = min over who goes where of  min over values fewest(left) + min over values fewest(right)

The number of statuses is small (an early pair is nearly constant on the examples that share many differences), so
this is one tensor for each node, and its cost a polynomial in the examples for a given number of lists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bnnsat.problem import Problem
from bnnsat.search.half import lists
from bnnsat.search.half.differences import Node, Trie
from bnnsat.search.half.statuses import Options, least, outputs, size
from bnnsat.shape import Shape
from bnnsat.types import Integers


def fits(shape: Shape) -> bool:
    """Whether a shape is a half-comparison network with one hidden layer."""
    return lists.fits(shape) and shape.layers == 2


def states(trie: Trie, shape: Shape) -> int:
    """How many combinations of statuses there are."""
    # Where examples part, an open list counts twice: it goes one way or the other.
    return sum(size(node.count + 2 * trie.parts(node)) ** axes(shape) for node in trie.nodes)


def work(trie: Trie, shape: Shape) -> int:
    """How many combinations of statuses are looked at, some 20 to 30 million a second: those of leaves by each row."""
    leaves = (node for node in trie.nodes if not trie.parts(node))
    return states(trie, shape) + sum(int(size(node.count) ** axes(shape)) * (len(node.rows) - 1) for node in leaves)


def kind(problem: Problem) -> np.dtype[np.unsignedinteger]:
    """The least type that holds all errors: the tensors are as large as memory allows."""
    return np.min_scalar_type(int(problem.costs.sum()))


def memory(problem: Problem, trie: Trie, shape: Shape) -> int:
    """The bytes of all states, and of the largest tensor four times, by which it is made."""
    largest = max(size(node.count + 2 * trie.parts(node)) for node in trie.nodes) ** axes(shape)
    return int((states(trie, shape) + 4 * largest) * kind(problem).itemsize)


@dataclass(frozen=True, eq=False)
class Fewest:
    """`tensors[i]` are the fewest errors on the rows of node i, for the statuses of lists before it and open ones.

    Among the statuses are both constants, whether a list can give them or not.
    """

    trie: Trie
    tensors: tuple[Integers, ...]

    @property
    def errors(self) -> int:
        """The fewest errors on all rows: at the root all lists are open."""
        return int(self.tensors[0].flat[-1])


def fewest(
    problem: Problem,
    shape: Shape,
    trie: Trie,
    check: Callable[[], None] = lambda: None,
    bound: Callable[[int], object] = lambda errors: None,
) -> Fewest:
    """From the leaves to the root. Raises ValueError for shapes that do not fit.

    `check` is called every now and then, and `bound` with errors that no network avoids, at last with the fewest:
    the sum, over nodes that have no example in common, of the least at any statuses.
    """
    if not fits(shape):
        raise ValueError(f"{shape.topology} is no half-comparison network with one hidden layer")
    tensors: list[Integers] = [np.empty(0, dtype=np.int64)] * len(trie.nodes)
    leasts, total = [0] * len(trie.nodes), 0
    for place in reversed(range(len(trie.nodes))):
        node = trie.nodes[place]
        if trie.parts(node):
            left, right = (
                least(tensors[child], options, trie.nodes[child].known + 1, check)
                for child, options in sides(trie, place)
            )
            after = left + right
            total -= sum(leasts[child] for child in trie.children[place])
        else:
            after = leaf_errors(problem, trie, node, axes(shape), check)
        tensors[place] = least(after, before(trie, node), node.count + 2 * trie.parts(node), check)
        leasts[place] = int(tensors[place].min())
        total += leasts[place]
        bound(total)
    result = Fewest(trie, tuple(tensors))
    # Statuses that no list has may have had fewer errors.
    bound(result.errors)
    return result


def axes(shape: Shape) -> int:
    """The pairs of lists."""
    return shape.sizes[1] // 2


def leaf_errors(
    problem: Problem, trie: Trie, leaf: Node, axes: int, check: Callable[[], None] = lambda: None
) -> Integers:
    """The errors on rows that nothing parts, for all statuses of lists that have fired."""
    number = kind(problem).type
    result = np.zeros((size(leaf.count),) * axes, dtype=number)
    values, group = np.unique(trie.values(leaf), axis=1, return_inverse=True)
    costs, ones = problem.costs[leaf.rows], problem.labels[leaf.rows] == 1
    for place in range(values.shape[1]):
        check()
        here = group.reshape(-1) == place
        output = outputs(tuple(values[:, place].tolist()), axes)
        result += np.where(output, number(costs[here & ~ones].sum()), number(costs[here & ones].sum()))
    return result


def sides(trie: Trie, place: int) -> list[tuple[int, Options]]:
    """The children, each with the statuses there of lists that have fired, that go left, and that go right."""
    node, result = trie.nodes[place], []
    for side, index in enumerate(trie.children[place].tolist()):
        child = trie.nodes[index]
        fired = child.statuses[tuple(node.origins.T)]
        # The constants stay constants; they have no origin.
        fired[:2] = [0, 1]
        here: list[tuple[int, ...]] = [(child.known,), tuple(sorted(child.statuses[node.stop].tolist()))]
        result.append((index, (*((status,) for status in fired.tolist()), *(here if side == 0 else here[::-1]))))
    return result


def before(trie: Trie, node: Node) -> Options:
    """The statuses, once a node is passed, of lists that had fired before it and of open ones."""
    # At the end there is the default bit.
    later = {node.count, node.count + 1} if trie.parts(node) else {0, 1}
    later.update(node.statuses[node.start :].ravel().tolist())
    return (*((status,) for status in range(node.known)), tuple(sorted(later)))
