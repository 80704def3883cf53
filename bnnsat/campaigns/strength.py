"""How much of what an encoding implies unit propagation finds: measured, over all partial assignments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import Encoding
from bnnsat.solvers.solver import DirectSolver

WIDTH = 6
"""Inputs of the measured counts and comparisons: 3^7 partial assignments for each of 6 thresholds."""
OUTPUT = WIDTH + 1


@dataclass(frozen=True)
class Strength:
    """Shares from 0 to 1, over all partial assignments of 6 inputs (and all thresholds).

    Both 1: arc-consistent in both directions.

    Attributes:
        forward: of those that decide the output, where propagation finds it.
        backward: with the output assigned too, the implied inputs and contradictions that propagation finds.
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

    Args:
        entry: the encoding.

    Raises:
        AssertionError: propagation finds a literal or a contradiction that is not implied.
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
    names = [0, *range(1, WIDTH + 1), output]
    places = {sign * names[place]: sign * place for place in range(1, OUTPUT + 1) for sign in (1, -1)}
    solver = DirectSolver(circuit.cnf, entry.solvers[0] if entry.solvers else "minisat22")
    for known, wanted in _questions(entry.kind, k):
        assumptions = [names[place] if place > 0 else -names[-place] for place in known]
        consistent, literals = solver.propagate(assumptions)
        if wanted is None:
            implied[1] += 1
            found[1] += not consistent
            continue
        assert consistent, f"{entry.name} refuses what is possible"
        seen = {places[literal] for literal in literals if literal in places}
        assert seen <= wanted, f"{entry.name} finds what is not implied"
        if OUTPUT in map(abs, known):
            implied[1] += len(wanted) - len(known)
            found[1] += len(seen) - len(known)
        else:
            implied[0] += not {OUTPUT, -OUTPUT}.isdisjoint(wanted)
            found[0] += not {OUTPUT, -OUTPUT}.isdisjoint(seen)
    solver.close()


@cache
def _questions(kind: str, k: int) -> list[tuple[tuple[int, ...], frozenset[int] | None]]:
    """Every partial assignment and all that it implies, itself included; None where it is impossible.

    Both are signed places: 1 to 6 the inputs, 7 the output.
    """
    inputs = np.array(list(product((False, True), repeat=WIDTH)))
    if kind == "popcount":
        truth = inputs.sum(axis=1) >= k
    else:
        half = WIDTH // 2
        truth = np.array([tuple(row[:half]) > tuple(row[half:]) for row in inputs.tolist()])
    worlds = np.concatenate([inputs, truth[:, np.newaxis]], axis=1)
    places = np.arange(1, WIDTH + 2)
    questions: list[tuple[tuple[int, ...], frozenset[int] | None]] = []
    for partial in product((-1, 0, 1), repeat=WIDTH + 1):
        values = np.array(partial)
        known = tuple(np.where(values > 0, places, -places)[values >= 0].tolist())
        possible = worlds[((values < 0) | (worlds == values)).all(axis=1)]
        if not len(possible):
            questions.append((known, None))
            continue
        fixed = possible.all(axis=0) | ~possible.any(axis=0)
        questions.append((known, frozenset(np.where(possible[0], places, -places)[fixed].tolist())))
    return questions
