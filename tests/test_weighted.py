"""Counters of costs that are far apart: right for every bound, and small."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import fewest_errors
from running import train
from strategies import often

from bnnsat import Shape
from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter, Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.weighted import Apart, Binary, Counter, Scaled, counter
from bnnsat.search.sums import attainable
from bnnsat.solvers.solver import DirectSolver


def check(circuit: Circuit, literals: list[int], costs: list[int], constant: int, made: Counter, cap: int) -> None:
    """For each assignment and bound: satisfiable exactly if the sum is at most the bound."""
    totals = {constant + sum(some) for some in product(*((0, cost) for cost in costs))}
    asked = {bound for total in totals for bound in (total - 1, total, total + 1)} | {constant, cap - 1}
    bounds = {bound: made.at_most(bound) for bound in sorted(asked) if constant <= bound < cap}
    solver = DirectSolver(circuit.cnf, "minisat22")
    for bits in product((False, True), repeat=len(literals)):
        total = constant + sum(cost for cost, bit in zip(costs, bits, strict=True) if bit)
        chosen = [literal if bit else -literal for literal, bit in zip(literals, bits, strict=True)]
        for bound in bounds:
            assert solver.solve([*chosen, *bounds[bound]]).status == (total <= bound), (bits, bound)
    solver.close()


@often(100)
@given(st.data())
def test_every_counter_says_what_the_sum_is(data: st.DataObject) -> None:
    palette = data.draw(st.sampled_from(([1], [1, 1000], [5, 1000], [2, 6, 10], [7, 30, 200], [1, 2, 3, 500])))
    costs = data.draw(st.lists(st.sampled_from(palette), min_size=1, max_size=5))
    constant = data.draw(st.integers(0, 3))
    circuit = Circuit(Cnf())
    literals = circuit.cnf.fresh(len(costs)) * np.array([data.draw(st.sampled_from((1, -1))) for _ in costs])
    objective = Objective(literals.astype(np.int32), np.array(costs), constant)
    cap = data.draw(st.integers(constant + 1, objective.most + 1))
    kind = data.draw(st.sampled_from(("chosen", "unary", "apart", "binary")))
    plain = Objective(objective.literals, objective.costs, 0)
    made: Counter
    if kind == "chosen":
        made = counter(circuit, objective, cap)
    elif kind == "unary":
        made = ErrorCounter(circuit, objective, cap)
    elif kind == "apart":
        made = Scaled(Apart(circuit, plain, cap - 1 - constant), 1, constant)
    else:
        made = Scaled(Binary(circuit, plain), 1, constant)
    check(circuit, literals.tolist(), costs, constant, made, cap)


def test_the_counter_is_chosen_by_what_the_costs_are() -> None:
    circuit = Circuit(Cnf())
    literals = circuit.cnf.fresh(100)

    def chosen(costs: list[int]) -> Counter:
        made = counter(circuit, Objective(literals[: len(costs)], np.array(costs), 0), sum(costs))
        return made._inner if isinstance(made, Scaled) else made

    assert isinstance(chosen([1] * 100), ErrorCounter)
    assert isinstance(chosen([1, 2] * 50), ErrorCounter)
    assert isinstance(chosen([1000] * 100), ErrorCounter)
    assert isinstance(chosen([1, 1000] * 50), Apart)
    assert isinstance(chosen([5, 1000] * 50), Apart)
    assert isinstance(chosen([7, 30, 200, 999] * 25), Binary)
    before = circuit.cnf.clauses
    made = counter(circuit, Objective(literals, np.array([1, 1000] * 50), 0), 50_050)
    made.at_most(3_010)
    assert circuit.cnf.clauses - before < 5_000
    before = circuit.cnf.clauses
    counter(circuit, Objective(literals, np.array([7, 30, 200, 999] * 25), 0), 30_000).at_most(3_010)
    assert circuit.cnf.clauses - before < 50_000


@pytest.mark.parametrize("method", ["auto", "sat", "core", "lazy", "lns", "rising", "exhaustive"])
@pytest.mark.parametrize("activation", ["popcount", "half"])
@pytest.mark.parametrize("costs", [(1000, 5), (1, 1000), (30, 7)])
def test_costs_that_are_far_apart_have_the_optimum_of_brute_force(
    costs: tuple[int, int], activation: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Few examples are enough: what matters is that no sum is counted in unary.
    monkeypatch.setattr(weighted, "UNARY_DIGITS", 2)
    monkeypatch.setattr(weighted, "UNARY_RATIO", 1)
    rng = np.random.default_rng(sum(costs))
    shape = Shape.parse("4-1", activation)
    for _ in range(2):
        inputs, labels = rng.random((12, 4)) < 0.5, rng.integers(2, size=12)
        training = train(inputs, labels, shape, method=method, costs=costs, jobs=1)
        rows = [
            row for row, label in zip(inputs.astype(int).tolist(), labels, strict=True) for _ in range(costs[label])
        ]
        names = [label for label in labels.tolist() for _ in range(costs[label])]
        assert (training.status, training.errors) == ("OPTIMAL", fewest_errors(shape, rows, names))


def test_examples_that_join_later_are_counted() -> None:
    """Costs that seem far apart among a few examples need not be among many."""
    rng = np.random.default_rng(1)
    inputs = rng.integers(0, 2, (300, 9)) == 1
    labels = (inputs.sum(1) >= 5).astype(int)
    labels = np.where(rng.random(300) < 0.02, 1 - labels, labels)
    training = train(inputs, labels, Shape.parse("9-1"), method="lazy", costs=(1, 20), time_limit=20)
    assert (training.status, training.errors) == ("OPTIMAL", 85)


def test_a_sum_that_is_certain_is_bounded_all_the_same() -> None:
    circuit = Circuit(Cnf())
    (x,) = circuit.cnf.fresh(1).tolist()
    for costs, bound, possible in (([3, 3], 2, False), ([3, 3], 3, True), ([2, 5], 1, False), ([2, 5], 5, True)):
        made = Binary(circuit, Objective(np.array([x, -x], dtype=np.int32), np.array(costs), 0))
        assumptions = made.at_most(bound)
        solver = DirectSolver(circuit.cnf, "minisat22")
        assert solver.solve(assumptions).status == possible
        solver.close()


def test_costs_of_a_thousand_are_proved_at_once() -> None:
    rows, labels = np.array([[0], [0], [0], [1], [1], [1], [0]]) == 1, np.array([0, 0, 0, 0, 0, 1, 1])
    shape = Shape.parse("1-1", weights="ternary")
    training = train(rows, labels, shape, costs=(1000, 5), jobs=1)
    assert (training.status, training.errors) == ("OPTIMAL", 2005)
    assert training.clauses < 1000


def test_the_next_sum() -> None:
    for costs in ([1], [3, 5, 5], [1000, 5, 5], [2, 2]):
        sums = sorted({sum(some) for some in product(*((0, cost) for cost in costs))})
        for least in range(sum(costs) + 1):
            assert attainable(np.array(costs), least) == min(total for total in sums if total >= least)
        assert attainable(np.array(costs), sum(costs) + 3) == sum(costs) + 3
