"""Branch and bound over single popcount neurons, held against trying all weights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import fewest_errors
from running import train
from strategies import often

from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.encodings.catalogue import usable
from bnnsat.encodings.defaults import encoding_for, solver_for
from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.context import Search
from bnnsat.search.found import Found
from bnnsat.search.halfspace import branching, neuron
from bnnsat.search.halfspace.halfspace import Halfspace
from bnnsat.search.halfspace.relaxation import Relaxation
from bnnsat.search.local.improving import Turns
from bnnsat.search.progress import Run
from bnnsat.search.tables import tables
from bnnsat.shape import Shape
from bnnsat.types import Floats


@st.composite
def neurons(draw: st.DrawFn, most_inputs: int = 7, most_rows: int = 14) -> tuple[Problem, Shape]:
    """Single popcounts of every kind: any threshold, learned ones, ternary weights, costs, margins, contradictions."""
    n = draw(st.integers(1, most_inputs))
    kind = draw(st.sampled_from(("default", "any", "learned", "ternary")))
    if kind == "ternary":
        shape = Shape.parse(f"{min(n, 4)}-1", weights="ternary")
    elif kind == "learned":
        shape = Shape.parse(f"{min(n, 4)}-1", thresholds="learned")
    else:
        shape = Shape.parse(f"{n}-1", thresholds=[draw(st.integers(0, n + 1))] if kind == "any" else [(n + 1) // 2])
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    # Columns of every density: those that are nearly constant can be exchanged one way.
    inputs = rng.random((draw(st.integers(1, most_rows)), shape.sizes[0])) < rng.random(shape.sizes[0])
    problem = Problem.of(inputs, rng.integers(2, size=len(inputs)), draw(st.sampled_from(((), (1, 3), (2, 2)))))
    return replace(problem, margin=draw(st.sampled_from((0, 0, 0, 1, 2)))), shape


def all_weights(space: Halfspace) -> Floats:
    return np.array(list(product((-1, 1), repeat=space.signs.shape[1])), dtype=np.float32)


def search_of(run: Run, problem: Problem, shape: Shape, jobs: int) -> Search:
    """A search without a deadline."""
    name = encoding_for(shape.activation)
    encoding, solver = usable(name, "popcount"), solver_for(name)
    return Search(run, problem, shape, 0, None, jobs, 10**9, encoding, solver, "given", True, None, 1)


def optimum(space: Halfspace, examples: int, jobs: int = 1) -> int:
    """From below, as the method does; every network is counted again."""
    fewest, most = examples + 1, 0
    relaxation = Relaxation(space.signs, space.costs)
    while True:
        for found in branching.search(space, relaxation, most, fewest, jobs):
            if found is not None:
                assert found[1] < fewest
                fewest = found[1]
                weights = np.where(found[0].matrices()[0], np.float32(1), np.float32(-1))
                assert space.errors(weights).tolist() == [fewest]
        if fewest <= most:
            return fewest
        most += 1


@often(200)
@given(single=neurons(), symmetry=st.booleans(), batch=st.sampled_from((1, 3, 256)), jobs=st.integers(1, 3))
def test_the_optimum_is_that_of_trying_all_weights(
    single: tuple[Problem, Shape], symmetry: bool, batch: int, jobs: int
) -> None:
    problem, shape = single
    space = Halfspace.of(problem, shape, symmetry=symmetry)
    rows = np.repeat(problem.inputs, problem.costs, axis=0).astype(int).tolist()
    expected = fewest_errors(shape, rows, np.repeat(problem.labels, problem.costs).tolist(), problem.margin)
    # Also where nodes have to wait, and where examples are branched on late.
    with mock.patch.multiple(branching, BATCH_NODES=batch, MISSED=float(batch % 4)):
        assert optimum(space, problem.total_cost, jobs) == expected


@given(single=neurons())
def test_values_parities_and_floors_hold_for_all_weights(single: tuple[Problem, Shape]) -> None:
    problem, shape = single
    space = Halfspace.of(problem, shape)
    weights = all_weights(space)
    values = weights @ space.signs.T + space.offsets
    expected = []
    for row in weights:
        network = Network.of(shape, [row[np.newaxis] > 0])
        right = network.right(problem.inputs, problem.labels, problem.margin)
        expected.append(problem.errors(right))
        assert space.network(row) == network
    assert space.errors(weights).tolist() == expected
    parity = (weights < 0).sum(axis=1) % 2
    least = space.least[parity]
    right = values >= 1 + 2 * problem.margin
    assert ((values - least) % 4 == 0).all()
    assert (right == (values >= least)).all() and (~right == (values <= least - 4)).all()
    for row in range(len(space.costs)):
        for side in (True, False):
            there = right[:, row] == side
            chosen = np.full(int(there.sum()), row)
            assert (values[there] >= space.floors(parity[there], chosen, right=side)).all()


@given(single=neurons())
def test_some_best_neuron_obeys_what_may_be_required(single: tuple[Problem, Shape]) -> None:
    space = Halfspace.of(*single)
    weights = all_weights(space)
    complete, possible = space.propagated(weights)
    obeying = possible & (complete == weights).all(axis=1)
    errors = space.errors(weights)
    assert errors[obeying].min() == errors.min()


@given(single=neurons(), seed=st.integers(0, 2**32))
def test_bounds_hold_for_all_that_a_node_allows(single: tuple[Problem, Shape], seed: int) -> None:
    """Whatever is known, whatever prices come in: no completion costs less than the bound."""
    problem, shape = single
    space, rng = Halfspace.of(problem, shape), np.random.default_rng(seed)
    count, n = len(space.costs), space.signs.shape[1]
    known = np.where(rng.random(n) < 0.3, np.where(rng.random(n) < 0.5, 1, -1), 0).astype(np.float32)
    state = np.where(rng.random(count) < 0.3, np.where(rng.random(count) < 0.5, 1, -1), 0)
    weights = all_weights(space)
    weights = weights[(weights < 0).sum(axis=1) % 2 == 0]
    weights = weights[((known == 0) | (weights == known)).all(axis=1)]
    middle = known @ space.signs.T + space.offsets
    least, floors = space.least[0], middle - (known == 0).sum()
    relaxation = Relaxation(space.signs, space.costs)
    soft = relaxation.highest(np.maximum(least - floors, 1))
    high = np.where(state == 0, np.where(floors < least, soft, 0), np.where(state == 1, relaxation.hard, 0))[np.newaxis]
    low = np.where(state == -1, -relaxation.hard, 0)[np.newaxis]
    needs = (np.where(state == -1, least - 4, least) - middle)[np.newaxis].astype(np.float32)
    guess = rng.normal(size=(1, count)).astype(np.float32), rng.normal(size=(1, n)).astype(np.float32)
    free = (known == 0).astype(np.float32)[np.newaxis]
    found = relaxation.bounds(needs, free, low, high, *guess, np.array([10**6]))
    right = weights @ space.signs.T + space.offsets >= least
    allowed = ((state == 0) | (right == (state == 1))).all(axis=1)
    paid = (~right & (state == 0)) @ space.costs
    assert (paid[allowed] >= found.values[0]).all()
    # And those that go against a slope cost twice the slope more.
    against = allowed[:, np.newaxis] & (weights * found.slopes[0] < 0)
    assert (paid[:, np.newaxis] >= found.values[0] + 2 * np.abs(found.slopes[0]))[against].all()
    assert (found.values / relaxation.quantum % 1 == 0).all()


def test_prices_are_rounded_down() -> None:
    costs, missing = np.arange(1, 1001), np.arange(1, 200, dtype=np.float32)[:, np.newaxis]
    relaxation = Relaxation(np.ones((1000, 1), dtype=np.float32), costs)
    prices = relaxation.highest(missing)
    steps = (prices / relaxation.quantum).astype(np.int64)
    assert (steps * missing.astype(np.int64) <= costs / relaxation.quantum).all()
    assert ((prices + relaxation.quantum) * missing > costs).all()
    # Single precision cannot hold them all, but no bound comes from more.
    assert (prices.astype(np.float32) > prices).any()
    nothing, much = np.zeros((199, 1000), dtype=np.float32), np.full((199, 1000), 1e6, dtype=np.float32)
    for row in range(0, 1000, 7):
        needs, high = nothing.copy(), np.zeros((199, 1000))
        needs[:, row], high[:, row] = missing[:, 0], prices[:, row]
        start = nothing[:, :1]
        found = relaxation.bounds(needs, start, high * 0, high, much, start, np.zeros(199, dtype=np.int64))
        assert (found.values <= costs[row]).all()


def test_sums_stay_exact_however_large_they_are() -> None:
    """With very high costs prices are coarser: even the largest sum has to fit a double's 53 bits."""
    for rows, cost in ((10, 1), (10_000, 1000), (60_000, 10**7)):
        relaxation = Relaxation(np.ones((rows, 9), dtype=np.float32), np.full(rows, cost))
        assert rows * relaxation.hard * (8 * 9 + 16) / relaxation.quantum <= 2**53
        assert np.log2(relaxation.quantum) % 1 == 0
    assert relaxation.quantum > 2**-20


@given(single=neurons(most_inputs=4, most_rows=8), errors=st.integers(0, 40))
def test_what_errors_add_up_to(single: tuple[Problem, Shape], errors: int) -> None:
    space = Halfspace.of(*single)
    sums = {space.paid + sum(some) for some in product(*((0, int(cost)) for cost in space.costs))}
    more = [total for total in sums if total >= errors]
    if more:
        assert space.attainable(errors) == min(more)


def test_high_costs_take_no_longer() -> None:
    """Ten seconds would not do if each unit of a cost was asked for, or if what is certain had no weight."""
    task = Task.of(read("mnist8x8"), positive=8, examples=100)
    for costs in ((1000, 1000), (300, 700)):
        training = train(task.inputs, task.labels, Shape.parse("64-1"), costs=costs, method="branch", time_limit=60)
        assert training.status == "OPTIMAL"


def test_wide_neurons_are_not_compared_weight_by_weight() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((20, 5000)) < 0.5, rng.integers(2, size=20)
    space = Halfspace.of(Problem.of(inputs, labels), Shape.parse("5000-1"))
    assert space.implied is None and optimum(space, 20) == 0


@pytest.mark.parametrize("seed", range(6))
def test_branch_and_bound_agrees_with_the_tables(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 12 + seed % 3
    inputs = rng.random((60, n)) < rng.random(n)
    labels = ((inputs == (rng.random(n) < 0.5)).sum(axis=1) >= n / 2) ^ (rng.random(60) < 0.1 * (seed % 4))
    shape, problem = Shape.parse(f"{n}-1"), Problem.of(inputs, labels.astype(np.int64), (1, 1 + seed % 2))
    fewest = problem.total_cost + 1
    for found in tables.enumerate_networks(problem, shape, fewest):
        fewest = fewest if found is None else found[1]
    assert optimum(Halfspace.of(problem, shape), problem.total_cost) == fewest
    one, two = (train(inputs, labels.astype(np.int64), shape, method=m, jobs=1) for m in ("branch", "exhaustive"))
    assert one.status == two.status == "OPTIMAL" and one.errors == two.errors


@pytest.mark.parametrize("jobs", [1, 2])
def test_digits_are_proved_with_errors_left(jobs: int) -> None:
    """Half a second each, where the SAT loop has no bound after minutes."""
    for digit, errors in ((1, 1), (8, 2)):
        task = Task.of(read("mnist8x8"), positive=digit, examples=100)
        training = train(task.inputs, task.labels, Shape.parse("64-1"), jobs=jobs)
        assert (training.status, training.errors) == ("OPTIMAL", errors)


@often(60)
@given(single=neurons(), jobs=st.integers(1, 2))
def test_questions_that_are_left_out_cost_no_optimum(single: tuple[Problem, Shape], jobs: int) -> None:
    """Two levels at a time from the third question on."""
    problem, shape = single
    rows = np.repeat(problem.inputs, problem.costs, axis=0).astype(int).tolist()
    expected = fewest_errors(shape, rows, np.repeat(problem.labels, problem.costs).tolist(), problem.margin)
    run = Run(problem, Network.of(shape, [np.zeros(shape.matrices[0])]), time.monotonic())
    with mock.patch.multiple(neuron, SHORT_SECONDS=0.0):
        neuron.branch(search_of(run, problem, shape, jobs))
    assert run.errors == run.lower_bound == expected


@pytest.mark.parametrize(("limit", "expected"), [(None, {0, 1, 2, 4, 6}), (1e-9, {0, 1, 2, 3, 4, 5, 6})])
def test_every_second_question_is_left_out_where_there_is_time(
    limit: float | None, expected: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    problem, shape = Problem.of(rng.random((40, 24)) < 0.5, rng.integers(2, size=40)), Shape.parse("24-1")
    run = Run(problem, Network.of(shape, [np.zeros((1, 24))]), time.monotonic())
    monkeypatch.setattr(neuron, "SHORT_SECONDS", 0.0)
    # The deadline itself is never looked at, so that nothing but the questions depends on it.
    monkeypatch.setattr(Search, "left", limit)
    neuron.branch(search_of(run, problem, shape, 2))
    assert run.proved
    # There need not be an event before the first bound.
    assert {0, *(event.lower_bound for event in run.events)} == expected


@pytest.mark.parametrize(("seed", "errors"), [(2, 5), (7, 3), (45, 7)])
def test_a_network_with_just_as_many_errors_as_were_asked_for_is_no_bound(
    seed: int, errors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Branch and bound itself finds it, and then has to look at the level that was left out."""
    rng = np.random.default_rng(seed)
    problem, shape = Problem.of(rng.random((40, 24)) < 0.5, rng.integers(2, size=40)), Shape.parse("24-1")
    run, asked = Run(problem, Network.of(shape, [np.zeros((1, 24))]), time.monotonic()), []

    def noted(space: Halfspace, relaxation: Relaxation, most: int, *more: int) -> Iterator[Found | None]:
        asked.append(most)
        return search(space, relaxation, most, *more)

    search = branching.search
    monkeypatch.setattr(branching, "search", noted)
    monkeypatch.setattr(neuron, "SHORT_SECONDS", 0.0)
    monkeypatch.setattr(Turns, "take", lambda turns: None)
    neuron.branch(search_of(run, problem, shape, 1))
    assert asked[-3:] == [errors - 2, errors, errors - 1]
    assert run.errors == run.lower_bound == errors


def test_a_search_that_stops_early_is_no_proof() -> None:
    """Where a goal is attained before all was looked at, nothing is known of fewer errors."""
    task = Task.of(read("mnist8x8"), positive=4, examples=60)
    problem, shape = Problem.of(task.inputs, task.labels), Shape.parse("64-1")
    start = Network.of(shape, [np.zeros((1, 64))])
    run = Run(problem, start, time.monotonic(), goal=start.errors(problem) - 1)
    neuron.branch(search_of(run, problem, shape, 1))
    assert run.done and 0 < run.errors < start.errors(problem)
    assert run.lower_bound == 0 == train(task.inputs, task.labels, shape, method="branch").errors


@pytest.mark.parametrize(
    ("topology", "activation", "head"),
    [("4-2-1", "popcount", "bit"), ("4-1", "half", "bit"), ("4-2", "popcount", "onehot")],
)
def test_other_shapes_are_refused(topology: str, activation: str, head: str) -> None:
    shape = Shape.parse(topology, activation, head)
    inputs, labels = np.zeros((2, 4), dtype=np.bool_), np.array([0, 1])
    with pytest.raises(InputError, match="method branch takes single popcount neurons"):
        train(inputs, labels, shape, method="branch")
    with pytest.raises(ValueError, match="more than one popcount"):
        Halfspace.of(Problem.of(inputs, labels), shape)


def test_examples_that_all_contradict_each_other() -> None:
    inputs, labels = np.repeat(np.eye(3, dtype=np.bool_), 2, axis=0), np.array([0, 1] * 3)
    problem = Problem.of(inputs, labels)
    space = Halfspace.of(problem, Shape.parse("3-1"))
    assert space.paid == 3 and len(space.costs) == 0
    assert optimum(space, problem.total_cost) == 3
