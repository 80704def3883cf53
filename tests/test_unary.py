from __future__ import annotations

import numpy as np
import pytest
from oracles import assignment, fresh_circuit

from bnnsat.circuit import unary
from bnnsat.circuit.unary import merge
from bnnsat.solvers.solver import DirectSolver


@pytest.mark.parametrize("cap", [None, 1, 2, 4])
def test_one_sided_merge_propagates_every_sum_up_to_the_cap(cap: int | None) -> None:
    circuit = fresh_circuit(5)
    (digits,) = merge(circuit, np.array([[1, 2]]), np.array([[3, 4, 5]]), cap=cap, both=False).tolist()
    assert len(digits) == (5 if cap is None else cap)
    solver = DirectSolver(circuit.cnf, "minisat22")
    for index in range(32):
        bits = assignment(index, 5)
        if bits[0] < bits[1] or bits[2] < bits[3] or bits[3] < bits[4]:
            continue  # not a unary number
        _, implied = solver.propagate([v if bit else -v for v, bit in enumerate(bits, 1)])
        assert [digit in implied for digit in digits] == [sum(bits) >= k for k in range(1, len(digits) + 1)]
    solver.close()


def test_numbers_of_many_digits_are_merged_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for a, b, cap in ((3, 4, 7), (3, 4, 5), (4, 3, 2), (1, 6, 4), (5, 5, 1)):
        monkeypatch.setattr(unary, "MOST_PAIRS", 2)
        circuit = fresh_circuit(a + b)
        rows = np.arange(1, a + b + 1, dtype=np.int32)[np.newaxis]
        (digits,) = merge(circuit, rows[:, :a], rows[:, a:], cap=cap, both=False)
        assert len(digits) == min(cap, a + b)
        solver = DirectSolver(circuit.cnf, "minisat22")
        # "At least i" and "at least j" of two unary numbers: the sum may be i + j at most where that is denied above.
        for i in range(a + 1):
            for j in range(b + 1):
                given = [*range(1, i + 1), *range(-a, -i), *range(a + 1, a + j + 1), *range(-a - b, -a - j)]
                for k, digit in enumerate(digits.tolist(), 1):
                    assert solver.solve([*given, -digit]).status == (i + j < k)
        solver.close()
