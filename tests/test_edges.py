"""The edges of the command line: standard output, help, folders of encodings, words on what has no effect."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pysat.formula import CNF

import bnnsat
from bnnsat.cli import _run

PROGRAM = [sys.executable, "-m", "bnnsat"]


def run(arguments: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> tuple[str, str]:
    assert _run(arguments.split()) == code, capsys.readouterr().err
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_formulas_go_to_standard_output(tmp_path: Path) -> None:
    command = "export --data parity:3 --topology 3-2-1 --activation popcount --bound optimum"
    written = tmp_path / "a.cnf"
    subprocess.run([*PROGRAM, *command.split(), "--out", str(written), "-q"], check=True)
    done = subprocess.run(
        [*PROGRAM, *command.split(), "--format", "cnf", "--out", "-", "-q"], check=True, capture_output=True
    )
    assert done.stdout == written.read_bytes()
    assert CNF(from_string=done.stdout.decode()).clauses and b"expected: SAT" in done.stderr
    for options, message in (("", "a stream has no name"), ("--format cnf --json", "give one")):
        failed = subprocess.run([*PROGRAM, *command.split(), "--out", "-", *options.split()], capture_output=True)
        assert failed.returncode == 2 and message in failed.stderr.decode() and not failed.stdout
    examples = bnnsat.read("parity:3").train
    question = bnnsat.TrainingQuestion.on(examples.grey.astype(bool), examples.labels, bnnsat.Shape.parse("3-2-1"))
    with gzip.open(tmp_path / "b.gz", "wb") as stream:
        side = bnnsat.export(question, stream, format="cnf", bound=2)  # type: ignore[arg-type]
    assert side.content["bound"] == 2 and gzip.decompress((tmp_path / "b.gz").read_bytes()).startswith(b"c bnnsat")


def test_progress_is_shown_while_the_optimum_is_looked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    command = f"export --data parity:3 --topology 3-2-1 --activation popcount --out {tmp_path / 'a.cnf'}"
    assert "bound" in run(command, capsys)[1]
    assert not run(f"{command} -q", capsys)[1]


def test_a_pipe_that_closes_is_no_error(tmp_path: Path) -> None:
    command = " ".join([*PROGRAM, "train -q --positive 0 --examples 20 --out", str(tmp_path / "m")])
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
    predict = " ".join([*PROGRAM, "predict", str(tmp_path / "m"), "| head -1"])
    done = subprocess.run(f"set -o pipefail; {predict}", shell=True, executable="/bin/bash", capture_output=True)
    assert done.stdout in (b"0\n", b"1\n") and done.returncode == 0 and b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["", "train", "data", "data list", "show"])
def test_help_has_a_short_name(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run(f"{command} -h", capsys)[0] == run(f"{command} --help", capsys)[0]


def test_shells_complete_commands() -> None:
    environment = {**os.environ, "_BNNSAT_COMPLETE": "complete_bash", "COMP_WORDS": "bnnsat tr", "COMP_CWORD": "1"}
    done = subprocess.run([sys.executable, "-m", "bnnsat"], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["train"]
    shown = subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True, check=True)
    assert "--install-completion" in shown.stdout


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("--method local --encoding adder", "--encoding has no effect: method local writes no formula"),
        ("--method local --no-symmetry", "--no-symmetry has no effect"),
        ("--goal accuracy --solver minisat22", "--solver has no effect: goal accuracy writes no formula"),
        ("--method sat --augment flip:0.1", "--augment has no effect: method sat begins with no gradient descent"),
        ("--memory-limit 99", "--memory-limit has no effect: it is of half-comparisons"),
        ("--method sat --encoding adder", ""),
        ("--method local --encoding adder --then margin", ""),
        ("--augment flip:0.1 --method auto", ""),
    ],
)
def test_options_without_effect_are_told(capsys: pytest.CaptureFixture[str], options: str, word: str) -> None:
    command = f"train --data parity:3 --topology 3-3-1 --activation popcount --time-limit 1 {options}"
    err = run(command, capsys)[1]
    assert word in err and ("has no effect" in err) == bool(word)


def test_what_is_replaced_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    command = f"train --data parity:3 --topology 3-3-1 --activation popcount --out {tmp_path / 'm'}"
    assert "replaced" not in run(command, capsys)[1]
    assert "model.json and result.json are there already, and will be replaced" in run(command, capsys)[1]


ENCODING = '''"""The adder again.

Nothing else.
"""

from bnnsat.encodings.adder import *
from bnnsat.encodings.adder import KIND, PAPER, STRENGTH, count
'''


def test_encodings_are_found_in_folders_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "again.py").write_text(ENCODING)
    command = [
        *PROGRAM,
        "train",
        *["--data", "parity:3", "--topology", "3-2-1", "--activation", "popcount", "--method", "sat", "--json", "-q"],
    ]
    own = [*command, "--encoding", "again"]
    with_variable = {**os.environ, "BNNSAT_ENCODINGS": str(tmp_path / "mine")}
    for arguments, environment in (
        ([*own, "--encodings-path", str(tmp_path / "mine")], None),
        (own, with_variable),
    ):
        done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["encoding"] == "again"
    listed = subprocess.run(
        [*PROGRAM, "compare", "--list", "--encodings-path", str(tmp_path / "mine")], capture_output=True, text=True
    )
    assert "again" in listed.stdout
    campaign = [
        "compare",
        "--data",
        "parity:3",
        "--topologies",
        "3-2-1",
        "--encodings",
        "again,adder",
        "--time-limit",
        "5",
        "--no-plots",
    ]
    done = subprocess.run(
        [*PROGRAM, *campaign, "--encodings-path", str(tmp_path / "mine"), "--out", str(tmp_path / "c")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert {json.loads(line)["encoding"] for line in (tmp_path / "c" / "results.jsonl").read_text().splitlines()} == {
        "again",
        "adder",
    }
    for arguments, environment in (
        ([*own, "--encodings-path", str(tmp_path / "absent")], None),
        (own, {**os.environ, "BNNSAT_ENCODINGS": str(tmp_path / "absent")}),
    ):
        failed = subprocess.run(arguments, env=environment, capture_output=True, text=True)
        assert failed.returncode == 2 and "there is no folder" in failed.stderr and len(failed.stderr.splitlines()) == 1


def test_a_certificate_of_nothing_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    options = "--data parity:3 --topology 3-1 --activation popcount --method local --time-limit 0.5 -q"
    run(f"train {options} --out {tmp_path / 'm'}", capsys)
    out = run(f"certify {tmp_path / 'm'} --bound 0 --out {tmp_path / 'c'} -q", capsys)[0]
    assert "no claim that fewer are impossible" in out
    done = subprocess.run([*PROGRAM, "check", str(tmp_path / "c")], capture_output=True, text=True, check=True)
    assert "nothing is claimed but 0 <= errors" in done.stdout


def test_activations_that_there_are_not_are_called_so(capsys: pytest.CaptureFixture[str]) -> None:
    error = run("train --data parity:3 --hidden 2 --activation tanh", capsys, 2)[1]
    assert error == "bnnsat: unknown activation 'tanh'; there are popcount, half, relu\n"
