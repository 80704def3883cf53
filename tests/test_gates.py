"""Gates on every combination of inputs, constants and repeats among them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from oracles import assignment, fresh_circuit, truth_table, value

from bnnsat.circuit import gates
from bnnsat.circuit.cnf import FALSE, TRUE

INPUTS = [1, -1, 2, -2, 3, -3, int(TRUE), int(FALSE)]
GATES: list[tuple[Callable[..., Any], int, Callable[..., bool]]] = [
    (gates.conj, 2, lambda a, b: a and b),
    (gates.disj, 2, lambda a, b: a or b),
    (gates.xor, 2, lambda a, b: a != b),
    (gates.xor3, 3, lambda a, b, c: a ^ b ^ c),
    (gates.maj, 3, lambda a, b, c: a + b + c >= 2),
    (gates.mux, 3, lambda s, a, b: a if s else b),
]


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize(("gate", "arity", "truth"), GATES)
def test_gate_computes_its_function(gate: Any, arity: int, truth: Callable[..., bool], share: bool) -> None:
    circuit = fresh_circuit(3, share=share)
    rows = list(product(INPUTS, repeat=arity))
    outputs = gate(circuit, *np.array(rows, dtype=np.int32).T)
    for index, found in enumerate(truth_table(circuit, outputs, 3)):
        bits = assignment(index, 3)
        assert found == [bool(truth(*(value(literal, bits) for literal in row))) for row in rows]


@pytest.mark.parametrize(
    ("gate", "arity", "most"),
    [(gates.conj, 2, 12), (gates.xor, 2, 3), (gates.xor3, 3, 4), (gates.maj, 3, 16), (gates.mux, 3, 27)],
)
def test_equal_functions_are_made_once(gate: Any, arity: int, most: int) -> None:
    """All sign patterns and orders of three inputs need only as many outputs as there are functions up to sign."""
    circuit = fresh_circuit(3)
    gate(circuit, *np.array(list(product(INPUTS, repeat=arity)), dtype=np.int32).T)
    made = circuit.cnf.variables
    assert made - 3 <= most
    gate(circuit, *np.array(list(product(INPUTS, repeat=arity)), dtype=np.int32).T)
    assert circuit.cnf.variables == made


def test_conjunction_of_an_axis() -> None:
    circuit = fresh_circuit(5)
    rows = np.array([[1, 2, 3, 4, 5], [1, 2, 3, 4, TRUE], [1, -1, 2, 3, 4]], dtype=np.int32)
    outputs = gates.conj_all(circuit, rows)
    assert outputs[2] == FALSE
    for index, found in enumerate(truth_table(circuit, outputs, 5)):
        bits = assignment(index, 5)
        assert found == [all(bits), all(bits[:4]), False]
    assert gates.conj_all(circuit, np.empty((2, 0), dtype=np.int32)).tolist() == [TRUE, TRUE]


def test_gates_broadcast() -> None:
    circuit = fresh_circuit(4)
    assert gates.xor(circuit, np.array([[1], [2]]), np.array([3, 4])).shape == (2, 2)
    assert gates.conj(circuit, np.empty((0, 3)), 1).shape == (0, 3)
