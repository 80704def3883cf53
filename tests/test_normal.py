"""Normal forms: some network in normal form makes as many errors as any network does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often

import bnnsat.exchanges as module
from bnnsat.certificates.refutation import Refutation
from bnnsat.exchanges import MOST_CLASSES, exchanges, inversions
from bnnsat.integers import forward as integers
from bnnsat.integers.shape import IntegerShape
from bnnsat.network import Network
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.normal import normal
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings import packed
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

SHAPES = [
    Shape.parse("3-1"),
    Shape.parse("2-1", weights="ternary", thresholds="learned"),
    Shape.parse("3-2-1"),
    Shape.parse("2-3-1"),
    Shape.parse("2-2-1", weights="ternary"),
    Shape.parse("1-2-1", thresholds="learned"),
    Shape.parse("2-1-1", thresholds="learned"),
    Shape.parse("1-1-1", weights="ternary", thresholds="learned"),
    Shape.parse("2-1-1", weights="ternary", thresholds=[3, 1]),
    Shape.parse("3-3-1", thresholds=[2, 1]),
    Shape.parse("1-2-2-1"),
    Shape.parse("2-2-2-1"),
    Shape.parse("3-2-2", head="argmax"),
    Shape.parse("4-2-1", activation="half"),
]


def cases(n: int, classes: int) -> Iterator[tuple[str, Bits, Integers]]:
    """All inputs with labels that tell them apart more or less, and some of them."""
    every = np.array(list(product([False, True], repeat=n)))
    ones = every.sum(axis=1)
    yield "place", every, np.arange(len(every)) % classes
    yield "parity", every, ones % classes
    yield "majority", every, (2 * ones > n) % classes
    yield "first", every, every[:, 0].astype(np.int64)
    yield "some", every[ones != 1], (ones[ones != 1] == n).astype(np.int64)
    # One is read by none, and two are the same.
    same = every.copy()
    same[:, -1] = same[:, 0]
    yield "same", same, (ones % 2).astype(np.int64)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.words)
def test_a_network_in_normal_form_makes_as_many_errors(shape: Shape) -> None:
    asked = [TrainingQuestion.on(inputs, labels, shape) for _, inputs, labels in cases(shape.sizes[0], shape.classes)]
    everything, kept = [set() for _ in asked], [set() for _ in asked]  # type: ignore[var-annotated]
    for bits in product([False, True], repeat=shape.weight_bits):
        values, at, holes = np.array(bits), 0, {}
        for name, size in asked[0].holes.items():
            holes[name] = values[at : at + size[0] * size[1]].reshape(size)
            at += size[0] * size[1]
        network = Network.of(shape, list(holes.values()))
        nonzero = 0
        if shape.repeat == 2:
            found = asked[0].sum("nonzero", NUMPY, holes)
            nonzero = int(found.costs[found.bits].sum())
        for number, question in enumerate(asked):
            said: object = network.errors(question.problem)
            if not question.problem.exchanges and not question.problem.inversions:
                # As nothing is exchanged but weights and neurons, it says the same of each example.
                said = packed.predict(network.shape, network.matrices(), question.problem.inputs).tobytes()
            everything[number].add((said, nonzero))
            if (said, nonzero) in kept[number]:
                continue
            if normal(question, NUMPY, holes).all():
                kept[number].add((said, nonzero))
    assert kept == everything


@pytest.mark.parametrize("name", ["place", "parity", "majority", "first", "some", "same"])
@pytest.mark.parametrize(
    ("topology", "head", "bias"),
    [
        ("2-2-1", "bit", False),
        ("2-2-1", "exact", False),
        ("2-1-1", "bit", True),
        ("2-1-1", "exact", True),
        ("2-1-2", "argmax", False),
        ("1-1-1-1", "bit", False),
        ("1-1-2-1", "exact", False),
    ],
)
def test_a_network_of_whole_numbers_in_normal_form_makes_as_many_errors(
    topology: str, head: str, bias: bool, name: str
) -> None:
    shape = IntegerShape.parse(topology, head, weight_bits=2, bias=bias)
    found = {case[0]: case[1:] for case in cases(shape.sizes[0], 2)}
    inputs, labels = found[name]
    question = IntegersQuestion(shape, inputs.astype(np.int64), labels)
    rows, labels, counts = question.merged
    everything, kept = set[int](), set[int]()
    places = np.cumsum([0, *(int(np.prod(size)) for size in question.holes.values())])
    free = int(places[-1])
    assert free <= 12
    for number in range(1 << free):
        bits = (number >> np.arange(free) & 1).astype(np.bool_)
        holes = {
            hole: bits[places[i] : places[i + 1]].reshape(size) for i, (hole, size) in enumerate(question.holes.items())
        }
        parameters = question.network(holes).parameters()
        wrong = int(counts[~integers.agree(shape, parameters, rows, labels)].sum())
        everything.add(wrong)
        if wrong not in kept and normal(question, NUMPY, holes).all():
            kept.add(wrong)
    assert kept == everything


@pytest.mark.parametrize(("topology", "all_", "kept"), [("3-1", 8, 2), ("3-3-1", 4096, 104)])
def test_how_many_are_left(topology: str, all_: int, kept: int) -> None:
    """Of a function whose inputs all may be exchanged, and inverted two at a time."""
    shape = Shape.parse(topology)
    inputs = np.array(list(product([False, True], repeat=3)))
    question = TrainingQuestion.on(inputs, inputs.sum(axis=1) % 2, shape)
    places = np.cumsum([0, *(int(np.prod(size)) for size in question.holes.values())])
    found = []
    for bits in product([False, True], repeat=shape.weight_bits):
        parts = np.split(np.array(bits), places[1:-1])
        holes = {name: part.reshape(size) for part, (name, size) in zip(parts, question.holes.items(), strict=True)}
        found.append(normal(question, NUMPY, holes).all())
    assert (len(found), sum(found)) == (all_, kept)


@pytest.mark.parametrize("bias", [False, True])
def test_order_and_scale_alone_leave_what_is_said(bias: bool) -> None:
    """Where examples tell inputs apart, what is kept says whatever any network says of each of them."""
    shape = IntegerShape.parse("2-1-1" if not bias else "1-1-1", weight_bits=3, bias=bias)
    inputs = np.array([[0, 0], [0, 1], [1, 0]])[:, : shape.sizes[0]]
    question = IntegersQuestion(shape, inputs, np.array([0, 1, 0]))
    assert not question.exchanges
    everything, kept, dropped = set[bytes](), set[bytes](), 0
    low, high = shape.ends
    for numbers in product(range(low, high + 1), repeat=shape.weights):
        parts = np.split(np.array(numbers), np.cumsum([int(np.prod(size)) for size in shape.parameters])[:-1])
        parameters = [part.reshape(size) for part, size in zip(parts, shape.parameters, strict=True)]
        said = integers.named(shape, integers.outputs(shape, parameters, inputs)).tobytes()
        everything.add(said)
        if said in kept:
            continue
        if normal(question, NUMPY, question.inner.bits(dict(zip(question.holes, parameters, strict=True)))).all():
            kept.add(said)
        else:
            dropped += 1
    assert kept == everything
    assert dropped


@often(100)
@given(st.integers(1, 4), st.integers(1, 10), st.integers(0, 10**6), st.integers(2, 3))
def test_what_may_be_exchanged_leaves_the_rows(n: int, rows: int, seed: int, values: int) -> None:
    rng = np.random.default_rng(seed)
    inputs, labels = rng.integers(0, values, (rows, n)), rng.integers(0, 2, rows)
    if seed % 2:
        # As many rows again, so that there is something to be found.
        inputs, labels = np.concatenate([inputs, inputs[:, ::-1]]), np.concatenate([labels, labels])
    table = np.unique(np.column_stack([inputs, labels]), axis=0)
    inputs, about = table[:, :-1], table[:, -1:]

    def same(made: Integers) -> bool:
        return {*map(tuple, np.column_stack([made, about]).tolist())} == {*map(tuple, table.tolist())}

    def exchanged(i: int, j: int) -> Integers:
        made = inputs.copy()
        made[:, [i, j]] = made[:, [j, i]]
        return made

    def inverted(i: int, j: int) -> Integers:
        made = inputs.copy()
        made[:, [i, j]] = 1 - made[:, [i, j]]
        return made

    for find, made in ((exchanges, exchanged), (inversions, inverted)):
        if find is inversions and values > 2:
            continue
        classes = {column: {column} for column in range(n)}
        for i, j in find(inputs, about):
            assert same(made(i, j))
            joined = classes[i] | classes[j]
            for column in joined:
                classes[column] = joined
        for i in range(n):
            for j in range(i + 1, n):
                assert same(made(i, j)) == (j in classes[i])


def test_each_input_is_held_against_few_others(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def mixed(numbers: Integers) -> Any:
        calls.append(1)
        return was(numbers)

    was = module._mixed
    monkeypatch.setattr(module, "_mixed", mixed)
    rng = np.random.default_rng(0)
    for inputs in (rng.integers(0, 2, (20, 300)), np.zeros((20, 300), dtype=np.int64)):
        about = (np.arange(20) % 2)[:, np.newaxis]
        assert len(exchanges(inputs, about)) == (299 if not inputs.any() else 0)
        assert not inversions(inputs, about)
    # Of all pairs there are 45,000.
    assert len(calls) < 4 * (MOST_CLASSES * 300 + 10)


def test_the_formula_is_about_networks_in_normal_form() -> None:
    inputs = np.array(list(product([False, True], repeat=3)))
    question = TrainingQuestion.on(inputs, inputs.sum(axis=1) % 2, Shape.parse("3-3-1"))
    plain = [Refutation.of(question, {"errors": 0}, {}, exchanged=exchanged).plain for exchanged in (False, True)]
    assert len(plain[0].clauses) < len(plain[1].clauses)
    assert plain[1].clauses[: len(plain[0].clauses)] == plain[0].clauses
