"""The training formula: a network with unknown weights over known examples, and its objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import Encoding
from bnnsat.encodings.orders import literal_permutation
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.readings import forward
from bnnsat.readings.literals import LiteralAlgebra
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

    def literals(self, network: Network) -> Literals:
        """The weights of a network as literals, (weights,)."""
        pairs = zip(self.weights, network.matrices(), strict=True)
        return np.concatenate([np.where(bits, matrix, -matrix).reshape(-1) for matrix, bits in pairs])


def encode(
    problem: Problem, shape: Shape, circuit: Circuit, encodings: Sequence[Encoding], *, literal_order: str = "given"
) -> Formula:
    """The formula whose models are the networks of `shape`, each with its errors on `problem`.

    Named in the Cnf: `weights.l`, `outputs` (examples, outputs; none for argmax) and `errors`.
    `encodings` holds one entry per kind that the shape needs, `literal_order` (see `ordering`) the order
    in which the first layer's counts take their inputs. Raises TimeoutError past the
    circuit's deadline and MemoryError where the formula outgrows the machine.
    """
    weights = variables(circuit.cnf, shape)
    outputs, wrong = read(problem, shape, algebra(problem, shape, circuit, encodings, literal_order), weights)
    if outputs is not None:
        circuit.cnf.name("outputs", outputs)
    circuit.cnf.name("errors", wrong)
    return Formula(shape, circuit, weights, Objective.of(wrong, problem.weights))


def variables(cnf: Cnf, shape: Shape) -> list[Literals]:
    """A variable for each weight, (neurons, fan-in) per layer."""
    weights = [cnf.fresh(m * n).reshape(m, n) for m, n in shape.matrices]
    for layer, matrix in enumerate(weights):
        cnf.name(f"weights.{layer}", matrix)
    return weights


def algebra(
    problem: Problem, shape: Shape, circuit: Circuit, encodings: Sequence[Encoding], literal_order: str = "given"
) -> LiteralAlgebra:
    """The encoder's reading for a problem."""
    kinds = {entry.kind: entry for entry in encodings}
    order = literal_permutation(problem, literal_order)
    if order is not None:
        # Inputs that are read twice stand side by side, constants last.
        n, fan_in = shape.sizes[0], shape.matrices[0][1]
        twice = (order[:, np.newaxis] + n * np.arange(shape.repeat)).reshape(-1)
        order = np.concatenate([twice, np.arange(n * shape.repeat, fan_in)])
    return LiteralAlgebra(circuit, popcount=kinds.get("popcount"), half=kinds.get("half"), order=order)


def read(
    problem: Problem, shape: Shape, algebra: LiteralAlgebra, weights: Sequence[Literals]
) -> tuple[Literals | None, Literals]:
    """The outputs (rows, outputs), if the head reads these and not counts, and whether each row is wrong, (rows,).

    A few rows at a time: their products are all there at once. What they share is found all the same.
    """
    step = max(1, CHUNK // max(m * n for m, n in shape.matrices))
    outputs, wrong = [], []
    for start in range(0, len(problem.labels), step):
        rows = slice(start, start + step)
        inputs = algebra.constant(problem.inputs[rows])
        seen = forward.head_inputs(algebra, shape, weights, inputs, problem.margin)
        if shape.head != "argmax" and not problem.margin:
            outputs.append(seen)
        wrong.append(-forward.right(algebra, shape, seen, problem.labels[rows], problem.margin))
    return np.concatenate(outputs) if outputs else None, np.concatenate(wrong)
