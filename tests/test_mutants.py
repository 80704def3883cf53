"""What scripts/mutate showed that no other test notices: changes of the trusted code, one place each."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bnnsat.certificates import check as checking
from bnnsat.certificates.certificate import write
from bnnsat.certificates.check import check
from bnnsat.certificates.claim import CLAIM, LARGEST, Claim, Statement
from bnnsat.certificates.models import robustness_claim
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.refutation import Refutation
from bnnsat.circuit.cnf import FALSE, TRUE, Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.data.binarize import Binarizer
from bnnsat.data.lines import sha256
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.encodings.catalogue import load
from bnnsat.errors import InputError, RefusedError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.problem import MAX_COST, Problem
from bnnsat.questions.parts import MODEL
from bnnsat.questions.robustness import INPUT, RobustnessQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings import forward
from bnnsat.readings.literals import LiteralAlgebra
from bnnsat.readings.plain import PlainAlgebra
from bnnsat.shape import MAX_SIZE, Shape

EXAMPLE = np.array([True, True, True, False, False])
CHANGED = np.array([True, True, False, False, False])
"""Just a majority of ones, and one less than that."""


def majority() -> Model:
    return Model(Network.of(Shape.parse("5-1"), [[[1] * 5]]), Preprocessing(Binarizer("bits")))


@pytest.fixture
def robust(tmp_path: Path) -> Path:
    """The certificate that two changes are too few to make five ones a minority, and that three will do."""
    model, example = majority(), np.ones(5, dtype=np.bool_)
    question = RobustnessQuestion(model, example, model.dumps())
    changed = np.array([True, False, False, True, False])
    claim, files = robustness_claim(question, 3, changed)
    write(claim, files, tmp_path / "c", Prover())
    return tmp_path / "c"


def test_the_robustness_of_an_example_is_certified(robust: Path) -> None:
    words = check(robust)
    assert "3 bits changed make the network 5-1 (popcount, head bit) name another label or none" in words
    assert (
        "no change of fewer than 3 bits takes label 1 of the network 5-1 (popcount, head bit) from the example" in words
    )
    assert words.endswith("1 proof checked")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("attained", 0, "sums", "changes"), 2),
        (("attained", 0, "sums", "changes"), 4),
        (("impossible", 0, "sums", "changes"), 1),
        (("impossible", 0, "sums", "changes"), 3),
        (("impossible", 0, "trees"), None),
        (("noted", "label"), 0),
        (("noted", "sha256"), "0" * 64),
        (("noted", "example"), "11110"),
        (("noted", "example"), "1111"),
        (("noted", "example"), "111111"),
        (("noted", "example"), "1111x"),
        (("noted", "example"), ["1", "1", "1", "1", "1"]),
    ],
)
def test_another_claim_of_robustness_is_refused(robust: Path, path: tuple[Any, ...], value: object) -> None:
    claim = json.loads((robust / CLAIM).read_text())
    part = claim
    for name in path[:-1]:
        part = part[name]
    assert part[path[-1]] != value
    part[path[-1]] = value
    (robust / CLAIM).write_text(json.dumps(claim))
    with pytest.raises(RefusedError):
        check(robust)


OTHER = replace(majority(), network=Network.of(Shape.parse("5-1"), [[[1, 1, 1, 1, 0]]])).dumps()


@pytest.mark.parametrize(
    ("name", "content"),
    [(INPUT, b"11101\n"), (INPUT, b"00001\n"), (INPUT, b"11111\n"), (INPUT, b"1001\n"), (MODEL, OTHER)],
)
def test_another_input_or_network_is_refused(robust: Path, name: str, content: bytes) -> None:
    """Even where the claim has its digest."""
    (robust / name).write_bytes(content)
    claim = json.loads((robust / CLAIM).read_text())
    claim["files"][name] = sha256(content)
    if name == MODEL:
        claim["noted"]["sha256"] = sha256(content)
    (robust / CLAIM).write_text(json.dumps(claim))
    with pytest.raises(RefusedError):
        check(robust)


def test_a_claim_of_robustness_without_a_change_needs_no_proof(tmp_path: Path) -> None:
    model = majority()
    question = RobustnessQuestion(model, EXAMPLE, model.dumps())
    assert question.certain({"changes": 0}) and question.certain({"changes": -1})
    assert not question.certain({"changes": 1})
    claim, files = robustness_claim(question, 1, CHANGED)
    write(claim, files, tmp_path / "c", Prover())
    assert "no proofs checked" in check(tmp_path / "c")


def test_the_program_says_what_is_verified(
    robust: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["check", *arguments])
        with pytest.raises(SystemExit) as stop:
            checking.main()
        assert isinstance(stop.value.code, int)
        return stop.value.code, *capsys.readouterr()

    code, out, told = run(str(robust))
    assert code == 0 and out.startswith("VERIFIED: 3 bits changed") and out.count("\n") == 1
    assert told.splitlines()[:2] == ["replaying the solution", "changes: writing the formula anew"]
    assert run(str(robust), "--quiet") == (0, out, "")
    # A proof by another program takes the place of the certificate's, whose digest then says nothing.
    proof = robust.parent / "proof"
    proof.write_bytes((robust / "changes.drat").read_bytes())
    (robust / "changes.drat").write_text("0\n")
    # Not the file that the claim was made with.
    assert run(str(robust), "--quiet")[0] == 1
    assert run(str(robust), "--quiet", "--proof", f"changes={proof}") == (0, out, "")
    proof.write_text("0\n")
    code, out, _ = run(str(robust), "--quiet", "--proof", f"changes={proof}")
    assert code == 1 and out.startswith("NOT VERIFIED: changes.drat is no proof")


def test_sums_of_a_claim_are_numbers_up_to_a_largest() -> None:
    def read(*sums: int, name: str = "errors") -> Claim:
        return Claim.loads(Claim("training", {}, (), tuple(Statement({"errors": n}, name=name) for n in sums)).dumps())

    assert read(0).impossible[0].sums == {"errors": 0}
    assert read(LARGEST).impossible[0].sums == {"errors": 10**9}
    for wrong in (-1, LARGEST + 1):
        with pytest.raises(InputError, match="from 0 to 1000000000"):
            read(wrong)
    assert read(1, name="e" * 100).impossible[0].name == "e" * 100
    for name in ("", ".errors", "-errors", "e/rrors", "errors\n", "e" * 101):
        with pytest.raises(InputError, match="names"):
            read(1, name=name)


def test_margins_and_costs_are_taken_up_to_their_limits() -> None:
    inputs, labels = np.array([[False, True, True], [True, True, False]]), np.array([0, 1])
    shape = Shape.parse("3-1")
    assert TrainingQuestion.on(inputs, labels, shape, margin=3).problem.margin == 3
    for margin in (-1, 4):
        with pytest.raises(InputError, match="margin"):
            TrainingQuestion.on(inputs, labels, shape, margin=margin)
    assert TrainingQuestion.on(inputs, labels, shape, (1, MAX_COST)).problem.total_cost == 1 + MAX_COST
    for costs in ((0, 1), (1, MAX_COST + 1), (1,), (1, 1, 1)):
        with pytest.raises(InputError, match="costs"):
            TrainingQuestion.on(inputs, labels, shape, costs)
    with pytest.raises(InputError, match="margin"):
        TrainingQuestion.on(inputs[:, :2], labels, Shape.parse("2-1", "half"), margin=1)


def test_a_file_that_says_the_same_in_other_bytes_is_refused(robust: Path) -> None:
    for name in (MODEL, INPUT, "changes.drat", "changes.cnf"):
        content = (robust / name).read_bytes()
        (robust / name).write_bytes(content + b"\n")
        with pytest.raises(RefusedError, match=f"{name} is not the file that the claim was made with"):
            check(robust)
        (robust / name).write_bytes(content)
    assert check(robust)


FORMULAS = [
    (Shape.parse("4-3-1"), 0, "e30eb56fffc357d0"),
    (Shape.parse("4-2-1", "half"), 0, "75fdeb9af339bd51"),
    (Shape.parse("4-3", thresholds=[3]), 0, "b33652d57b86b2b3"),
    (Shape.parse("4-2-3", head="argmax"), 1, "0c4a329b289f2403"),
    (Shape.parse("4-1", weights="ternary"), 0, "d616e0c2c7ea99b5"),
    (Shape.parse("4-2-1", thresholds="learned"), 2, "e80d84647b03441c"),
]
"""Shapes, margins, and the digest's start of a formula as it is since certificates have version 2."""


@pytest.mark.parametrize(("shape", "margin", "digest"), FORMULAS)
def test_formulas_stay_those_of_certificates_that_there_are(shape: Shape, margin: int, digest: str) -> None:
    inputs = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 0], [1, 0, 0, 1], [1, 1, 0, 0], [1, 1, 1, 1]])
    costs = range(1, shape.classes + 1)
    question = TrainingQuestion.on(inputs == 1, np.arange(6) % shape.classes, shape, costs, margin)
    formula = Refutation.of(question, dict.fromkeys(question.sums, 2), {}).dimacs()
    assert sha256(formula)[:16] == digest


def test_the_formula_of_robustness_stays_that_of_certificates_that_there_are(robust: Path) -> None:
    assert sha256((robust / "changes.cnf").read_bytes())[:16] == "1d5e3ead8823f274"


def test_a_comparison_of_no_bits_is_undecided() -> None:
    plain = PlainAlgebra()
    assert plain.compared([], []) == [(plain.true, -plain.true)]


def valued(plain: PlainAlgebra, bits: Sequence[bool], literals: Sequence[int]) -> list[bool]:
    """The values of literals where the first variables behind the constant have these bits."""
    values = {plain.true: True, **dict(enumerate(bits, 2))}

    def value(literal: int) -> bool:
        return values[abs(literal)] == (literal > 0)

    for kind, inputs, y in plain.calls:
        found = all(map(value, inputs)) if kind == "all" else value(inputs[0]) == value(inputs[1])
        assert values.setdefault(abs(y), found == (y > 0)) == (found == (y > 0))
    assert all(any(map(value, clause)) for clause in plain.clauses)
    return [value(literal) for literal in literals]


def test_operations_on_constants_and_literals_that_repeat() -> None:
    """Which networks seldom lead to: equal neurons, and weights that are known."""
    plain = PlainAlgebra()
    a, b = plain.fresh((2,)).tolist()
    choice = [a, -a, b, -b, plain.true, -plain.true]
    pairs = np.array(list(product(choice, repeat=2)))
    rows = np.array(list(product(choice, repeat=3)))
    halves = np.array(list(product(choice, repeat=4)))
    agree = plain.xnor(pairs[:, 0], pairs[:, 1])
    # A gate for a and b, and one for b and a: nothing else needs any.
    assert len({abs(y) for _, _, y in plain.calls}) == 2
    both, counts = plain.conj(rows), [plain.at_least(rows, k) for k in range(-1, 5)]
    greater = plain.greater(halves[:, :2], halves[:, 2:])
    exceeds = [plain.exceeds(halves[:, :2], halves[:, 2:], by) for by in range(-3, 4)]
    assert all((row == -plain.true).any() <= (y == -plain.true) for row, y in zip(rows, both, strict=True))
    made = np.concatenate([agree, both, *counts, greater, *exceeds])
    for bits in product((False, True), repeat=2):
        left, right = np.array(valued(plain, bits, pairs.ravel().tolist())).reshape(-1, 2).T
        three = np.array(valued(plain, bits, rows.ravel().tolist())).reshape(-1, 3)
        four = np.array(valued(plain, bits, halves.ravel().tolist())).reshape(-1, 4).astype(int)
        wanted = [left == right, three.all(axis=1), *(three.sum(axis=1) >= k for k in range(-1, 5))]
        wanted.append(four[:, :2] @ [2, 1] > four[:, 2:] @ [2, 1])
        wanted += [four[:, :2].sum(axis=1) >= four[:, 2:].sum(axis=1) + by for by in range(-3, 4)]
        assert valued(plain, bits, made.tolist()) == np.concatenate(wanted).tolist()


def test_words_say_that_bits_of_a_grey_value_stay_in_order() -> None:
    for way, among in (
        ("bits", "fewer than 2 bits takes"),
        ("levels:2", "(bits of one grey value, levels:2, staying in order)"),
    ):
        model = Model(Network.of(Shape.parse("4-1"), [[[1] * 4]]), Preprocessing(Binarizer(way)))
        question = RobustnessQuestion(model, np.ones(4, dtype=np.bool_), model.dumps())
        assert among in question.refuted({"changes": 1})


def test_a_shape_with_free_thresholds_admits_any_others() -> None:
    given, learned = Shape.parse("4-2-1", thresholds=[1, 2]), Shape.parse("4-2-1", thresholds="learned")
    assert given.admits(given) and learned.admits(given)
    assert not given.admits(Shape.parse("4-2-1", thresholds=[1, 1]))
    for topology in ("4-1", "4-2-1-1", "4-1-1"):
        assert not given.admits(Shape.parse(topology)) and not learned.admits(Shape.parse(topology))


def test_an_order_is_for_counts_of_its_width_alone() -> None:
    circuit = Circuit(Cnf())
    algebra = LiteralAlgebra(circuit, popcount=load("totalizer"), half=None, order=np.array([2, 0, 1]))
    bits = algebra.constant(np.array([[1, 1, 0], [1, 0, 0]], dtype=np.bool_))
    assert algebra.at_least(bits, 2).tolist() == [TRUE, FALSE]
    assert algebra.at_least(bits[:, :2], 2).tolist() == [TRUE, FALSE]
    with pytest.raises(ValueError, match="no half-comparison"):
        algebra.greater(bits, bits)
    with pytest.raises(ValueError, match="no popcount"):
        LiteralAlgebra(circuit, popcount=None, half=load("ripple")).at_least(bits, 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"activation": "half", "thresholds": [[], []], "repeat": 2}, "binary weights"),
        ({"activation": "half", "thresholds": [[], []], "topology": "4-2-2", "head": "argmax"}, "no counts"),
        ({"repeat": 3}, "once or twice"),
        ({"repeat": 0}, "once or twice"),
        ({"topology": "4", "thresholds": []}, "two sizes or more"),
        ({"topology": "4-0-1", "thresholds": [[], [0]]}, "two sizes or more"),
        ({"topology": "0-2-1"}, "two sizes or more"),
        ({"topology": f"{MAX_SIZE + 1}-2-1"}, f"from 1 to {MAX_SIZE}"),
        ({"head": "best"}, "unknown"),
        ({"activation": "relu"}, "unknown"),
        ({"thresholds": [[5, 5], [3]], "constants": [5, 0]}, "constants"),
        ({"thresholds": [[5, 5], [3]], "constants": [5, 4]}, "constants"),
        ({"thresholds": [[5, 4], [3]], "constants": [5, 3]}, "constants"),
        ({"thresholds": [[5, 5], [2]], "constants": [5, 3]}, "constants"),
    ],
)
def test_shapes_that_are_noted_wrong_are_refused(changes: dict[str, Any], message: str) -> None:
    noted = Shape.parse("4-2-1").noted()
    assert Shape.of({**noted, "thresholds": [[5, 5], [3]], "constants": [5, 3]}).constants == (5, 3)
    with pytest.raises(InputError, match=message):
        Shape.of({**noted, **changes})


@pytest.mark.parametrize(("most", "steps"), [(1, 1), (15, 1), (16, 2), (23, 2), (24, 3), (1000, 125)])
def test_examples_come_in_parts_that_fit_into_memory(most: int, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = Shape.parse("4-2-1")
    monkeypatch.setattr(forward, "PRODUCTS", most)
    for examples in (0, 1, 5, 125, 126):
        parts = forward.parts(shape, examples)
        assert [row for part in parts for row in range(examples)[part]] == list(range(examples))
        assert len(parts) == max(1, -(-examples // steps))
        assert all(part.stop - part.start == steps for part in parts)


def test_what_a_network_is_judged_on_in_parts_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    network = Network.of(Shape.parse("4-3-3"), [rng.integers(2, size=size) for size in ((3, 4), (3, 3))])
    inputs, labels = rng.random((20, 4)) < 0.5, rng.integers(3, size=20)
    for margin in (0, 1):
        whole = network.right(inputs, labels, margin)
        monkeypatch.setattr(forward, "PRODUCTS", 40)
        assert len(forward.parts(network.shape, 20)) > 5
        assert network.right(inputs, labels, margin).tolist() == whole.tolist()
        monkeypatch.undo()


def test_words_of_training_say_the_numbers_of_the_claim() -> None:
    shape = Shape.parse("3-1", weights="ternary")
    inputs, labels = np.array([[False, True, True], [True, True, False]]), np.array([0, 1])
    question = TrainingQuestion.on(inputs, labels, shape)
    network = "network 3-1 (popcount, ternary weights, head bit)"
    assert question.told({"errors": 1, "nonzero": 2}) == (
        f"a {network} makes 1 error on 2 examples and has 2 weights other than 0"
    )
    assert question.told({"nonzero": 2}) == f"a {network} has 2 weights other than 0"
    assert question.refuted({"errors": 0}) == f"no {network} makes fewer than 1 error"
    assert (
        question.refuted({"errors": 1, "nonzero": 2})
        == f"no {network} makes fewer than 2 errors with fewer than 3 weights other than 0"
    )
    question = TrainingQuestion.on(inputs, labels, Shape.parse("3-1", thresholds=[1]), (2, 3), margin=1)
    assert question.told({"errors": 5}) == (
        "a network 3-1 (popcount, thresholds 1, head bit) makes "
        "5 errors (weighted 2, 3 by label) with a margin of 1 on 2 examples"
    )
    assert question.refuted({"errors": 4}) == (
        "no network 3-1 (popcount, thresholds 1, head bit) makes fewer than "
        "5 errors (weighted 2, 3 by label) with a margin of 1"
    )


def test_costs_are_those_of_labels() -> None:
    inputs = np.array([[0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 1]]) == 1
    problem = Problem.of(inputs, np.array([2, 1, 2, 0]), (1, 10, 100), margin=1)
    assert problem.labels.tolist() == [2, 0, 1] and problem.costs.tolist() == [200, 1, 10] and problem.margin == 1
    assert problem.errors(np.array([False, True, False])) == 210
    problem = Problem.of(inputs[[0, 0, 0, 1]], np.array([0, 1, 1, 0]), (5, 2))
    assert (problem.total_cost, problem.lower_bound, problem.margin) == (14, 4, 0)
    assert Problem(problem.inputs, problem.labels, problem.costs).margin == 0


def test_shapes_are_values() -> None:
    shape = Shape.parse("4-2-1")
    noted = shape.noted()
    del noted["repeat"], noted["constants"]
    # As in models of old.
    assert Shape.of(noted) == shape and hash(Shape.of(noted)) == hash(shape)
    with pytest.raises(FrozenInstanceError):
        shape.sizes = (4, 1)  # type: ignore[misc]


def test_what_is_no_table_is_no_question() -> None:
    labels = np.array([0, 1, 1])
    for inputs in (np.zeros(3, dtype=np.bool_), np.zeros((3, 3, 1), dtype=np.bool_), np.zeros((2, 3), dtype=np.bool_)):
        with pytest.raises(InputError, match="do not fit topology 3-1"):
            TrainingQuestion.on(inputs, labels, Shape.parse("3-1"))


def test_examples_are_counted_before_they_are_merged() -> None:
    inputs, labels = np.array([[0, 1, 1], [0, 1, 1], [1, 1, 0]]) == 1, np.array([1, 1, 0])
    question = TrainingQuestion.on(inputs, labels, Shape.parse("3-1"))
    assert len(question.problem.labels) == 2
    assert question.told({"errors": 0}).endswith("on 3 examples")
    assert TrainingQuestion(question.problem, question.shape).told({"errors": 0}).endswith("on 2 examples")


def test_claims_are_of_the_second_format_and_change_what_their_question_allows() -> None:
    question = TrainingQuestion.on(np.array([[False], [True]]), np.array([0, 1]), Shape.parse("1-1"))
    claim = Claim("training", question.noted(), (), ())
    assert json.loads(claim.dumps())["version"] == 2
    with pytest.raises(InputError, match=r"about training may change shape, margin$"):
        claim.about(Statement({"errors": 1}, changes={"costs": [1, 2]}), question.files())
    with pytest.raises(InputError, match=r"about robustness may change nothing$"):
        replace(claim, question="robustness").about(Statement({}, changes={"costs": [1, 2]}), {})


def test_inputs_are_read_once_but_by_richer_networks() -> None:
    assert Shape.parse("4-2-1").reads_once
    assert not Shape.parse("4-2-1", weights="ternary").reads_once
    assert not Shape.parse("4-2-1", thresholds="learned").reads_once
