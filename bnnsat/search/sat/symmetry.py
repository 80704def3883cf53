"""Symmetry breaking: of networks that make as many errors by an exchange, one is kept.

It is the one whose weights, neuron by neuron and layer by layer, are the first in lexicographic order: so it is at most
what any exchange makes of it. Some of these conditions are written down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from bnnsat.circuit.cnf import TRUE
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import usable
from bnnsat.encodings.defaults import encoding_for
from bnnsat.problem import Problem
from bnnsat.questions.formula import reading
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.normal import normal
from bnnsat.shape import Shape
from bnnsat.types import Bits, Literals

HALF = "half"
"""The kind of encodings that compare."""


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


def break_popcount(circuit: Circuit, shape: Shape, weights: Sequence[Literals], problem: Problem) -> None:
    """Symmetries of a popcount network with weight variables `weights` (neurons, fan-in) per layer.

    - Inputs that are equal or opposite in all rows, one input that is read twice, and the constants: a
      neuron only counts how many of their weights agree, so these ascend.
    - A hidden neuron of odd fan-in and default threshold becomes its complement when all its weights
      flip, which the next layer's weights undo: its first weight is 0.
    - Hidden neurons of one layer with one threshold may be exchanged: their weights ascend.
    - Inputs that the examples do not tell apart may be exchanged, with all weights that read them: these ascend.
    - Of inputs that may be inverted together, so that their weights are, the first one's first weight is 0.
    """
    for layer, matrix in enumerate(weights):
        rows, sources = matrix, shape.sources(layer)
        if layer == 0:
            seen = shape.read(0, problem.inputs, True)
            rows = np.where(seen[0], -matrix, matrix)
            groups = _alike(seen)
        else:
            groups = [np.flatnonzero(sources == source).tolist() for source in np.unique(sources)]
        # Second readings after constants after first ones: so sorted, as many weights as can be are 0 of +1, 0 and -1.
        place = np.where(sources < 0, shape.sizes[layer] - 0.5, np.arange(len(sources)))
        order = np.argsort(place, kind="stable")
        for group in groups:
            for i, j in pairwise(sorted(group, key=place.__getitem__)):
                circuit.cnf.add(np.stack([-rows[:, i], rows[:, j]], axis=1))
        thresholds, n = set(shape.thresholds[layer]), len(sources)
        if layer < shape.layers - 1 and len(thresholds) == 1:
            if n % 2 and thresholds == {(n + 1) // 2}:
                # Of a neuron and its complement, one has a 0 among the weights of the first group, then in front.
                circuit.cnf.add(-rows[:, :1])
            lexicographic(circuit, rows[:-1, order], rows[1:, order])
        if layer == 0:
            # The same sign for what changes places: as it is for the input that is first.
            signs = np.where(seen[0], -1, 1).astype(np.int32)
            equal = {column: group[0] for group in groups for column in group}
            pairs = [(i, j) for i, j in problem.exchanges if equal[i] != equal[j]]
            for i, j in pairs:
                here, there = (np.arange(k, shape.repeat * shape.sizes[0], shape.sizes[0]) for k in (i, j))
                first, second = signs[here] * matrix[:, here], signs[here] * matrix[:, there]
                lexicographic(circuit, first.reshape(1, -1), second.reshape(1, -1))
            circuit.cnf.add(np.array([[-rows[0, i]] for i, _ in problem.inversions], dtype=np.int32).reshape(-1, 1))


def break_integers(question: IntegersQuestion, circuit: Circuit, holes: dict[str, Literals]) -> None:
    """Symmetries of a network of whole numbers: those of `questions.normal`.

    Args:
        question: of training.
        circuit: where the clauses go.
        holes: literals of its weights, by name.
    """
    algebra = reading(question, circuit, [usable(encoding_for(HALF), HALF)])
    circuit.cnf.add(normal(question, algebra, holes).reshape(-1, 1))


def _alike(inputs: Bits) -> list[list[int]]:
    """Columns that are equal or opposite, in groups."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for column, bits in enumerate((inputs ^ inputs[0]).T):
        groups[bits.tobytes()].append(column)
    return list(groups.values())
