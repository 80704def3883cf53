"""What a half-comparison's first layer can tell apart: examples in a trie of their pairs of inputs.

A half-comparison reads pair after pair (input i of the upper half with input i of the lower) and is
done at the first where it *fires*: where w_upper xor w_lower differs from x_upper xor x_lower. Examples
that agree on a prefix of pairs look the same to every neuron that fires within it.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bnnsat.circuit import gates
from bnnsat.circuit.cnf import TRUE
from bnnsat.circuit.counters import ErrorCounter
from bnnsat.circuit.templates import Circuit
from bnnsat.problem import Problem
from bnnsat.types import Bits, Literals


@dataclass(frozen=True)
class Group:
    """Examples that agree on the first `depth` pairs: node of the plan, one row, cost of each label."""

    node: int
    row: int
    depth: int
    zeros: int
    ones: int


def pairs(inputs: Bits) -> tuple[Bits, Bits]:
    """x_upper xor x_lower and x_upper of inputs (rows, n): two arrays (rows, n // 2)."""
    half = inputs.shape[1] // 2
    return inputs[:, :half] ^ inputs[:, half:], inputs[:, :half]


def plan(problem: Problem) -> tuple[list[tuple[int, int]], list[Group]]:
    """A counter's plan along the trie of the rows, narrow subtrees first, and the groups with both labels."""
    differ, upper = pairs(problem.inputs)
    codes = 2 * differ.astype(np.int8) + upper
    order = np.lexsort(codes.T[::-1])
    rows = len(order)
    # Spans order[low:high], on how many pairs they agree, and the span they are part of; wholes before parts.
    spans: list[tuple[int, int, int, int]] = []
    todo = [(0, rows, 0, -1)] if rows else []
    while todo:
        low, high, start, whole = todo.pop()
        first, last = codes[order[low]], codes[order[high - 1]]
        apart = np.flatnonzero(first[start:] != last[start:])
        depth = start + int(apart[0]) if len(apart) else codes.shape[1]
        if depth < codes.shape[1]:
            cuts = np.flatnonzero(np.diff(codes[order[low:high], depth])) + 1
            edges = [low, *(low + int(cut) for cut in cuts), high]
            todo += [(a, b, depth + 1, len(spans)) for a, b in pairwise(edges)]
        spans.append((low, high, depth, whole))
    merges: list[tuple[int, int]] = []
    groups: list[Group] = []
    parts: list[list[tuple[int, int]]] = [[] for _ in spans]
    for place in reversed(range(len(spans))):
        low, high, depth, whole = spans[place]
        members = order[low:high]
        # Widths and nodes of the parts; equal rows have none but themselves.
        heap = parts[place] or [(int(problem.costs[row]), int(row)) for row in members]
        heapq.heapify(heap)
        while len(heap) > 1:
            (a, left), (b, right) = heapq.heappop(heap), heapq.heappop(heap)
            merges.append((left, right))
            heapq.heappush(heap, (a + b, rows + len(merges) - 1))
        if whole >= 0:
            parts[whole].append(heap[0])
        costs, labels = problem.costs[members], problem.labels[members]
        zeros, ones = int(costs[labels == 0].sum()), int(costs[labels == 1].sum())
        if zeros and ones:
            groups.append(Group(heap[0][1], int(order[low]), depth, zeros, ones))
    return merges, groups


def add_group_clauses(
    circuit: Circuit, counter: ErrorCounter, problem: Problem, groups: Sequence[Group], differs: Literals
) -> None:
    """Implied clauses on a counter that follows the `plan` of these groups, for first-layer neurons whose
    w_upper xor w_lower is `differs` (neurons, pairs):

    where every neuron has fired within a group's prefix, the network says the same of all its examples,
    so at least min(zeros, ones) of them are wrong; where the prefix is everything, always.
    """
    if not groups:
        return
    differ, _ = pairs(problem.inputs)
    depth = np.array([group.depth for group in groups])
    kept = differ[[group.row for group in groups]]
    silent = np.full((len(groups), len(differs)), TRUE, dtype=np.int32)
    for i in range(int(depth.max())):
        deep = np.flatnonzero(depth > i)
        agrees = np.where(kept[deep, i][:, np.newaxis], differs[np.newaxis, :, i], -differs[np.newaxis, :, i])
        silent[deep] = gates.conj(circuit, silent[deep], agrees)
    counts = np.array([_digit(counter, group, min(group.zeros, group.ones)) for group in groups], dtype=np.int32)
    whole = depth == differ.shape[1]
    circuit.cnf.add(counts[whole][:, np.newaxis])
    circuit.cnf.add(np.concatenate([silent, counts[:, np.newaxis]], axis=1)[~whole], repeats=True)


def _digit(counter: ErrorCounter, group: Group, k: int) -> int:
    """The literal "at least k errors among the group's examples", saturated like the counter."""
    digits = counter.nodes[group.node]
    return int(digits[min(k, len(digits)) - 1])
