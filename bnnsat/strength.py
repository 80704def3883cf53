"""How much of what an encoding implies unit propagation finds: measured, over all partial assignments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from bnnsat.circuit import Circuit
from bnnsat.cnf import Cnf
from bnnsat.encodings import Encoding
from bnnsat.solver import DirectSolver
from bnnsat.types import Bits

WIDTH = 6
"""Inputs of the measured counts and comparisons: 3^7 partial assignments for each of 6 thresholds."""


@dataclass(frozen=True)
class Strength:
    """Shares from 0 to 1, over all partial assignments of 6 inputs (and all thresholds).

    `forward`: of those that decide the output, where propagation finds it. `backward`: with the output
    assigned too, the implied inputs and contradictions that propagation finds. Both 1: arc-consistent
    in both directions.
    """

    forward: float
    backward: float

    @property
    def percent(self) -> tuple[int, int]:
        """Both in per cent, rounded down, so that 100 means all."""
        return int(100 * self.forward + 1e-9), int(100 * self.backward + 1e-9)


@cache
def measured(entry: Encoding) -> Strength:
    """The strength of an encoding, with `Solver.propagate`.

    Raises AssertionError if propagation finds a literal or a contradiction that is not implied.
    """
    found, implied = np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64)
    for k in range(1, WIDTH + 1) if entry.kind == "popcount" else (0,):
        _add(entry, k, found, implied)
    return Strength(float(found[0] / implied[0]), float(found[1] / implied[1]))


def _add(entry: Encoding, k: int, found: np.ndarray, implied: np.ndarray) -> None:
    circuit = Circuit(Cnf())
    row = circuit.cnf.fresh(WIDTH)[np.newaxis]
    half = WIDTH // 2
    if entry.kind == "popcount":
        output = int(entry.at_least(circuit, row, np.array([k]))[0])
    else:
        output = int(entry.greater(circuit, row[:, :half], row[:, half:])[0])
    worlds, names = _worlds(k, entry.kind), np.array([*range(1, WIDTH + 1), output])
    solver = DirectSolver(circuit.cnf, "minisat22")
    for partial in product((-1, 0, 1), repeat=WIDTH + 1):
        known = np.array(partial)
        free = known < 0
        possible = worlds[(free | (worlds == known)).all(axis=1)]
        consistent, literals = solver.propagate(np.where(known == 1, names, -names)[~free].tolist())
        if not len(possible):
            implied[1] += 1
            found[1] += not consistent
            continue
        assert consistent, f"{entry.name} refuses what is possible"
        fixed = possible.all(axis=0) | ~possible.any(axis=0)
        wanted = np.where(possible[0], names, -names)
        seen = np.isin(wanted, literals)
        assert not (np.isin(-wanted, literals) | (seen & ~fixed)).any(), f"{entry.name} finds what is not implied"
        if free[-1]:
            implied[0] += fixed[-1]
            found[0] += fixed[-1] & seen[-1]
        else:
            implied[1] += (fixed & free).sum()
            found[1] += (fixed & free & seen).sum()
    solver.close()


def _worlds(k: int, kind: str) -> Bits:
    """Every assignment of the inputs, with the output it implies in the last column."""
    inputs = np.array(list(product((False, True), repeat=WIDTH)))
    if kind == "popcount":
        truth = inputs.sum(axis=1) >= k
    else:
        half = WIDTH // 2
        truth = np.array([tuple(row[:half]) > tuple(row[half:]) for row in inputs.tolist()])
    return np.concatenate([inputs, truth[:, np.newaxis]], axis=1)
