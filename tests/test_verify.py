"""Least changes of an example: what counting finds is what trying every set of flips finds."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often

from bnnsat.cli import _run
from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import AS_BITS, Preprocessing
from bnnsat.errors import InputError
from bnnsat.foreign.imported import imported
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.shape import Shape
from bnnsat.verification import minimum as module
from bnnsat.verification.answer import CHANGES, KEEPS
from bnnsat.verification.facts import SAT
from bnnsat.verification.flips import NORMS
from bnnsat.verification.minimum import minimum

FOREIGN = Path(__file__).resolve().parents[2] / "shared" / "data" / "foreign"

MEASURES: dict[str, Any] = {
    "l0": lambda steps: (steps > 0).sum(axis=1),
    "l1": lambda steps: steps.sum(axis=1),
    "l2": lambda steps: (steps**2).sum(axis=1),
    "linf": lambda steps: steps.max(axis=1),
}


def random_model(rng: np.random.Generator, head: str, repeat: int, grey: bool) -> Model:
    """A network of popcounts with any thresholds, of bits or of grey levels."""
    n = int(rng.integers(2, 8))
    hidden = [int(h) for h in rng.integers(1, 6, size=rng.integers(1, 3))]
    sizes = (n, *hidden, 1 if head == "bit" else int(rng.integers(2, 5)))
    shape = Shape.parse("-".join(map(str, sizes)), "popcount", head, weights=("binary", "ternary")[repeat - 1])
    near = [
        tuple(int(np.clip(fan_in // 2 + rng.integers(-2, 4), 0, fan_in + 1)) for _ in range(m))
        for m, fan_in in shape.matrices
    ]
    shape = shape.with_thresholds(near)
    if head == "argmax" and rng.random() < 0.5:
        offsets = tuple(Fraction(int(k), 2) for k in rng.integers(-3, 4, size=shape.classes))
        shape = replace(shape, offsets=offsets)
    network = Network.of(shape.checked(), [rng.integers(2, size=size) for size in shape.matrices])
    if not grey:
        return Model(network, AS_BITS)
    levels = tuple(float(level) - 0.5 for level in rng.integers(0, 257, size=n))
    return Model(network, Preprocessing(Binarizer("pixel-mean", levels), tuple(rng.permutation(n).tolist())))


def changed(model: Model, row: Any, label: int, tied: str) -> bool:
    """Whether the network says something else of a row, by the definition."""
    shape = model.network.shape
    bits = model.bits(row[np.newaxis])
    named = model.codes(bits)[0]
    if named != label or tied == KEEPS or shape.head != "argmax":
        return bool(named != label)
    values = bits.astype(int)[0]
    for index, matrix in enumerate(model.network.matrices()):
        counts = [
            sum(w == v for w, v in zip(weights, np.tile(values, shape.repeat), strict=True)) for weights in matrix
        ]
        values = np.array([count >= t for count, t in zip(counts, shape.thresholds[index], strict=True)]).astype(int)
    points = [count + offset for count, offset in zip(counts, shape.offsets or [0] * len(counts), strict=True)]
    return any(one >= points[label] for c, one in enumerate(points) if c != label)


@given(
    st.sampled_from(["bit", "onehot", "argmax"]),
    st.sampled_from([1, 2]),
    st.booleans(),
    st.sampled_from(NORMS),
    st.sampled_from([KEEPS, CHANGES]),
    st.booleans(),
    st.integers(0, 10_000),
)
@often(150)
def test_the_least_change_is_that_of_all_changes(
    head: str, repeat: int, grey: bool, norm: str, tied: str, hard: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    model = random_model(rng, head, repeat, grey)
    n = model.network.shape.sizes[0]
    row = rng.integers(256 if grey else 2, size=n).astype(np.uint8)
    label = int(model.codes(model.bits(row[np.newaxis]))[0])
    if label < 0:
        with pytest.raises(InputError, match="names no label"):
            minimum(model, row, norm, tied=tied)
        return
    within = None if rng.random() < 0.7 else rng.permutation(n)[: rng.integers(n + 1)].tolist()
    with pytest.MonkeyPatch.context() as patch:
        if hard:
            # As where a budget takes long: some change is looked for first.
            patch.setattr(module, "PATIENCE_SECONDS", -1.0)
        found = minimum(model, row, norm, tied=tied, within=within)
    # Each bit is flipped by the nearest level that does it, or not at all.
    nearest = []
    for place in range(n):
        tried = np.tile(row, (256 if grey else 2, 1))
        tried[:, place] = np.arange(len(tried))
        other = (model.bits(tried) != model.bits(row[np.newaxis])).any(axis=1)
        levels = np.flatnonzero(other & (within is None or place in within))
        nearest.append([int(row[place]), *levels[np.argsort(np.abs(levels - int(row[place])))][:1].tolist()])
    rows = np.array(list(product(*nearest)), dtype=np.uint8)
    steps = np.abs(rows.astype(int) - row.astype(int))
    costs = MEASURES[norm](steps)
    wanted = [int(cost) for one, cost in zip(rows, costs, strict=True) if changed(model, one, label, tied)]
    assert found.label == label
    if norm == "l0" and (head != "argmax" or tied == KEEPS) and rng.random() < 0.3:
        # A solver by itself says the same.
        solved = minimum(model, row, norm, tied=tied, within=within, method=SAT)
        assert (solved.value, solved.status, solved.method) == (found.value, found.status, SAT)
    if not wanted:
        assert found.value is None and found.status == "PROVED"
        assert found.lower_bound > costs.max()
        return
    for radius in {0, min(wanted) - 1, min(wanted), min(wanted) + 1} - {-1}:
        near = minimum(model, row, norm, tied=tied, within=within, radius=radius)
        assert near.status == ("REFUTED" if radius >= min(wanted) else "PROVED")
        if near.value is not None:
            assert near.counterexample is not None and changed(model, near.counterexample, label, tied)
            assert min(wanted) <= near.value <= radius
    assert (found.status, found.value, found.lower_bound) == ("OPTIMAL", min(wanted), min(wanted))
    assert found.counterexample is not None and changed(model, found.counterexample, label, tied)
    assert MEASURES[norm](np.abs(found.counterexample.astype(int) - row.astype(int))[np.newaxis])[0] == found.value


def test_wide_first_layers_have_several_words() -> None:
    rng = np.random.default_rng(5)
    for _ in range(6):
        shape = Shape.parse("9-150-3", "popcount", "argmax")
        model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
        row = rng.integers(2, size=9).astype(np.uint8)
        label = int(model.predict(row[np.newaxis])[0])
        rows = row ^ ((np.arange(512)[:, np.newaxis] >> np.arange(9)) & 1).astype(np.uint8)
        other = model.predict(rows) != label
        wanted = (rows != row).sum(axis=1)[other].min()
        found = minimum(model, row, tied=KEEPS)
        assert (found.status, found.value) == ("OPTIMAL", wanted)


def test_a_limit_leaves_a_bound() -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("200-60-2", "popcount", "argmax")
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    found = minimum(model, rng.integers(2, size=200).astype(np.uint8), seconds=0.0)
    assert found.status == "UNKNOWN" and found.lower_bound == 1 and found.value is None


def test_a_change_is_known_where_there_is_no_time_to_prove_that_it_is_the_least() -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("100-40-1", thresholds=[54, 20])
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    rows = rng.integers(2, size=(40, 100)).astype(np.uint8)
    found = [minimum(model, row, seconds=0.6) for row in rows[:4]]
    for row, one in zip(rows, found, strict=False):
        assert one.status in ("OPTIMAL", "FEASIBLE") and one.counterexample is not None
        assert model.predict(one.counterexample[np.newaxis])[0] == one.new_label != model.predict(row[np.newaxis])[0]
        assert one.value == (one.counterexample != row).sum() >= one.lower_bound


def test_many_examples_are_asked_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("12-6-1")
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    model.save(tmp_path / "m.json")
    rows = rng.integers(2, size=(45, 12)).astype(np.uint8)
    np.savez(tmp_path / "x.npz", X=rows)
    command = f"verify {tmp_path / 'm.json'} robust --data {tmp_path / 'x.npz'} --examples"
    out = tmp_path / "out"
    assert _run(f"{command} 3-44 --jobs 2 --out {out} --json".split()) == 0
    found = json.loads(capsys.readouterr().out)
    assert [answer["example"] for answer in found["answers"]] == list(range(3, 45))
    for answer in found["answers"]:
        own = minimum(model, rows[answer["example"]])
        assert (answer["status"], answer["value"]) == (own.status, own.value)
        other = rows[answer["example"]].copy()
        other[answer["changed"]] = answer["to"]
        assert model.predict(other[np.newaxis])[0] == answer["new_label"]
    assert (found["examples"], found["solved"]) == (42, 42)
    if find_spec("matplotlib") is not None:
        assert (out / "cactus.svg").stat().st_size and (out / "cactus.png").stat().st_size
    # A part that is there is not asked again; one that is cut off is.
    lines = (out / "results.jsonl").read_text().splitlines()
    assert len(lines) == 3
    (out / "results.jsonl").write_text("\n".join([*lines[:2], lines[2][:40]]))
    assert _run(f"{command} 3-44 --out {out}".split()) == 0
    said = capsys.readouterr().out
    assert "42 examples: " in said and said.splitlines()[0].startswith("3: ")
    kept = (out / "results.jsonl").read_text().splitlines()
    assert kept[:2] == lines[:2] and len(kept) == 3
    refused = {
        "44-3": "is no range",
        "0-45": "there is no 45",
        "0-3 --norm l7": "unknown norm 'l7'",
        "0-3 --jobs 0": "--jobs 0 is none",
        "0-3 --within 2-x": "names no inputs",
    }
    for more, message in refused.items():
        assert _run(f"{command} {more}".split()) == 2
        assert message in capsys.readouterr().err
    assert _run(f"{command} all --tied maybe".split()) == 2
    assert "ties are said by keeps or changes, not 'maybe'" in capsys.readouterr().err
    assert _run([*command.split()[:-1], "--out", str(out)]) == 2
    assert "--out is for many examples" in capsys.readouterr().err


def test_what_cannot_be_counted_is_refused() -> None:
    rng = np.random.default_rng(0)
    row = np.zeros(4, dtype=np.uint8)
    half = Shape.parse("4-2-1", "half")
    with pytest.raises(InputError, match="changed bits are counted, by a solver, for l0; linf is not"):
        minimum(Model(Network.of(half, [rng.integers(2, size=size) for size in half.matrices])), row, "linf")
    shape = Shape.parse("4-2-1")
    network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
    with pytest.raises(InputError, match="of several values each"):
        minimum(Model(network, Preprocessing(Binarizer("image-mean"))), row)
    with pytest.raises(InputError, match="unknown norm 'l3'; there are l0, l1, l2, linf"):
        minimum(Model(network), row, "l3")
    with pytest.raises(InputError, match="ties are said by keeps or changes"):
        minimum(Model(network), row, tied="maybe")


def test_the_command_line_says_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    shape = Shape.parse("6-3-2", "popcount", "argmax")
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    model.save(tmp_path / "m.json")
    rows = rng.integers(2, size=(3, 6)).astype(np.uint8)
    np.savez(tmp_path / "d.npz", X=rows)
    wanted = minimum(model, rows[2], "l1", tied=KEEPS)
    command = f"verify {tmp_path / 'm.json'} robust --data {tmp_path / 'd.npz'} --example 2 --norm l1 --tied keeps"
    assert _run([*command.split(), "--minimum", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "OPTIMAL" and found["value"] == found["lower_bound"] == wanted.value
    assert found["label"] == wanted.label != found["new_label"] == model.predict([found["counterexample"]])[0]
    assert [i for i in range(6) if found["counterexample"][i] != rows[2][i]] == found["changed"]
    assert found["method"] == "counting" and found["seconds"] >= 0
    assert _run(command.split()) == 0
    assert f"OPTIMAL: l1 {wanted.value}, at least {wanted.value} proved: label" in capsys.readouterr().out
    assert wanted.value is not None
    for radius, status in ((wanted.value - 1, "PROVED: no change within"), (wanted.value, "REFUTED: l1")):
        assert _run([*command.split(), "--radius", str(radius)]) == 0
        assert status in capsys.readouterr().out
    for more, message in (
        ("--radius -1", "--radius -1 is negative"),
        ("--radius 1 --minimum", "two questions"),
        ("--example 3", "there is no 3"),
        ("--norm l7", "unknown norm 'l7'"),
        ("--tied no", "ties are said by"),
        ("--time-limit 0", "time limit 0 is not above 0"),
        ("--input-scale 9", "leave the input scale out"),
    ):
        assert _run([*command.split(), *more.split()]) == 2
        error = capsys.readouterr().err
        assert message in error and error.count("\n") == 1
    assert _run(["verify", str(tmp_path / "m.json"), "nice", "--data", "x"]) == 2
    # What is not labelled is predicted, too.
    assert _run(f"predict {tmp_path / 'm.json'} --data {tmp_path / 'd.npz'}".split()) == 0
    output = capsys.readouterr()
    assert list(map(int, output.out.split())) == model.predict(rows).tolist() and "none with a label" in output.err


@pytest.mark.skipif(not FOREIGN.exists(), reason="the foreign networks are not here")
@pytest.mark.parametrize(("norm", "value"), [("l0", 2), ("l1", 2), ("l2", 2), ("linf", 1)])
def test_published_questions_have_their_published_answers(norm: str, value: int) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    model = imported(FOREIGN / "bnn_mnist_rot.onnx", 255).model
    with np.load(FOREIGN / "images.npz") as images:
        found = minimum(model, images["bnn_mnist_rot_16_label5"], norm)
    assert (found.status, found.value, found.label) == ("OPTIMAL", value, 5)
