"""Certificates of what holds for all inputs, or of inputs that refute it: made for what is true, refused for more."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often
from test_facts import KINDS, of_bits, of_columns

from bnnsat.certificates.certify import certify_property
from bnnsat.certificates.check import check
from bnnsat.certificates.claim import CLAIM, Statement
from bnnsat.cli import _run
from bnnsat.cli.explain import _forces
from bnnsat.data.lines import sha256
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.errors import BnnsatError, InputError, RefusedError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.property import INPUTS, PropertyQuestion
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.verification.answer import PROVED
from bnnsat.verification.facts import TRIED, decided
from bnnsat.verification.oracle import asked as asked_of
from bnnsat.verification.reasons import axp


def asked(model: Model, other: Model, ask: str, rng: np.random.Generator) -> PropertyQuestion | None:
    """A random question of a kind; None where a model takes none of it."""
    inputs = PropertyQuestion.on(model, "equal", other=other).claim.inputs
    name = inputs.parts[int(rng.integers(len(inputs.parts)))].name
    where = [inputs.names[int(rng.integers(len(inputs.names)))]] if rng.random() < 0.3 else []
    try:
        if ask in ("reach", "keeps"):
            return PropertyQuestion.on(model, ask, label=int(rng.integers(model.network.shape.classes)), where=where)
        if ask == "equal":
            return PropertyQuestion.on(model, ask, other=other, where=where)
        return PropertyQuestion.on(model, ask, inputs=[name], falling=bool(rng.integers(2)), where=where)
    except InputError:
        return None


@given(
    st.sampled_from(["reach", "keeps", "ignores", "monotone", "equal"]),
    st.sampled_from(KINDS),
    st.booleans(),
    st.integers(0, 99_999),
)
@often(60)
def test_what_trying_all_inputs_says_is_certified(
    tmp_path_factory: pytest.TempPathFactory, ask: str, kind: str, columns: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    model = (of_columns if columns else of_bits)(rng, kind)
    shape, matrices = model.network.shape, model.network.matrices()
    if rng.random() < 0.5:
        matrices[0] = matrices[0].copy()
        matrices[0][0, 0] ^= True
    other = replace(model, network=Network.of(shape, matrices))
    question = asked(model, other, ask, rng)
    if question is None:
        return
    fact = decided(question.claim, TRIED)
    out = tmp_path_factory.mktemp("c") / "c"
    if fact.status == PROVED:
        certify_property(question, None, out)
        assert question.words in check(out) and "of all" in check(out)
        return
    refuting = fact.inputs[0], fact.inputs[1]
    certify_property(question, refuting, out)
    assert f"some input refutes: {question.words}" in check(out)
    # What is refuted is not proved.
    with pytest.raises(InputError, match="a solution that good exists"):
        certify_property(question, None, out.parent / "d")
    again = PropertyQuestion.of(json.loads(json.dumps(question.noted())), question.files())
    assert again.words == question.words and again.attained({INPUTS: (out / INPUTS).read_bytes()}) == {"kept": 0}


def question() -> PropertyQuestion:
    """That a majority rises."""
    model = Model(Network.of(Shape.parse("3-1"), [[[1, 1, 1]]]))
    return PropertyQuestion.on(model, "monotone", inputs=["1"])


def test_forged_certificates_are_refused(tmp_path: Path) -> None:
    claim = certify_property(question(), None, tmp_path / "c")
    assert "the label never falls where '1' rises" in check(tmp_path / "c")
    asked_else = {"falling": True, "ask": "ignores", "inputs": ["2"], "where": ["input 0"], "other": 1, "label": 3}
    for name, value in asked_else.items():
        if name == "label":
            continue
        (tmp_path / "c" / CLAIM).write_bytes(replace(claim, noted={**claim.noted, name: value}).dumps())
        with pytest.raises(RefusedError):
            check(tmp_path / "c")
    refuting = b"111\n111\n"
    (tmp_path / "c" / INPUTS).write_bytes(refuting)
    files = {name: digest for name, digest in claim.files.items() if name.endswith(".json")}
    odd = replace(claim, impossible=(), attained=(Statement({"kept": 0}),), files={**files, INPUTS: sha256(refuting)})
    for name in ("kept.cnf", "kept.drat"):
        (tmp_path / "c" / name).unlink()
    (tmp_path / "c" / CLAIM).write_bytes(odd.dumps())
    with pytest.raises(RefusedError, match="differ in more than they may"):
        check(tmp_path / "c")


def test_inputs_that_do_not_belong_together_are_no_solution() -> None:
    asked_ = question()
    for lines in ("000\n011", "00\n01", "002\n000", "000"):
        with pytest.raises(InputError):
            asked_.attained({INPUTS: lines.encode()})
    assert asked_.attained({INPUTS: b"000\n010"}) == {"kept": 1}
    holes = {"first": np.zeros(3, dtype=np.bool_), "second": np.ones(1, dtype=np.bool_)}
    assert asked_.required(NUMPY, holes).all()
    with pytest.raises(InputError, match="no property"):
        PropertyQuestion.on(asked_.claim.models[0], "falls")


def test_the_command_certifies_properties(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Model(Network.of(Shape.parse("3-1"), [[[1, 1, 1]]])).save(tmp_path / "m.json")
    for number, (said, status) in enumerate(
        (("monotone --input 1", "PROVED"), ("ignores --input 1", "REFUTED"), ("reach --label 1", "REFUTED"))
    ):
        out = tmp_path / f"c{number}"
        command = ["verify", str(tmp_path / "m.json"), *said.split(), "--certificate", str(out), "--json"]
        assert _run(command) == 0
        assert json.loads(capsys.readouterr().out)["status"] == status
        assert ("of all 8 inputs" if status == "PROVED" else "some input refutes") in check(out)
    assert _run(["verify", str(tmp_path / "m.json"), "redundant", "--certificate", str(tmp_path / "r")]) == 3
    assert "no neurons are left out: there is nothing to be certified" in capsys.readouterr().err


def test_the_command_certifies_that_neurons_can_be_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The second neuron is always 1.
    shape = Shape.parse("3-2-1").with_thresholds([[2, 0], [2]])
    Model(Network.of(shape, [[[1, 1, 1], [1, 0, 1]], [[1, 1]]])).save(tmp_path / "m.json")
    command = ["verify", str(tmp_path / "m.json"), "redundant", "--certificate", str(tmp_path / "r"), "--json"]
    assert _run(command) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == ["1.2"]
    assert "two networks name the same label" in check(tmp_path / "r")


@given(st.sampled_from(KINDS), st.booleans(), st.integers(0, 99_999))
@often(20)
def test_reasons_are_certified(tmp_path_factory: pytest.TempPathFactory, kind: str, columns: bool, seed: int) -> None:
    rng, place = np.random.default_rng(seed), tmp_path_factory.mktemp("e")
    model = of_columns(rng, kind) if columns else of_bits(rng, kind)
    inputs = Inputs.of(model)
    bits = inputs.drawn(1, rng)[0]
    question = RobustnessQuestion.on(model, bits[inputs.order])
    if int(model.codes(bits[np.newaxis][:, inputs.order])[0]) < 0:
        return
    with asked_of(question, None) as oracle:
        reason = sorted(axp(oracle))
    certify_property(_forces(model, question, reason), None, place / "c")
    assert f"all get label {model.label(question.label)!r}" in check(place / "c")
    # Nothing less forces it, and so nothing less is certified.
    if reason:
        with pytest.raises(Exception, match=r".") as failed:
            certify_property(_forces(model, question, reason[1:]), None, place / "d")
        assert isinstance(failed.value, BnnsatError)
        assert not (place / "d").exists()


def test_the_command_certifies_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Model(Network.of(Shape.parse("3-1"), [[[1, 1, 1]]])).save(tmp_path / "m.json")
    np.savez(tmp_path / "d.npz", X=np.array([[1, 1, 0]]))
    command = ["explain", str(tmp_path / "m.json"), "--data", str(tmp_path / "d.npz"), "--certificate"]
    assert _run([*command, str(tmp_path / "c"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["reason"] == [0, 1]
    assert "of all 2 inputs: all get label 1, where input 0, where input 1" in check(tmp_path / "c")
    assert _run([*command, str(tmp_path / "d"), "--kind", "cxp"]) == 2
    assert "leave it out" in capsys.readouterr().err


def test_words_that_mean_two_things_are_refused() -> None:
    shape = Shape.parse("3-1").with_thresholds([[2]])

    def of(*names: str) -> Model:
        return Model(Network.of(shape, [[[0, 1, 1]]]), Preprocessing(TableBinarizer.of_bits(list(names))))

    clash = of("not a", "a", "b")
    question = RobustnessQuestion.on(clash, np.zeros(3, dtype=np.bool_))
    with pytest.raises(InputError, match="'not a' means 2 things"):
        _forces(clash, question, [1, 2])
    # What means one thing is taken, also with its blanks.
    assert _forces(clash, question, [0, 2]).claim.inputs.total == 2
    blanks = of("b ", " c", "a")
    assert _forces(blanks, RobustnessQuestion.on(blanks, np.ones(3, dtype=np.bool_)), [0, 1]).claim.inputs.total == 2
