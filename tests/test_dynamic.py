"""Half-comparison networks by dynamic programming: against brute force, against the solver, and within limits."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import fewest_errors
from running import train
from strategies import examples, often

from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.problem import Problem
from bnnsat.readings import forward
from bnnsat.readings.numpy import NUMPY
from bnnsat.search import methods
from bnnsat.search.half import deep, dynamic, rests
from bnnsat.search.half.differences import Trie
from bnnsat.search.half.dynamic import before, sides
from bnnsat.search.half.statuses import Options, least
from bnnsat.search.half.traceback import best_network
from bnnsat.search.progress import Event
from bnnsat.shape import Shape
from bnnsat.types import Integers


def optimum(problem: Problem, shape: Shape) -> int:
    """The fewest errors, which the network has; no bound on the way exceeds it, and the last one is it."""
    bounds: list[int] = []
    fewest = dynamic.fewest(problem, shape, Trie.of(problem), bound=bounds.append)
    assert best_network(problem, shape, fewest).errors(problem) == fewest.errors
    assert bounds == sorted(bounds) and bounds[-1] == fewest.errors
    return fewest.errors


@often(80)
@given(st.data())
def test_the_optimum_is_that_of_brute_force(data: st.DataObject) -> None:
    """Contradictions, repeats, constant and equal columns and costs included."""
    shape = Shape.parse(data.draw(st.sampled_from(["2-2-1", "4-2-1", "2-4-1"])), "half")
    inputs, labels = data.draw(examples(shape, most=10))
    if data.draw(st.booleans()):
        inputs[:, :: data.draw(st.integers(1, 3))] = data.draw(st.booleans())
    if data.draw(st.booleans()):
        inputs[:, -1] = inputs[:, 0] ^ data.draw(st.booleans())
    # Sums around those that a byte holds, and beyond those that two do.
    costs = data.draw(st.sampled_from(((), (2, 3), (30, 41), (1, 1000))))
    wanted = fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist(), costs=costs)
    assert optimum(Problem.of(inputs, labels, costs), shape) == wanted
    training = train(inputs, labels, shape, costs=costs, jobs=1)
    assert (training.status, training.errors, training.stopped) == ("OPTIMAL", wanted, None)


@pytest.mark.parametrize("scale", [1, 256])
def test_more_errors_than_the_next_smaller_type_holds(scale: int) -> None:
    """All wrong would be 300 errors of 360, or 44 in a byte, fewer than the 60 that are sure; likewise in two bytes."""
    inputs, labels = np.array([[True, False]] * 360), np.array([0] * 300 + [1] * 60)
    problem, shape = Problem.of(inputs, labels, (scale, scale)), Shape.parse("2-2-1", "half")
    assert optimum(problem, shape) == 60 * scale


@often(60)
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
    task = Task.of(read(source), positive=digit, examples=150)
    shape = Shape.parse(topology, "half")
    by_trie, by_lists = (train(task.inputs, task.labels, shape, method=m) for m in ("exhaustive", "lists"))
    assert by_trie.status == by_lists.status == "OPTIMAL"
    assert by_trie.errors == by_lists.errors


def _noted(calls: list[str], name: str, method: Callable[..., None], *given: Any) -> None:
    calls.append(name)
    method(*given)


@pytest.mark.parametrize(
    ("few", "most", "jobs", "taken"),
    [
        (10**9, 1000, 2, ["along"]),
        (0, 1000, 1, ["start", "along"]),
        (0, 1000, 2, ["start", "along", "listed"]),
        (0, 0, 2, ["listed"]),
    ],
)
def test_what_auto_takes(few: int, most: int, jobs: int, taken: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the ways end with the same proof."""
    monkeypatch.setattr(methods, "QUICK_STATES", few)
    monkeypatch.setattr(methods, "HALF_SECONDS", 0.1)
    calls: list[str] = []
    for name in ("start", "along", "listed"):
        monkeypatch.setattr(methods, name, partial(_noted, calls, name, getattr(methods, name)))
    rng = np.random.default_rng(5)
    inputs, labels = rng.random((60, 12)) < 0.5, rng.integers(2, size=60)
    shape = Shape.parse("12-2-1", "half")
    training = train(inputs, labels, shape, jobs=jobs, memory_limit=most)
    assert training.status == "OPTIMAL"
    assert training.errors == optimum(Problem.of(inputs, labels), shape)
    assert sorted(calls) == sorted(taken)


def test_without_the_memory_there_are_still_the_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for numpy's error: how much memory there is cannot be told from here."""

    def short(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(methods, "along", short)
    monkeypatch.setattr(methods, "HALF_SECONDS", 0.1)
    rng = np.random.default_rng(5)
    inputs, labels = rng.random((60, 12)) < 0.5, rng.integers(2, size=60)
    shape = Shape.parse("12-2-1", "half")
    for few, jobs in ((10**9, 2), (0, 1), (0, 2)):
        monkeypatch.setattr(methods, "QUICK_STATES", few)
        training = train(inputs, labels, shape, jobs=jobs)
        assert (training.status, training.errors) == ("OPTIMAL", optimum(Problem.of(inputs, labels), shape))


def test_states_and_memory_are_those_of_the_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    problem = Problem.of(rng.random((50, 10)) < 0.4, rng.integers(2, size=50), (1, 30))
    shape, trie, seen = Shape.parse("10-4-1", "half"), Trie.of(problem), []

    def noted(tensor: Integers, options: Options, *more: Any) -> Integers:
        seen.append((tensor, options))
        return least(tensor, options, *more)

    monkeypatch.setattr(dynamic, "least", noted)
    dynamic.fewest(problem, shape, trie)
    # The last one at each node is over all its states, the others are its children's.
    wanted = {before(trie, node) for node in trie.nodes}
    children = {
        options for place, node in enumerate(trie.nodes) if trie.parts(node) for _, options in sides(trie, place)
    }
    assert not wanted & children
    own = [tensor for tensor, options in seen if options in wanted]
    assert len(own) == len(trie.nodes)
    assert dynamic.states(trie, shape) == sum(tensor.size for tensor in own)
    largest = max(tensor.nbytes for tensor in own)
    assert dynamic.memory(problem, trie, shape) == sum(tensor.nbytes for tensor in own) + 4 * largest
    assert own[0].dtype == np.uint16


def test_more_states_than_can_be_looked_at() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((200, 40)) < 0.5, rng.integers(2, size=200)
    shape = Shape.parse("40-10-1", "half")
    with pytest.raises(InputError, match=r"exhaustive would need .* MB of memory, and the memory limit is 1,000 MB"):
        train(inputs, labels, shape, method="exhaustive")


def test_it_ends_at_its_limit_and_on_ctrl_c_with_the_bound_so_far() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((400, 24)) < 0.5, rng.integers(2, size=400)
    shape = Shape.parse("24-6-1", "half")
    problem = Problem.of(inputs, labels)
    assert methods.QUICK_STATES < dynamic.work(Trie.of(problem), shape) < 10**9
    training = train(inputs, labels, shape, method="exhaustive", time_limit=1)
    assert (training.status, training.stopped) == ("FEASIBLE", "time limit")
    assert problem.lower_bound <= training.lower_bound <= training.errors

    def interrupt(event: Event) -> None:
        if event.lower_bound > problem.lower_bound:
            raise KeyboardInterrupt

    training = train(inputs, labels, shape, method="exhaustive", on_event=interrupt)
    assert (training.status, training.stopped) == ("FEASIBLE", "interrupted")
    assert problem.lower_bound < training.lower_bound <= training.errors


def test_a_trie_of_one_leaf_looks_at_the_clock_and_keeps_no_tensors() -> None:
    """Each input stands beside its complement, so no pair parts the examples: all work is in the one leaf."""
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(400, 8))
    bits = np.concatenate([latent[:, [i]] <= np.linspace(-1, 1, 7) for i in range(8)], axis=1)
    inputs, labels = np.concatenate([bits, ~bits], axis=1), (latent.sum(axis=1) > 0).astype(np.int64)
    shape, problem = Shape.parse("112-4-1", "half"), Problem.of(inputs, labels)
    trie, looks = Trie.of(problem), 0
    assert len(trie.nodes) == 1 and dynamic.work(trie, shape) > 100 * dynamic.states(trie, shape)

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks > 5:
            raise TimeoutError

    tracemalloc.start()
    with pytest.raises(TimeoutError):
        dynamic.fewest(problem, shape, trie, check)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most <= 1.1 * dynamic.memory(problem, trie, shape)


def test_shapes_that_do_not_fit() -> None:
    problem = Problem.of(np.eye(4, dtype=np.bool_), np.array([0, 1, 0, 1]))
    with pytest.raises(ValueError, match="4-1 is no half-comparison network with one hidden layer"):
        dynamic.fewest(problem, Shape.parse("4-1", "half"), Trie.of(problem))


@often(40)
@given(st.data())
def test_two_hidden_layers_are_those_of_brute_force(data: st.DataObject) -> None:
    shape = Shape.parse(data.draw(st.sampled_from(["2-2-2-1", "4-2-2-1"])), "half")
    inputs, labels = data.draw(examples(shape, most=8))
    costs = data.draw(st.sampled_from(((), (2, 3), (30, 41))))
    wanted = fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist(), costs=costs)
    problem = Problem.of(inputs, labels, costs)
    trie, made = Trie.of(problem), rests.Rests.of(shape)
    found = deep.fewest(problem, trie, made)
    assert found.errors == wanted == deep.network(problem, trie, made, found).errors(problem)
    training = train(inputs, labels, shape, costs=costs, jobs=1)
    assert (training.status, training.errors) == ("OPTIMAL", wanted)


@pytest.mark.parametrize(("topology", "seed"), [("6-4-2-1", 0), ("6-4-2-1", 1), ("4-2-4-1", 2)])
def test_two_hidden_layers_are_those_of_the_solver(topology: str, seed: int) -> None:
    shape, rng = Shape.parse(topology, "half"), np.random.default_rng(seed)
    inputs, labels = rng.integers(0, 2, (24, shape.sizes[0])).astype(bool), rng.integers(0, 2, 24)
    training = train(inputs, labels, shape, jobs=1)
    other = train(inputs, labels, shape, method="sat", jobs=1)
    assert training.status == other.status == "OPTIMAL"
    assert training.errors == other.errors and training.events[-1].source in ("layers", "start", "copies", "formula")


def test_every_function_has_weights_that_make_it() -> None:
    shape = Shape.parse("6-4-2-1", "half")
    made = rests.Rests.of(shape)
    inputs = np.array([[i >> k & 1 for k in (3, 2, 1, 0)] for i in range(16)], dtype=bool)
    for table in made.tables:
        layers = [np.zeros((4, 6), dtype=bool), *made.matrices(table)]
        assert (forward.outputs(NUMPY, shape, layers, inputs, first=1)[:, 0] == table).all()
    assert len(made.tables) == 345 and 0 < len(made.classes) < 345
