"""The training formula: a network with unknown weights over known examples, and its objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bnnsat import forward
from bnnsat.circuit import Circuit
from bnnsat.cnf import Cnf
from bnnsat.data.problem import Problem
from bnnsat.encodings import Encoding
from bnnsat.literals import LiteralAlgebra
from bnnsat.network import Network
from bnnsat.objective import Objective
from bnnsat.ordering import literal_permutation
from bnnsat.shape import Shape
from bnnsat.types import Bits, Literals

CHUNK = 1 << 20
"""Literals of a layer's products that are made at once."""


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
