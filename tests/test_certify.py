"""Certificates: made for what is true, verified, and refused as soon as anything in them is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trusted
from dratify import parse_dimacs, parse_proof
from hypothesis import given
from hypothesis import strategies as st
from oracles import all_weights, fewest_errors, installed, naive_right
from running import train
from strategies import examples, networks, often, shapes

import bnnsat
from bnnsat.certificates import drat, foreign
from bnnsat.certificates.certificate import write
from bnnsat.certificates.certify import certify, certify_robustness
from bnnsat.certificates.check import check
from bnnsat.certificates.claim import CLAIM, Claim, Statement
from bnnsat.certificates.lemmas import fits, lemmas
from bnnsat.certificates.models import robustness_claim, training_claim, training_question
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.refutation import Refutation, dimacs, in_pairs
from bnnsat.circuit.counters import balanced
from bnnsat.data.binarize import Binarizer
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.lines import read_examples, sha256, write_examples
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.errors import InputError, RefusedError, ResourceError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.origin import Origin
from bnnsat.problem import Problem
from bnnsat.questions.parts import EXAMPLES, MODEL
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.half import tries
from bnnsat.shape import Shape
from bnnsat.solvers.solver import PROVING
from bnnsat.spelling import GIVEN, LEARNED
from bnnsat.training import Training
from bnnsat.types import Bits, Integers

ROOT = Path(__file__).resolve().parents[1]
BITS = Preprocessing(Binarizer("bits"))


def model_of(training: Training, shape: Shape, costs: Sequence[int] = ()) -> Model:
    """The model of a run, which knows what was proved of it."""
    origin = Origin(
        errors=training.errors,
        lower_bound=training.lower_bound,
        then=training.then,
        costs=tuple(costs) or None,
        thresholds=LEARNED if any(shape.constants) else GIVEN,
    )
    return Model(training.network, BITS, origin)


def certified(
    model: Model, inputs: Bits, labels: Integers, out: Path, prover: Prover | None = None, **options: Any
) -> Claim:
    """The certificate of a model for examples that are nowhere else."""
    claim, files = training_claim(model, training_question(model, inputs, labels), **options)
    return write(claim, files, out, prover or Prover())


def made(inputs: Bits, labels: Integers, shape: Shape, out: Path, **options: Any) -> tuple[Claim, Training]:
    training = train(inputs, labels, shape, **options)
    assert training.status == "OPTIMAL"
    model = model_of(training, shape, options.get("costs", ()))
    return certified(model, inputs, labels, out), training


def errors_of(claim: Claim) -> int:
    return claim.attained[0].sums["errors"]


def drawn(seed: int, shape: Shape, count: int) -> tuple[Bits, Integers]:
    rng = np.random.default_rng(seed)
    return rng.integers(2, size=(count, shape.sizes[0])).astype(np.bool_), rng.integers(shape.classes, size=count)


@often(25)
@given(st.data())
def test_the_fewest_errors_are_certified_and_no_fewer(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    shape = data.draw(shapes())
    inputs, labels = data.draw(examples(shape))
    out = tmp_path_factory.mktemp("certify") / "c"
    claim, _ = made(inputs, labels, shape, out)
    fewest = errors_of(claim)
    assert fewest == fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist())
    assert ("no network" in check(out)) == (fewest > 0)
    question = TrainingQuestion.on(inputs, labels, shape)
    if question.problem.total_cost > fewest:
        # One more than the optimum is no lower bound: the formula has a model.
        assert solved(Refutation.of(question, {"errors": fewest}, {}).plain.clauses)


def solved(clauses: list[list[int]]) -> bool:
    from pysat.solvers import Solver as PySolver

    with PySolver(name="glucose4", bootstrap_with=clauses) as solver:
        return bool(solver.solve())


@often(40)
@given(st.data())
def test_a_refutation_has_a_model_exactly_where_a_network_is(data: st.DataObject) -> None:
    shape = data.draw(shapes(8))
    inputs, labels = data.draw(examples(shape))
    margin = data.draw(st.integers(0, 2)) if shape.activation == "popcount" else 0
    problem = Problem.of(inputs, labels, margin=margin)
    fewest = fewest_errors(shape, problem.inputs.astype(int).tolist(), problem.labels.tolist(), margin)
    # Brute force counts rows; here each counts once.
    problem = replace(problem, costs=np.ones_like(problem.costs))
    question = TrainingQuestion(problem, shape)
    tree, found = tries.plan(problem) if fits(question) else (balanced(len(problem.labels)), [])
    for errors in range(len(problem.labels)):
        refutation = Refutation.of(question, {"errors": errors}, {"errors": tree})
        assert solved(refutation.plain.clauses) == (errors >= fewest)
        clauses = list(refutation.plain.clauses)
        assert solved([*clauses, *lemmas(question, refutation, tree, found)]) == (errors >= fewest)


@often(40)
@given(st.data())
def test_bounds_on_two_sums_have_a_model_exactly_where_a_network_is(data: st.DataObject) -> None:
    shape = Shape.parse(data.draw(st.sampled_from(["2-1", "3-1", "2-1-1"])), weights="ternary")
    inputs, labels = data.draw(examples(shape))
    question = TrainingQuestion.on(inputs, labels, shape)
    rows, names = inputs.astype(int).tolist(), labels.tolist()
    found = set()
    for weights in all_weights(shape):
        wrong = sum(not naive_right(shape, weights, row, label) for row, label in zip(rows, names, strict=True))
        halves = [(neuron[: len(neuron) // 2], neuron[len(neuron) // 2 :]) for layer in weights for neuron in layer]
        found.add((wrong, sum(a == b for first, second in halves for a, b in zip(first, second, strict=True))))
    for errors in range(len(labels) + 1):
        for nonzero in range(shape.weight_bits // 2 + 1):
            wanted = any(e <= errors and n <= nonzero for e, n in found)
            refutation = Refutation.of(question, {"errors": errors, "nonzero": nonzero}, {})
            assert solved(refutation.plain.clauses) == wanted


@often(40)
@given(st.data())
def test_a_refutation_of_changes_has_a_model_exactly_where_an_input_is(data: st.DataObject) -> None:
    network = data.draw(
        networks(most_weights=30).filter(lambda n: n.shape.sizes[0] <= 6 and not any(n.shape.constants))
    )
    n, levels = network.shape.sizes[0], data.draw(st.sampled_from([1, 2]))
    levels = levels if n % levels == 0 else 1
    order = data.draw(st.none() | st.permutations(range(n)))
    raw = n // levels
    if levels == 1 and n > 1 and data.draw(st.booleans()):
        # The last input reads what another reads.
        raw = n - 1
        order = [*data.draw(st.permutations(range(raw))), data.draw(st.integers(0, raw - 1))]
    way = "bits" if levels == 1 else f"levels:{levels}"
    model = Model(network, Preprocessing(Binarizer(way), None if order is None else tuple(order)))
    # Each grey value as its thermometer, in the network's own order.
    grey = np.array(list(product((0, 1) if levels == 1 else (0, 100, 255), repeat=raw)), dtype=np.uint8)
    inputs = model.bits(grey)
    weights = [matrix.astype(int).tolist() for matrix in network.matrices()]
    named = [
        [y for y in range(network.shape.classes) if naive_right(network.shape, weights, row, y)]
        for row in inputs.astype(int).tolist()
    ]
    place = data.draw(st.integers(0, len(inputs) - 1))
    if not named[place]:
        with pytest.raises(InputError, match="no label"):
            _ = RobustnessQuestion(model, inputs[place], model.dumps()).label
        return
    question = RobustnessQuestion(model, inputs[place], model.dumps())
    assert question.label == named[place][0]
    own = raw * levels
    changes = [
        int((row ^ inputs[place])[:own].sum()) for row, y in zip(inputs, named, strict=True) if y != named[place]
    ]
    for most in range(n + 1):
        wanted = bool(changes) and min(changes) <= most
        assert solved(Refutation.of(question, {"changes": most}, {}).plain.clauses) == wanted
        assert not (wanted and question.certain({"changes": most}))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("topology", ["6-1", "8-2-1", "6-4-1", "6-2-2-1"])
def test_every_step_before_the_solver_s_is_one_a_checker_takes(seed: int, topology: str) -> None:
    shape = Shape.parse(topology, "half")
    inputs, labels = drawn(seed, shape, 14)
    question = TrainingQuestion.on(inputs, labels, shape)
    tree, groups = tries.plan(question.problem)
    # A formula that may well have models: then the steps hold all the same, and lead to no contradiction.
    refutation = Refutation.of(question, {"errors": 3}, {"errors": tree})
    formula, steps = refutation.dimacs(), list(lemmas(question, refutation, tree, groups))
    assert steps or not groups or all(group.depth == 0 for group in groups)
    wrong = drat.refutes(formula, "".join(" ".join(map(str, (*step, 0))) + "\n" for step in steps).encode())
    assert wrong is None or "never derives the empty clause" in wrong


@pytest.mark.parametrize(
    ("kind", "then"),
    [
        *((kind, ("margin",)) for kind in ("plain", "learned", "ternary", "both")),
        *((kind, then) for kind in ("ternary", "both") for then in (("margin", "sparse"), ("sparse",))),
    ],
)
def test_further_objectives_are_certified(kind: str, then: tuple[str, ...], tmp_path: Path) -> None:
    weights = "ternary" if kind in ("ternary", "both") else "binary"
    shape = Shape.parse("3-2-1", thresholds="learned" if kind in ("learned", "both") else (), weights=weights)
    inputs, labels = drawn(3, shape, 8)
    claim, training = made(inputs, labels, shape, tmp_path / "c", then=then)
    assert [level.status for level in training.then] == ["OPTIMAL"] * len(then)
    last = training.then[-1]
    statement = claim.attained[-1]
    reached = statement.changes["margin"] if last.objective == "margin" else statement.sums["nonzero"]
    assert reached == last.value
    words = check(tmp_path / "c")
    assert ("margin" in words) == ("margin" in then) and ("other than 0" in words) == ("sparse" in then)
    # What is better than the best is refused before anything is written.
    better = replace(last, value=last.value + (1 if last.objective == "margin" else -1))
    better = replace(better, bound=better.value)
    model = model_of(replace(training, then=(*training.then[:-1], better)), shape)
    if better.value >= 0:
        with pytest.raises(InputError, match=r"exists|the solution has|margin"):
            certified(model, inputs, labels, tmp_path / "d")
        assert not (tmp_path / "d").exists()


def test_a_margin_of_0_is_named_and_no_sentence_comes_twice(tmp_path: Path) -> None:
    inputs, labels = np.array([[0, 0], [1, 1]], dtype=np.bool_), np.array([0, 1])
    # A count below the threshold of 1 is 0, and no farther from it.
    _, training = made(inputs, labels, Shape.parse("2-1"), tmp_path / "c", then=("margin",))
    assert training.then[0].value == 0
    said = check(tmp_path / "c").split("; ")
    assert "a network 2-1 (popcount, head bit) makes 0 errors on 2 examples" in said
    assert "a network 2-1 (popcount, head bit) makes 0 errors with a margin of 0 on 2 examples" in said
    assert "no network 2-1 (popcount, head bit) makes fewer than 1 error with a margin of 1" in said
    assert len(set(said)) == len(said)


def test_one_thing_is_told_as_one() -> None:
    inputs, labels = np.array([[0, 0]], dtype=np.bool_), np.array([0])
    question = TrainingQuestion.on(inputs, labels, Shape.parse("2-1", weights="ternary"))
    told = question.told({"errors": 1, "nonzero": 1})
    assert told.endswith("makes 1 error on 1 example and has 1 weight other than 0")
    assert question.refuted({"errors": 0, "nonzero": 0}).endswith("1 error with fewer than 1 weight other than 0")
    assert question.refuted({"errors": 1, "nonzero": 1}).endswith("2 errors with fewer than 2 weights other than 0")


def test_only_where_there_is_no_solution_no_change_does_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def wrong(*_: object) -> None:
        raise InputError("something else is wrong")

    monkeypatch.setattr("bnnsat.certificates.certify.least", wrong)
    with pytest.raises(InputError, match="something else is wrong"):
        certify_robustness(ONES, [1] * 6, tmp_path / "c")
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(("head", "topology"), [("onehot", "4-3-3"), ("argmax", "4-3-3"), ("onehot", "4-2-3")])
@pytest.mark.parametrize("costs", [(), (1, 3, 2)])
def test_classes_and_costs_are_certified(head: str, topology: str, costs: tuple[int, ...], tmp_path: Path) -> None:
    shape = Shape.parse(topology, "popcount" if topology == "4-3-3" else "half", head)
    inputs, labels = drawn(5, shape, 9)
    claim, _ = made(inputs, labels, shape, tmp_path / "c", costs=costs)
    assert f"{errors_of(claim)} error" in check(tmp_path / "c")


def test_smaller_shapes_are_certified_not_to_do(tmp_path: Path) -> None:
    rows = np.array([[a, b] for a in (0, 1) for b in (0, 1)], dtype=np.bool_)
    labels = (rows[:, 0] ^ rows[:, 1]).astype(np.int64)
    shape = Shape.parse("2-2-1")
    training = train(rows, labels, shape)
    model = model_of(training, shape)
    certified(model, rows, labels, tmp_path / "c", impossible=("2-1", "2-1-1"))
    words = check(tmp_path / "c")
    assert "no network 2-1-1 (popcount, head bit) makes fewer than 1 error" in words and "2 proofs checked" in words
    with pytest.raises(InputError, match="exists"):
        certified(model, rows, labels, tmp_path / "d", impossible=("2-3-1",))
    with pytest.raises(InputError, match="does not answer"):
        certified(model, rows, labels, tmp_path / "d", impossible=("3-1",))


def test_thresholds_are_part_of_the_claim(tmp_path: Path) -> None:
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.bool_)
    labels = np.array([0, 0, 0, 1])
    # "And" takes a threshold of 2, which is not the default for two inputs.
    shape = Shape.parse("2-1", thresholds=[2])
    training = train(rows, labels ^ [0, 0, 1, 0], shape)
    assert training.errors == 1
    model = model_of(training, shape)
    certified(model, rows, labels ^ [0, 0, 1, 0], tmp_path / "c")
    assert "no network 2-1 (popcount, thresholds 2, head bit)" in check(tmp_path / "c")
    with pytest.raises(InputError, match="other thresholds"):
        certified(model, rows, labels ^ [0, 0, 1, 0], tmp_path / "d", impossible=("2-1",))
    default = TrainingQuestion.on(rows, labels, Shape.parse("2-1"))
    with pytest.raises(InputError, match="the model is no network 2-1"):
        training_claim(model, default)
    # Whatever the thresholds, exclusive or is out of reach.
    learned = Shape.parse("2-1", thresholds="learned")
    training = train(rows, labels ^ [0, 1, 1, 1], learned)
    certified(model_of(training, learned), rows, labels ^ [0, 1, 1, 1], tmp_path / "e")
    assert "1 error on" in check(tmp_path / "e") and "any thresholds" in check(tmp_path / "e")


def test_what_an_error_costs_is_said(tmp_path: Path) -> None:
    shape = Shape.parse("2-1")
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.bool_)
    made(rows, np.array([0, 1, 1, 0]), shape, tmp_path / "c", costs=(5, 7))
    assert "(weighted 5, 7 by label)" in check(tmp_path / "c")


def test_no_proof_is_needed_where_nothing_could_be_better(tmp_path: Path) -> None:
    shape = Shape.parse("2-1")
    rows = np.array([[0, 0], [0, 0], [1, 1]], dtype=np.bool_)
    claim, _ = made(rows, np.array([0, 1, 1]), shape, tmp_path / "c")
    assert [s.trees for s in claim.impossible] == [None] and set(claim.files) == {MODEL, EXAMPLES}
    words = check(tmp_path / "c")
    assert "1 error on 3 examples" in words and "fewer than 1 error" in words and "no proofs checked" in words
    # That equal examples differ in their labels has to be so.
    forged = replace(claim, impossible=(replace(claim.impossible[0], sums={"errors": 1}),))
    (tmp_path / "c" / CLAIM).write_bytes(forged.dumps())
    with pytest.raises(RefusedError, match="needs a proof"):
        check(tmp_path / "c")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with a proof of some length."""
    shape = Shape.parse("8-2-1", "half")
    inputs, labels = drawn(1, shape, 40)
    out = tmp_path_factory.mktemp("sound") / "c"
    claim, _ = made(inputs, labels, shape, out)
    assert errors_of(claim) > 1 and claim.impossible[0].trees
    check(out)
    return out


@pytest.fixture
def certificate(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "copy"))


def change(path: Path, how: Callable[[str], str], *, digest: bool) -> None:
    """Change a file of a certificate; with `digest` the claim is told, as somebody who means it would."""
    text = path.read_text()
    assert how(text) != text
    path.write_text(how(text))
    if digest and path.name != CLAIM:
        claim = json.loads((path.parent / CLAIM).read_text())
        claim["files"][path.name] = sha256(path.read_bytes())
        if path.name == EXAMPLES:
            claim["noted"]["digest"] = claim["files"][EXAMPLES]
        (path.parent / CLAIM).write_text(json.dumps(claim))


def flipped(text: str, start: str) -> str:
    at = text.index(start) + len(start)
    return text[:at] + {"0": "1", "1": "0"}[text[at]] + text[at + 1 :]


def field(*path: str | int, value: object) -> Callable[[str], str]:
    """A part of the claim becomes something else."""

    def how(text: str) -> str:
        claim = json.loads(text)
        part = claim
        for name in path[:-1]:
            part = part[name]
        part[path[-1]] = value(part[path[-1]]) if callable(value) else value
        return json.dumps(claim)

    return how


def without_last_line(text: str) -> str:
    return text[: text.rstrip("\n").rindex("\n") + 1]


def without_a_step(text: str) -> str:
    """Without any of the steps that lead from the formula to the end, which is then too far for propagation."""
    return "0\n"


def other_literal(text: str) -> str:
    """The first step is about another variable of the formula."""
    first, rest = text.split("\n", 1)
    return " ".join(["1", "0"]) + "\n" + rest if first != "1 0" else "-1 0\n" + rest


TASK: dict[str, object] = {"data": "mux:6", "positive": None, "examples": None, "seed": 0, "binarize": None}
TASK |= {"input_order": "raw", "target": None, "reduce": None, "levels": None, "even": False}

CHANGES = {
    "a weight": (MODEL, lambda text: flipped(text, '"weights": [\n  [\n   "')),
    "a label": (EXAMPLES, lambda text: flipped(text, " ")),
    "an input": (EXAMPLES, lambda text: flipped("\n" + text, "\n")[1:]),
    "an example left out": (EXAMPLES, without_last_line),
    "a literal of a clause": ("errors.cnf", lambda text: text.replace("\n-", "\n", 1)),
    "a clause left out": ("errors.cnf", without_last_line),
    "a truncated formula": ("errors.cnf", lambda text: text[: len(text) // 2]),
    "a step": ("errors.drat", other_literal),
    "a proof without steps": ("errors.drat", without_a_step),
    "a truncated proof": ("errors.drat", lambda text: text[: len(text) // 3]),
    "a proof that is none": ("errors.drat", lambda text: "x" + text),
    "an empty proof": ("errors.drat", lambda text: ""),
    "the bound": (CLAIM, field("impossible", 0, "sums", "errors", value=lambda n: n - 1)),
    "a higher bound": (CLAIM, field("impossible", 0, "sums", "errors", value=lambda n: n + 1)),
    "fewer errors": (CLAIM, field("attained", 0, "sums", "errors", value=lambda n: n - 1)),
    "more errors": (CLAIM, field("attained", 0, "sums", "errors", value=lambda n: n + 1)),
    "a sum that there is not": (CLAIM, field("attained", 0, "sums", "nonzero", value=18)),
    "another sum": (CLAIM, field("impossible", 0, "sums", value={"nonzero": 3})),
    "one sum more": (CLAIM, field("impossible", 0, "sums", "nonzero", value=3)),
    "no sum": (CLAIM, field("impossible", 0, "sums", value={})),
    "nothing": (CLAIM, lambda text: field("impossible", value=[])(field("attained", value=[])(text))),
    "the shape": (CLAIM, field("noted", "shape", "topology", value="8-4-1")),
    "the activation": (CLAIM, field("noted", "shape", "activation", value="popcount")),
    "the head": (CLAIM, field("noted", "shape", "head", value="argmax")),
    "a margin": (CLAIM, field("noted", "margin", value=1)),
    "a margin that is false": (CLAIM, field("noted", "margin", value=False)),
    "a margin that overflows": (CLAIM, field("noted", "margin", value=2**63 - 1)),
    "another shape": (CLAIM, field("impossible", 0, "changes", "shape", value=Shape.parse("8-1", "half").noted())),
    "an unknown change": (CLAIM, field("impossible", 0, "changes", "trust", value="me")),
    "learned thresholds": (CLAIM, field("noted", "shape", "constants", value=[9, 3])),
    "given thresholds": (CLAIM, field("noted", "shape", "thresholds", value=[[1, 1], [1]])),
    "ternary weights": (CLAIM, field("noted", "shape", "repeat", value=2)),
    "costs": (CLAIM, field("noted", "costs", value=[1, 2])),
    "the examples' digest": (CLAIM, field("noted", "digest", value="0" * 64)),
    "no proof": (CLAIM, field("impossible", 0, "trees", value=None)),
    "no files": (CLAIM, field("files", value={})),
    "a file elsewhere": (CLAIM, field("files", "../x", value="0" * 64)),
    "a name elsewhere": (CLAIM, field("impossible", 0, "name", value="../errors")),
    "two of one name": (CLAIM, field("impossible", value=lambda statements: statements * 2)),
    "the kind": (CLAIM, field("question", value="robustness")),
    "an unknown kind": (CLAIM, field("question", value="os")),
    "the format": (CLAIM, field("format", value="other")),
    "the version": (CLAIM, field("version", value=1)),
    "an unknown field": (CLAIM, field("trust", value="me")),
    "a text for a number": (CLAIM, field("attained", 0, "sums", "errors", value="3")),
    "errors that are true": (CLAIM, field("attained", 0, "sums", "errors", value=True)),
    "a bound below nothing": (CLAIM, field("impossible", 0, "sums", "errors", value=-1)),
    "a truncated claim": (CLAIM, lambda text: text[:-20]),
    "the data": (CLAIM, field("source", value={"task": {"data": "mux:6"}})),
    "errors that cost nothing": (CLAIM, field("noted", "costs", value=[0, 0])),
    "costs that overflow": (CLAIM, field("noted", "costs", value=[2**62, 2**62])),
    "costs beyond any number": (CLAIM, field("noted", "costs", value=[2**63, 2**80])),
    "data of no kind": (CLAIM, field("source", value={"task": {**TASK, "data": 5}})),
    "a way of no kind": (CLAIM, field("source", value={"task": {**TASK, "binarize": 5}})),
    "a file name beyond any": (CLAIM, field("source", value={"task": {**TASK, "data": "/" + "x" * 300 + ".csv"}})),
    "a source of no kind": (CLAIM, field("source", value=[1])),
    "nothing but brackets": (CLAIM, lambda text: "[" * 200_000),
    "a label beyond any": (EXAMPLES, lambda text: text[:-2] + "9" * 30 + "\n"),
}


@pytest.mark.parametrize("digest", [False, True])
@pytest.mark.parametrize("what", CHANGES)
def test_what_has_been_changed_is_refused(what: str, digest: bool, certificate: Path) -> None:
    name, how = CHANGES[what]
    change(certificate / name, how, digest=digest)
    with pytest.raises(RefusedError):
        check(certificate)


@pytest.mark.parametrize("name", [CLAIM, MODEL, EXAMPLES, "errors.cnf", "errors.drat"])
def test_files_of_another_certificate_and_missing_ones_are_refused(
    name: str, certificate: Path, tmp_path: Path
) -> None:
    shape = Shape.parse("8-2-1", "half")
    inputs, labels = drawn(2, shape, 40)
    made(inputs, labels, shape, tmp_path / "other")
    (certificate / name).write_bytes((tmp_path / "other" / name).read_bytes())
    with pytest.raises(RefusedError):
        check(certificate)
    (certificate / name).unlink()
    with pytest.raises(RefusedError, match="cannot be read"):
        check(certificate)


def test_a_tree_that_leaves_errors_out_is_refused(certificate: Path) -> None:
    claim = json.loads((certificate / CLAIM).read_text())
    tree = claim["impossible"][0]["trees"]["errors"]
    for wrong in ([*tree[:-1], [tree[-1][0], tree[-1][0]]], tree[:-1], [*tree, [0, 1]], [["a", 0]], [[0, 10**6]], 3):
        claim["impossible"][0]["trees"]["errors"] = wrong
        (certificate / CLAIM).write_text(json.dumps(claim))
        with pytest.raises(RefusedError):
            check(certificate)


def test_proofs_of_others_count_as_much(certificate: Path, tmp_path: Path) -> None:
    lines = (certificate / "errors.cnf").read_text().splitlines()[1:]
    clauses = [[int(literal) for literal in line.split()[:-1]] for line in lines]
    prover = Prover("cadical153")
    proof = prover.prove("errors", clauses, max(abs(x) for c in clauses for x in c))
    (tmp_path / "text").write_bytes(proof)
    (tmp_path / "binary").write_bytes(packed(proof.decode()))
    # The form of LRAT; nobody here reads the hints, so any will do.
    steps = [line for line in proof.decode().splitlines() if not line.startswith("d")]
    hinted = "".join(f"{len(clauses) + place} {step} 1 2 0\n" for place, step in enumerate(steps, 1))
    (tmp_path / "lrat").write_text(f"{len(clauses)} d 1 2 0\n{hinted}")
    assert foreign.text((tmp_path / "lrat").read_bytes()).decode().splitlines() == steps
    for name in ("text", "binary", "lrat"):
        assert "errors" in check(certificate, proofs={"errors": tmp_path / name})
    assert foreign.text(packed(proof.decode())).split() == proof.split()
    (tmp_path / "cut").write_bytes(packed(proof.decode())[:-3])
    with pytest.raises(RefusedError):
        check(certificate, proofs={"errors": tmp_path / "cut"})


def packed(text: str) -> bytes:
    """A proof in drat-trim's binary form."""
    out = bytearray()
    for line in text.splitlines():
        words = line.split()
        out += b"d" if words[0] == "d" else b"a"
        for literal in map(int, words[1:] if words[0] == "d" else words):
            value = 2 * abs(literal) + (literal < 0)
            while value > 127:
                out.append(value & 127 | 128)
                value >>= 7
            out.append(value)
    return bytes(out)


@pytest.mark.parametrize("solver", PROVING)
def test_every_solver_that_writes_proofs_will_do(solver: str, tmp_path: Path) -> None:
    for seed, topology, activation in (
        (1, "8-2-1", "half"),
        (2, "8-1", "half"),
        (3, "6-1", "popcount"),
        (4, "5-2-1", "popcount"),
    ):
        shape = Shape.parse(topology, activation)
        inputs, labels = drawn(seed, shape, 24)
        training = train(inputs, labels, shape)
        model = model_of(training, shape)
        certified(model, inputs, labels, tmp_path / topology, Prover(solver))
        assert f"{training.errors} error" in check(tmp_path / topology)


def test_another_checker_has_the_word(certificate: Path, tmp_path: Path) -> None:
    said = (("s VERIFIED", 0), ("VERIFIED", 0), ("s NOT VERIFIED", 0), ("", 0), ("s VERIFIED", 1), ("no VERIFIED", 0))
    for words, code in said:
        good = code == 0 and words in ("s VERIFIED", "VERIFIED")
        program = tmp_path / "checker"
        program.write_text(f'#!/bin/sh\ntest -s "$1" && test -s "$2" && echo \'{words}\'\nexit {code}\n')
        program.chmod(0o755)
        if good:
            check(certificate, checker=str(program))
        else:
            with pytest.raises(RefusedError, match="does not say VERIFIED"):
                check(certificate, checker=str(program))
    # What it says beside may be in any encoding.
    program.write_text("#!/bin/sh\nprintf 'c gepr\\374ft\\ns VERIFIED\\n'\n")
    check(certificate, checker=str(program))
    with pytest.raises(RefusedError, match="cannot be run"):
        check(certificate, checker=str(tmp_path / "none"))
    with pytest.raises(RefusedError, match="empty"):
        check(certificate, checker=" ")
    with pytest.raises(RefusedError, match=r"there is no typo\.drat"):
        check(certificate, proofs={"typo": tmp_path / "none"})


def test_a_checker_is_given_the_proof_as_it_is(certificate: Path, tmp_path: Path) -> None:
    proof, program = tmp_path / "proof", tmp_path / "checker"
    proof.write_bytes(b"a\x02\x00")
    program.write_text(f'#!/bin/sh\ncmp -s "$2" {proof} && echo VERIFIED\n')
    program.chmod(0o755)
    assert "1 proof checked" in check(certificate, checker=str(program), proofs={"errors": proof})
    proof.write_bytes(b"a\x02\x01")
    program.write_text('#!/bin/sh\ncmp -s "$2" /dev/null && echo VERIFIED\n')
    with pytest.raises(RefusedError, match="does not say VERIFIED"):
        check(certificate, checker=str(program), proofs={"errors": proof})


def test_a_verdict_that_cannot_be_written_is_no_verdict(certificate: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full")
    with full.open("w") as out:
        command = [sys.executable, "-m", "bnnsat.certificates.check", str(certificate), "--quiet"]
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "bnnsat: cannot write to standard output: No space left on device\n")


def test_a_proof_may_not_use_what_it_has_deleted(certificate: Path) -> None:
    """A checker that deletes a clause but keeps what it implied would take this for a refutation of anything."""
    clauses = (certificate / "errors.cnf").read_text().splitlines()
    top = int(clauses[0].split()[2])
    unit = next(line.split()[0] for line in clauses[1:] if len(line.split()) == 2)
    forged = f"{top + 1} {-int(unit)} 0\nd {top + 1} {-int(unit)} 0\n{-top - 1} 0\n0\n".encode()
    assert drat.refutes((certificate / "errors.cnf").read_bytes(), forged) is not None
    assert drat.refutes(b"p cnf 3 2\n1 0\n2 3 0\n", b"4 -1 0\nd 4 -1 0\n-4 0\n0\n") is not None


def test_a_bound_that_does_not_hold_gets_no_certificate(tmp_path: Path) -> None:
    shape = Shape.parse("6-1", "half")
    inputs, labels = drawn(4, shape, 30)
    training = train(inputs, labels, shape)
    bad = Network.of(shape, [~matrix for matrix in training.network.matrices()])
    errors = bad.errors(Problem.of(inputs, labels))
    assert errors > training.errors
    bad_model = Model(bad, BITS, Origin(errors=errors, lower_bound=errors))
    with pytest.raises(InputError, match="exists"):
        certified(bad_model, inputs, labels, tmp_path / "c")
    assert not (tmp_path / "c").exists() and not list(tmp_path.iterdir())
    # But what is proved of it may be said.
    model = Model(bad, BITS, Origin(errors=errors, lower_bound=training.errors))
    certified(model, inputs, labels, tmp_path / "c")
    assert f"fewer than {training.errors}" in check(tmp_path / "c")
    with pytest.raises(InputError, match="not 0"):
        certified(Model(bad, BITS, Origin(errors=0, lower_bound=0)), inputs, labels, tmp_path / "d")
    with pytest.raises(InputError, match="above the"):
        certified(model, inputs, labels, tmp_path / "d", bound=errors + 1)
    with pytest.raises(InputError, match="what was proved"):
        certified(Model(bad, BITS), inputs, labels, tmp_path / "d")
    # Nothing but a certificate is ever replaced.
    certified(model, inputs, labels, tmp_path / "c")
    (tmp_path / "c" / "thesis.tex").write_text("my work")
    with pytest.raises(InputError, match="no certificate"):
        certified(model, inputs, labels, tmp_path / "c")
    assert (tmp_path / "c" / "thesis.tex").exists() and (tmp_path / "c" / CLAIM).exists()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.tex").write_text("my work")
    with pytest.raises(InputError, match="no certificate"):
        certified(model, inputs, labels, tmp_path / "taken")
    assert (tmp_path / "taken" / "thesis.tex").read_text() == "my work"


def test_provers_that_fail_say_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="writes no proofs"):
        Prover("minisat22")
    with pytest.raises(InputError, match="cannot be run"):
        Prover(program=str(tmp_path / "none")).prove("errors", [[1], [-1]], 1)
    with pytest.raises(ResourceError, match="code 3"):
        Prover(program="sh -c 'exit 3'").prove("errors", [[1], [-1]], 1)
    with pytest.raises(ResourceError, match="time limit"):
        Prover(program="sh -c 'sleep 5'", deadline=0.0).prove("errors", [[1], [-1]], 1)


def test_the_limit_is_kept_while_formulas_are_written(tmp_path: Path) -> None:
    """Writing them may take longer than the proofs."""
    inputs = np.random.default_rng(0).integers(0, 2, (50, 16)).astype(np.bool_)
    labels = inputs[:, 0].astype(np.int64)
    model = train(inputs, labels, Shape.parse("16-1"), seed=0).model
    notes: list[str] = []
    with pytest.raises(ResourceError, match="time limit"):
        certify(
            model, tmp_path / "c", bound=1, examples=(inputs, labels), prover=Prover(deadline=0.0), note=notes.append
        )
    assert not any("proving" in note for note in notes)
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("program", ["cadical", "kissat"])
def test_proofs_by_other_solvers(program: str, certificate: Path, tmp_path: Path) -> None:
    if (place := installed(program)) is None:
        pytest.skip(f"{program} is not installed")
    proof = tmp_path / "proof"
    done = subprocess.run([place, str(certificate / "errors.cnf"), str(proof)], capture_output=True, check=False)
    assert done.returncode == 20
    assert "errors" in check(certificate, proofs={"errors": proof})


def test_checking_imports_nothing_of_the_search() -> None:
    code = "import sys, bnnsat.certificates.check; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[1] for name in done.stdout.split() if name.startswith("bnnsat.")}
    assert not any(name.startswith(("pysat", "pysolvers", "pycard")) for name in done.stdout.split())
    fast = {"search", "training", "circuit", "encodings", "solvers", "cli", "campaigns", "exports", "model"}
    assert loaded.isdisjoint(fast)
    # Data are read again only where a certificate says where they come from.
    data = {name for name in done.stdout.split() if name.startswith("bnnsat.data.")}
    assert data == {"bnnsat.data.lines"}


def forged(claim: Claim, files: Mapping[str, bytes], out: Path) -> Path:
    """The folder of a claim that nobody has looked at, with all formulas and proofs that it asks for."""
    out.mkdir()
    contents = dict(files)
    for statement in claim.impossible:
        if statement.trees is not None:
            refutation = Refutation.of(claim.about(statement, files), statement.sums, statement.trees)
            contents[f"{statement.name}.cnf"] = refutation.dimacs()
            steps = Prover().prove(statement.name, refutation.plain.clauses, refutation.plain.top)
            contents[f"{statement.name}.drat"] = steps
    for name, content in contents.items():
        (out / name).write_bytes(content)
    (out / CLAIM).write_bytes(replace(claim, files={n: sha256(c) for n, c in contents.items()}).dumps())
    return out


AND = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.bool_), np.array([0, 0, 0, 1])


@pytest.mark.parametrize(("threshold", "constants"), [(0, 1), (3, 1), (2, 3), (0, 3)])
def test_any_thresholds_are_said_only_where_all_are_free(threshold: int, constants: int, tmp_path: Path) -> None:
    # "And" is learned without errors by a threshold of 2, which these constants cannot make.
    narrow = Shape((2, 1), thresholds=((threshold,),), constants=(constants,))
    question = TrainingQuestion.on(*AND, narrow)
    with pytest.raises(InputError, match="not those of learned thresholds"):
        Shape.of(narrow.noted())
    statement = Statement({"errors": 0}, {}, "errors", None)
    claim = Claim("training", question.noted(), (), (statement,), {}, {})
    with pytest.raises(RefusedError, match="learned thresholds"):
        check(forged(claim, question.files(), tmp_path / "c"))
    assert Shape.of(Shape.parse("2-1", thresholds="learned").noted()) == Shape.parse("2-1", thresholds="learned")


def test_sentences_say_which_network_they_are_about(tmp_path: Path) -> None:
    inputs, labels = drawn(3, Shape.parse("4-1"), 20)
    wide = train(inputs, labels, Shape.parse("4-3-1"))
    question = TrainingQuestion.on(inputs, labels, Shape.parse("4-1"))
    best = train(inputs, labels, Shape.parse("4-1")).errors
    assert wide.errors < best
    shape = {"shape": Shape.parse("4-3-1").noted()}
    claim = Claim(
        "training",
        question.noted(),
        (Statement({"errors": wide.errors}, shape),),
        (Statement({"errors": best - 1}, {}, "errors", {}),),
    )
    files = {**question.files(), MODEL: model_of(wide, Shape.parse("4-3-1")).dumps()}
    words = check(forged(claim, files, tmp_path / "c"))
    assert f"a network 4-3-1 (popcount, head bit) makes {wide.errors} error" in words
    assert f"no network 4-1 (popcount, head bit) makes fewer than {best} error" in words
    # Thresholds are written out: these are not the ones of a model.
    never = Statement({"errors": 0}, {"shape": Shape.parse("4-1", thresholds=[5]).noted()}, "never", {})
    words = check(forged(replace(claim, attained=(), impossible=(never,)), question.files(), tmp_path / "d"))
    assert "no network 4-1 (popcount, thresholds 5, head bit) makes fewer than 1 error" in words


ONES = Model(Network.of(Shape.parse("6-1"), [[[1] * 6]]), BITS)
"""1 where at least three of six bits are."""


def robust(bits: str, changes: Mapping[str, Any] | None = None, **source: Any) -> tuple[Claim, dict[str, bytes]]:
    """A claim that no change of fewer than two bits takes the label of ONES from an example."""
    question = RobustnessQuestion.of({"example": bits}, {MODEL: ONES.dumps()})
    statement = Statement({"changes": 1}, changes or {}, "changes", {})
    return Claim("robustness", question.noted(), (), (statement,), source), question.files()


def test_robustness_is_certified(tmp_path: Path) -> None:
    changed = np.array([0, 0, 1, 1, 0, 0], dtype=np.bool_)
    question = RobustnessQuestion.of({"example": "001111"}, {MODEL: ONES.dumps()})
    claim, files = robustness_claim(question, 2, changed)
    write(claim, files, tmp_path / "c", Prover())
    words = check(tmp_path / "c")
    assert "no change of fewer than 2 bits takes label 1 of the network 6-1 (popcount, head bit) from" in words
    assert "example 001111" in words and "2 bits changed make the network" in words
    for wrong in (3, 0):
        with pytest.raises(InputError, match=r"exists|nothing|sums are not"):
            write(*robustness_claim(question, wrong), tmp_path / "d", Prover())
    with pytest.raises(InputError, match="names label 1 for this input"):
        write(*robustness_claim(question, 2, ~np.eye(6, dtype=np.bool_)[0]), tmp_path / "d", Prover())
    # The fewest are found where none are given, and that no change at all does it is said, too.
    assert certify_robustness(ONES, question.example, tmp_path / "e").attained[0].sums == {"changes": 2}
    always = Model(Network.of(Shape.parse("6-1", thresholds=[0]), [[[1] * 6]]), BITS)
    certify_robustness(always, question.example, tmp_path / "f")
    assert "no change of fewer than 7 bits" in check(tmp_path / "f")
    changes: dict[str, tuple[str, Callable[[str], str]]] = {
        "the example": (CLAIM, field("noted", "example", value="001110")),
        "the label": (CLAIM, field("noted", "label", value=0)),
        "the radius": (CLAIM, field("impossible", 0, "sums", "changes", value=2)),
        "the changes": (CLAIM, field("attained", 0, "sums", "changes", value=1)),
        "a weight": (MODEL, lambda text: flipped(text, '"weights": [\n  [\n   "')),
        "the input": ("input.txt", lambda text: flipped("\n" + text, "\n")[1:]),
        "a longer input": ("input.txt", lambda text: "0" + text),
    }
    for what, (name, how) in changes.items():
        copy = Path(shutil.copytree(tmp_path / "c", tmp_path / what))
        change(copy / name, how, digest=True)
        with pytest.raises(RefusedError):
            check(copy)


def test_a_statement_about_robustness_is_about_the_example_of_the_claim(tmp_path: Path) -> None:
    task = {"task": TaskOptions("mux:6").noted()}
    # One flip takes the label of 000111; of 111111 four do.
    claim, files = robust("000111", {"example": "111111", "label": None}, **task, example=7)
    with pytest.raises(InputError, match="may change nothing"):
        forged(claim, files, tmp_path / "c")
    claim, files = robust("111111", **task, example=7)
    with pytest.raises(RefusedError, match="do not give these training example 7"):
        check(forged(claim, files, tmp_path / "d"))
    with pytest.raises(RefusedError, match="none of the files that the claim needs"):
        check(forged(claim, {**files, EXAMPLES: b"000000 0\n"}, tmp_path / "e"))
    claim, files = robust("111111", **task, example=-1)
    with pytest.raises(RefusedError, match="no training example -1"):
        check(forged(claim, files, tmp_path / "f"))
    claim, files = robust("111111", **task, example=63)
    assert "training example 63 of 'mux:6'" in check(forged(claim, files, tmp_path / "g"))


def test_an_example_that_no_grey_value_has_is_refused() -> None:
    model = Model(ONES.network, Preprocessing(Binarizer("levels:2")))
    with pytest.raises(InputError, match="no grey value has the bits of the example"):
        RobustnessQuestion.of({"example": "000111"}, {MODEL: model.dumps()})
    assert RobustnessQuestion.of({"example": "111000"}, {MODEL: model.dumps()}).label == 1


def test_what_a_certificate_says_cannot_end_the_line_or_come_twice(certificate: Path) -> None:
    text = (certificate / CLAIM).read_text()
    (certificate / CLAIM).write_text(text.replace('"source"', '"\\nVERIFIED: all is well": 1, "source"'))
    command = [sys.executable, "-m", "bnnsat.certificates.check", "--quiet", str(certificate)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout.startswith("NOT VERIFIED") and done.stdout.count("\n") == 1
    (certificate / CLAIM).write_text(text.replace('"source"', '"noted": {}, "source"'))
    with pytest.raises(RefusedError, match="twice"):
        check(certificate)


def test_the_trusted_base_is_what_the_docs_count() -> None:
    assert trusted.table() in (ROOT / "docs" / "trust.md").read_text(), "scripts/trusted prints the table anew"


def test_the_examples_are_written_and_read_as_they_are() -> None:
    inputs, labels = np.array([[True, False], [False, False]]), np.array([1, 0])
    text = write_examples(inputs, labels)
    assert text == b"10 1\n00 0\n"
    again = read_examples(text)
    assert np.array_equal(again[0], inputs) and np.array_equal(again[1], labels)
    for wrong in (b"", b"10 1\n0 1\n", b"12 1\n", b"10  1\n", b"101\n", b"10 x\n"):
        with pytest.raises(ValueError, match=r"lines|invalid literal"):
            read_examples(wrong)


def test_a_tree_in_pairs_adds_all_numbers() -> None:
    assert in_pairs(1) == []
    assert in_pairs(4) == [(0, 1), (2, 3), (4, 5)]
    assert dimacs(2, [[1, -2], []]) == b"p cnf 2 2\n1 -2 0\n0\n"


def test_a_margin_of_all_that_is_counted_needs_no_proof(tmp_path: Path) -> None:
    shape = Shape.parse("2-2-1", thresholds=[1, 0])
    training = bnnsat.train([[0, 0], [1, 1], [0, 1]], [1, 1, 1], shape, bnnsat.Options(then=("margin",)))
    assert (training.status, training.then[0].value) == ("OPTIMAL", 2)
    bnnsat.certify(training, tmp_path / "c")
    assert "margin of 2" in bnnsat.check(tmp_path / "c")


@often(300)
@given(st.data())
def test_no_proof_refutes_what_has_a_model(data: st.DataObject) -> None:
    """Steps and deletions at random, the clauses' own literals among them, and a further variable."""
    literal = st.integers(1, 4).flatmap(lambda v: st.sampled_from((v, -v)))
    clause = st.lists(literal, min_size=1, max_size=3)
    clauses = data.draw(st.lists(clause, min_size=1, max_size=6))
    steps = data.draw(st.lists(st.tuples(st.booleans(), st.one_of(clause, st.sampled_from(clauses))), max_size=8))
    steps += [(False, [])]
    proof = "".join(("d " if gone else "") + " ".join(map(str, [*row, 0])) + "\n" for gone, row in steps)
    formula = f"p cnf 4 {len(clauses)}\n" + "".join(" ".join(map(str, [*row, 0])) + "\n" for row in clauses)
    model = any(
        all(any((values[abs(lit) - 1]) == (lit > 0) for lit in row) for row in clauses)
        for values in product([False, True], repeat=4)
    )
    if model:
        assert drat.refutes(formula.encode(), proof.encode()) is not None


def test_definitions_come_before_deletions() -> None:
    """Pigeons in a hole less, with a definition that no proof needs in front: what is checked heeds deletions then."""
    clauses = [[1, 2], [3, 4], [5, 6], *([-a, -b] for hole in ((1, 3, 5), (2, 4, 6)) for a, b in combinations(hole, 2))]
    formula = f"p cnf 6 {len(clauses)}\n" + "".join(" ".join(map(str, [*row, 0])) + "\n" for row in clauses)
    definition = "7 -1 -3 0\n-7 1 0\n-7 3 0\n"
    proof = f"{definition}-1 0\nd 7 -1 -3 0\n0\n"
    assert drat.refutes(formula.encode(), proof.encode()) is None
    # What was needed is gone.
    late = f"d -1 -3 0\nd -1 -5 0\n{definition}-1 0\n0\n"
    assert not drat._with_deletions(parse_dimacs(formula), parse_proof(late))
    assert drat.refutes(formula.encode(), late.encode()) is None
