"""The training formula: a network with unknown weights over known examples, and its objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bnnsat import forward
from bnnsat.circuit import Circuit
from bnnsat.cnf import TRUE, Cnf
from bnnsat.data.problem import Problem
from bnnsat.encodings import Encoding
from bnnsat.literals import LiteralAlgebra
from bnnsat.network import Network
from bnnsat.ordering import literal_permutation
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers, Literals
from bnnsat.unary import merge

CHUNK = 1 << 20
"""Literals of a layer's products that are made at once."""


@dataclass(frozen=True, eq=False)
class Objective:
    """constant + the sum of `weights` over the `literals` that hold; each variable occurs once."""

    literals: Literals
    weights: Integers
    constant: int

    @classmethod
    def of(cls, literals: Literals, weights: Integers) -> Objective:
        """Fold constants and repeats: w of x and v of not x are min(w, v) for certain.

        >>> Objective.of(np.array([5, -5, TRUE, 7, -5]), np.array([3, 1, 2, 1, 1]))
        Objective(literals=array([5, 7]), weights=array([1, 1]), constant=4)
        """
        variables, first, place = np.unique(np.abs(literals), return_index=True, return_inverse=True)
        positive, negative = np.zeros((2, len(variables)), dtype=np.int64)
        np.add.at(positive, place[literals > 0], weights[literals > 0])
        np.add.at(negative, place[literals < 0], weights[literals < 0])
        constant = int(positive[variables == TRUE].sum())
        constant += int(np.minimum(positive, negative)[variables != TRUE].sum())
        signed = np.where(positive >= negative, variables, -variables)
        weight = np.abs(positive - negative)
        # Back to the order in which the examples came: neighbours are counted together.
        order = np.argsort(first)
        order = order[(weight[order] > 0) & (variables[order] != TRUE)]
        return cls(signed[order], weight[order], constant)


@dataclass(frozen=True, eq=False)
class Formula:
    """What `encode` returns. `weights[l]` are the weight variables (neurons, fan-in) of layer l."""

    shape: Shape
    circuit: Circuit
    weights: list[Literals]
    objective: Objective

    @property
    def cnf(self) -> Cnf:
        """The clauses."""
        return self.circuit.cnf

    def network(self, model: Bits) -> Network:
        """The network of a model, where model[v] is the value of variable v."""
        return Network.of(self.shape, [model[matrix] for matrix in self.weights])


def encode(
    problem: Problem, shape: Shape, circuit: Circuit, encodings: Sequence[Encoding], *, literal_order: str = "given"
) -> Formula:
    """The formula whose models are the networks of `shape`, each with its errors on `problem`.

    Named in the Cnf: `weights.l`, `outputs` (examples, outputs; none for argmax) and `errors`.
    `encodings` holds one entry per kind that the shape needs, `literal_order` (see `ordering`) the order
    in which the first layer's counts take their inputs. Raises TimeoutError past the
    circuit's deadline and MemoryError where the formula outgrows the machine.
    """
    cnf = circuit.cnf
    weights = []
    for layer, (n, m) in enumerate(zip(shape.sizes, shape.sizes[1:], strict=False)):
        weights.append(cnf.fresh(m * n).reshape(m, n))
        cnf.name(f"weights.{layer}", weights[-1])
    order = literal_permutation(problem, literal_order)
    kinds = {entry.kind: entry for entry in encodings}
    algebra = LiteralAlgebra(circuit, popcount=kinds.get("popcount"), half=kinds.get("half"), order=order)
    # A few examples at a time: their products are all there at once. What they share is found all the same.
    step = max(1, CHUNK // max(n * m for n, m in pairwise(shape.sizes)))
    outputs, wrong = [], []
    for start in range(0, len(problem.labels), step):
        inputs = algebra.constant(problem.inputs[start : start + step])
        outputs.append(forward.head_inputs(algebra, shape, weights, inputs))
        wrong.append(-forward.right(algebra, shape, outputs[-1], problem.labels[start : start + step]))
    if shape.head != "argmax":
        cnf.name("outputs", np.concatenate(outputs))
    cnf.name("errors", np.concatenate(wrong))
    return Formula(shape, circuit, weights, Objective.of(cnf.groups["errors"], problem.weights))


class ErrorCounter:
    """The objective as a totalizer, cut off at `cap`: its bounds are single assumptions.

    Only "the errors imply the count" is written, all that an upper bound needs. Later bounds below
    the cap cost nothing; `cap` is what an incumbent attains, so there never is one above.
    """

    def __init__(self, circuit: Circuit, objective: Objective, cap: int) -> None:
        self.constant = objective.constant
        self.cap = cap
        width = max(1, cap - objective.constant)
        # A literal of weight w is the unary number l, l, ..., l of width w.
        nodes = [
            np.full((1, min(int(weight), width)), literal, dtype=np.int32)
            for literal, weight in zip(objective.literals, objective.weights, strict=True)
        ]
        while len(nodes) > 1:
            nodes = _merged_pairs(circuit, nodes, width)
        self._digits = nodes[0][0] if nodes else np.empty(0, dtype=np.int32)

    def at_most(self, bound: int) -> list[int]:
        """Assumptions under which the objective is at most `bound`, for constant <= bound < cap."""
        if not self.constant <= bound < self.cap:
            raise ValueError(f"the counter answers from {self.constant} to {self.cap - 1}, not {bound}")
        k = bound - self.constant
        return [-int(self._digits[k])] if k < len(self._digits) else []


def _merged_pairs(circuit: Circuit, nodes: list[Literals], cap: int) -> list[Literals]:
    """One level of the totalizer; pairs of the same widths are merged in one batch."""
    pairs = list(zip(nodes[0::2], nodes[1::2], strict=False))
    merged: list[Literals] = [np.empty((0, 0), dtype=np.int32)] * len(pairs)
    for widths in sorted({(a.shape[1], b.shape[1]) for a, b in pairs}):
        places = [i for i, (a, b) in enumerate(pairs) if (a.shape[1], b.shape[1]) == widths]
        left = np.concatenate([pairs[i][0] for i in places])
        right = np.concatenate([pairs[i][1] for i in places])
        sums = merge(circuit, left, right, cap=cap, both=False)
        for row, place in enumerate(places):
            merged[place] = sums[row : row + 1]
    return merged + nodes[len(pairs) * 2 :]
