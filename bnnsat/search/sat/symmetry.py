"""Symmetry breaking: of networks that do the same on all examples by an exchange, one is kept.

The normal forms below are made one after the other, each without undoing those before: the weights
within a neuron, then the neuron's sign, then the order of the neurons, layer by layer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from bnnsat.circuit.cnf import TRUE
from bnnsat.circuit.templates import Circuit
from bnnsat.shape import Shape
from bnnsat.types import Bits, Literals


def lexicographic(circuit: Circuit, a: Literals, b: Literals) -> None:
    """Require each row of a to be lexicographically at most the same row of b, shapes (rows, n).

    Crawford, Ginsberg, Luks, Roy, "Symmetry-breaking predicates for search problems", KR 1996: three clauses
    a bit, with one variable that is true where the rows agree so far.
    """
    cnf = circuit.cnf
    rows, n = a.shape
    equal = np.full(rows, TRUE, dtype=np.int32)
    for i in range(n):
        circuit.check()
        x, y = a[:, i], b[:, i]
        cnf.add(np.stack([-equal, -x, y], axis=1), repeats=True)
        if i < n - 1:
            still = cnf.fresh(rows)
            cnf.add(np.stack([-equal, -x, -y, still], axis=1), repeats=True)
            cnf.add(np.stack([-equal, x, y, still], axis=1), repeats=True)
            equal = still


def break_popcount(circuit: Circuit, shape: Shape, weights: Sequence[Literals], inputs: Bits) -> None:
    """Symmetries of a popcount network with weight variables `weights` (neurons, fan-in) per layer.

    - Inputs (rows, n) that are equal or opposite in all rows, one input that is read twice, and the constants: a
      neuron only counts how many of their weights agree, so these ascend.
    - A hidden neuron of odd fan-in and default threshold becomes its complement when all its weights
      flip, which the next layer's weights undo: its first weight is 0.
    - Hidden neurons of one layer with one threshold may be exchanged: their weights ascend.
    """
    for layer, matrix in enumerate(weights):
        rows, sources = matrix, shape.sources(layer)
        if layer == 0:
            seen = shape.read(0, inputs, True)
            rows = np.where(seen[0], -matrix, matrix)
            groups = _alike(seen)
        else:
            groups = [np.flatnonzero(sources == source).tolist() for source in np.unique(sources)]
        # Second readings after constants after first ones: so sorted, as many weights as can be are 0 of +1, 0 and -1.
        place = np.where(sources < 0, shape.sizes[layer] - 0.5, np.arange(len(sources)))
        for group in groups:
            for i, j in pairwise(sorted(group, key=place.__getitem__)):
                circuit.cnf.add(np.stack([-rows[:, i], rows[:, j]], axis=1))
        thresholds, n = set(shape.thresholds[layer]), len(sources)
        if layer < shape.layers - 1 and len(thresholds) == 1:
            if n % 2 and thresholds == {(n + 1) // 2}:
                # Of a neuron and its complement, one has a 0 among the weights of the first group, then in front.
                circuit.cnf.add(-rows[:, :1])
            lexicographic(circuit, rows[:-1], rows[1:])


def _alike(inputs: Bits) -> list[list[int]]:
    """Columns that are equal or opposite, in groups."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for column, bits in enumerate((inputs ^ inputs[0]).T):
        groups[bits.tobytes()].append(column)
    return list(groups.values())
