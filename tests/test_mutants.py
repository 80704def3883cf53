"""What scripts/mutate showed that no other test notices: changes of the trusted code, one place each."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
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
from bnnsat.data.binarize import Binarizer
from bnnsat.data.lines import sha256
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.errors import InputError, RefusedError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.problem import MAX_COST
from bnnsat.questions.parts import MODEL
from bnnsat.questions.robustness import INPUT, RobustnessQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.shape import Shape

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
    assert "3 changed bits make the network 5-1 name another label or none" in words
    assert "no change of fewer than 3 of its bits takes label 1 from the example" in words
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
    assert code == 0 and out.startswith("VERIFIED: 3 changed bits") and out.count("\n") == 1
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
