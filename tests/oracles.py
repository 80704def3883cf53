"""Slow, obvious answers to hold the fast ones against; no code in common with the package's own."""

from __future__ import annotations

import shutil
import sysconfig
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from bnnsat.circuit.cnf import TRUE, Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.shape import Shape
from bnnsat.solvers.solver import DirectSolver
from bnnsat.types import Literals

Weights = Sequence[Sequence[Sequence[int]]]

LONG = 20.0
"""Seconds: more than a limit of one or two takes to be heard on a busy machine, less than what it cuts short takes."""


def naive_right(shape: Shape, weights: Weights, row: Sequence[int], label: int, margin: int = 0) -> bool:
    """Whether the network names the label, by the definitions, bit by bit."""
    values = [int(v) for v in row]
    sums: list[int] = []
    for layer, neurons in enumerate(weights):
        values = values * shape.repeat + [1] * (shape.constants[layer] if shape.constants else 0)
        products = [[int(x == w) for x, w in zip(values, neuron, strict=True)] for neuron in neurons]
        if shape.activation == "half":
            h = len(values) // 2
            values = [int(_number(z[:h]) > _number(z[h:])) for z in products]
        else:
            sums = [sum(z) for z in products]
            values = [int(s >= t) for s, t in zip(sums, shape.thresholds[layer], strict=True)]
    wanted = [label] if shape.head == "bit" else [int(c == label) for c in range(len(values))]
    if shape.head != "argmax":
        # However the counts move by the margin, they say the same.
        if not margin:
            return values == wanted
        counts = zip(sums, shape.thresholds[-1], wanted, strict=True)
        return all({int(s - margin >= t), int(s + margin >= t)} == {w} for s, t, w in counts)
    sums[label] -= margin
    return sums.index(max(sums)) == label


def all_weights(shape: Shape) -> Iterator[Weights]:
    """Every choice of weights."""
    for bits in product((0, 1), repeat=shape.weight_bits):
        rest, weights = iter(bits), []
        for m, n in shape.matrices:
            weights.append([[next(rest) for _ in range(n)] for _ in range(m)])
        yield weights


def fewest_errors(
    shape: Shape, inputs: Sequence[Sequence[int]], labels: Sequence[int], margin: int = 0, costs: Sequence[int] = ()
) -> int:
    """The optimum, by trying every choice of weights; one that is no better than the best is not tried to its end."""
    examples = Counter[tuple[tuple[int, ...], int]]()
    for x, y in zip(inputs, labels, strict=True):
        examples[tuple(x), int(y)] += costs[y] if costs else 1
    best = examples.total()
    for weights in all_weights(shape):
        errors = 0
        for (x, y), cost in examples.items():
            if not naive_right(shape, weights, x, y, margin):
                errors += cost
                if errors >= best:
                    break
        best = min(best, errors)
    return best


def truth_table(
    circuit: Circuit, outputs: Literals, variables: int, solver_name: str = "minisat22"
) -> list[list[bool]]:
    """For each assignment of variables 1..n (1 the fastest), the values of the outputs, which must be forced."""
    outputs = np.asarray(outputs).reshape(-1)
    solver = DirectSolver(circuit.cnf, solver_name)
    table = []
    for bits in product((False, True), repeat=variables):
        assumptions = [v if bit else -v for v, bit in enumerate(reversed(bits), 1)]
        answer = solver.solve(assumptions)
        assert answer.status, "a circuit forbids no input"
        values = [bool(lit > 0) if abs(lit) == TRUE else bool(answer.model[abs(lit)] == (lit > 0)) for lit in outputs]
        for literal, value in zip(outputs, values, strict=True):
            if abs(literal) != TRUE:
                opposite = int(-literal if value else literal)
                assert solver.solve([*assumptions, opposite]).status is False, "an output is not determined"
        table.append(values)
    solver.close()
    return table


def assignment(index: int, variables: int) -> list[bool]:
    """The assignment of row `index` of a truth table, from variable 1 up."""
    return [bool(index >> v & 1) for v in range(variables)]


def value(literal: int, bits: Sequence[bool]) -> bool:
    """The value of an input literal or constant under an assignment."""
    return literal > 0 if abs(literal) == TRUE else bits[abs(literal) - 1] == (literal > 0)


def fresh_circuit(variables: int, *, share: bool = True) -> Circuit:
    """A circuit over variables 1..n."""
    circuit = Circuit(Cnf(), share=share)
    circuit.cnf.fresh(variables)
    return circuit


def installed(program: str) -> str | None:
    """Where a program is, on the path or brought by a Python package (sage_wheels); None if it is not there."""
    wheel = Path(sysconfig.get_path("purelib")) / "sage_wheels" / "bin" / program
    return shutil.which(program) or (str(wheel) if wheel.exists() else None)


def _number(bits: Sequence[int]) -> int:
    return int("".join(map(str, bits)), 2)
