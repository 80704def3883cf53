"""What the README and the examples say can be done is done."""

from __future__ import annotations

import re
import runpy
import shlex
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from oracles import installed
from pysat.formula import CNF
from pysat.solvers import Solver

import bnnsat
from bnnsat.cli import _run

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_python_example_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, more, sketch = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    out = capsys.readouterr().out
    assert out.startswith("OPTIMAL ") and "no network 64-2-1 (half, head bit) makes fewer" in out
    assert (tmp_path / "three.json").is_file()
    # The file knows what it was trained on: it is judged by the label that was learned, and can be certified.
    chosen = bnnsat.TaskOptions("mnist8x8", positive=3, examples=60, input_order="informative")
    task = bnnsat.Task.chosen(chosen, 1)
    assert task.test_inputs is not None and task.test_labels is not None
    right = (bnnsat.Model.load("three.json").predict_bits(task.test_inputs) == task.test_labels).sum()
    assert _run(["predict", "three.json"]) == 0
    assert capsys.readouterr().err.startswith(f"{right} of 10000 right: accuracy {right / 10_000:.2%}")
    checked = str(tmp_path.with_name(f"{tmp_path.name}-checked"))
    assert _run(["certify", "three.json", "--out", checked, "-q"]) == 0
    assert bnnsat.check(checked).startswith("a network 64-2-1")
    rng = np.random.default_rng(0)
    np.savez("mine.npz", X=rng.integers(2, size=(40, 16)), y=rng.integers(2, size=40))
    exec(compile(more, "README.md", "exec"), names)
    errors = re.search(r"(\d+) errors? of 40 examples", capsys.readouterr().out)
    assert errors is not None
    assert _run(["predict", "mine.json", "--data", "mine.npz"]) == 0
    assert capsys.readouterr().err.startswith(f"{40 - int(errors[1])} of 40 right")
    Path("mine.npz").unlink()
    exec(compile(sketch, "README.md", "exec"), names)
    assert capsys.readouterr().out.startswith("{'w': array([[")
    # Run in the checkout, it leaves nothing that Git sees.
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    assert {path.name for path in tmp_path.iterdir()} <= ignored


def test_the_commands_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("mine.npz", X=rng.integers(2, size=(12, 16)), y=rng.integers(2, size=12))
    kinds = [("setosa", 1.4), ("virginica", 5.5)] * 6
    Path("mine.csv").write_text("size,species\n" + "".join(f"{v + i / 9:.2f},{n}\n" for i, (n, v) in enumerate(kinds)))
    foreign = find_spec("onnx") is not None and find_spec("onnxruntime") is not None
    if foreign:
        from test_foreign import chain, file_of

        file_of(Path("network.onnx"), chain(rng, [9, 5, 3], "sign", grey=True), [1, 9])
        np.savez("images.npz", X=rng.integers(256, size=(8, 9)).astype(np.uint8))
    commands = re.findall(r"^(bnnsat|minisat) (.*?)(?:\s+#.*)?$", README, flags=re.MULTILINE)
    assert len(commands) >= 12
    for program, command in commands:
        if command.startswith("submission "):
            continue  # takes minutes, and has a test of its own
        if not foreign and ("network.onnx" in command or "runs/other" in command):
            continue
        if "--topology 64-4-1" in command:
            # The proof of all 250 examples takes half a minute to check.
            command += " --examples 60"
        if program == "bnnsat":
            assert _run(shlex.split(command)) == 0, capsys.readouterr().err
            continue
        # PySAT has the same solver, whether or not its program is installed.
        formula, out = map(Path, command.split())
        with Solver(name="minisat22", bootstrap_with=CNF(from_file=str(formula))) as solver:
            assert solver.solve()
            out.write_text("SAT\n" + " ".join(map(str, solver.get_model())) + " 0\n")


@pytest.mark.usefixtures("small_candidates")
def test_the_command_for_a_competition_runs_with_short_limits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("gbdc", reason="gbdc is not installed")
    if installed("minisat") is None:
        pytest.skip("minisat is not installed")
    monkeypatch.chdir(tmp_path)
    (command,) = re.findall(r"^bnnsat (submission .*)$", README, flags=re.MULTILINE)
    assert _run([*shlex.split(command), "--count", "2", "--minisat-limit", "0.5", "--limit", "6"]) == 0
    assert "2 instances" in capsys.readouterr().out


def test_the_xor_example(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "xor.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert [("cannot" in line, "computes XOR" in line) for line in lines] == [
        (True, False),
        (True, False),
        (False, True),
        (True, False),
        (False, True),
    ]


def test_every_local_link_leads_somewhere() -> None:
    pages = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "encodings" / "README.md",
        *(ROOT / "docs").glob("*.md"),
    ]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
