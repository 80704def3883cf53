"""A run that was killed goes on where it was."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from running import train

from bnnsat.checkpoint import digest
from bnnsat.errors import InputError
from bnnsat.problem import Problem
from bnnsat.shape import Shape

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool), np.array([0, 1, 1, 0])
SHAPE = Shape.parse("2-1")


def test_a_proof_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    first = train(*XOR, SHAPE, checkpoint=file)
    again = train(*XOR, SHAPE, checkpoint=file)
    assert (first.status, again.status) == ("OPTIMAL", "OPTIMAL")
    assert (first.errors, again.errors) == (1, 1)
    assert "sat" not in {event.source for event in again.events}
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.json"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "not a checkpoint"),
        (lambda text: "[]", "not a checkpoint"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "a checkpoint of version 2"),
        (lambda text: re.sub(r'"problem": "..', '"problem": "zz', text), "another problem or shape"),
        (lambda text: text.replace('"lower_bound": 1', '"lower_bound": 2'), "damaged checkpoint"),
        (lambda text: re.sub(r'"[01]{2}"', '"2"', text), "damaged checkpoint"),
        (lambda text: re.sub(r'"[01]{2}"', "7", text), "damaged checkpoint"),
        (lambda text: text.replace('"lower_bound": 1', '"lower_bound": 1e999'), "damaged checkpoint"),
        (lambda text: text.replace('"then": []', '"then": [{"objective": "sparse"}]'), "damaged checkpoint"),
        (lambda text: text.replace('"then": []', '"then": {"sparse": 1}'), "damaged checkpoint"),
        (
            lambda text: text.replace('"then": []', '"then": [{"objective": "sparse", "value": 1, "bound": -1}]'),
            "damaged checkpoint",
        ),
    ],
)
def test_a_wrong_file_is_refused(damage: object, message: str, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    train(*XOR, SHAPE, checkpoint=file)
    file.write_text(damage(file.read_text()))  # type: ignore[operator]
    with pytest.raises(InputError, match=message):
        train(*XOR, SHAPE, checkpoint=file)


def test_the_digest_tells_problems_and_shapes_apart() -> None:
    inputs, labels = XOR
    problems = [Problem.of(inputs, labels), Problem.of(inputs, 1 - labels), Problem.of(inputs[:3], labels[:3])]
    shapes = [SHAPE, Shape.parse("2-2-1"), Shape.parse("2-1", "half"), Shape.parse("2-1", thresholds=[2])]
    shapes += [Shape.parse("2-1", weights="ternary"), Shape.parse("2-1", thresholds="learned")]
    digests = {digest(problem, shape) for problem in problems for shape in shapes}
    assert len(digests) == 18


@pytest.mark.parametrize("method", ["auto", "sat"])
def test_a_killed_run_goes_on_with_nothing_worse(method: str, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    hard = ["--activation", "popcount", "--topology", "64-1", "--digit", "8", "--samples", "1000", "--method", method]
    command = [sys.executable, "-m", "bnnsat", "train", *hard, "--checkpoint", str(file), "--json"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for _ in range(6 if method == "auto" else 1):
            shown = process.stderr.readline()
        process.kill()
        shown = ([shown, *process.stderr.readlines()])[-1]
    errors, bound = (int(number) for number in re.findall(r"(?:errors|bound) (\d+)", shown))
    done = subprocess.run([*command, "--time-limit", "2"], capture_output=True, text=True, check=True, timeout=60)
    result = json.loads(done.stdout)
    assert result["errors"] <= errors
    assert result["lower_bound"] >= bound
    assert result["events"][0]["errors"] <= errors


def test_a_disk_that_fills_up_costs_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bnnsat import files

    written = files.write
    calls = 0

    def full(path: Path, content: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise InputError(f"cannot write {path}: no space left")
        written(path, content)

    monkeypatch.setattr("bnnsat.checkpoint.files.write", full)
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((20, 6)) < 0.5, rng.integers(2, size=20)
    with pytest.warns(RuntimeWarning, match="no more checkpoints"):
        training = train(inputs, labels, Shape.parse("6-2-1"), method="sat", checkpoint=tmp_path / "c.json")
    assert training.status == "OPTIMAL"
    with pytest.raises(InputError, match="cannot write"):
        train(inputs, labels, Shape.parse("6-2-1"), method="sat", checkpoint=tmp_path / "missing" / "c.json")
