"""A training problem for general solvers: clauses, reified sums, and a sum of literals to be minimised.

Written as an expert of such a solver would: constants folded, equal examples merged, products with
known inputs kept as literals, equal suffixes of half-comparisons shared, symmetries broken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.problem import Problem
from bnnsat.search.sat.symmetry import break_popcount
from bnnsat.shape import Shape

Literal = int


@dataclass
class Model:
    """`sums` are (literals, k, output): output <-> at least k of them. `errors` are (literal, weight)."""

    weights: list[list[list[Literal]]]
    top: int
    clauses: list[list[Literal]] = field(default_factory=list)
    sums: list[tuple[list[Literal], int, Literal]] = field(default_factory=list)
    errors: list[tuple[Literal, int]] = field(default_factory=list)

    def new(self) -> Literal:
        self.top += 1
        return self.top

    def xnor(self, a: Literal, b: Literal) -> Literal:
        y = self.new()
        self.clauses += [[-a, -b, y], [a, b, y], [-a, b, -y], [a, -b, -y]]
        return y

    def mux(self, s: Literal, a: Literal, b: Literal) -> Literal:
        y = self.new()
        self.clauses += [[-s, -a, y], [-s, a, -y], [s, -b, y], [s, b, -y]]
        return y


def build(problem: Problem, shape: Shape) -> Model:
    """The model; the weights are variables 1, 2, ... layer by layer."""
    cnf = Cnf()
    weights = [cnf.fresh(m * n).reshape(m, n) for n, m in pairwise(shape.sizes)]
    if shape.activation == "popcount":
        break_popcount(Circuit(cnf), shape, weights, problem)
    model = Model([matrix.tolist() for matrix in weights], cnf.variables, list(cnf.rows()))
    chains: dict[tuple[int, int, bytes], Literal] = {}
    for row, label, weight in zip(problem.inputs, problem.labels.tolist(), problem.costs.tolist(), strict=True):
        values: list[Literal] = []
        for layer, neurons in enumerate(model.weights):
            if shape.activation == "half":
                values = [
                    _known_half(model, chains, j, row, neuron) if layer == 0 else _half(model, values, neuron)
                    for j, neuron in enumerate(neurons)
                ]
                continue
            outputs = []
            for j, neuron in enumerate(neurons):
                if layer == 0:
                    literals = [w if x else -w for w, x in zip(neuron, row, strict=True)]
                else:
                    literals = [model.xnor(a, w) for a, w in zip(values, neuron, strict=True)]
                outputs.append(model.new())
                model.sums.append((literals, shape.thresholds[layer][j], outputs[-1]))
            values = outputs
        model.errors.append((_wrong(model, shape, values, label), weight))
    return model


def _wrong(model: Model, shape: Shape, outputs: list[Literal], label: int) -> Literal:
    wanted = [label == 1] if shape.head == "bit" else [j == label for j in range(len(outputs))]
    missed = [-out if want else out for out, want in zip(outputs, wanted, strict=True)]
    if len(missed) == 1:
        return missed[0]
    wrong = model.new()
    model.clauses += [[-literal, wrong] for literal in missed]
    return wrong


def _known_half(
    model: Model, chains: dict[tuple[int, int, bytes], Literal], neuron: int, row: np.ndarray, weights: list[Literal]
) -> Literal:
    """A first-layer half-comparison: a chain of choices, shared by examples with equal last pairs of inputs."""
    half = len(weights) // 2
    result = 0
    for i in reversed(range(half)):
        key = (neuron, i, np.concatenate([row[i:half], row[half + i :]]).tobytes())
        if key not in chains:
            x, y, u, v = bool(row[i]), bool(row[half + i]), weights[i], weights[half + i]
            differ = chains.setdefault((neuron, i, b""), 0) or -model.xnor(u, v)
            chains[neuron, i, b""] = differ
            fires, value = (-differ if x != y else differ), (u if x else -u)
            if result == 0:
                # Behind the last pair comes 0.
                chains[key] = model.new()
                model.clauses += [
                    [-chains[key], fires],
                    [-chains[key], value],
                    [chains[key], -fires, -value],
                ]
            else:
                chains[key] = model.mux(fires, value, result)
        result = chains[key]
    return result


def _half(model: Model, values: list[Literal], weights: list[Literal]) -> Literal:
    z = [model.xnor(a, w) for a, w in zip(values, weights, strict=True)]
    half = len(z) // 2
    result = 0
    for u, v in reversed(list(zip(z[:half], z[half:], strict=True))):
        y = model.new()
        # u and not v, or u equal to v and what comes behind.
        model.clauses += [[-u, v, y], [u, -v, -y]]
        if result:
            model.clauses += [[-u, -result, y], [v, -result, y], [u, result, -y], [-v, result, -y]]
        else:
            model.clauses += [[u, -y], [-v, -y]]
        result = y
    return result
