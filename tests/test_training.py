"""Whole runs against brute force, and how they end."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from itertools import product

import baseline
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import LONG, fewest_errors, naive_right
from running import train
from strategies import examples, often, shapes

from bnnsat.circuit.cnf import FALSE, TRUE, Cnf
from bnnsat.circuit.counters import ErrorCounter, Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import catalogue, load
from bnnsat.errors import InputError, SoundnessError
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.questions.formula import encode
from bnnsat.questions.replay import network_of
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.progress import Event, Run
from bnnsat.shape import Shape
from bnnsat.solvers.solver import NATIVE, DirectSolver

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool), np.array([0, 1, 1, 0])


HARD = Shape.parse("24-3-1")


def hard(examples: int = 400, inputs: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """Random labels, too many to be learned: far from solved in any test's time."""
    rng = np.random.default_rng(0)
    return rng.random((examples, inputs)) < 0.5, rng.integers(2, size=examples)


@often(60)
@given(st.data())
def test_the_optimum_is_brute_force_s(data: st.DataObject) -> None:
    """Every encoding, sharing or not: the same loop as `train`, with a solver in this process."""
    shape = data.draw(shapes())
    inputs, labels = data.draw(examples(shape))
    wanted = fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist())
    problem = Problem.of(inputs, labels)
    assert problem.lower_bound <= wanted
    for entry, share in itertools.product(catalogue(shape.activation), (True, False)):
        if entry.status != "ready":
            continue  # a package is missing; the suite of encodings says so
        circuit = Circuit(Cnf(), share=share)
        question = TrainingQuestion(problem, shape)
        formula = encode(question, circuit, [entry])
        errors = problem.total_cost
        counter = ErrorCounter(circuit, formula.objective, cap=errors)
        solver = DirectSolver(circuit.cnf, "minicard")
        while errors > formula.objective.constant:
            answer = solver.solve(counter.at_most(errors - 1))
            if not answer.status:
                break
            network = network_of(question, formula.solution(answer.model))
            errors = problem.errors(network.right(problem.inputs, problem.labels))
        solver.close()
        assert errors == wanted, (entry.name, share)


@often(25)
@given(st.data())
def test_train_proves_the_optimum(data: st.DataObject) -> None:
    shape = data.draw(shapes())
    inputs, labels = data.draw(examples(shape))
    training = train(inputs, labels, shape, seed=data.draw(st.integers(0, 9)))
    assert training.status == "OPTIMAL"
    assert training.errors == fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist())
    weights = [matrix.astype(int).tolist() for matrix in training.network.matrices()]
    plain = training.network.shape
    assert not plain.constants
    wrong = [not naive_right(plain, weights, x, int(y)) for x, y in zip(inputs, labels, strict=True)]
    assert sum(wrong) == training.errors
    assert training.events[-1].errors == training.events[-1].lower_bound == training.lower_bound
    for before, after in itertools.pairwise(training.events):
        assert after.seconds >= before.seconds
        assert after.errors <= before.errors
        assert after.lower_bound >= before.lower_bound


@often(25)
@given(st.data())
def test_the_plain_encoder_agrees_with_brute_force(data: st.DataObject) -> None:
    shape = data.draw(shapes())
    inputs, labels = data.draw(examples(shape))
    rows, names = inputs.astype(int).tolist(), labels.tolist()
    errors, weights = baseline.optimum(rows, names, shape)
    assert errors == fewest_errors(shape, rows, names)
    assert errors == sum(not naive_right(shape, weights, x, y) for x, y in zip(rows, names, strict=True))


@pytest.mark.parametrize("activation", ["half", "popcount"])
def test_real_digits_have_the_plain_encoder_s_optimum(activation: str) -> None:
    from bnnsat.data.read import read
    from bnnsat.data.task import Task

    task = Task.of(read("mnist8x8-pad32"), positive=3, examples=60 if activation == "half" else 24, seed=5)
    # The top rows of the picture: small enough for the slow encoder.
    inputs = task.inputs[:, 8:24]
    shape = Shape.parse("16-1", activation)
    training = train(inputs, task.labels, shape)
    assert training.status == "OPTIMAL"
    assert training.errors == baseline.optimum(inputs.astype(int).tolist(), task.labels.tolist(), shape)[0]


@pytest.mark.parametrize(
    ("topology", "activation", "errors"),
    [
        ("2-1", "popcount", 1),
        ("2-1-1", "popcount", 1),
        ("2-2-1", "popcount", 0),
        ("2-1", "half", 1),
        ("2-2-1", "half", 0),
    ],
)
def test_xor_needs_a_hidden_layer(topology: str, activation: str, errors: int) -> None:
    training = train(*XOR, Shape.parse(topology, activation))
    assert (training.status, training.errors) == ("OPTIMAL", errors)


@pytest.mark.parametrize("solver", ["cadical195", "glucose42", "minisat22", "minicard", "gluecard4"])
def test_every_kind_of_solver_trains(solver: str) -> None:
    assert train(*XOR, Shape.parse("2-2-1", "half"), solver=solver).errors == 0


@pytest.mark.parametrize(
    ("method", "solver"),
    # Local search asks no solver.
    [*product(["auto", "sat"], ["cadical195", "minisat22", "glucose42"]), ("local", "auto")],
)
def test_the_time_limit_returns_the_best_so_far(method: str, solver: str) -> None:
    began = time.monotonic()
    training = train(*hard(), HARD, time_limit=1, method=method, solver=solver)
    assert time.monotonic() - began < LONG
    assert (training.status, training.stopped, training.seconds_to_proof) == ("FEASIBLE", "time limit", None)
    inputs, labels = hard()
    assert (~training.network.right(inputs, labels)).sum() == training.errors


def test_the_time_limit_holds_while_the_formula_is_written() -> None:
    began = time.monotonic()
    training = train(*hard(2000, 64), Shape.parse("64-64-32-1"), time_limit=0.5, method="sat", encoding="totalizer")
    assert time.monotonic() - began < LONG
    assert training.stopped == "time limit"
    assert training.status == "FEASIBLE"


# Python drops an interrupt that it raises while it tidies up behind a weak reference, and says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("method", ["auto", "sat", "local"])
def test_ctrl_c_returns_the_best_so_far(method: str) -> None:
    events: list[Event] = []
    heard = threading.Event()

    def press() -> None:
        pause = 1.0
        while not heard.wait(pause):
            os.kill(os.getpid(), signal.SIGINT)
            # Only one that was dropped is not heard for so long.
            pause = LONG

    def noted(event: Event) -> None:
        events.append(event)
        # Some time after the start; the search goes on for much longer.
        if len(events) == 1:
            thread.start()

    thread = threading.Thread(target=press)
    training = train(*hard(), HARD, method=method, solver="cadical195", on_event=noted)
    heard.set()
    thread.join()
    assert (training.status, training.stopped) == ("FEASIBLE", "interrupted")
    assert tuple(events) == training.events


def test_memory_that_runs_out_returns_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bnnsat.circuit.cnf.memory_limit", lambda: 100_000)
    training = train(*hard(), HARD)
    assert (training.status, training.stopped) == ("FEASIBLE", "memory")


def test_contradictions_alone_prove_an_optimum() -> None:
    inputs = np.array([[1, 1]] * 3 + [[0, 0]], dtype=bool)
    training = train(inputs, np.array([1, 1, 0, 0]), Shape.parse("2-1"))
    assert (training.status, training.errors, training.lower_bound) == ("OPTIMAL", 1, 1)


@pytest.mark.parametrize(
    ("inputs", "labels", "shape", "options", "message"),
    [
        (np.zeros((3, 5)), np.zeros(3), Shape.parse("4-1"), {}, "start it with 5"),
        (np.zeros((3, 4)), np.zeros(2), Shape.parse("4-1"), {}, "one label each"),
        (np.zeros((3, 4)), np.full(3, 2), Shape.parse("4-1"), {}, "label 2 is not one"),
        (np.full((3, 4), 0.5), np.zeros(3), Shape.parse("4-1"), {}, "bits 0 and 1"),
        (np.full((3, 4), np.nan), np.zeros(3), Shape.parse("4-1"), {}, "bits 0 and 1"),
        (np.zeros((0, 4)), np.zeros(0), Shape.parse("4-1"), {}, "table of examples"),
        (np.zeros((3, 4)), np.zeros(3), Shape.parse("4-1"), {"encoding": "muxchain"}, "is one for half"),
        (np.zeros((3, 4)), np.zeros(3), Shape.parse("4-1"), {"solver": "kissat404"}, "take assumptions"),
        (
            np.zeros((3, 4)),
            np.zeros(3),
            Shape.parse("4-1"),
            {"encoding": "native", "solver": "minisat22"},
            "use minicard, gluecard3, gluecard4",
        ),
    ],
)
def test_input_that_does_not_fit(
    inputs: np.ndarray, labels: np.ndarray, shape: Shape, options: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        train(inputs, labels, shape, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("solver", NATIVE)
def test_native_constraints_in_every_solver_that_takes_them(solver: str) -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        inputs, labels = rng.random((8, 4)) < 0.5, rng.integers(2, size=8)
        shape = Shape.parse("4-2-1" if seed % 2 else "4-1")
        training = train(inputs, labels, shape, encoding="native", solver=solver)
        assert training.status == "OPTIMAL"
        assert training.errors == fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist())


def test_a_false_claim_or_bound_is_never_believed() -> None:
    inputs, labels = XOR
    shape = Shape.parse("2-1", "half")
    network = Network.of(shape, [[[1, 1]]])
    problem = Problem.of(inputs, labels)
    run = Run(problem, network, started=time.monotonic())
    assert run.errors == 1
    with pytest.raises(SoundnessError, match="claimed 0 errors"):
        run.offer(network, 0, "test")
    with pytest.raises(SoundnessError, match="are attained"):
        run.bound(2, "test")
    run.bound(1, "test")
    assert run.proved


@given(st.lists(st.tuples(st.sampled_from((1, -1, 2, -2, 3, int(TRUE), int(FALSE))), st.integers(1, 4)), max_size=8))
def test_objective_and_counter_say_the_weighted_sum(terms: list[tuple[int, int]]) -> None:
    literals = np.array([literal for literal, _ in terms], dtype=np.int32)
    weights = np.array([weight for _, weight in terms], dtype=np.int64)
    objective = Objective.of(literals, weights)
    assert len(set(np.abs(objective.literals).tolist())) == len(objective.literals)
    circuit = Circuit(Cnf())
    circuit.cnf.fresh(3)
    total = int(weights.sum())
    counter = ErrorCounter(circuit, objective, cap=total) if total > objective.constant else None
    solver = DirectSolver(circuit.cnf, "minisat22")
    for bits in itertools.product((False, True), repeat=3):
        worth = sum(w for lit, w in terms if (lit > 0 if abs(lit) == TRUE else bits[abs(lit) - 1] == (lit > 0)))
        folded = zip(objective.literals.tolist(), objective.costs.tolist(), strict=True)
        assert worth == objective.constant + sum(w for lit, w in folded if bits[abs(lit) - 1] == (lit > 0))
        if counter is None:
            continue
        for bound in range(objective.constant, total):
            assumptions = [v if bit else -v for v, bit in enumerate(bits, 1)] + counter.at_most(bound)
            assert solver.solve(assumptions).status == (worth <= bound)
    solver.close()


def test_the_counter_refuses_what_it_cannot_answer() -> None:
    circuit = Circuit(Cnf())
    counter = ErrorCounter(circuit, Objective.of(circuit.cnf.fresh(4), np.ones(4, dtype=np.int64)), cap=2)
    for bound in (-1, 2):
        with pytest.raises(ValueError, match="from 0 to 1"):
            counter.at_most(bound)


def test_groups_are_named() -> None:
    problem = Problem.of(*XOR)
    question = TrainingQuestion(problem, Shape.parse("2-2-1"))
    formula = encode(question, Circuit(Cnf()), [load("totalizer")])
    groups = formula.cnf.groups
    assert {name: group.shape for name, group in groups.items()} == {
        "weights.0": (2, 2),
        "weights.1": (1, 2),
        "errors": (4,),
    }
