"""Normal forms: some network in normal form does whatever any network does."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from bnnsat.certificates.normal import normal
from bnnsat.certificates.refutation import Refutation
from bnnsat.integers import forward as integers
from bnnsat.integers.shape import IntegerShape
from bnnsat.network import Network
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings import packed
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape

SHAPES = [
    Shape.parse("3-2-1"),
    Shape.parse("2-3-1"),
    Shape.parse("2-2-1", weights="ternary"),
    Shape.parse("1-2-1", thresholds="learned"),
    Shape.parse("1-1-1", weights="ternary", thresholds="learned"),
    Shape.parse("3-3-1", thresholds=[2, 1]),
    Shape.parse("1-2-2-1"),
    Shape.parse("3-2-2", head="argmax"),
    Shape.parse("4-2-1", activation="half"),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.words)
def test_a_network_in_normal_form_does_the_same(shape: Shape) -> None:
    inputs = np.array(list(product([False, True], repeat=shape.sizes[0])))
    labels = np.arange(len(inputs)) % shape.classes
    question = TrainingQuestion.on(inputs, labels, shape)
    everything, kept, dropped = set(), set(), 0
    for bits in product([False, True], repeat=shape.weight_bits):
        values, at, holes = np.array(bits), 0, {}
        for name, size in question.holes.items():
            holes[name] = values[at : at + size[0] * size[1]].reshape(size)
            at += size[0] * size[1]
        network = Network.of(shape, list(holes.values()))
        said = packed.predict(network.shape, network.matrices(), inputs).tobytes()
        nonzero = 0
        if shape.repeat == 2:
            found = question.sum("nonzero", NUMPY, holes)
            nonzero = int(found.costs[found.bits].sum())
        everything.add((said, nonzero))
        if normal(question, NUMPY, holes).all():
            kept.add((said, nonzero))
        else:
            dropped += 1
    assert kept == everything
    assert dropped or shape.activation == "half"


@pytest.mark.parametrize("bias", [False, True])
def test_a_network_of_whole_numbers_in_normal_form_does_the_same(bias: bool) -> None:
    shape = IntegerShape.parse("2-2-1", weight_bits=2, bias=bias)
    inputs = np.array(list(product([0, 1], repeat=2)))
    question = IntegersQuestion(shape, inputs, np.array([0, 1, 1, 0]))
    rng, everything, kept = np.random.default_rng(0), set[bytes](), set[bytes]()
    low, high = shape.ends
    sizes = [int(np.prod(size)) for size in shape.parameters]
    every = product(range(low, high + 1), repeat=sum(sizes)) if not bias else rng.integers(low, high + 1, (4000, 9))
    for numbers in every:
        parts = np.split(np.array(numbers), np.cumsum(sizes)[:-1])
        parameters = [part.reshape(size) for part, size in zip(parts, shape.parameters, strict=True)]
        said = integers.outputs(shape, parameters, inputs).tobytes()
        holes = question.inner.bits(dict(zip(question.holes, parameters, strict=True)))
        everything.add(said)
        if normal(question, NUMPY, holes).all():
            kept.add(said)
        elif bias:
            # Exchanged, the same network is in normal form.
            turned = [parameters[0][::-1], parameters[1][::-1], parameters[2][:, ::-1], parameters[3]]
            holes = question.inner.bits(dict(zip(question.holes, turned, strict=True)))
            assert normal(question, NUMPY, holes).all()
            assert integers.outputs(shape, turned, inputs).tobytes() == said
            kept.add(said)
    assert kept == everything


def test_the_formula_is_about_networks_in_normal_form() -> None:
    inputs = np.array(list(product([False, True], repeat=3)))
    question = TrainingQuestion.on(inputs, inputs.sum(axis=1) % 2, Shape.parse("3-3-1"))
    plain = [Refutation.of(question, {"errors": 0}, {}, exchanged=exchanged).plain for exchanged in (False, True)]
    assert len(plain[0].clauses) < len(plain[1].clauses)
    assert plain[1].clauses[: len(plain[0].clauses)] == plain[0].clauses
