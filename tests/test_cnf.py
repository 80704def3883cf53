from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnnsat.circuit.cnf import FALSE, TRUE, Cnf

LITERALS = [1, -1, 2, -2, 3, -3, int(TRUE), int(FALSE)]


@given(st.lists(st.lists(st.sampled_from(LITERALS), min_size=3, max_size=3), max_size=8))
def test_folding_keeps_the_meaning_and_leaves_clean_clauses(clauses: list[list[int]]) -> None:
    cnf = Cnf()
    cnf.fresh(3)
    cnf.add(np.array(clauses, dtype=np.int32).reshape(-1, 3), repeats=True)
    for row in cnf.rows():
        assert len({abs(literal) for literal in row}) == len(row)
        assert all(abs(literal) <= 3 for literal in row)
    for bits in product((False, True), repeat=3):

        def holds(literal: int, bits: tuple[bool, ...] = bits) -> bool:
            return literal > 0 if abs(literal) == TRUE else bits[abs(literal) - 1] == (literal > 0)

        wanted = all(any(map(holds, clause)) for clause in clauses)
        assert all(any(map(holds, row)) for row in cnf.rows()) == wanted


def test_a_false_clause_stays_as_the_empty_clause() -> None:
    cnf = Cnf()
    cnf.add([[FALSE, FALSE]])
    assert list(cnf.rows()) == [[]]
    assert (cnf.clauses, cnf.literals) == (1, 0)


def test_group_names_are_given_once() -> None:
    cnf = Cnf()
    cnf.name("weights", cnf.fresh(4).reshape(2, 2))
    assert cnf.groups["weights"].tolist() == [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match="exists already"):
        cnf.name("weights", cnf.fresh(1))


def test_a_block_needs_two_axes() -> None:
    with pytest.raises(ValueError, match="two axes"):
        Cnf().add([1, 2])
