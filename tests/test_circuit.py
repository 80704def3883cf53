from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import fresh_circuit

from bnnsat.circuit import templates as circuit_module
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit, Template
from bnnsat.types import Integers, Literals

PARITY = Template.of(
    "parity", 3, [4], [[a, b, c, -a * b * c // 6 * 4] for a in (1, -1) for b in (2, -2) for c in (3, -3)]
)


def constant_hash(rows: Literals) -> Integers:
    return np.zeros(len(rows), dtype=np.int64)


@given(rows=st.lists(st.tuples(*[st.integers(1, 4)] * 3), max_size=20), collide=st.booleans())
def test_equal_rows_share_and_others_do_not(rows: list[tuple[int, int, int]], collide: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if collide:
            patch.setattr(circuit_module, "_hash", constant_hash)
        circuit = fresh_circuit(4)
        array = np.array(rows, dtype=np.int32).reshape(-1, 3)
        first, again = (circuit.instantiate(PARITY, array)[:, 0] for _ in range(2))
    for (a, out_a), (b, out_b) in (
        (p, q) for p in zip(rows, first, strict=True) for q in zip(rows, first, strict=True)
    ):
        assert (a == b) == (out_a == out_b)
    if not collide:
        assert first.tolist() == again.tolist()
        assert circuit.cnf.variables == 4 + len(set(rows))


def test_without_sharing_every_instance_is_written() -> None:
    circuit = Circuit(Cnf(), share=False)
    circuit.cnf.fresh(3)
    outputs = circuit.instantiate(PARITY, np.array([[1, 2, 3]] * 5, dtype=np.int32))
    assert len(set(outputs[:, 0].tolist())) == 5
    assert circuit.cnf.clauses == 40


def test_repeated_inputs_leave_no_tautology() -> None:
    circuit = fresh_circuit(2)
    circuit.instantiate(PARITY, np.array([[1, -1, 2], [1, 1, 2]], dtype=np.int32))
    for clause in circuit.cnf.rows():
        assert len({abs(literal) for literal in clause}) == len(clause)


def test_writing_ends_by_what_a_check_raises() -> None:
    def late() -> None:
        raise TimeoutError

    circuit = Circuit(Cnf(), check=late)
    with pytest.raises(TimeoutError):
        circuit.instantiate(PARITY, np.array([[1, 2, 3]], dtype=np.int32))


def test_wrong_arity_is_refused() -> None:
    with pytest.raises(ValueError, match="takes 3 inputs"):
        Circuit(Cnf()).instantiate(PARITY, np.array([[1, 2]], dtype=np.int32))
