from __future__ import annotations

import numpy as np
import pytest
from oracles import assignment, fresh_circuit

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
