"""One forward pass, several readings: the definitions, numpy, packed words, and the formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import naive_right
from strategies import examples, networks

from bnnsat.circuit.cnf import FALSE, TRUE, Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import load
from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.readings import forward, packed
from bnnsat.readings.literals import LiteralAlgebra
from bnnsat.shape import Shape
from bnnsat.solvers.solver import DirectSolver


@given(st.data())
def test_plain_reading_follows_the_definitions(data: st.DataObject) -> None:
    network = data.draw(networks())
    inputs, labels = data.draw(examples(network.shape))
    weights = [matrix.astype(int).tolist() for matrix in network.matrices()]
    wanted = [naive_right(network.shape, weights, x, int(y)) for x, y in zip(inputs, labels, strict=True)]
    assert network.right(inputs, labels).tolist() == wanted


@given(st.data())
def test_packed_inference_agrees_with_the_plain_reading(data: st.DataObject) -> None:
    network = data.draw(networks())
    inputs, labels = data.draw(examples(network.shape, most=20))
    assert np.array_equal(packed.outputs(network.shape, network.matrices(), inputs), network.outputs(inputs))
    assert np.array_equal(
        packed.predict(network.shape, network.matrices(), inputs) == labels, network.right(inputs, labels)
    )


@pytest.mark.parametrize("activation", ["popcount", "half"])
@pytest.mark.parametrize("topology", ["64-32-1", "130-70-10", "200-2-1", "784-128-10", "62-64-66-1"])
def test_packed_inference_of_wide_networks(topology: str, activation: str) -> None:
    rng = np.random.default_rng(7)
    shape = Shape.parse(topology, activation)
    sizes = zip(shape.sizes, shape.sizes[1:], strict=False)
    network = Network.of(shape, [rng.integers(2, size=(m, n)) for n, m in sizes])
    inputs = rng.random((300, shape.sizes[0])) < 0.5
    assert np.array_equal(packed.outputs(network.shape, network.matrices(), inputs), network.outputs(inputs))
    assert packed.outputs(network.shape, network.matrices(), inputs[:0]).shape == (0, shape.sizes[-1])


@given(st.data())
def test_the_formula_reads_as_the_network(data: st.DataObject) -> None:
    """Known inputs and unknown weights (training), unknown inputs and known weights (verification)."""
    network = data.draw(networks(most_weights=30))
    shape = network.shape
    inputs, labels = data.draw(examples(shape, most=3))
    popcount = load(data.draw(st.sampled_from(("totalizer", "adder", "seqcounter"))))
    half = load(data.draw(st.sampled_from(("muxchain", "ripple"))))
    unknown_weights = data.draw(st.booleans())
    circuit = Circuit(Cnf(), share=data.draw(st.booleans()))
    algebra = LiteralAlgebra(circuit, popcount=popcount, half=half)
    matrices = network.matrices()
    weights = [np.where(matrix, TRUE, FALSE) for matrix in matrices]
    x = algebra.constant(inputs)
    known: list[int] = []

    def variables_for(bits: np.ndarray) -> np.ndarray:
        variables = circuit.cnf.fresh(bits.size).reshape(bits.shape)
        known.extend(np.where(bits, variables, -variables).reshape(-1).tolist())
        return variables

    if unknown_weights:
        weights = [variables_for(matrix) for matrix in matrices]
    else:
        x = variables_for(inputs)
    read = forward.head_inputs(algebra, shape, weights, x)
    right = forward.right(algebra, shape, read, labels)
    solver = DirectSolver(circuit.cnf, "minisat22")
    answer = solver.solve(known)
    solver.close()
    assert answer.status
    found = [bool(r > 0) if abs(r) == TRUE else bool(answer.model[abs(r)] == (r > 0)) for r in right]
    assert found == network.right(inputs, labels).tolist()


def test_known_inputs_need_no_gate_in_the_first_products() -> None:
    circuit = Circuit(Cnf())
    algebra = LiteralAlgebra(circuit, popcount=None, half=None)
    weights = circuit.cnf.fresh(8).reshape(2, 4)
    z = forward.products(algebra, algebra.constant(np.array([[1, 0, 1, 1]], dtype=bool)), weights)
    assert z.tolist() == [[[1, -2, 3, 4], [5, -6, 7, 8]]]
    assert circuit.cnf.clauses == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("64",), "write inputs-neurons"),
        (("64-x-1",), "write inputs-neurons"),
        (("64-0-1",), "write inputs-neurons"),
        (("64--1",), "write inputs-neurons"),
        (("64-1", "relu6"), "there are popcount, half"),
        (("63-1", "half"), "63 is odd"),
        (("64-3-1", "half"), "3 is odd"),
        (("64-10", "half", "argmax"), "take --head onehot"),
        (("64-10", "popcount", "bit"), "take --head onehot or argmax"),
        (("64-1", "popcount", "onehot"), "take --head bit"),
        (("64-1", "popcount", "best"), "there are bit, onehot, argmax"),
        (("64-1", "popcount", None, [66]), "from 0 .always 1. to 65"),
        (("64-1", "popcount", None, [-1]), "from 0"),
        (("64-2-1", "popcount", None, [3]), "give one per layer"),
        (("64-1", "half", None, [3]), "has no thresholds"),
    ],
)
def test_shapes_that_do_not_fit(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Shape.parse(*arguments)  # type: ignore[arg-type]


def test_default_threshold_makes_a_tie_one() -> None:
    assert Shape.parse("64-3-1").thresholds == ((32, 32, 32), (2,))
    network = Network.of(Shape.parse("2-1"), [[[1, 1]]])
    assert network.outputs(np.array([[1, 0]], dtype=bool)).tolist() == [[True]]


def test_weights_must_have_the_topology() -> None:
    with pytest.raises(ValueError, match="topology 2-1"):
        Network.of(Shape.parse("2-1"), [[[1, 1, 0]]])
