"""The best shape of a space: bounds carried by containment, what is left out, what is resumed, what is certified."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bnnsat
from bnnsat.campaigns.jobs.store import Store
from bnnsat.campaigns.shapes.certificate import certify_shapes
from bnnsat.campaigns.shapes.search import Goal, Shapes
from bnnsat.campaigns.shapes.space import Family, contains, ranged, space
from bnnsat.campaigns.shapes.trial import Trial, found, question_of
from bnnsat.certificates.claim import Claim
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.space import noted, weights_of
from bnnsat.cli import _run as run
from bnnsat.data.chosen import TaskOptions
from bnnsat.errors import InputError
from bnnsat.options import Options
from bnnsat.shape import Shape


def called(words: str) -> int:
    """The command line's exit code."""
    return run(words.split())


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials in this process: starting one for each takes longer than most of them."""
    monkeypatch.setattr(
        "bnnsat.campaigns.shapes.search.execute", lambda fields: {"status": "done", **found(Trial(**fields))}
    )


def test_a_space_has_each_shape_once() -> None:
    found = [shape.topology for shape in space(Family("popcount", 3, 1), range(3), range(1, 3))]
    assert sorted(found) == sorted(["3-1", "3-1-1", "3-2-1", "3-1-1-1", "3-1-2-1", "3-2-1-1", "3-2-2-1"])
    halves = [shape.topology for shape in space(Family("half", 4, 1), range(2), range(1, 5))]
    assert halves == ["4-1", "4-2-1", "4-4-1"]
    weights = [weights_of(shape) for shape in space(Family("relu", 3, 1, bias=True), range(2), range(1, 4))]
    assert weights == sorted(weights) == [4, 6, 11, 16]
    with pytest.raises(InputError, match="no such shape"):
        space(Family("half", 4, 1), range(1, 2), range(1, 2))


@pytest.mark.parametrize("words", ["3..1", "x", "-1", "1..", ""])
def test_ranges_that_are_none(words: str) -> None:
    with pytest.raises(InputError, match="is no range"):
        ranged(words, "--width", 1)
    assert list(ranged("2..4", "--width", 1)) == [2, 3, 4] and list(ranged("2", "--width", 1)) == [2]


def test_containment_of_ternary_networks_is_seen_in_their_optima() -> None:
    rng = np.random.default_rng(3)
    family = Family("popcount", 3, 1, thresholds="learned", weights="ternary")
    shapes = [shape for shape in space(family, range(3), range(1, 3)) if isinstance(shape, Shape)]
    pairs = [(a, b) for a in shapes for b in shapes if a != b and contains(a, b)]
    assert {("3-2-1", "3-1"), ("3-1", "3-1-1"), ("3-2-1", "3-2-1-1")} <= {(a.topology, b.topology) for a, b in pairs}
    assert not contains(Shape.parse("3-2-1"), Shape.parse("3-1"))
    for _ in range(3):
        inputs, labels = rng.integers(0, 2, (9, 3)).astype(bool), rng.integers(0, 2, 9)
        best = {s.topology: bnnsat.train(inputs, labels, s, Options(time_limit=20), verbose=0) for s in shapes}
        assert all(training.status == "OPTIMAL" for training in best.values())
        for large, small in pairs:
            assert best[large.topology].errors <= best[small.topology].errors, (large.topology, small.topology)


def searched(data: str, family: Family, goal: Goal, tmp_path: Path, layers: range, widths: range) -> Shapes:
    task = TaskOptions(data).noted()
    shapes = space(family, layers, widths)
    digest = str(question_of(task, family, shapes[0].topology)[0].noted()["digest"])
    search = Shapes(shapes, family, task, digest, goal, None)
    with ThreadPoolExecutor(1) as pool:
        search.run(Store(tmp_path / "results.jsonl", Trial), pool, 1)
    return search


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("activation", ["popcount", "half", "relu"])
def test_the_best_shape_is_that_of_all_trainings(activation: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    inputs, labels = rng.integers(0, 2, (14, 4)), rng.integers(0, 2, 14)
    np.savez(tmp_path / "data.npz", X=inputs, y=labels)
    family = Family(activation, 4, 1, weight_bits=2)
    search = searched(str(tmp_path / "data.npz"), family, Goal(), tmp_path, range(2), range(1, 3))
    errors = {}
    for shape in space(family, range(2), range(1, 3)):
        if isinstance(shape, Shape):
            errors[shape.topology] = bnnsat.train(inputs, labels, shape, verbose=0).errors
        else:
            errors[shape.topology] = bnnsat.train_integers(inputs, labels, shape).errors
    told = search.told()
    assert told["status"] == "OPTIMAL"
    weights = {s.topology: weights_of(s) for s in space(family, range(2), range(1, 3))}
    best = min(errors, key=lambda t: (errors[t], weights[t]))
    assert told["best"] == {"topology": best, "errors": errors[best], "weights": weights[best]}
    for shape in told["shapes"]:
        assert shape["lower_bound"] <= errors[shape["topology"]]
        assert shape["errors"] is None or shape["errors"] >= errors[shape["topology"]]
    task, every = TaskOptions(str(tmp_path / "data.npz")).noted(), noted(range(2), range(1, 3), "errors,weights", 0)
    certify_shapes(search, family, every, task, tmp_path / "c", Prover(), print)
    words = bnnsat.check(tmp_path / "c")
    assert f"these are all of the {len(errors)} shapes with 0 to 1 hidden layers of 1 to 2 neurons each" in words
    fewer = [t for t in errors if weights[t] < weights[best]]
    assert all(f"no network {topology} (" in words for topology in fewer)


@pytest.mark.usefixtures("here")
def test_the_smallest_network_of_parity(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = "shapes --data parity:3 --hidden-layers 0..1 --width 1..3 --prefer weights --json --quiet --out s"
    assert called(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "OPTIMAL" and told["best"] == {"topology": "3-3-1", "errors": 0, "weights": 12}
    assert {s["topology"]: s["status"] for s in told["shapes"]}["3-2-1"] == "WORSE"
    assert (tmp_path / "s" / "shapes.png").stat().st_size > 1000
    assert called("check s") == 0
    assert run(["predict", "s", "--data", "parity:3"]) == 0
    assert called(words.replace("1..3", "1..2").replace("--out s", "--out t")) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["status"] == "IMPOSSIBLE"
    # That there is none is certified, too.
    assert called("check t") == 0
    claim = Claim.loads((tmp_path / "t" / "certificate" / "claim.json").read_bytes())
    assert len(claim.impossible) == 3 and not claim.attained
    # With two errors allowed a single neuron does.
    assert called(words.replace("--out s", "--errors 2")) == 0
    assert json.loads(capsys.readouterr().out)["best"]["topology"] == "3-1"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("activation", ["popcount", "relu --weight-bits 3"])
def test_a_certificate_leaves_no_shape_out(activation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is taken from a claim, or joined to its space, check misses a shape that could be better."""
    monkeypatch.chdir(tmp_path)
    words = f"shapes --data parity:2 --activation {activation} --width 1..2 --prefer weights --quiet --out s"
    assert called(words) == 0
    place = tmp_path / "s" / "certificate" / "claim.json"
    claim = json.loads(place.read_bytes())
    assert "these are all of the 3 shapes" in bnnsat.check(place.parent)

    def refused(words: str, **changes: Any) -> None:
        kept = {**claim, **changes}
        names = [statement["name"] for statement in kept["impossible"]]
        kept["files"] = {
            name: digest
            for name, digest in claim["files"].items()
            if name[-4:] not in (".cnf", "drat") or name.rsplit(".", 1)[0] in names
        }
        place.write_text(json.dumps(kept))
        with pytest.raises(bnnsat.RefusedError, match=words):
            bnnsat.check(place.parent)

    for statement in claim["impossible"]:
        rest = [other for other in claim["impossible"] if other is not statement]
        refused("nothing says that it is not better", impossible=rest)
    refused("nothing says that it is not better", attained=[])
    space = claim["space"]
    for name, value, said in (
        ("errors", 1, "nothing says that it is not better"),
        ("prefer", "errors", "says nothing of what is best"),
        ("widths", [1, 1], "2-2-1 is no shape of the space"),
        ("widths", [1, 10_000], "more than 10000 shapes"),
        ("widths", [2, 1], "no shapes"),
        ("layers", [0, True], "whole numbers"),
        ("layers", [0, 10_000], "more than 10000 shapes"),
    ):
        refused(said, space={**space, name: value})


def test_a_killed_search_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bnnsat", "shapes", "--data", "parity:3", "--hidden-layers", "0..1"]
    command += ["--width", "1..3", "--json", "--no-certificate", "--out", str(tmp_path / "s")]
    results = tmp_path / "s" / "results.jsonl"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 60
        while time.monotonic() < end and (not results.exists() or results.read_bytes().count(b"\n") < 2):
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
    before = [json.loads(line) for line in results.read_bytes().splitlines()]
    assert before
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    told = json.loads(done.stdout)
    after = [json.loads(line) for line in results.read_bytes().splitlines()]
    keys = [(line["topology"], line["seconds_limit"]) for line in after]
    assert after[: len(before)] == before and len(keys) == len({*keys})
    # Each shape's optimum by itself, in this process.
    table = np.array([[i >> k & 1 for k in range(3)] for i in range(8)], dtype=bool)
    parity = table.sum(axis=1) % 2
    shapes = space(Family("popcount", 3, 1), range(2), range(1, 4))
    errors = [bnnsat.train(table, parity, s, verbose=0).errors for s in shapes if isinstance(s, Shape)]
    least = min(zip(errors, shapes, strict=True), key=lambda pair: (pair[0], weights_of(pair[1])))
    assert told["status"] == "OPTIMAL"
    assert (told["best"]["errors"], told["best"]["topology"]) == (least[0], least[1].topology)


def test_a_trial_begins_with_what_is_known(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", X=np.array([[0, 1], [1, 0], [1, 1]]), y=np.array([1, 0, 1]))
    task, family = TaskOptions(str(tmp_path / "data.npz")).noted(), Family("relu", 2, 1)
    one: dict[str, Any] = found(Trial(task, {**family.__dict__}, "2-1", "", 2.0, 0))
    two = found(Trial(task, {**family.__dict__}, "2-2-1", "", 2.0, 0, start=one["model"]))
    assert one["errors"] == two["errors"] == 0


@pytest.mark.parametrize(
    "family",
    [
        Family("popcount", 3, 1),
        Family("popcount", 3, 1, thresholds="learned", weights="ternary"),
        Family("relu", 3, 1, weight_bits=2, bias=True),
    ],
    ids=str,
)
def test_a_solver_is_asked_for_few_enough_errors(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    # No time for training, so that the solver has to find the network.
    monkeypatch.setattr("bnnsat.campaigns.shapes.trial.TRAINING_SHARE", 0.0)
    monkeypatch.setattr("bnnsat.search.integers.run.SMALL_SECONDS", 0.0)
    task = TaskOptions("majority:3" if family.activation == "relu" else "parity:3").noted()
    small, large = ("3-1", "3-1-1") if family.activation == "relu" else ("3-2-1", "3-3-1")
    made = found(Trial(task, {**family.__dict__}, large, "", 60.0, 0, most=0))
    assert made["errors"] == 0
    question, _ = question_of(task, family, large)
    assert question.attained({**question.files(), "model.json": made["model"].encode()})["errors"] == 0
    refuted = found(Trial(task, {**family.__dict__}, small, "", 60.0, 0, most=0))
    assert (refuted["lower"] >= 1) == (small == "3-2-1") and (refuted["errors"] == 0) == (small == "3-1")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--prefer size", "unknown preference"),
        ("--errors 1", "goes with --prefer weights"),
        ("--topology 3-1", "leave --topology"),
        ("--width 0..2", "is no range"),
        ("--thresholds 2,1", "given or learned"),
        ("--jobs 0", "give 1 or more"),
        ("--width 1..200 --hidden-layers 0..3", "more than 10000 shapes"),
    ],
)
def test_what_is_wrong_is_said(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(f"shapes --data parity:3 {words}") == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


@pytest.mark.usefixtures("here")
def test_a_folder_is_about_one_question(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = "shapes --data parity:2 --hidden-layers 0..1 --width 1..2 --quiet --out s"
    assert called(words) == 0 and called(words) == 0
    for other in ("--prefer weights", "--data parity:3", "--width 1..3"):
        assert called(f"{words} {other}") == 2
        assert "another question" in capsys.readouterr().err
    assert called("check s --quiet") == 0


def test_options_of_a_single_shape_are_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("shapes --help") == 0
    listed = capsys.readouterr().out
    assert "--hidden-layers" in listed
    assert not re.search(r"--(topology|hidden|costs)\b(?!-)", listed)


@pytest.mark.usefixtures("here")
def test_that_there_is_no_certificate_is_said(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = "shapes --data parity:3 --hidden-layers 1 --width 2..3 --quiet --out s"
    with monkeypatch.context() as patch:
        patch.setattr(Shapes, "open", lambda self, shape: shape.topology == "3-2-1")
        assert called(f"{words} --time-limit 0.5") == 0
    assert "no certificate: 1 shape unfinished (--time-limit)" in capsys.readouterr().err
    for folder, said in (("s", "s holds shapes, and no certificate"), (".", "holds no certificate (there is no")):
        assert called(f"check {folder}") == 2
        err = capsys.readouterr().err
        assert said in err and err.count("\n") == 1
    for place, said in (("none", "none is not there"), ("s/asked.json", "is no folder")):
        assert called(f"check {place}") == 2
        assert said in capsys.readouterr().err
    assert called(words) == 0 and called("check s --quiet") == 0


@pytest.mark.parametrize(
    ("limit", "wanted"), [(1, [1]), (5, [5]), (10, [3, 7]), (20, [3, 17]), (60, [3, 9, 48]), (100, [3, 9, 27, 61])]
)
def test_the_trials_of_a_shape_take_its_time_and_no_more(
    limit: int, wanted: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is at least as long as the one before, and a search that goes on asks for the same."""
    asked: list[Any] = []

    def nothing(fields: dict[str, Any]) -> dict[str, Any]:
        asked.append(fields["seconds_limit"])
        return {"status": "done", "errors": 1, "lower": 0, "model": "", "took": 0.0}

    monkeypatch.setattr("bnnsat.campaigns.shapes.search.execute", nothing)
    family = Family("popcount", 3, 1)
    for _ in range(2):
        search = Shapes(space(family, range(1), range(1, 2)), family, {}, "", Goal(), float(limit))
        with ThreadPoolExecutor(1) as pool:
            search.run(Store(tmp_path / "results.jsonl", Trial), pool, 1)
        assert asked == wanted and sum(asked) == limit
        assert not search.settled
