"""Every way to search against brute force, and the parts that they are made of."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from itertools import islice, product
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import LONG, fewest_errors, naive_right
from running import train
from strategies import examples, often, shapes

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter
from bnnsat.circuit.templates import Circuit
from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.encodings.catalogue import load
from bnnsat.errors import InputError, SoundnessError
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.questions.formula import encode
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.context import Search
from bnnsat.search.folding import folded
from bnnsat.search.half import chain, copies, lists, tries
from bnnsat.search.local.gradient import Recipe, descend
from bnnsat.search.local.latent import Latent
from bnnsat.search.local.neighbourhood import Neighbourhood
from bnnsat.search.local.tabu import tabu
from bnnsat.search.progress import Event
from bnnsat.search.sat.symmetry import break_popcount, lexicographic
from bnnsat.search.tables import majority, partners, tables, triples, voters
from bnnsat.shape import Shape
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import DirectSolver

KINDS = {"ternary": {"weights": "ternary"}, "learned": {"thresholds": "learned"}, "": {}}
SHAPES = [
    ("5-4-3-1", "popcount", "bit ternary"),
    ("5-4-4-3", "popcount", "argmax ternary"),
    ("4-3-2-3", "popcount", "onehot learned"),
    ("4-3-3", "popcount", "argmax learned"),
    ("5-1", "popcount", "bit"),
    ("6-4-1", "popcount", "bit"),
    ("6-5-4-3", "popcount", "onehot"),
    ("6-5-3", "popcount", "argmax"),
    ("5-4-4-4-3", "popcount", "argmax"),
    ("6-3", "popcount", "argmax"),
    ("6-1", "half", "bit"),
    ("6-4-1", "half", "bit"),
    ("6-4-4-3", "half", "onehot"),
]


def drawn(rng: np.random.Generator, shape: Shape, count: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.random((count, shape.sizes[0])) < 0.5, rng.integers(shape.classes, size=count)


def parsed(topology: str, activation: str, words: str) -> Shape:
    head, _, kind = words.partition(" ")
    return Shape.parse(topology, activation, head, **KINDS[kind])


def random_network(rng: np.random.Generator, shape: Shape) -> Network:
    return Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])


@pytest.mark.parametrize(("topology", "activation", "head"), SHAPES)
def test_gains_are_those_of_trying_every_flip(topology: str, activation: str, head: str) -> None:
    rng = np.random.default_rng(0)
    shape = parsed(topology, activation, head)
    for margin in (0, 0, 0, 1, 2):
        problem = replace(Problem.of(*drawn(rng, shape, 14)), margin=margin if activation == "popcount" else 0)
        here = Neighbourhood(problem, random_network(rng, shape))
        for _ in range(3):
            assert here.errors == here.network.errors(problem)
            for layer, gains in enumerate(here.gains()):
                for neuron, weight in np.ndindex(*gains.shape):
                    matrices = [matrix.copy() for matrix in here.network.matrices()]
                    matrices[layer][neuron, weight] ^= True
                    assert gains[neuron, weight] == Network.of(shape, matrices).errors(problem) - here.errors
            layer = int(rng.integers(shape.layers))
            here.flip(layer, *(int(rng.integers(size)) for size in shape.matrices[layer]))


@pytest.mark.parametrize(("topology", "activation", "head"), SHAPES)
def test_local_searches_count_their_errors_right_and_find_better_networks(
    topology: str, activation: str, head: str
) -> None:
    rng = np.random.default_rng(1)
    shape = parsed(topology, activation, head)
    problem = replace(Problem.of(*drawn(rng, shape, 12)), margin=1 if activation == "popcount" else 0)
    start = random_network(rng, shape)
    before = start.errors(problem)
    found = [candidate for candidate in islice(tabu(problem, start, rng), 1500) if candidate is not None]
    if activation == "popcount":
        steps = descend(problem, Latent.random(shape, rng), Recipe.of(shape), rng)
        found += [candidate for candidate in steps if candidate is not None]
    for network, errors in found:
        assert errors == network.errors(problem)
    assert found or before == 0
    if shape.weight_bits <= 12:
        best = min([before, *(errors for _, errors in found)])
        rows, names = problem.inputs.astype(int).tolist(), problem.labels.tolist()
        assert best == fewest_errors(shape, rows, names, problem.margin)


@often(40)
@given(st.data())
def test_tables_find_the_optimum(data: st.DataObject) -> None:
    topology = data.draw(st.sampled_from(["1-1", "4-1", "5-1", "4-1-1", "2-2-1", "4-2-1", "2-3-1", "3-3-1"]))
    n = int(topology[0])
    output = {"3-1": [2], "2-1": [data.draw(st.integers(1, 2))], "1-1": [1]}.get(topology[2:], [])
    shape = Shape.parse(topology, thresholds=[data.draw(st.integers(0, n + 1)), *output])
    inputs, labels = data.draw(examples(shape))
    problem = Problem.of(inputs, labels)
    assert tables.fits(shape, problem.total_cost)
    fewest = fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist())
    first = errors = data.draw(st.sampled_from([problem.total_cost + 1, fewest + 1, fewest]))
    # Also with a first look at fewer examples than there are, with more than one tile, and with either pivot.
    look, tile = data.draw(st.sampled_from([(96, 2048), (1, 2048), (3, 2)]))
    middle, starts = data.draw(st.sampled_from([0, 10**9])), data.draw(st.sampled_from([0, 30]))
    with (
        mock.patch.multiple(partners, LOOK_EXAMPLES=look, TILE_VOTERS=tile),
        mock.patch.multiple(majority, TILE=tile, PAIRS=tile),
        mock.patch.multiple(triples, MIDDLE=middle, STARTS=starts, PIVOTS=tile),
    ):
        for found in tables.enumerate_networks(problem, shape, errors):
            if found is not None:
                network, claim = found
                assert claim < errors
                errors = claim
                assert errors == problem.errors(network.right(problem.inputs, problem.labels))
    assert errors == min(first, fewest)


def test_many_inputs_leave_few_pairs_after_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two voters of 18 inputs; where too many of them are left, everything else is tried."""
    rng = np.random.default_rng(0)
    shape = Shape.parse("18-2-1")
    inputs = rng.random((300, 18)) < 0.5
    hidden = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
    labels = (hidden.right(inputs, np.ones(300, dtype=np.int64)) ^ (rng.random(300) < 0.03)).astype(np.int64)
    events: list[Event] = []
    training = train(inputs, labels, shape, time_limit=60, on_event=events.append)
    assert training.status == "OPTIMAL"
    assert events[-1].source == "tables"
    assert 0 < training.errors <= int((~hidden.right(inputs, labels)).sum())
    monkeypatch.setattr(tables, "MOST_VOTERS", 5)
    monkeypatch.setattr(voters, "BLOCK_NEURONS", 3)
    message = "exhaustive would have to pair more than 5 neurons and complements; use auto"
    small = Shape.parse("4-2-1")
    inputs, labels = rng.random((12, 4)) < 0.5, rng.integers(2, size=12)
    with pytest.raises(InputError, match=message):
        train(inputs, labels, small, method="exhaustive")
    training = train(inputs, labels, small)
    # By whatever else there is, or by tables again, where a better network leaves few enough neurons in time.
    assert training.status == "OPTIMAL"
    assert training.errors == fewest_errors(small, inputs.astype(int).tolist(), labels.tolist())


@pytest.mark.parametrize("seed", range(40))
def test_the_best_pair_of_many_voters(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many examples as it takes for few pairs to be looked at, and what is asked for there or not."""
    monkeypatch.setattr(triples, "STARTS", seed % 2)
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    threshold, output = int(rng.integers(1, n + 1)), int(rng.integers(1, 3))
    inputs, labels = drawn(rng, Shape.parse(f"{n}-2-1"), int(rng.integers(12, 60)))
    problem, shape = Problem.of(inputs, labels), Shape.parse(f"{n}-2-1", thresholds=[threshold, output])
    says = np.concatenate([outputs for _, outputs in voters.outputs(problem, n, threshold)])
    says = np.concatenate([says, ~says]).astype(np.int8)
    wrong = (says[:, np.newaxis] + says >= output) != (problem.labels == 1)
    fewest = int((wrong @ problem.costs).min())
    found = [f for f in tables.enumerate_networks(problem, shape, fewest + 1) if f is not None]
    assert [errors for _, errors in found] == [fewest]
    assert found[0][0].errors(problem) == fewest
    for errors in (fewest, 0):
        assert not any(tables.enumerate_networks(problem, shape, errors))


def test_tables_have_their_limits() -> None:
    two = {output: Shape.parse("22-2-1", thresholds=[11, output]) for output in range(4)}
    assert [tables.fits(shape, 2000) for shape in two.values()] == [False, True, True, False]
    assert not tables.fits(two[1], 2001)
    assert not tables.fits(Shape.parse("23-2-1"), 10)
    assert [tables.fits(Shape.parse("16-3-1"), examples) for examples in (1000, 1001)] == [True, False]
    assert not tables.fits(Shape.parse("17-3-1"), 10)


@often(50)
@given(st.data())
def test_voters_that_share_few_examples(data: st.DataObject) -> None:
    """All of them and no others, examples that cost more included, whatever is looked at at once."""
    n = data.draw(st.integers(1, 5))
    shape = Shape.parse(f"{n}-2-1")
    inputs, labels = data.draw(examples(shape))
    problem = Problem.of(inputs, labels, data.draw(st.sampled_from([(), (2, 3)])))
    threshold, label = data.draw(st.integers(0, n + 1)), data.draw(st.integers(0, 1))
    limit = data.draw(st.integers(0, problem.total_cost))
    with mock.patch.object(voters, "BLOCK_NEURONS", data.draw(st.sampled_from([3, 1 << 11]))):
        blocks = list(voters.sharing(problem, n, threshold, label, limit))
    found: dict[int, list[bool]] = {}
    for masks, codes in blocks:
        wrong = voters.unpacked(masks.T, problem.total_cost)
        found |= dict(zip(codes.tolist(), wrong.tolist(), strict=True))
    rows = np.repeat(np.arange(len(problem.labels)), problem.costs)
    wanted = {}
    for code in range(2 << n):
        bits = [code >> place & 1 for place in reversed(range(n))]
        says = ((problem.inputs == bits).sum(axis=1) >= threshold) ^ (code >= 1 << n)
        wrong = says[rows] != (problem.labels[rows] == 1)
        if (wrong & (problem.labels[rows] == label)).sum() < limit:
            wanted[code] = wrong.tolist()
    assert found == wanted


@pytest.mark.parametrize("middle", [0, 10**9], ids=["first", "middle"])
@pytest.mark.parametrize("seed", range(6))
def test_tables_agree_with_the_solver_on_more_inputs(seed: int, middle: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever voter is the pivot, whatever is looked at at once, and however good the start is."""
    for module, name, value in (
        (triples, "MIDDLE", middle),
        (triples, "STARTS", seed % 2),
        (triples, "PIVOTS", 50),
        (partners, "TILE_VOTERS", 37),
        (partners, "LOOK_EXAMPLES", 3 + 4 * seed),
        (majority, "PAIRS", 5),
        (majority, "TILE", 11),
    ):
        monkeypatch.setattr(module, name, value)
    rng = np.random.default_rng(seed)
    shape = Shape.parse(("7-3-1", "6-3-1", "8-2-1", "7-2-1")[seed % 4])
    inputs, labels = drawn(rng, shape, 25)
    by_tables, by_solver = (train(inputs, labels, shape, method=method) for method in ("exhaustive", "sat"))
    assert by_tables.status == by_solver.status == "OPTIMAL"
    assert by_tables.errors == by_solver.errors


@often(300)
@given(st.data())
def test_triples_that_meet_the_bounds_exactly_are_found(data: st.DataObject) -> None:
    """Hardly any example is right for all three voters of the optimum, and nothing worse than that is looked for."""
    n = data.draw(st.integers(3, 5))
    rng = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    shape = Shape.parse(f"{n}-3-1")
    cube = np.array(list(product([False, True], repeat=n)))
    rows = (everything := Problem.of(cube, cube[:, 0].astype(np.int64))).inputs
    _, outputs = next(voters.outputs(everything, n, shape.thresholds[0][0]))
    chosen = outputs[rng.integers(1 << n, size=3)] ^ (rng.random((3, 1)) < 0.5)
    labels, unanimous = chosen.sum(axis=0) >= 2, (chosen == chosen[0]).all(axis=0)
    kept = ~unanimous | (rng.random(len(rows)) < data.draw(st.sampled_from([0, 0.2])))
    if not kept.any():
        return
    # What all three say is wrong; some examples weigh more than others.
    inputs, targets = rows[kept], (labels ^ unanimous)[kept].astype(np.int64)
    times = rng.integers(1, 4, size=len(inputs)) if data.draw(st.booleans()) else np.ones(len(inputs), dtype=np.int64)
    problem = Problem.of(np.repeat(inputs, times, axis=0), np.repeat(targets, times))
    least, pivots = majority_of_three(problem, n, shape.thresholds[0][0]), data.draw(st.sampled_from([1, 3, 20]))
    with (
        mock.patch.multiple(triples, MIDDLE=data.draw(st.sampled_from([0, 10**9])), STARTS=0, PIVOTS=pivots),
        mock.patch.multiple(partners, LOOK_EXAMPLES=data.draw(st.sampled_from([1, 4, 96])), TILE_VOTERS=5),
        mock.patch.multiple(majority, PAIRS=2, TILE=3),
    ):
        found = [f for f in tables.enumerate_networks(problem, shape, least + 1) if f is not None]
        assert [errors for _, errors in found] == [least]
        assert problem.errors(found[0][0].right(problem.inputs, problem.labels)) == least
        assert not any(tables.enumerate_networks(problem, shape, least))


def majority_of_three(problem: Problem, n: int, threshold: int) -> int:
    """The fewest errors of any three neurons or complements, by looking at all of them."""
    rows = np.repeat(np.arange(len(problem.labels)), problem.costs)
    outputs = np.concatenate([outputs[:, rows] for _, outputs in voters.outputs(problem, n, threshold)])
    wrong = np.concatenate([outputs, ~outputs]) != (problem.labels[rows] == 1)
    wrong = np.unique(wrong, axis=0)
    sums = wrong[:, np.newaxis].astype(np.int8) + wrong
    return min(int(((sums + voter) >= 2).sum(axis=2).min()) for voter in wrong)


@pytest.mark.parametrize("seed", range(4))
def test_voters_that_are_left_out_get_all_wrong_that_another_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = Shape.parse("6-3-1")
    problem = Problem.of(*drawn(rng, shape, 12))
    table = voters.Table.of(problem, 6, shape.thresholds[0][0])
    left = voters.unpacked(table.masks, problem.total_cost)
    assert table.errors.tolist() == left.sum(axis=1).tolist() == sorted(table.errors)
    labels = np.repeat(problem.labels, problem.costs) == 1
    rows = np.repeat(np.arange(len(problem.labels)), problem.costs)
    every = np.concatenate(
        [outputs[:, rows] != labels for _, outputs in voters.outputs(problem, 6, shape.thresholds[0][0])]
    )
    every = np.concatenate([every, ~every])
    # A voter of the table is a subset of each.
    assert ((left[:, np.newaxis] <= every[np.newaxis]).all(axis=2)).any(axis=0).all()
    assert len(left) < len(np.unique(every, axis=0))


def test_tables_end_at_their_limit_where_everything_goes_with_everything() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.integers(2, size=(1000, 12)).astype(np.bool_), rng.integers(2, size=1000)
    found = train(inputs, labels, Shape.parse("12-3-1"), method="exhaustive", time_limit=2)
    assert found.status == "FEASIBLE" and found.errors < 500


@given(st.data())
def test_one_half_comparison_by_dynamic_programming(data: st.DataObject) -> None:
    """Contradictions, repeats, constant columns and costs included."""
    shape = Shape.parse(data.draw(st.sampled_from(["2-1", "4-1", "6-1", "8-1"])), "half")
    inputs, labels = data.draw(examples(shape, most=8))
    if data.draw(st.booleans()):
        inputs[:, :: data.draw(st.integers(1, 3))] = data.draw(st.booleans())
    costs = data.draw(st.sampled_from(((), (2, 3))))
    problem = Problem.of(inputs, labels, costs)
    network, errors = chain.best_neuron(problem, shape)
    assert errors == network.errors(problem)
    assert errors == fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist(), costs=costs)


@pytest.mark.parametrize("digit", range(10))
def test_dynamic_programming_and_the_solver_agree_on_real_digits(digit: int) -> None:
    task = Task.of(read("mnist8x8-pad32"), positive=digit, examples=250)
    shape = Shape.parse("64-1", "half")
    by_chain, by_lists = (train(task.inputs, task.labels, shape, method=m) for m in ("exhaustive", "lists"))
    assert by_chain.status == by_lists.status == "OPTIMAL"
    assert by_chain.errors == by_lists.errors


def list_optimum(problem: Problem, shape: Shape, *, symmetry: bool, groups: bool) -> int:
    """The optimum by the decision lists' formula, from the worst bound down."""
    circuit = Circuit(Cnf())
    made = lists.encode(problem, shape, circuit, symmetry=symmetry)
    plan, found = tries.plan(problem)
    errors = problem.total_cost + 1
    counter = ErrorCounter(circuit, made.objective, errors, plan)
    if groups:
        tries.add_group_clauses(circuit, counter, problem, found, made.differs)
    solver = DirectSolver(circuit.cnf, "minisat22")
    while errors > 0:
        answer = solver.solve(counter.at_most(errors - 1))
        if not answer.status:
            break
        network = made.network(answer.model)
        fewer = problem.errors(network.right(problem.inputs, problem.labels))
        assert fewer < errors
        errors = fewer
    solver.close()
    return errors


@often(80)
@given(st.data())
def test_decision_lists_have_the_optimum_of_brute_force(data: st.DataObject) -> None:
    """With and without symmetry breaking and group clauses, contradictions and repeats included."""
    shape = Shape.parse(data.draw(st.sampled_from(["2-1", "4-1", "6-1", "2-2-1", "4-2-1"])), "half")
    inputs, labels = data.draw(examples(shape))
    if data.draw(st.booleans()):
        inputs[:, :: data.draw(st.integers(1, 3))] = data.draw(st.booleans())
    problem = Problem.of(inputs, labels)
    wanted = fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist())
    for symmetry, groups in product((True, False), repeat=2):
        assert list_optimum(problem, shape, symmetry=symmetry, groups=groups) == wanted


@pytest.mark.parametrize("seed", range(12))
def test_decision_lists_agree_with_the_plain_formula_on_more_neurons(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = Shape.parse(("8-4-1", "4-6-1", "6-4-1", "12-1")[seed % 4], "half")
    inputs, labels = drawn(rng, shape, 24)
    inputs[:, rng.integers(shape.sizes[0])] = True
    by_lists, by_solver = (train(inputs, labels, shape, method=method) for method in ("lists", "sat"))
    assert by_lists.status == by_solver.status == "OPTIMAL"
    assert by_lists.errors == by_solver.errors


def test_every_network_is_among_the_lists_without_symmetry_breaking() -> None:
    shape = Shape.parse("4-2-1", "half")
    inputs = np.array(list(product((False, True), repeat=4)))
    problem = Problem.of(inputs, np.zeros(16, dtype=np.int64))
    circuit = Circuit(Cnf())
    made = lists.encode(problem, shape, circuit, symmetry=False)
    solver = DirectSolver(circuit.cnf, "minisat22")
    decisions = np.concatenate([made.differs.reshape(-1), made.values.reshape(-1), made.defaults])
    seen = set()
    for bits in product((1, -1), repeat=len(decisions)):
        answer = solver.solve((decisions * np.array(bits)).tolist())
        assert answer.status
        network = made.network(answer.model)
        seen.add(network)
        wrong = ~network.right(problem.inputs, problem.labels)
        literals = made.objective.literals
        holds = np.where(literals > 0, answer.model[np.abs(literals)], ~answer.model[np.abs(literals)])
        assert (holds | ~wrong).all()
    assert len(seen) == 1 << shape.weight_bits


@pytest.mark.parametrize("n", [1, 2, 3])
def test_lexicographic_order(n: int) -> None:
    circuit = Circuit(Cnf())
    a, b = circuit.cnf.fresh(2 * n).reshape(2, n)
    lexicographic(circuit, a[np.newaxis], b[np.newaxis])
    solver = DirectSolver(circuit.cnf, "minisat22")
    for x in product((0, 1), repeat=n):
        for y in product((0, 1), repeat=n):
            literals = np.where(np.array([*x, *y]), [*a, *b], -np.array([*a, *b]))
            assert solver.solve(literals.tolist()).status is (x <= y)


@often(150)
@given(st.data())
def test_symmetry_breaking_keeps_the_optimum(data: st.DataObject) -> None:
    """Any shape, thresholds and weights, with columns that are equal, opposite or constant."""
    shape = data.draw(shapes(most_weights=11).filter(lambda shape: shape.activation == "popcount"))
    inputs, labels = data.draw(examples(shape))
    for column in range(1, shape.sizes[0]):
        inputs[:, column] = {
            "own": inputs[:, column],
            "equal": inputs[:, 0],
            "opposite": ~inputs[:, 0],
            "constant": np.full(len(inputs), fill_value=True),
        }[data.draw(st.sampled_from(("own", "equal", "opposite", "constant")))]
    problem = Problem.of(inputs, labels)
    circuit = Circuit(Cnf())
    made = encode(TrainingQuestion(problem, shape), circuit, [load("totalizer")])
    break_popcount(circuit, shape, list(made.holes.values()), problem)
    counter = ErrorCounter(circuit, made.objective, cap=problem.total_cost + 1)
    solver = DirectSolver(circuit.cnf, "minisat22")
    optimum = fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist())
    assert optimum >= made.objective.constant
    assert solver.solve(counter.at_most(optimum)).status is True
    if optimum > made.objective.constant:
        assert solver.solve(counter.at_most(optimum - 1)).status is False
    solver.close()


@often(30)
@given(st.data())
def test_auto_has_the_optimum_of_brute_force(data: st.DataObject) -> None:
    shape = data.draw(shapes())
    inputs, labels = data.draw(examples(shape))
    training = train(inputs, labels, shape, jobs=data.draw(st.integers(1, 4)), seed=data.draw(st.integers(0, 3)))
    assert training.status == "OPTIMAL"
    assert training.errors == fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist())
    weights = [matrix.astype(int).tolist() for matrix in training.network.matrices()]
    examples_ = zip(inputs.astype(int).tolist(), labels.tolist(), strict=True)
    right = sum(naive_right(training.network.shape, weights, row, label) for row, label in examples_)
    assert training.errors == len(labels) - right


def test_local_search_ends_at_its_limit_and_proves_nothing_but_no_errors() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((60, 8)) < 0.5, rng.integers(2, size=60)
    training = train(inputs, labels, Shape.parse("8-2-1"), method="local", time_limit=1)
    assert (training.status, training.stopped) == ("FEASIBLE", "time limit")
    assert training.lower_bound == Problem.of(inputs, labels).lower_bound
    easy = train(np.array([[0, 1], [1, 0]]), np.array([0, 1]), Shape.parse("2-1"), method="local", time_limit=20)
    assert (easy.status, easy.errors) == ("OPTIMAL", 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "magic"}, "unknown method 'magic'; there are auto, sat"),
        ({"method": "lists"}, "half-comparison shapes n-1"),
        ({"method": "exhaustive"}, "n-3-1 up to 16"),
        ({"jobs": 0}, "give at least 1"),
        ({"literal_order": "magic"}, "unknown literal order 'magic'"),
    ],
)
def test_methods_that_do_not_fit(options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        train(np.eye(4), np.array([0, 1, 0, 1]), Shape.parse("4-2-2-1"), **options)  # type: ignore[arg-type]


def test_a_solver_stops_when_it_is_no_longer_needed() -> None:
    cnf = Cnf()
    sits = cnf.fresh(15 * 14).reshape(15, 14)
    cnf.add(sits)
    cnf.add([[-sits[a, h], -sits[b, h]] for h in range(14) for a in range(15) for b in range(a)])
    done = threading.Event()
    threading.Timer(0.5, done.set).start()
    with SolverProcess(cnf, "cadical195") as solver:
        began = time.monotonic()
        assert solver.solve(until=done.is_set).status is None
        assert time.monotonic() - began < LONG


def test_an_ensemble_is_one_wider_network(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from bnnsat.cli import _run

    words = "train --activation popcount --topology 64-6-1 --positive 0 --examples 60"
    words += " --ensemble 3 --augment shift --copies 4"
    assert _run([*words.split(), "--json", "-q", "--time-limit", "120"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["topology"], result["status"], result["errors"]) == ("64-18-1", "OPTIMAL", 0)


def test_an_ensemble_votes_with_the_sum_of_its_popcounts() -> None:
    from bnnsat.search.local.ensembles import joined, member

    rng = np.random.default_rng(0)
    wide = Shape.parse("7-12-4", head="argmax")
    shape = member(wide, 3)
    members = [random_network(rng, shape) for _ in range(3)]
    matrices = [network.matrices() for network in members]
    inputs = rng.random((50, 7)) < 0.5
    whole = joined(members, wide)
    sums = np.zeros((50, 4), dtype=int)
    for first, second in matrices:
        bits = (inputs[:, np.newaxis] == first).sum(axis=2) >= 4
        sums += (bits[:, np.newaxis] == second).sum(axis=2)
    from bnnsat.readings.packed import predict

    assert (predict(wide, whole.matrices(), inputs) == sums.argmax(axis=1)).all()


@pytest.mark.parametrize("weights", ["binary", "ternary"])
def test_with_learned_thresholds_members_vote_with_how_far_they_are_above_theirs(weights: str) -> None:
    from bnnsat.search.local.ensembles import joined, member

    rng, wide = np.random.default_rng(0), Shape.parse("5-9-1", thresholds="learned", weights=weights)
    inputs = np.array(list(product([False, True], repeat=5)))
    for _ in range(50):
        members = [random_network(rng, member(wide, 3)) for _ in range(3)]
        above = np.zeros(len(inputs), dtype=np.int64)
        for network in map(folded, members):
            shape, (first, second) = network.shape, network.matrices()
            bits = (shape.read(0, inputs, True)[:, np.newaxis] == first).sum(axis=2) >= np.array(shape.thresholds[0])
            above += (shape.read(1, bits, True) == second).sum(axis=1) - shape.thresholds[1][0]
        whole = joined(members, wide)
        assert np.array_equal(whole.right(inputs, np.ones(len(inputs), dtype=np.int64)), above >= 0)


@pytest.mark.parametrize(
    ("topology", "head", "weights", "thresholds"),
    [
        ("5-6-1", "bit", "ternary", ()),
        ("5-9-3", "argmax", "binary", ()),
        ("5-9-3", "argmax", "ternary", "learned"),
        ("5-6-1", "bit", "binary", "learned"),
    ],
)
def test_a_member_several_times_is_that_member(topology: str, head: str, weights: str, thresholds: str) -> None:
    from bnnsat.search.local.ensembles import joined, member

    rng, wide = np.random.default_rng(0), Shape.parse(topology, head=head, weights=weights, thresholds=thresholds)
    network = random_network(rng, member(wide, 3))
    inputs = rng.random((40, 5)) < 0.5
    for label in range(wide.classes):
        same = np.full(40, label)
        assert np.array_equal(joined([network] * 3, wide).right(inputs, same), network.right(inputs, same))


def test_an_ensemble_is_no_worse_than_one_neuron() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.random((200, 12)) < 0.5
    labels = (rng.random(200) < 0.9).astype(np.int64)
    shape = Shape.parse("12-9-1")
    found = train(inputs, labels, shape, method="local", ensemble=3, time_limit=1, jobs=1)
    assert found.errors <= train(inputs, labels, Shape.parse("12-1"), method="local", time_limit=1, jobs=1).errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--topology 64-1 --ensemble 3", "made of popcount networks n-m-k"),
        ("--topology 64-4-1 --ensemble 0", "ensemble 0 is no network"),
        ("--topology 64-4-1 --augment magic", "there are shift, affine"),
        ("--topology 64-4-1 --augment shift --copies 0", "give at least 1"),
        ("--topology 64-4-1 --augment flip:x", "write flip:0.05"),
        ("--topology 64-4-1 --augment flip:0.5", "below 0.5"),
        ("--topology 64-4-1 --augment swap:", "write swap:0.05"),
        ("--topology 64-4-1 --augment swap:1", "below 1, not 1.0"),
        ("--topology 64-4-1 --bootstrap", "give ensemble 2 or more"),
    ],
)
def test_wrong_ensembles_and_copies(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    from bnnsat.cli import _run

    assert _run(["train", "--activation", "popcount", *words.split()]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("ending", [None, TimeoutError])
def test_what_goes_wrong_beside_the_solver_is_heard(ending: type[Exception] | None) -> None:
    """Also where the solver's own part ended by its time limit."""
    from typing import cast

    from bnnsat.search.beside import alongside
    from bnnsat.search.context import Search, StoppedError

    class Fake:
        stop = threading.Event()

    def wrong(search: Search) -> None:
        raise SoundnessError("claimed 0 errors")

    def stopped(search: Search) -> None:
        raise StoppedError

    def short(search: Search) -> None:
        raise MemoryError

    def run(method: object) -> None:
        with alongside(cast(Search, Fake()), method):  # type: ignore[arg-type]
            if ending is not None:
                raise ending

    with pytest.raises(SoundnessError, match="claimed 0 errors"):
        run(wrong)
    # What only a helper has no time or room for costs the run nothing.
    for method in (stopped, short):
        if ending is None:
            run(method)
        else:
            with pytest.raises(ending):
                run(method)


def test_a_deep_trie_is_no_deep_recursion() -> None:
    """Examples that part one pair later each: the trie is as deep as there are pairs."""
    half = 1500
    inputs = np.concatenate([np.tri(half, dtype=bool), np.zeros((half, half), dtype=bool)], axis=1)
    plan, groups = tries.plan(Problem.of(inputs, np.arange(half) % 2))
    assert len(plan) == half - 1
    assert len(groups) == half - 1
    # Every node is used once, and made before it is used.
    used = [node for pair in plan for node in pair]
    assert sorted(used) == list(range(2 * half - 2))
    assert all(max(pair) < half + place for place, pair in enumerate(plan))


@pytest.mark.parametrize("topology", ["6-2-1", "6-4-1", "6-4-2-1", "6-2-6-4-1"])
def test_copies_of_a_half_comparison_say_what_it_says(topology: str) -> None:
    rng, shape, one = np.random.default_rng(0), Shape.parse(topology, "half"), Shape.parse("6-1", "half")
    inputs = np.array(list(product([False, True], repeat=6)))
    for _ in range(20):
        network = random_network(rng, one)
        same = np.ones(len(inputs), dtype=np.int64)
        assert np.array_equal(copies.copies(network, shape).right(inputs, same), network.right(inputs, same))
    problem = Problem.of(inputs, rng.integers(2, size=64))
    found, errors = copies.best_copies(problem, shape)
    assert found.errors(problem) == errors == chain.best_neuron(problem, one)[1]


def test_a_wide_half_comparison_is_no_worse_than_one() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.random((400, 40)) < 0.5
    labels = (inputs[:, 0] ^ (rng.random(400) < 0.2)).astype(np.int64)
    one = train(inputs, labels, Shape.parse("40-1", "half"))
    for topology in ("40-20-1", "40-8-8-1"):
        assert train(inputs, labels, Shape.parse(topology, "half"), time_limit=1).errors <= one.errors


def test_tables_are_tried_again_with_a_better_network(monkeypatch: pytest.MonkeyPatch) -> None:
    from bnnsat.search import methods
    from bnnsat.search.tables import tables as pairing

    rng = np.random.default_rng(3)
    inputs, labels = rng.random((60, 8)) < 0.5, rng.integers(2, size=60)
    shape, tabled, errors = Shape.parse("8-2-1"), methods.tabled, list[int]()

    def crowded(search: Search) -> None:
        errors.append(search.run.errors)
        if len(errors) == 1:
            raise pairing.TooManyError
        tabled(search)

    wanted = train(inputs, labels, shape)
    monkeypatch.setattr(methods, "tabled", crowded)
    found = train(inputs, labels, shape, time_limit=60)
    assert len(errors) == 2 and errors[1] < errors[0]
    assert found.status == "OPTIMAL" and found.errors == wanted.errors
