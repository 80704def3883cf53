"""One forward pass, several readings: the definitions, numpy, packed words, and the formula."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import naive_right
from plain_formula import PlainFormula
from pysat.solvers import Solver as PySolver
from strategies import examples, networks, often

from bnnsat.circuit.cnf import FALSE, TRUE, Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import load
from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings import forward, packed
from bnnsat.readings.algebra import Algebra, Value
from bnnsat.readings.literals import LiteralAlgebra
from bnnsat.readings.numpy import NUMPY
from bnnsat.readings.plain import PlainAlgebra
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


@often(60)
@given(st.data())
def test_every_reading_agrees_about_the_algebra(data: st.DataObject) -> None:
    """By arithmetic on whole numbers: constants, repeated and negated values, bounds beyond what there is."""
    rows, n, m = (data.draw(st.integers(1, most)) for most in (3, 5, 4))
    bits = np.array(data.draw(st.lists(st.booleans(), min_size=4, max_size=4)))
    # Places of four values, of their negations, and of the constants.
    places = [data.draw(st.lists(st.integers(0, 9), min_size=w, max_size=w)) for w in [n] * rows + [m] * rows]
    by = np.array([data.draw(st.integers(-6, 7)) for _ in range(rows)])
    plain, circuit = PlainAlgebra(), Circuit(Cnf())
    literal = LiteralAlgebra(circuit, popcount=load("totalizer"), half=load("muxchain"))
    free = circuit.cnf.fresh(4)
    read = []
    readings: list[tuple[Algebra, Value]] = [(NUMPY, bits), (plain, plain.fresh((4,))), (literal, free)]
    for algebra, four in readings:
        ten = np.concatenate([four, algebra.negated(four), algebra.constant(np.array([True, False]))])
        a, b = np.stack([ten[row] for row in places[:rows]]), np.stack([ten[row] for row in places[rows:]])
        width = min(n, m)
        made = [
            algebra.exceeds(a, b, by),
            algebra.at_least(a, by),
            algebra.greater(a[:, :width], b[:, :width]),
            algebra.conj(a),
            algebra.xnor(a[:, 0], b[:, 0]),
        ]
        read.append(np.concatenate(made))
    every = np.concatenate([bits, ~bits, [True, False]])
    x, y = (np.stack([every[row] for row in part]) for part in (places[:rows], places[rows:]))
    numbers = [[int("".join(str(int(bit)) for bit in row[: min(n, m)]), 2) for row in part] for part in (x, y)]
    wanted = np.concatenate(
        [
            x.sum(axis=1) >= y.sum(axis=1) + by,
            x.sum(axis=1) >= by,
            np.array(numbers[0]) > np.array(numbers[1]),
            x.sum(axis=1) == n,
            x[:, 0] == y[:, 0],
        ]
    )
    assert read[0].tolist() == wanted.tolist()
    assert values(plain.clauses, plain.top, [2, 3, 4, 5], bits, read[1]) == wanted.tolist()
    constants = {int(TRUE): True, int(FALSE): False}
    found = values(list(circuit.cnf.rows()), circuit.cnf.variables, free.tolist(), bits, read[2], constants)
    assert found == wanted.tolist()


def values(
    clauses: list[list[int]],
    top: int,
    free: list[int],
    bits: np.ndarray,
    literals: np.ndarray,
    constants: Mapping[int, bool] = MappingProxyType({}),
) -> list[bool]:
    """The values of literals where the free variables have those bits; each has to be determined."""
    assumptions = [v if bit else -v for v, bit in zip(free, bits.tolist(), strict=True)]
    with PySolver(name="glucose4", bootstrap_with=clauses) as solver:
        assert solver.solve(assumptions=assumptions)
        model = {abs(literal): literal > 0 for literal in solver.get_model()}
        found = []
        for literal in literals.tolist():
            value = constants[literal] if literal in constants else model[abs(literal)] == (literal > 0)
            if literal not in constants:
                assert not solver.solve(assumptions=[*assumptions, -literal if value else literal])
            found.append(value)
    return found


@often(60)
@given(st.data())
def test_the_plain_reading_agrees_with_an_older_encoder_and_the_definitions(data: st.DataObject) -> None:
    network = data.draw(networks(most_weights=24))
    shape = network.shape
    inputs, labels = data.draw(examples(shape, most=3))
    margin = data.draw(st.integers(0, 2)) if shape.activation == "popcount" else 0
    problem = Problem.of(inputs, labels, margin=margin)
    rows, names = problem.inputs.astype(int).tolist(), problem.labels.tolist()
    weights = [matrix.astype(int).tolist() for matrix in network.matrices()]
    wanted = [not naive_right(shape, weights, x, y, margin) for x, y in zip(rows, names, strict=True)]
    plain, question = PlainAlgebra(), TrainingQuestion(problem, shape)
    holes = {name: plain.fresh(size) for name, size in question.holes.items()}
    errors = question.sum("errors", plain, holes).bits
    bits = np.concatenate([matrix.reshape(-1) for matrix in network.matrices()])
    free = np.concatenate([matrix.reshape(-1) for matrix in holes.values()]).tolist()
    assert values(plain.clauses, plain.top, free, bits, errors) == wanted
    older = PlainFormula(rows, names, shape, margin=margin)
    free = [variable for layer in older.weights for row in layer for variable in row]
    assert values(older.clauses, older.top, free, bits, np.array(older.errors)) == wanted


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
        (("64-10", "half", "argmax"), "take head onehot"),
        (("64-10", "popcount", "bit"), "does not fit 10 outputs; take head onehot or argmax"),
        (("64-1", "popcount", "onehot"), "does not fit 1 output; take head bit"),
        (("64-1", "popcount", "best"), "there are bit, onehot, argmax"),
        (("64-1", "popcount", None, [66]), "threshold 66 does not fit; give one from 0 .always 1. to 65"),
        (("64-1", "popcount", None, [-1]), "threshold -1 does not fit"),
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
