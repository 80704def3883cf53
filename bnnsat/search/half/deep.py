"""Half-comparison networks n-m-k-1 to the optimum: the dynamic programming of `dynamic` for each function of m bits.

What the last two layers can make of the first one's bits are few functions (see `rests`), and even fewer but for
exchanging and complementing inputs, which the lists of the first layer can do as well: they are all alike, and a list
complemented is a list. So a tensor has an axis for each list, and one for the functions that are tried at once. The
complement of a neuron has default bit 1; which it was is undone in the weights that read it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.half.differences import Trie
from bnnsat.search.half.dynamic import before, kind, sides
from bnnsat.search.half.rests import Rests
from bnnsat.search.half.statuses import Options
from bnnsat.search.half.traceback import traced
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

MOST_NUMBERS = 1 << 22
"""Of the largest tensor: so many functions are tried at once."""


def states(trie: Trie, shape: Shape) -> int:
    """How many combinations of statuses there are for one function."""
    return sum((node.count + 2 * trie.parts(node)) ** shape.sizes[1] for node in trie.nodes)


@dataclass(frozen=True, eq=False)
class Deep:
    """The fewest errors, and the function that has them.

    Attributes:
        errors: no network makes fewer.
        table: (2^m,) values of that function.
    """

    errors: int
    table: Bits


def fewest(problem: Problem, trie: Trie, rests: Rests, check: Callable[[], None] = lambda: None) -> Deep:
    """The fewest errors over all functions. `check` is called every now and then."""
    m = rests.shape.sizes[1]
    largest = max(node.count + 2 * trie.parts(node) for node in trie.nodes) ** m
    step = max(1, MOST_NUMBERS // largest)
    best: Deep | None = None
    tables = rests.tables[rests.classes]
    for start in range(0, len(tables), step):
        part = tables[start : start + step]
        errors = _tensors(problem, trie, part, m, check)[0].reshape(len(part), -1)[:, -1]
        place = int(errors.argmin())
        if best is None or errors[place] < best.errors:
            best = Deep(int(errors[place]), part[place])
        if best.errors == problem.lower_bound:
            break
    assert best is not None
    return best


def network(problem: Problem, trie: Trie, rests: Rests, found: Deep) -> Network:
    """A network with so few errors."""
    shape: Shape = rests.shape
    m = shape.sizes[1]
    tensors = _tensors(problem, trie, found.table[np.newaxis], m, lambda: None)

    def after(place: int, statuses: list[int]) -> list[int]:
        options = before(trie, trie.nodes[place])
        return _best(_after(problem, trie, tensors, found.table, place, m), [options[status] for status in statuses])

    differs, values, defaults = traced(trie, m, after, lambda child, options: _best(tensors[child][0], options))
    # A list with default 1 is the complement of a neuron; whoever reads that turns it back.
    values ^= defaults[:, np.newaxis]
    moved = (np.array(list(product((0, 1), repeat=m))) ^ defaults) @ (1 << np.arange(m)[::-1])
    return Network.of(shape, [np.concatenate([values, values ^ differs], axis=1), *rests.matrices(found.table[moved])])


def _tensors(problem: Problem, trie: Trie, tables: Bits, m: int, check: Callable[[], None]) -> list[Integers]:
    """For each node (functions, statuses, ...): the fewest errors on its rows, by statuses before it and open lists."""
    made: list[Integers] = [np.empty(0, dtype=np.int64)] * len(trie.nodes)
    for place in reversed(range(len(trie.nodes))):
        check()
        node = trie.nodes[place]
        if trie.parts(node):
            left, right = (_least(made[child], options) for child, options in sides(trie, place))
            after = left + right
        else:
            after = _leaf(problem, trie, tables, place, m)
        made[place] = _least(after, before(trie, node))
    return made


def _after(problem: Problem, trie: Trie, tensors: Sequence[Integers], table: Bits, place: int, m: int) -> Integers:
    """The errors for statuses at the end of a node's pairs, of one function."""
    if not trie.parts(trie.nodes[place]):
        leaf: Integers = _leaf(problem, trie, table[np.newaxis], place, m)[0]
        return leaf
    left, right = (_least(tensors[child], options) for child, options in sides(trie, place))
    both: Integers = left[0] + right[0]
    return both


def _leaf(problem: Problem, trie: Trie, tables: Bits, place: int, m: int) -> Integers:
    """The errors on rows that nothing parts, for all statuses of lists that have fired."""
    leaf, number = trie.nodes[place], kind(problem).type
    functions = tables.reshape(-1, *(2,) * m)
    result = np.zeros((len(tables), *(leaf.count,) * m), dtype=number)
    values, group = np.unique(trie.values(leaf), axis=1, return_inverse=True)
    costs, ones = problem.costs[leaf.rows], problem.labels[leaf.rows] == 1
    for column in range(values.shape[1]):
        here = group.reshape(-1) == column
        bits = values[:, column].astype(np.int64)
        output = functions[np.ix_(np.arange(len(tables)), *(bits,) * m)]
        result += np.where(output, number(costs[here & ~ones].sum()), number(costs[here & ones].sum()))
    return result


def _least(tensor: Integers, options: Options) -> Integers:
    """The tensor over new statuses, for each list the least over its options, axis after axis."""
    wanted, offsets = _choices(options)
    for axis in range(1, tensor.ndim):
        tensor = tensor.take(wanted, axis=axis)
        if len(offsets) < len(wanted):
            tensor = np.minimum.reduceat(tensor, offsets, axis=axis)
    return tensor


@lru_cache(maxsize=4096)
def _choices(options: Options) -> tuple[Integers, Integers]:
    """The old statuses of all new ones, one after the other, and where those of each begin."""
    return np.concatenate([np.array(some) for some in options]), np.cumsum([0, *map(len, options)])[:-1]


def _best(tensor: Integers, options: Sequence[Sequence[int]]) -> list[int]:
    """For each list the status among its options at which the errors are fewest."""
    part = tensor[np.ix_(*options)]
    best = np.unravel_index(int(part.argmin()), part.shape)
    return [int(some[int(place)]) for some, place in zip(options, best, strict=True)]
