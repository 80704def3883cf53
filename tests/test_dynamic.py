"""Half-comparison networks by dynamic programming: against brute force, against the solver, and within limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import fewest_errors
from strategies import examples

from bnnsat.data.problem import Problem
from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.search import dynamic, methods
from bnnsat.search.differences import Trie
from bnnsat.search.traceback import best_network
from bnnsat.shape import Shape
from bnnsat.training import train


def optimum(problem: Problem, shape: Shape) -> int:
    """The fewest errors, which the network has, and which no bound on the way exceeds."""
    bounds: list[int] = []
    fewest = dynamic.fewest(problem, shape, Trie.of(problem), bound=bounds.append)
    assert best_network(problem, shape, fewest).errors(problem) == fewest.errors
    assert max(bounds) <= fewest.errors
    return fewest.errors


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_optimum_is_that_of_brute_force(data: st.DataObject) -> None:
    """Contradictions, repeats, constant and equal columns and costs included."""
    shape = Shape.parse(data.draw(st.sampled_from(["2-2-1", "4-2-1", "2-4-1"])), "half")
    inputs, labels = data.draw(examples(shape, most=10))
    if data.draw(st.booleans()):
        inputs[:, :: data.draw(st.integers(1, 3))] = data.draw(st.booleans())
    if data.draw(st.booleans()):
        inputs[:, -1] = inputs[:, 0] ^ data.draw(st.booleans())
    costs = data.draw(st.sampled_from(((), (2, 3), (1, 1000))))
    wanted = fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist(), costs=costs)
    assert optimum(Problem.of(inputs, labels, costs), shape) == wanted


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["6-2-1", "12-2-1", "6-4-1", "10-4-1", "4-6-1", "8-6-1"]))
def test_the_optimum_is_the_solvers(seed: int, topology: str) -> None:
    """On up to 40 examples, noise or a rule with noise, with sparse or dense inputs."""
    rng = np.random.default_rng(seed)
    shape = Shape.parse(topology, "half")
    inputs = rng.random((rng.integers(1, 41), shape.sizes[0])) < rng.choice([0.1, 0.3, 0.5])
    noise = rng.random(len(inputs)) < rng.choice([0.1, 0.5])
    labels = (inputs[:, 0] ^ inputs[:, -1] ^ noise).astype(np.int64)
    by_lists = train(inputs, labels, shape, method="lists", symmetry=bool(seed % 2))
    assert by_lists.status == "OPTIMAL"
    assert optimum(Problem.of(inputs, labels), shape) == by_lists.errors


@pytest.mark.parametrize("topology", ["64-2-1", "64-4-1"])
@pytest.mark.parametrize("source", ["mnist8x8", "mnist8x8-pad32"])
@pytest.mark.parametrize("digit", [1, 6])
def test_it_agrees_with_the_solver_on_real_digits(topology: str, source: str, digit: int) -> None:
    task = Task.of(read(source), digit=digit, samples=150)
    shape = Shape.parse(topology, "half")
    by_trie, by_lists = (train(task.inputs, task.labels, shape, method=m) for m in ("exhaustive", "lists"))
    assert by_trie.status == by_lists.status == "OPTIMAL"
    assert by_trie.errors == by_lists.errors


@pytest.mark.parametrize(
    ("few", "most", "jobs", "sources"),
    [
        (10**9, 10**9, 2, {"trie"}),
        (0, 10**9, 1, {"trie", "tabu", "gradient"}),
        (0, 10**9, 2, {"trie", "sat"}),
        (0, 0, 2, {"sat"}),
    ],
)
def test_what_auto_takes(few: int, most: int, jobs: int, sources: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the ways end with the same proof."""
    monkeypatch.setattr(methods, "FEW", few)
    monkeypatch.setattr(methods, "MOST", most)
    rng = np.random.default_rng(5)
    inputs, labels = rng.random((60, 12)) < 0.5, rng.integers(2, size=60)
    shape = Shape.parse("12-2-1", "half")
    training = train(inputs, labels, shape, jobs=jobs)
    assert training.status == "OPTIMAL"
    assert training.errors == optimum(Problem.of(inputs, labels), shape)
    assert {event.source for event in training.events} <= {"start", *sources}


def test_more_states_than_can_be_looked_at() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((200, 40)) < 0.5, rng.integers(2, size=200)
    shape = Shape.parse("40-10-1", "half")
    with pytest.raises(InputError, match=r"exhaustive would have to look at .* states, 1e\+09 at most; use auto"):
        train(inputs, labels, shape, method="exhaustive")


def test_it_ends_at_its_limit_with_the_bound_so_far() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((400, 24)) < 0.5, rng.integers(2, size=400)
    shape = Shape.parse("24-6-1", "half")
    problem = Problem.of(inputs, labels)
    assert methods.FEW < dynamic.states(Trie.of(problem), shape) < methods.MOST
    training = train(inputs, labels, shape, method="exhaustive", time_limit=1.5)
    assert (training.status, training.stopped) == ("FEASIBLE", "time limit")
    assert problem.lower_bound < training.lower_bound <= training.errors


def test_shapes_that_do_not_fit() -> None:
    problem = Problem.of(np.eye(4, dtype=np.bool_), np.array([0, 1, 0, 1]))
    with pytest.raises(ValueError, match="4-1 is no half-comparison network with one hidden layer"):
        dynamic.fewest(problem, Shape.parse("4-1", "half"), Trie.of(problem))
