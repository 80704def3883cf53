"""Every neuron as the set of examples it gets wrong: small popcount networks by enumeration.

With up to some twenty inputs all 2^n neurons can be written down as bit masks over the examples. The
output's weights over m hidden neurons are absorbed by taking neurons and their complements, so a
network n-m-1 is m *voters*, of which at least T have to say 1. With one voter the best is the
least of the table; with three and T = 2 see `triples`; two voters are three with a constant one, which
gets all examples with one of the labels wrong, so that few voters go with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.found import Found
from bnnsat.search.tables import triples, voters
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

MOST_VOTERS = 1 << 17
"""Voters, at most, that are paired: as many as 16 inputs have."""


class TooManyError(Exception):
    """More voters are left than can be paired."""


def fits(shape: Shape, examples: int) -> bool:
    """Whether a shape is n-1, n-1-1, n-2-1 or n-3-1 of popcounts, and small enough for its table to beat a solver."""
    if shape.activation != "popcount" or shape.head != "bit" or shape.layers > 2 or len(set(shape.thresholds[0])) > 1:
        return False
    # Errors are counted in single precision, which is exact below 2^24.
    if not shape.reads_once or examples >= 1 << 24:
        return False
    n, count = shape.sizes[0], _voters(shape)
    if count == 1:
        return n <= 22 and examples << n <= 1 << 33 and (shape.layers == 1 or shape.thresholds[1] == (1,))
    if count == 2:
        return shape.thresholds[1][0] in (1, 2) and n <= 22 and examples <= 2000
    return count == 3 and shape.thresholds[1][0] == 2 and n <= 16 and examples <= 1000


def enumerate_networks(problem: Problem, shape: Shape, errors: int, jobs: int = 1) -> Iterator[Found | None]:
    """Ever better networks, with fewer than `errors` errors; nothing better exists once this ends.

    A None now and then gives the caller time to look at the clock; `jobs` threads are used. Raises
    ValueError for shapes that do not fit, and TooManyError where too many voters are left.
    """
    if not fits(shape, problem.total_cost):
        raise ValueError(f"no tables for {shape.topology}")
    count = _voters(shape)
    if count == 1:
        yield from _singles(problem, shape, errors)
        return
    n, threshold = shape.sizes[0], shape.thresholds[0][0]
    if count == 2:
        # Two of which one has to say 1 are three with a third that always does; with both, that never does.
        label, blocks, left = shape.thresholds[1][0] - 1, [], 0
        for block in voters.sharing(problem, n, threshold, label, errors):
            blocks.append(block)
            left += len(block[1])
            if left > MOST_VOTERS:
                raise TooManyError
            yield None
        if not left:
            return
        masks, codes = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        table = voters.Table.listed(masks, codes, n, problem.total_cost)
        third = np.repeat(problem.labels, problem.costs) == label
        found = triples.pairs(table, problem.costs, third, errors)
    else:
        table = voters.Table.of(problem, n, threshold)
        yield None
        found = triples.triples(table, problem.costs, errors, jobs)
    for places in found:
        if places is None:
            yield None
        else:
            yield _network(shape, table.codes[places[0]], table.complemented[places[0]]), places[1]


def _voters(shape: Shape) -> int:
    return shape.sizes[1] if shape.layers == 2 else 1


def _singles(problem: Problem, shape: Shape, errors: int) -> Iterator[Found | None]:
    """Single neurons, and their complements where a second layer of one neuron can make them."""
    costs = problem.costs.astype(np.float32)
    for codes, outputs in voters.outputs(problem, shape.sizes[0], shape.thresholds[0][0]):
        wrong = (outputs != (problem.labels == 1)).astype(np.float32) @ costs
        for complemented in (False, True)[: shape.layers]:
            counts = problem.total_cost - wrong if complemented else wrong
            best = int(np.argmin(counts))
            if counts[best] < errors:
                errors = int(counts[best])
                yield _network(shape, codes[[best]], np.array([complemented])), errors
        yield None


def _network(shape: Shape, codes: Integers, complemented: Bits) -> Network:
    return Network.of(shape, [voters.bits(codes, shape.sizes[0]), [~complemented]][: shape.layers])
