"""Richer networks and further objectives against brute force: costs, margins, few weights, learned thresholds."""

from __future__ import annotations

import json
import time
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import LONG, all_weights, fewest_errors, naive_right
from running import train
from strategies import examples, often, shapes

from bnnsat.criterion import Criterion
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.questions.formula import encode
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings import packed
from bnnsat.search.folding import folded
from bnnsat.search.progress import Run
from bnnsat.search.then.margin import margin, most
from bnnsat.search.then.sparse import nonzero
from bnnsat.search.variants import Flips
from bnnsat.shape import Shape


@often(80)
@given(st.data())
def test_every_method_has_the_optimum_of_brute_force_whatever_errors_cost(data: st.DataObject) -> None:
    shape = data.draw(shapes())
    inputs, labels = data.draw(examples(shape))
    costs = data.draw(st.sampled_from(((), tuple(range(1, shape.classes + 1)), tuple(range(shape.classes, 0, -1)))))
    wanted = fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist(), costs=costs)
    method = data.draw(st.sampled_from(("auto", "sat", "core", "lns", "lazy", "rising")))
    symmetry, seed = data.draw(st.booleans()), data.draw(st.integers(0, 3))
    training = train(inputs, labels, shape, method=method, costs=costs, symmetry=symmetry, seed=seed)
    assert (training.status, training.errors) == ("OPTIMAL", wanted), method
    right = packed.predict(training.network.shape, training.network.matrices(), inputs) == labels
    assert training.wrong == (~right).sum()
    assert training.errors == sum(costs[y] if costs else 1 for y in labels[~right])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("method", ["core", "lns", "lazy", "rising"])
def test_methods_agree_with_the_plain_loop_on_more_examples(method: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    topology, activation, head = (
        ("7-3-1", "popcount", None),
        ("8-4-1", "half", None),
        ("6-3-3", "popcount", "argmax"),
        ("9-1", "popcount", None),
    )[seed % 4]
    shape = Shape.parse(topology, activation, head, weights="ternary" if seed == 3 else "binary")
    inputs, labels = rng.random((24, shape.sizes[0])) < 0.5, rng.integers(shape.classes, size=24)
    optimum = train(inputs, labels, shape, method="sat")
    assert optimum.status == "OPTIMAL"
    # Large neighbourhoods are made for finding; a proof may take them long.
    found = train(inputs, labels, shape, method=method, time_limit=10 if method == "lns" else None)
    assert found.lower_bound <= optimum.errors <= found.errors
    if method == "lns":
        assert found.errors <= optimum.errors + 1
    else:
        assert found.status == "OPTIMAL"


@often(60)
@given(st.data())
def test_the_margin_is_the_largest_of_brute_force(data: st.DataObject) -> None:
    shape = data.draw(shapes(most_weights=8).filter(lambda shape: shape.activation == "popcount"))
    inputs, labels = data.draw(examples(shape))
    rows, names = inputs.astype(int).tolist(), labels.tolist()
    errors = fewest_errors(shape, rows, names)
    training = train(inputs, labels, shape, then=["margin"], jobs=data.draw(st.integers(1, 2)))
    (level,) = training.then
    assert (training.errors, level.status) == (errors, "OPTIMAL")
    limit = most(Problem.of(inputs, labels), shape, errors)
    widest = max(m for m in range(limit + 1) if fewest_errors(shape, rows, names, m) == errors)
    assert level.value == widest
    weights = [matrix.astype(int).tolist() for matrix in training.network.matrices()]
    plain = training.network.shape
    wrong = sum(not naive_right(plain, weights, row, name, widest) for row, name in zip(rows, names, strict=True))
    assert wrong == errors
    # No network with so few errors has a larger one than the bound that is taken for granted.
    if errors < len(names):
        assert fewest_errors(shape, rows, names, limit + 1) > errors


@often(60)
@given(st.data())
def test_few_weights_are_the_fewest_of_brute_force(data: st.DataObject) -> None:
    topology = data.draw(st.sampled_from(("1-1", "2-1", "3-1", "4-1", "1-1-1", "2-1-1", "2-2")))
    learned = topology in ("1-1", "2-1") and data.draw(st.booleans())
    shape = Shape.parse(topology, thresholds="learned" if learned else (), weights="ternary")
    inputs, labels = data.draw(examples(shape))
    if inputs.shape[1] > 1 and data.draw(st.booleans()):
        inputs[:, 1] = data.draw(st.sampled_from((inputs[:, 0], ~inputs[:, 0], np.ones(len(inputs), dtype=bool))))
    rows, names = inputs.astype(int).tolist(), labels.tolist()
    then = data.draw(st.sampled_from((["sparse"], ["margin", "sparse"])))
    training = train(inputs, labels, shape, then=then)
    assert [level.status for level in training.then] == ["OPTIMAL"] * len(then)
    widest = training.then[0].value if len(then) == 2 else 0

    def wrong(weights: object) -> int:
        return sum(not naive_right(shape, weights, x, y, widest) for x, y in zip(rows, names, strict=True))  # type: ignore[arg-type]

    good = [weights for weights in all_weights(shape) if wrong(weights) == training.errors]
    assert training.then[-1].value == min(nonzero(Network.of(shape, weights)) for weights in good)
    assert nonzero(training.network) == training.then[-1].value


def test_ternary_weights_are_a_sum_of_signs() -> None:
    """Weights +1, 0, -1 over inputs as signs: 1 where the sum is at least 0, by the definition."""
    shape = Shape.parse("4-1", weights="ternary")
    inputs = np.array(list(product((False, True), repeat=4)))
    for ternary in product((-1, 0, 1), repeat=4):
        first = [w >= 0 for w in ternary]
        second = [w > 0 for w in ternary]
        network = Network.of(shape, [[first + second]])
        wanted = (2 * inputs.astype(int) - 1) @ np.array(ternary) >= 0
        assert (network.outputs(inputs)[:, 0] == wanted).all()
        assert nonzero(network) == sum(w != 0 for w in ternary)


@often(60)
@given(shapes(60, 3), st.integers(0, 1000))
def test_a_folded_network_does_the_same(shape: Shape, seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
    inputs = rng.random((30, shape.sizes[0])) < 0.5
    plain = folded(network)
    assert not plain.shape.constants
    assert (network.outputs(inputs) == plain.outputs(inputs)).all()
    named = [packed.predict(made.shape, made.matrices(), inputs) for made in (network, plain)]
    assert (named[0] == named[1]).all()
    for label in range(shape.classes if shape.activation == "popcount" else 0):
        labels = np.full(30, label)
        assert (network.right(inputs, labels, 1) == plain.right(inputs, labels, 1)).all()


@often(60)
@given(shapes(40, 3).filter(lambda shape: shape.activation == "popcount"), st.data())
def test_right_with_a_margin_is_right_however_counts_move(shape: Shape, data: st.DataObject) -> None:
    inputs, labels = data.draw(examples(shape))
    rng = np.random.default_rng(data.draw(st.integers(0, 100)))
    network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
    weights = [matrix.astype(int).tolist() for matrix in network.matrices()]
    for m in range(4):
        wanted = [
            naive_right(shape, weights, row, y, m)
            for row, y in zip(inputs.astype(int).tolist(), labels.tolist(), strict=True)
        ]
        assert network.right(inputs, labels, m).tolist() == wanted
    problem = Problem.of(inputs, labels)
    reached = margin(network, problem, shape.matrices[-1][1])
    assert network.right(inputs, labels, reached).tolist() == network.right(inputs, labels).tolist()


def test_learned_thresholds_are_those_of_trying_all() -> None:
    """Not one of 16 default thresholds does what the best does; the formula finds it, and says so."""
    rng = np.random.default_rng(1)
    for _ in range(5):
        inputs, labels = rng.random((14, 4)) < 0.5, rng.integers(2, size=14)
        tried = [
            fewest_errors(Shape.parse("4-1", thresholds=[t]), inputs.astype(int).tolist(), labels.tolist())
            for t in range(6)
        ]
        training = train(inputs, labels, Shape.parse("4-1", thresholds="learned"))
        assert (training.status, training.errors) == ("OPTIMAL", min(tried))
        assert 0 <= training.network.shape.thresholds[0][0] <= 5


def test_models_keep_ternary_weights_and_learned_thresholds(tmp_path: Path) -> None:
    from bnnsat.data.binarize import Binarizer
    from bnnsat.data.preprocessing import Preprocessing

    rng = np.random.default_rng(0)
    shape = Shape.parse("5-3-1", thresholds="learned", weights="ternary")
    network = folded(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    model = Model(network, Preprocessing(Binarizer("bits")))
    model.save(tmp_path / "model.json")
    assert Model.load(tmp_path / "model.json") == model
    content = json.loads((tmp_path / "model.json").read_text())
    content["repeat"] = 3
    (tmp_path / "model.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match="once or twice"):
        Model.load(tmp_path / "model.json")


def test_the_formula_of_a_margin_counts_its_errors() -> None:
    rng = np.random.default_rng(3)
    from bnnsat.circuit.cnf import Cnf
    from bnnsat.circuit.templates import Circuit
    from bnnsat.encodings.catalogue import load
    from bnnsat.solvers.solver import DirectSolver

    shape = Shape.parse("5-3-1")
    problem = Problem(*vars(Problem.of(rng.random((9, 5)) < 0.5, rng.integers(2, size=9))).values())
    for m in (1, 2):
        wider = Problem(problem.inputs, problem.labels, problem.costs, m)
        circuit = Circuit(Cnf())
        made = encode(TrainingQuestion(wider, shape), circuit, [load("totalizer")])
        solver = DirectSolver(circuit.cnf, "minisat22")
        for _ in range(20):
            network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
            bits = np.concatenate([matrix.reshape(-1) for matrix in network.matrices()])
            variables = np.concatenate([matrix.reshape(-1) for matrix in made.holes.values()])
            model = solver.solve(np.where(bits, variables, -variables).tolist()).model
            literals = made.objective.literals
            holds = np.where(literals > 0, model[np.abs(literals)], ~model[np.abs(literals)])
            total = made.objective.constant + made.objective.costs[holds].sum()
            assert total == network.errors(wider)
        solver.close()


@pytest.mark.parametrize(
    ("options", "shape", "message"),
    [
        ({"then": ["depth"]}, Shape.parse("4-1"), "there are margin, sparse"),
        ({"then": ["margin", "margin"]}, Shape.parse("4-1"), "named twice"),
        ({"then": ["margin"]}, Shape.parse("4-1", "half"), "use activation popcount"),
        ({"then": ["sparse"]}, Shape.parse("4-1"), "ternary weights"),
        ({"then": ["sparse", "margin"]}, Shape.parse("4-1", weights="ternary"), "the margin comes before"),
        ({"costs": [1]}, Shape.parse("4-1"), "give 2, one per label"),
        ({"costs": [1, 0]}, Shape.parse("4-1"), "from 1 to"),
        ({"goal": "accuracy"}, Shape.parse("4-2-1", "half"), "use activation popcount"),
        ({"augment": Flips(0.1)}, Shape.parse("4-2-1", "half"), "use activation popcount"),
        ({"goal": "accuracy", "then": ["margin"]}, Shape.parse("4-2-1"), "leave then out"),
        ({"goal": "accuracy", "method": "sat"}, Shape.parse("4-2-1"), "leave method sat out"),
        ({"goal": "accuracy", "checkpoint": "c"}, Shape.parse("4-2-1"), "leave one out"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict[str, object], shape: Shape, message: str) -> None:
    with pytest.raises(InputError, match=message):
        train(np.eye(4), np.array([0, 1, 0, 1]), shape, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": "real"}, "unknown weights 'real'; there are binary, ternary"),
        ({"activation": "half", "weights": "ternary"}, "no ternary weights"),
        ({"activation": "half", "thresholds": "learned"}, "no thresholds to be learned"),
        ({"topology": "4-2", "head": "argmax", "thresholds": "learned"}, "argmax compares its counts"),
        ({"thresholds": "guessed"}, "unknown thresholds 'guessed'"),
    ],
)
def test_shapes_that_there_are_not(options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Shape.parse(**{"topology": "4-2-1", **options})


def test_a_run_with_further_objectives_goes_on_where_it_was(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    inputs, labels = rng.random((12, 6)) < 0.5, rng.integers(2, size=12)
    shape, file = Shape.parse("6-2-1", weights="ternary"), tmp_path / "checkpoint.json"
    first = train(inputs, labels, shape, then=["margin", "sparse"], checkpoint=file)
    assert [level.status for level in first.then] == ["OPTIMAL"] * 2
    again = train(inputs, labels, shape, then=["margin", "sparse"], checkpoint=file)
    assert again.then == first.then
    assert {event.source for event in again.events} <= {"start", "checkpoint"}
    # A bound that was proved under a margin says nothing about networks with less.
    alone = train(inputs, labels, shape, then=["sparse"], checkpoint=file)
    fresh = train(inputs, labels, shape, then=["sparse"])
    assert alone.then == fresh.then


def test_time_is_shared_among_objectives() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((150, 24)) < 0.5, rng.integers(2, size=150)
    shape = Shape.parse("24-3-1", weights="ternary")
    training = train(inputs, labels, shape, then=["margin", "sparse"], time_limit=4)
    assert training.stopped == "time limit"
    assert [level.objective for level in training.then] == ["margin", "sparse"]
    assert training.seconds < LONG
    assert training.network.errors(Problem.of(inputs, labels)) == training.errors
    assert nonzero(training.network) == training.then[1].value


def test_further_objectives_tell_of_the_incumbent_only() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((20, 5)) < 0.5, rng.integers(2, size=20)
    problem, shape = Problem.of(inputs, labels), Shape.parse("5-2-1")
    networks = sorted(
        (Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]) for _ in range(100)),
        key=lambda network: network.errors(problem),
    )
    best, worst = networks[0], networks[-1]
    run = Run(problem, worst, time.monotonic())
    run.further(worst, Criterion("margin", 1, 3), "start")
    run.offer(best, 20, "other")
    run.further(best, Criterion("sparse", 4, 0, 2), "start")
    assert [event.then for event in run.events] == [(Criterion("margin", 1, 3),), (), (Criterion("sparse", 4, 0, 2),)]


def test_few_weights_of_a_network_that_is_not_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thinning finds networks with fewer errors on its way; then everything begins anew, and stays true."""
    monkeypatch.setattr("bnnsat.search.then.sparse.GREEDY_SECONDS", 0.0)
    rng = np.random.default_rng(4)
    inputs, labels = rng.random((40, 9)) < 0.5, rng.integers(2, size=40)
    shape = Shape.parse("9-3-1", weights="ternary")
    problem = Problem.of(inputs, labels)
    for then in (["sparse"], ["margin", "sparse"]):
        training = train(inputs, labels, shape, method="core", jobs=1, time_limit=2, then=then)
        assert training.network.errors(problem) == training.errors
        assert [level.objective for level in training.then] == then
        assert nonzero(training.network) == training.then[-1].value
        reached = margin(training.network, problem, shape.matrices[-1][1])
        assert reached >= training.then[-1].margin
        if len(then) == 2:
            assert training.then[0].value <= reached


def test_a_bound_on_weights_holds_for_the_margin_it_was_proved_for(tmp_path: Path) -> None:
    """A later run that finds fewer errors but a smaller margin must not use it."""
    file = tmp_path / "checkpoint.json"
    for seed in range(12):
        rng = np.random.default_rng(seed)
        inputs, labels = rng.random((10, 4)) < 0.5, rng.integers(2, size=10)
        shape = Shape.parse("4-1", weights="ternary")
        file.unlink(missing_ok=True)
        fresh = train(inputs, labels, shape, then=["margin", "sparse"], checkpoint=file)
        content = json.loads(file.read_text())
        # As if that run had not proved the errors, and had found a larger margin with more of them.
        worse = Network.of(shape, [np.ones(size, dtype=int) for size in shape.matrices])
        content["weights"] = [[row.to01() for row in layer] for layer in worse.weights]
        content["lower_bound"] = Problem.of(inputs, labels).lower_bound
        content["then"] = [
            {"objective": "margin", "value": 3, "bound": fresh.then[0].bound, "margin": 0},
            {"objective": "sparse", "value": 4, "bound": 4, "margin": fresh.then[0].value + 1},
        ]
        file.write_text(json.dumps(content))
        again = train(inputs, labels, shape, then=["margin", "sparse"], checkpoint=file)
        assert (again.errors, again.then) == (fresh.errors, fresh.then)


def test_costs_beyond_single_precision_are_not_for_tables() -> None:
    from bnnsat.search.tables import tables

    assert tables.fits(Shape.parse("2-1"), 1000)
    assert not tables.fits(Shape.parse("2-1"), 1 << 24)


def test_a_literal_order_takes_ternary_weights_along() -> None:
    rng = np.random.default_rng(5)
    inputs, labels = rng.random((15, 6)) < 0.5, rng.integers(2, size=15)
    shape = Shape.parse("6-1", weights="ternary", thresholds="learned")
    found = [train(inputs, labels, shape, literal_order=name, method="sat") for name in ("given", "correlation")]
    assert found[0].errors == found[1].errors
    assert {training.status for training in found} == {"OPTIMAL"}
