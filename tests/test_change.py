"""Certificates of least changes: recounted or proved, for what is true; refused for anything more."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often
from test_verify import MEASURES, changed, random_model

from bnnsat.certificates.certificate import write
from bnnsat.certificates.certify import certify_change
from bnnsat.certificates.check import check
from bnnsat.certificates.claim import CLAIM, Claim, Statement
from bnnsat.certificates.models import change_claim
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.recount import recounted
from bnnsat.cli import _run
from bnnsat.data.lines import sha256
from bnnsat.errors import InputError, RefusedError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.questions.change import CHANGED, NORMS, ChangeQuestion
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.types import Integers


def asked(rng: np.random.Generator, head: str, repeat: int, grey: bool, norm: str, tied: str) -> ChangeQuestion | None:
    """A question about a random network; None where it names no label for the example."""
    model = random_model(rng, head, repeat, grey)
    n = model.network.shape.sizes[0]
    row = rng.integers(256 if grey else 2, size=n)
    within = None if rng.random() < 0.7 else rng.permutation(n)[: rng.integers(n + 1)].tolist()
    try:
        return ChangeQuestion.on(model, row, norm, tied, within)
    except InputError:
        return None


def least(question: ChangeQuestion) -> tuple[int | None, int, Integers]:
    """What the least change costs (None where there is none), what all costs, and a change that costs the least."""
    model, raw = question.model, question.raw.astype(np.uint8)
    nearest = []
    for place in range(len(raw)):
        grey = question.model.preprocessing.binarizer.way != "bits"
        tried = np.tile(raw, (256 if grey else 2, 1))
        tried[:, place] = np.arange(len(tried))
        other = (model.bits(tried) != model.bits(raw[np.newaxis])).any(axis=1)
        levels = np.flatnonzero(other & (question.within is None or place in question.within))
        nearest.append([int(raw[place]), *levels[np.argsort(np.abs(levels - int(raw[place])))][:1].tolist()])
    rows = np.array(list(product(*nearest)), dtype=np.uint8)
    costs = MEASURES[question.norm](np.abs(rows.astype(int) - raw.astype(int)))
    wanted = [
        (int(cost), place)
        for place, (row, cost) in enumerate(zip(rows, costs, strict=True))
        if changed(model, row, question.label, question.tied)
    ]
    if not wanted:
        return None, int(costs.max()), question.raw
    cost, place = min(wanted)
    return cost, int(costs.max()), rows[place].astype(np.int64)


@given(
    st.sampled_from(["bit", "onehot", "argmax"]),
    st.sampled_from([1, 2]),
    st.booleans(),
    st.sampled_from(list(NORMS)),
    st.sampled_from(["keeps", "changes"]),
    st.integers(0, 10_000),
)
@often(120)
def test_counting_again_finds_what_trying_all_changes_finds(
    head: str, repeat: int, grey: bool, norm: str, tied: str, seed: int
) -> None:
    question = asked(np.random.default_rng(seed), head, repeat, grey, norm, tied)
    if question is None:
        return
    cost, all_, _ = least(question)
    for most in {0, all_} if cost is None else {cost - 1} - {-1}:
        assert recounted(question, most) >= 1
        assert not question.certain({"cost": most}) or recounted(question, most) == 1
    if cost is not None:
        for most in {cost, max(cost, all_)}:
            assert not question.certain({"cost": most})
            with pytest.raises(RefusedError, match="an affordable change"):
                recounted(question, most)


@given(st.sampled_from(list(NORMS)), st.booleans(), st.sampled_from(["keeps", "changes"]), st.integers(0, 10_000))
@often(30)
def test_least_changes_are_certified(
    tmp_path_factory: pytest.TempPathFactory, norm: str, grey: bool, tied: str, seed: int
) -> None:
    question = asked(np.random.default_rng(seed), "argmax" if seed % 2 else "bit", 1, grey, norm, tied)
    if question is None:
        return
    cost, all_, row = least(question)
    out = tmp_path_factory.mktemp("c") / "c"
    if cost is None:
        certify_change(question, all_ + 1, None, out)
        assert f"no change of {norm} {all_} or less" in check(out)
        return
    certify_change(question, cost, row.tolist(), out)
    said = check(out)
    assert f"a change of {norm} {cost} takes label {question.label}" in said
    assert cost == 0 or f"no change of {norm} {cost - 1} or less" in said
    if not grey or norm == "l0":
        # A formula with its proof says the same; costs of grey levels are too many digits for it.
        claim, files = change_claim(question, cost, row.tolist(), counted=False)
        write(claim, files, out.parent / "d", Prover())
        assert check(out.parent / "d").split(";")[0] == said.split(";")[0]
    if cost:
        with pytest.raises(InputError, match="keeps its label"):
            change_claim(question, cost, question.raw.tolist(), counted=True)


def forged(folder: Path, claim: Claim) -> Path:
    """The certificate with another claim."""
    (folder / CLAIM).write_bytes(claim.dumps())
    return folder


def test_more_than_is_true_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("9-5-3", "popcount", "argmax")
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    rows = rng.integers(2, size=(50, 9))
    question = next(q for q in (ChangeQuestion.on(model, raw, "l0", "changes") for raw in rows) if least(q)[0] == 2)
    cost, _, row = least(question)
    assert cost == 2
    claim = certify_change(question, cost, row.tolist(), tmp_path / "c")
    assert "sets of turned bits tried" in check(tmp_path / "c")
    more = replace(claim, impossible=(replace(claim.impossible[0], sums={"cost": cost}),))
    with pytest.raises(RefusedError, match="an affordable change that the claim denies"):
        check(forged(tmp_path / "c", more))
    less = replace(claim, attained=(Statement({"cost": cost - 1}),))
    with pytest.raises(RefusedError, match="the solution has"):
        check(forged(tmp_path / "c", less))
    first = claim.impossible[0]
    for more_said in (replace(first, trees={}), replace(first, sums={"cost": cost - 1, "other": 0})):
        odd = replace(claim, impossible=(more_said,))
        with pytest.raises(RefusedError, match="says more than what is checked"):
            check(forged(tmp_path / "c", odd))
    unproved = replace(claim, impossible=(replace(claim.impossible[0], counted=False),))
    with pytest.raises(RefusedError, match="needs a proof, and there is none"):
        check(forged(tmp_path / "c", unproved))
    named = {"norm": "l3", "tied": "never", "raw": [2] * 9, "within": [9], "label": 5, "other": 1}
    for name, value in [*named.items(), ("within", ""), ("within", [0.0]), ("raw", [0.0] * 9), ("raw", [True] * 9)]:
        with pytest.raises(RefusedError):
            check(forged(tmp_path / "c", replace(claim, noted={**claim.noted, name: value})))
    content = " ".join(map(str, question.raw.tolist())).encode()
    (tmp_path / "c" / CHANGED).write_bytes(content)
    kept = replace(claim, files={**claim.files, CHANGED: sha256(content)})
    with pytest.raises(RefusedError, match="keeps its label"):
        check(forged(tmp_path / "c", kept))


def test_other_questions_are_not_counted(tmp_path: Path) -> None:
    model = Model(Network.of(Shape.parse("3-1"), [[[1, 1, 1]]]))
    question = ChangeQuestion.on(model, np.array([1, 1, 1]), "l0", "keeps")
    claim = certify_change(question, 2, [0, 0, 1], tmp_path / "c")
    # One layer is proved by a formula.
    assert "1 proof checked" in check(tmp_path / "c")
    counted = replace(claim, impossible=(replace(claim.impossible[0], counted=True),))
    with pytest.raises(RefusedError):
        check(forged(tmp_path / "c", counted))


@pytest.mark.parametrize("norm", NORMS)
def test_the_formula_has_the_same_solutions(norm: str) -> None:
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(20):
        question = asked(rng, "argmax", 1, True, norm, "changes")
        if question is None:
            continue
        n = len(question.raw)
        rows = np.array(list(product((False, True), repeat=n)), dtype=np.bool_)
        costs = []
        for bits in rows:
            holes = {"inputs": bits}
            if question.required(NUMPY, holes).all():
                sum_ = question.sum("cost", NUMPY, holes)
                costs.append(int(sum_.costs[sum_.bits].sum()))
                assert len(question.facts(holes)["changed"]) == (bits != question.bits).sum()
        assert (min(costs) if costs else None) == least(question)[0]
        found += bool(costs)
    assert found > 5


def test_the_command_writes_what_check_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(2)
    models: dict[str, Any] = {"two": Shape.parse("8-4-2", "popcount", "argmax"), "half": Shape.parse("8-2-1", "half")}
    for name, shape in models.items():
        Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])).save(tmp_path / name)
    np.savez(tmp_path / "x.npz", X=rng.integers(2, size=(2, 8)).astype(np.uint8))
    for name, norm, more in (
        ("two", "l1", []),
        ("two", "linf", ["--within", "0-3"]),
        ("two", "l0", ["--radius", "1"]),
        ("half", "l0", []),
    ):
        out = tmp_path / f"c-{name}-{norm}"
        command = ["verify", str(tmp_path / name), "robust", "--data", str(tmp_path / "x.npz"), "--norm", norm, *more]
        assert _run([*command, "--certificate", str(out), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        said = check(out)
        if found["status"] in ("OPTIMAL", "REFUTED"):
            assert f"a change of {norm} {found['value']} takes" in said
        if found["lower_bound"] > 0:
            assert f"no change of {norm} {found['lower_bound'] - 1} or less" in said
