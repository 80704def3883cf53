"""One suite over the whole catalogue: truth, odd inputs, claimed propagation strength."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from oracles import assignment, fresh_circuit, truth_table, value

from bnnsat.cnf import FALSE, TRUE
from bnnsat.encodings import Encoding, catalogue, load
from bnnsat.errors import InputError
from bnnsat.solver import DirectSolver

COUNTS = [pytest.param(entry, id=entry.name) for entry in catalogue("popcount")]
COMPARISONS = [pytest.param(entry, id=entry.name) for entry in catalogue("half")]

ODD_ROWS = [
    [1, 1, 1],
    [1, -1, 2],
    [1, 1, -1, 2, 2],
    [int(TRUE), 1, 2],
    [int(FALSE), 1, -2, 3],
    [int(TRUE), int(FALSE), int(TRUE)],
    [-1, -2, -3],
    [2],
    [],
]


def test_the_catalogue_says_what_each_entry_is() -> None:
    entries = catalogue()
    assert {entry.kind for entry in entries} == {"popcount", "half"}
    for entry in entries:
        assert entry.summary
        assert entry.paper
        assert entry.strength


def test_unknown_encoding() -> None:
    with pytest.raises(InputError, match="unknown encoding 'magic'; there are adder"):
        load("magic")


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("n", range(1, 8))
@pytest.mark.parametrize("entry", COUNTS)
def test_count_is_exact(entry: Encoding, n: int, share: bool) -> None:
    circuit = fresh_circuit(n, share=share)
    k = np.arange(n + 2)
    rows = np.tile(np.arange(1, n + 1, dtype=np.int32), (n + 2, 1))
    outputs = entry.at_least(circuit, rows, k)
    for index, found in enumerate(truth_table(circuit, outputs, n)):
        assert found == [sum(assignment(index, n)) >= threshold for threshold in k]


@pytest.mark.parametrize("row", ODD_ROWS, ids=str)
@pytest.mark.parametrize("entry", COUNTS)
def test_count_of_repeats_opposites_and_constants(entry: Encoding, row: list[int]) -> None:
    circuit = fresh_circuit(3)
    k = np.arange(-1, len(row) + 2)
    outputs = entry.at_least(circuit, np.array([row] * len(k), dtype=np.int32).reshape(len(k), len(row)), k)
    for index, found in enumerate(truth_table(circuit, outputs, 3)):
        total = sum(value(literal, assignment(index, 3)) for literal in row)
        assert found == [bool(total >= threshold) for threshold in k]


@pytest.mark.parametrize("entry", COUNTS)
def test_wide_counts_agree_with_random_inputs(entry: Encoding) -> None:
    n, rng = 37, np.random.default_rng(1)
    circuit = fresh_circuit(n)
    k = np.array([1, 5, 18, 19, 36, 37])
    outputs = entry.at_least(circuit, np.tile(np.arange(1, n + 1, dtype=np.int32), (len(k), 1)), k)
    solver = DirectSolver(circuit.cnf, "minisat22")
    for density in np.linspace(0, 1, 40):
        bits = rng.random(n) < density
        answer = solver.solve([int(v if bit else -v) for v, bit in enumerate(bits, 1)])
        assert answer.status
        assert [answer.model[abs(o)] == (o > 0) for o in outputs] == (bits.sum() >= k).tolist()
    solver.close()


@pytest.mark.parametrize("half", [1, 2, 3])
@pytest.mark.parametrize("entry", COMPARISONS)
def test_comparison_is_exact(entry: Encoding, half: int) -> None:
    n = 2 * half
    circuit = fresh_circuit(n)
    row = np.arange(1, n + 1, dtype=np.int32)[np.newaxis]
    outputs = entry.greater(circuit, row[:, :half], row[:, half:])
    for index, (found,) in enumerate(truth_table(circuit, outputs, n)):
        bits = assignment(index, n)
        assert found == (bits[:half] > bits[half:])


@pytest.mark.parametrize("entry", COMPARISONS)
def test_comparison_of_repeats_opposites_and_constants(entry: Encoding) -> None:
    literals = [1, -1, 2, int(TRUE), int(FALSE)]
    rows = np.array(list(product(literals, repeat=4)), dtype=np.int32)
    circuit = fresh_circuit(2)
    outputs = entry.greater(circuit, rows[:, :2], rows[:, 2:])
    for index, found in enumerate(truth_table(circuit, outputs, 2)):
        values = [[value(literal, assignment(index, 2)) for literal in row] for row in rows.tolist()]
        assert found == [v[:2] > v[2:] for v in values]


@pytest.mark.parametrize("entry", COUNTS + COMPARISONS)
def test_claimed_propagation_strength(entry: Encoding) -> None:
    """Over all partial assignments of n = 6 inputs and the output, with `Solver.propagate`.

    "arc-consistent in both directions" has to find every implied literal; an entry that claims
    less must indeed miss some, or its file undersells it.
    """
    n = 6
    missed = 0
    for k in range(1, n + 1) if entry.kind == "popcount" else [0]:
        circuit = fresh_circuit(n)
        row = np.arange(1, n + 1, dtype=np.int32)[np.newaxis]
        if entry.kind == "popcount":
            (output,) = entry.at_least(circuit, row, np.array([k])).tolist()
        else:
            (output,) = entry.greater(circuit, row[:, :3], row[:, 3:]).tolist()
        # Worlds: every assignment of the inputs with the output it implies; -1 free, 0 false, 1 true.
        inputs = np.array(list(product((0, 1), repeat=n)))
        truth = inputs.sum(axis=1) >= k if entry.kind == "popcount" else [tuple(r[:3]) > tuple(r[3:]) for r in inputs]
        worlds = np.concatenate([inputs, np.array(truth, dtype=int)[:, np.newaxis]], axis=1)
        names = np.array([*range(1, n + 1), output])
        solver = DirectSolver(circuit.cnf, "minisat22")
        for partial in product((-1, 0, 1), repeat=n + 1):
            known = np.array(partial)
            possible = worlds[((known < 0) | (worlds == known)).all(axis=1)]
            consistent, found = solver.propagate(
                [int(v if b else -v) for v, b in zip(names, known, strict=True) if b >= 0]
            )
            if not len(possible):
                missed += consistent
                continue
            assert consistent, "propagation refuses what is possible"
            ones, zeros = possible.all(axis=0), ~possible.any(axis=0)
            implied = {int(v) for v in np.concatenate([names[ones], -names[zeros]])}
            assert {lit for lit in found if abs(lit) in abs(names)} <= implied, "propagation finds what is not implied"
            missed += len(implied - set(found)) > 0
        solver.close()
    assert (missed == 0) == entry.strength.startswith("arc-consistent in both directions"), missed
