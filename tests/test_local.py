"""The parts of the local search: latent values, annealing, embedding, each against the plain reading."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import fewest_errors
from running import train
from strategies import examples, often, shapes

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.local.annealing import Annealing, Duty, Neuron, anneal
from bnnsat.search.local.blocks import by_neurons
from bnnsat.search.local.embedding import chain, embedded
from bnnsat.search.local.gradient import Recipe, descend, forward
from bnnsat.search.local.improving import neuron
from bnnsat.search.local.latent import Latent
from bnnsat.search.local.neighbourhood import Neighbourhood
from bnnsat.shape import Shape

RICH = [
    ("5-1", "bit", (), "ternary"),
    ("4-1", "bit", "learned", "binary"),
    ("5-3-1", "bit", (), "binary"),
    ("4-2-1", "bit", (), "ternary"),
    ("5-4-1", "bit", "learned", "ternary"),
    ("3-2-3-1", "bit", "learned", "binary"),
    ("4-3-2-1", "bit", (), "ternary"),
    ("5-3-3", "onehot", "learned", "ternary"),
    ("5-4-3", "argmax", "learned", "ternary"),
    ("4-3", "argmax", (), "ternary"),
]


@pytest.mark.parametrize(("topology", "head", "thresholds", "weights"), RICH)
def test_networks_of_simpler_shapes_are_among_those_of_richer_ones(
    topology: str, head: str, thresholds: str, weights: str
) -> None:
    shape = Shape.parse(topology, head=head, thresholds=thresholds, weights=weights)
    rng, labels = np.random.default_rng(0), np.arange(shape.classes)
    inputs = np.array(list(product((False, True), repeat=shape.sizes[0])))
    shapes_ = chain(shape)
    assert shapes_[-1] == shape and len(shapes_) > 1
    for simple in shapes_:
        for _ in range(20):
            network = Network.of(simple, [rng.integers(2, size=size) for size in simple.matrices])
            richer = embedded(network, shape)
            assert richer.shape == shape
            for label in labels:
                same = np.full(len(inputs), label)
                assert np.array_equal(network.right(inputs, same), richer.right(inputs, same))


def test_what_is_not_simpler_is_not_embedded() -> None:
    shape = Shape.parse("4-3-1", thresholds=[2, 1])
    assert chain(shape) == [shape]
    network = Network.of(Shape.parse("4-1"), [np.ones((1, 4), dtype=np.bool_)])
    with pytest.raises(ValueError, match="not among the simpler shapes"):
        embedded(network, shape)
    assert chain(Shape.parse("4-2-1", "half")) == [Shape.parse("4-2-1", "half")]


@often(100)
@given(st.data())
def test_latent_values_stand_for_the_network_that_they_become(data: st.DataObject) -> None:
    shape = data.draw(shapes(most_weights=24).filter(lambda shape: shape.activation == "popcount"))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    latent = Latent.random(shape, rng)
    latent.every[:] = rng.uniform(-1, 1, size=latent.every.shape)
    layers = [latent.layer(index) for index in range(shape.layers)]
    inputs = np.array(list(product((False, True), repeat=shape.sizes[0])))
    _, scores = forward(shape, layers, 2 * inputs.astype(np.float32) - 1)
    network = latent.network(layers)
    if shape.head == "argmax":
        for label in range(shape.classes):
            same = np.full(len(inputs), label)
            assert np.array_equal(np.rint(scores[-1] * 8).argmax(axis=1) == label, network.right(inputs, same))
    else:
        assert np.array_equal(scores[-1] >= 0, network.outputs(inputs))


@often(60)
@given(st.data())
def test_descents_count_the_errors_of_batches_dropout_and_costs(data: st.DataObject) -> None:
    shape = data.draw(shapes(most_weights=16).filter(lambda shape: shape.activation == "popcount"))
    inputs, labels = data.draw(examples(shape, 12))
    costs = data.draw(st.lists(st.integers(1, 5), min_size=shape.classes, max_size=shape.classes))
    problem = Problem.of(inputs, labels, costs, data.draw(st.integers(0, 1)))
    recipe = replace(Recipe.of(shape), steps=30, batch=2, drop=0.1)
    rng = np.random.default_rng(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bnnsat.search.local.gradient.WHOLE_ROWS", data.draw(st.sampled_from([0, 512])))
        found = [found for found in descend(problem, Latent.random(shape, rng), recipe, rng) if found is not None]
    assert found
    for network, errors in found:
        assert errors == network.errors(problem)


@often(60)
@given(st.data())
def test_annealing_finds_the_best_of_small_neurons(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 6))
    kinds: list[tuple[str | tuple[int, ...], str]] = [((), "binary"), ((), "ternary"), ("learned", "binary")]
    thresholds, weights = data.draw(st.sampled_from(kinds))
    if weights == "ternary" or thresholds:
        n = min(n, 3)
    shape = Shape.parse(f"{n}-1", thresholds=thresholds, weights=weights)
    inputs, labels = data.draw(examples(shape, 8))
    problem = Problem.of(inputs, labels, data.draw(st.sampled_from([(), (3, 1), (1, 7)])), data.draw(st.integers(0, 1)))
    found = [found for found in neuron(problem, shape, np.random.default_rng(0), 3000) if found is not None]
    for network, errors in found:
        assert errors == network.errors(problem)
    rows = problem.inputs.astype(int).tolist()
    if not problem.margin and (problem.costs == 1).all():
        assert found[-1][1] == fewest_errors(shape, rows, problem.labels.tolist())


def test_a_neuron_that_may_have_any_threshold_keeps_to_those_that_there_are() -> None:
    signs = np.array([[1.0], [-1.0]], dtype=np.float32)
    for wanted in ([True, True], [False, False], [True, False]):
        duty = Duty(signs, np.array(wanted), np.array([1, 1]), free=True)
        start = Neuron(np.array([1]), 1)
        *_, (best, cost) = [found for found in anneal(duty, start, np.random.default_rng(0), 200) if found is not None]
        assert cost == 0 and 0 <= best.least <= 2


@often(80)
@given(st.data())
def test_a_neurons_duty_costs_what_the_network_costs(data: st.DataObject) -> None:
    shape = data.draw(shapes(most_weights=24, most_layers=3).filter(lambda shape: shape.activation == "popcount"))
    inputs, labels = data.draw(examples(shape, 10))
    problem = Problem.of(inputs, labels, margin=data.draw(st.integers(0, 1)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
    here = Neighbourhood(problem, network)
    for layer in range(shape.layers - (shape.head == "argmax")):
        for place in range(shape.sizes[layer + 1]):
            threshold, duty = shape.thresholds[layer][place], here.duty(layer, place)
            own = Neuron.of(here.weights(layer)[place], shape, layer, threshold)
            others = here.errors - Annealing(duty, own, rng).cost
            part = Annealing(duty, own, rng)
            for _ in range(5):
                part.flip(2.0)
                matrices = network.matrices()
                matrices[layer][place] = part.neuron.bits(shape, layer)
                assert part.cost == part.exact
                assert others + part.cost == Network.of(shape, matrices).errors(problem)
            here.replace(layer, place, part.neuron.bits(shape, layer))
            network = here.network
            assert here.errors == network.errors(problem)


@often(40)
@given(st.data())
def test_annealing_by_neurons_counts_its_errors_right(data: st.DataObject) -> None:
    shape = data.draw(shapes(most_weights=24, most_layers=3).filter(lambda shape: shape.activation == "popcount"))
    inputs, labels = data.draw(examples(shape, 10))
    problem = Problem.of(inputs, labels, [3] * shape.classes)
    rng = np.random.default_rng(0)
    start = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
    found = [found for found in by_neurons(problem, start, rng, 600) if found is not None]
    assert found[0] == (start, start.errors(problem))
    for network, errors in found:
        assert errors == network.errors(problem)
    assert [errors for _, errors in found] == sorted({errors for _, errors in found}, reverse=True)


@pytest.mark.parametrize("kind", ["binary", "ternary", "learned", "both"])
def test_no_richer_shape_does_worse(kind: str) -> None:
    rng = np.random.default_rng(3)
    inputs, labels = rng.random((300, 8)) < 0.5, rng.integers(2, size=300)

    def errors(topology: str, kind: str) -> int:
        thresholds: str | tuple[int, ...] = "learned" if kind in ("learned", "both") else ()
        weights = "ternary" if kind in ("ternary", "both") else "binary"
        shape = Shape.parse(topology, thresholds=thresholds, weights=weights)
        return train(inputs, labels, shape, method="local", time_limit=0.5, jobs=1).errors

    poorer = {"both": "ternary", "learned": "binary", "ternary": "binary", "binary": "binary"}[kind]
    assert errors("8-3-1", kind) <= errors("8-1", kind) <= errors("8-1", poorer)


def test_annealing_tells_at_a_pace_and_of_the_best_at_last() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((400, 60)) < 0.5, rng.integers(2, size=400)
    problem, shape = Problem.of(inputs, labels), Shape.parse("60-4-1")
    duty = Duty(2 * inputs.astype(np.float32) - 1, labels == 1, np.ones(400, dtype=np.int64))
    network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
    for heuristic in (
        anneal(duty, Neuron(np.ones(60, dtype=np.int64), 30), rng, 10**9, 0.5),
        by_neurons(problem, network, rng, 10**9, 0.5),
    ):
        told = []
        for found in heuristic:
            if found is not None:
                told.append(found[1])
                # What is done with it takes long.
                time.sleep(0.02)
        assert told == sorted(set(told), reverse=True)
        # A tenth of half a second, and the last.
        assert 2 <= len(told) <= 6


@pytest.mark.parametrize(("thresholds", "weights"), [("learned", "binary"), ((), "ternary"), ("learned", "ternary")])
def test_a_narrow_network_is_enriched_step_by_step(thresholds: str, weights: str) -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((300, 30)) < 0.5, rng.integers(2, size=300)
    shape = Shape.parse("30-3-1", thresholds=thresholds, weights=weights)
    training = train(inputs, labels, shape, method="local", time_limit=1.5, jobs=1)
    assert training.network.errors(Problem.of(inputs, labels)) == training.errors < 120
