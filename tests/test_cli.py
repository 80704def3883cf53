"""The command line, as another program sees it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from oracles import LONG
from processes import ended, wait

from bnnsat.cli import _run
from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.data.read import read
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.shape import Shape

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "train-result.schema.json").read_text())
INTERFACE = (
    "train --data mnist8x8-pad32 --positive 3 --examples 250 --seed 0 --topology 64-1 --activation half "
    "--time-limit 60 --json"
)
HARD = ["--activation", "popcount", "--topology", "64-1", "--positive", "8", "--examples", "1000"]
"""Out of reach of any proof, and not to be learned without errors."""
XOR = {"X": np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.uint8), "y": np.array([0, 1, 1, 0], dtype=np.uint8)}


@pytest.fixture
def xor(tmp_path: Path) -> Path:
    path = tmp_path / "xor.npz"
    np.savez(path, **XOR)  # type: ignore[arg-type]
    return path


def run(arguments: str | list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> tuple[str, str]:
    words = arguments.split() if isinstance(arguments, str) else arguments
    assert _run(words) == code, capsys.readouterr()
    captured = capsys.readouterr()
    return captured.out, captured.err


def result_of(arguments: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    out, _ = run(arguments, capsys)
    result: dict[str, Any] = json.loads(out)
    Draft202012Validator(SCHEMA).validate(result)
    return result


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_interface(capsys: pytest.CaptureFixture[str]) -> None:
    result = result_of(INTERFACE, capsys)
    assert result["status"] == "OPTIMAL"
    assert result["errors"] == result["lower_bound"] == result["events"][-1]["errors"]
    assert result["examples"] == 250
    assert result["train_accuracy"] == 1 - result["errors"] / 250
    assert result["seconds_to_best"] <= result["seconds_to_proof"] <= result["seconds"]
    assert result["test_examples"] == 10_000
    assert "model" not in result


def test_no_option_at_all_trains_to_a_proof_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = run("train", capsys)
    assert "OPTIMAL: 10 errors, and it is proved that no weights of this network make fewer." in out
    assert "label 0 against the rest: 250 examples of mnist8x8 (image-mean, input order raw)" in out
    assert "bound 10  gap 0" in err


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train --quiet", capsys)[1] == ""


def test_a_sampled_file_is_the_same_instance(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    options = "--data mnist8x8 --positive 5 --examples 80 --seed 4 --input-order informative"
    file = tmp_path / "five.npz"
    run(f"data sample {options} --out {file}", capsys)
    with np.load(file) as content:
        assert {name: content[name].shape for name in content} == {
            "X": (80, 64),
            "y": (80,),
            "X_test": (10_000, 64),
            "y_test": (10_000,),
        }
        assert content["y"].tolist() == [1] * 40 + [0] * 40
    topology = "--topology 64-1 --activation half --json"
    direct = result_of(f"train {options} {topology}", capsys)
    through_file = result_of(f"train --data {file} {topology}", capsys)
    for key in ("status", "errors", "examples", "variables", "clauses"):
        assert direct[key] == through_file[key]
    assert through_file["positive"] is None
    assert through_file["test_examples"] == 10_000


def test_ten_classes(capsys: pytest.CaptureFixture[str]) -> None:
    for head, activation in (("onehot", "popcount"), ("argmax", "popcount"), ("onehot", "half")):
        result = result_of(
            f"train --topology 64-10 --examples 20 --head {head} --activation {activation} --time-limit 3 --json",
            capsys,
        )
        assert (result["head"], result["positive"], result["examples"]) == (head, None, 20)


def test_models_are_saved_shown_and_used(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "made" / "here"
    result = result_of(f"train --topology 64-2-1 --input-order informative --out {out} --json", capsys)
    assert result["model"] == str(out / "model.json")
    assert json.loads((out / "result.json").read_text()) == result
    shown, _ = run(f"show {out}", capsys)
    assert "layer 1: 64 inputs, 2 neurons" in shown
    assert "trained: OPTIMAL" in shown
    lines, summary = run(f"predict {out} --data mnist8x8", capsys)
    predictions = [int(line) for line in lines.split()]
    assert len(predictions) == 10_000
    report = json.loads(run(f"predict {out}/model.json --json", capsys)[0])
    assert report["predictions"] == predictions
    assert report["accuracy"] == result["test_accuracy"]
    assert report["balanced_accuracy"] == result["test_balanced_accuracy"]
    assert f"{round(10_000 * report['accuracy'])} of 10000 right" in summary


def test_show_draws_pixels_where_they_are(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With an input order of its own a model still shows its weights as a picture of the raw pixels."""
    from bnnsat.data.binarize import Binarizer
    from bnnsat.data.preprocessing import Preprocessing
    from bnnsat.model import Model
    from bnnsat.network import Network
    from bnnsat.shape import Shape

    order = (8, 0, 1, 2, 3, 4, 5, 6, 7)
    network = Network.of(Shape.parse("9-1"), [[[1, 1, 0, 0, 0, 0, 0, 0, 0]]])
    Model(network, Preprocessing(Binarizer("bits"), order)).save(tmp_path / "m.json")
    out, _ = run(f"show {tmp_path / 'm.json'}", capsys)
    padded = out.replace("· · ·\n", "· · · \n").replace("██· ·\n", "██· · \n")
    assert "neuron 1  T=5\n██· · \n· · · \n· · ██" in padded


def test_data_commands(capsys: pytest.CaptureFixture[str], xor: Path) -> None:
    assert "mnist8x8-pad32" in run("data list", capsys)[0]
    facts = json.loads(run(f"data describe --data {xor} --json", capsys)[0])
    assert (facts["examples"], facts["inputs"], facts["lower_bound"]) == (4, 2, 0)
    assert "distinct examples" in run("data describe --examples 20 --positive 1", capsys)[0]


@pytest.mark.parametrize(("options", "labels"), [("", {"0": 125, "1": 125}), ("--examples 21", {"0": 11, "1": 10})])
def test_what_is_described_of_a_label_is_what_is_learned(
    options: str, labels: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    facts = json.loads(run(f"data describe --positive 3 {options} --json", capsys)[0])
    assert facts["labels"] == labels and facts["examples"] == sum(labels.values())
    # Without a label it is the whole data set.
    assert json.loads(run("data describe --json", capsys)[0])["examples"] == 10_000


def test_thresholds_and_files_without_test_examples(capsys: pytest.CaptureFixture[str], xor: Path) -> None:
    result = result_of(f"train --data {xor} --topology 2-2-1 --activation popcount --thresholds 2,1 --json", capsys)
    assert (result["status"], result["errors"], result["test_accuracy"]) == ("OPTIMAL", 0, None)


BAD = [
    ("train --data nowhere", "there is no file or data set 'nowhere'; data sets are mnist8x8, mnist8x8-pad32"),
    ("train --positive 10", "no label 10; its labels are 0 to 9"),
    ("train --positive -1", "no label -1"),
    ("train --topology 63-1", "the data have 64 inputs; start the topology with as many"),
    ("train --topology 62-1", "start it with 64"),
    ("train --topology 64", "write inputs-neurons-...-outputs"),
    ("train --topology 64-3-1", "3 is odd"),
    ("train --activation tanh", "there are popcount, half"),
    ("train --examples 0", "give at least 1"),
    ("train --examples -5", "give at least 1"),
    ("train --examples 5000", "there are only"),
    ("train --examples 99 --topology 64-10", "give a multiple"),
    ("train --seed -1", "seed -1 is negative"),
    ("train --encoding magic", "unknown encoding 'magic'"),
    ("train --encoding adder", "is one for popcount"),
    ("train --solver magic", "unknown solver 'magic'"),
    ("train --time-limit 0", "is not above 0"),
    ("train --time-limit nan", "is not above 0"),
    ("train --time-limit soon", "--time-limit"),
    ("train --input-order best", "there are raw, informative"),
    ("train --binarize threshold:0", "threshold:T"),
    ("train --binarize median", "unknown binarisation"),
    ("train --thresholds 3", "has no thresholds"),
    ("train --thresholds x --activation popcount", "not whole numbers"),
    ("train --head bit --topology 64-10", "take head onehot"),
    ("train --reduce crop24", "takes 28x28 images"),
    ("train --out /proc/nowhere", "cannot write to /proc/nowhere"),
    ("train --nonsense", "No such option"),
    ("predict /nowhere/model.json", "cannot read model"),
    ("show /nowhere/model.json", "cannot read model"),
    ("data sample --out /proc/nowhere/x.npz", "cannot write"),
    ("data sample", "--out"),
    ("train --digit 3 --positive 4", "--digit is the former spelling of --positive, and it is given twice"),
    ("train --samples=3 --samples 4", "give --examples once"),
    ("nonsense", "nonsense"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[arguments for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = run(arguments, capsys, code=2)
    assert out == ""
    assert err.startswith("bnnsat: ")
    assert err.count("\n") == 1
    assert message in err


FILES: list[tuple[str, dict[str, Any], str]] = [
    ("values", {"X": [[0, 2]], "y": [0]}, "bits 0 or 1 are due"),
    ("fractions", {"X": [[0.0, 0.5]], "y": [0]}, "one value only"),
    ("infinity", {"X": [[0.0, np.inf], [0.0, 1.0]], "y": [0, 1]}, "inf"),
    ("short labels", {"X": [[0, 1], [1, 1]], "y": [0]}, "one label each"),
    ("nan labels", {"X": [[0, 1]], "y": [np.nan]}, "NaN"),
    ("third label", {"X": [[0, 1], [1, 1], [1, 0]], "y": [0, 1, 2]}, "label 2 is not one"),
    ("no labels", {"X": [[0, 1]]}, "X and y are due"),
    ("flat", {"X": [0, 1], "y": [0, 1]}, "examples x inputs"),
    ("empty", {"X": np.zeros((0, 2)), "y": []}, "examples x inputs"),
    ("text", {"X": [["a", "b"]], "y": [0]}, "numbers are due"),
]


@pytest.mark.parametrize(("arrays", "message"), [f[1:] for f in FILES], ids=[f[0] for f in FILES])
def test_bad_files_leave_nothing_behind(
    arrays: dict[str, Any], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file, out = tmp_path / "bad.npz", tmp_path / "out"
    np.savez(file, **arrays)
    _, err = run(f"train --data {file} --topology 2-1 --out {out}", capsys, code=2)
    assert message in err
    assert err.count("\n") == 1
    assert not out.exists()


def test_a_truncated_file(capsys: pytest.CaptureFixture[str], xor: Path) -> None:
    xor.write_bytes(xor.read_bytes()[:-40])
    assert "not a readable npz file" in run(f"train --data {xor} --topology 2-1", capsys, code=2)[1]


def test_without_memory_for_any_result_the_exit_code_is_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("bnnsat.data.steps.read", no_memory)
    _, err = run("train", capsys, code=3)
    assert err == "bnnsat: memory ran out before there was any result\n"


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version", capsys)[0].startswith("bnnsat 0.")
    for command in ("train", "predict", "show", "data", "data sample"):
        assert "Usage: bnnsat" in run(f"{command} --help", capsys)[0]


def hears() -> None:
    """Also where the tests themselves run under nohup, a new process is not deaf."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_returns_the_best_so_far(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bnnsat", "train", *HARD]
    command += ["--solver", "cadical195", "--json", "--out", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}, preexec_fn=hears
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().endswith(b"start\n")
        time.sleep(1)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    result = json.loads(out)
    Draft202012Validator(SCHEMA).validate(result)
    assert (result["status"], result["stopped"]) == ("FEASIBLE", "interrupted")
    assert (tmp_path / "model.json").is_file()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_check_and_all_that_it_started(
    number: signal.Signals, xor: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(f"train --data {xor} --topology 2-1 --activation popcount --out {tmp_path / 'm'} --quiet", capsys)
    run(f"certify {tmp_path / 'm'} --out {tmp_path / 'c'} --quiet", capsys)
    checker = tmp_path / "checker"
    checker.write_text(f"#!/bin/sh\necho $$ > {tmp_path / 'pid'}\nexec sleep 600\n")
    checker.chmod(0o755)
    command = [sys.executable, "-m", "bnnsat", "check", str(tmp_path / "c"), "--checker", str(checker)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hears
    ) as process:
        wait(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip(), "the checker works")
        process.send_signal(number)
        out, err = process.communicate(timeout=LONG)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "bnnsat: interrupted before there was any result"
    wait(lambda: ended(int((tmp_path / "pid").read_text())), "the checker has ended")


def test_a_checking_process_that_is_killed_is_no_verdict(
    xor: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(f"train --data {xor} --topology 2-1 --activation popcount --out {tmp_path / 'm'} --quiet", capsys)
    run(f"certify {tmp_path / 'm'} --out {tmp_path / 'c'} --quiet", capsys)
    checker = tmp_path / "checker"
    checker.write_text("#!/bin/sh\nkill -9 $PPID\n")
    checker.chmod(0o755)
    out, err = run(f"check {tmp_path / 'c'} --checker {checker}", capsys, 3)
    assert out == "" and "was ended by signal 9; nothing is known of the certificate" in err


def test_a_model_that_names_several_labels_has_no_positive_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "three.npz", X=np.eye(4, dtype=np.uint8)[:3], y=np.arange(3))
    data = f"--data {tmp_path / 'three.npz'}"
    run(f"train {data} --topology 4-3 --activation popcount --out {tmp_path / 'm'} --quiet", capsys)
    _, err = run(f"predict {tmp_path / 'm'} {data} --positive 1", capsys, 2)
    assert "the model names 3 labels of its own; leave --positive out" in err


def test_a_terminal_that_closes_loses_no_result(tmp_path: Path) -> None:
    ours, theirs = os.openpty()

    def own_terminal() -> None:
        hears()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    command = [sys.executable, "-m", "bnnsat", "train", *HARD, "--checkpoint", str(tmp_path / "c"), "--out"]
    with subprocess.Popen(
        [*command, str(tmp_path / "out")],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=own_terminal,
        env={**os.environ, "TERM": "xterm"},
    ) as running:
        os.close(theirs)
        wait(lambda: os.read(ours, 1024) and (tmp_path / "c").exists(), "the run has begun")
        os.close(ours)
        running.wait(LONG)
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (result["status"], result["stopped"]) == ("FEASIBLE", "interrupted")
    assert Model.load(tmp_path / "out").origin.errors == result["errors"]


def test_nohup_means_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bnnsat", "train", *HARD, "--json", "--out", str(tmp_path)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    ) as running:
        assert running.stderr is not None
        assert running.stderr.readline().endswith(b"start\n")
        running.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.5)
        running.terminate()
        out, _ = running.communicate(timeout=20)
    assert json.loads(out)["stopped"] == "interrupted"


def test_modules_of_the_users_folder_are_not_taken_for_ours(tmp_path: Path) -> None:
    for name in ("json", "numpy", "types", "random", "bnnsat", "pysat"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the user was imported')\n")
    command = [sys.executable, "-P", "-m", "bnnsat", "compare", "--data", "parity:3", "--topologies", "3-2-1"]
    command += ["--encodings", "adder", "--no-plots", "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    (result,) = (tmp_path / "out" / "results.jsonl").read_text().splitlines()
    assert json.loads(result)["status"] == "solved"
    command = [sys.executable, "-P", "-m", "bnnsat", "train", "--data", "parity:3", "--topology", "3-1", "--method"]
    command += ["sat", "--activation", "popcount", "--json", "-q"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert json.loads(done.stdout)["status"] == "OPTIMAL", done.stderr


def test_a_model_that_does_not_say_its_label_is_asked_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    network = Network.of(Shape.parse("64-1", "half"), [rng.integers(2, size=(1, 64))])
    Model(network, Preprocessing(Binarizer("image-mean"))).save(tmp_path / "m.json")
    _, err = run(f"predict {tmp_path / 'm.json'}", capsys, code=2)
    assert "names labels 0 to 1, and mnist8x8 has labels up to 9; say with --positive" in err
    _, err = run(f"predict {tmp_path / 'm.json'} --positive 10", capsys, code=2)
    assert "mnist8x8 has no label 10; its labels are 0 to 9" in err
    out, err = run(f"predict {tmp_path / 'm.json'} --positive 3", capsys)
    test = read("mnist8x8").test
    assert test is not None
    right = (np.array(out.split(), dtype=int) == (test.labels == 3)).sum()
    assert err.startswith(f"{right} of 10000 right")


def process(arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "bnnsat", *arguments.split()]
    return subprocess.run(command, check=False, timeout=60, **{"capture_output": True, **options})


def test_the_time_limit_holds_for_large_problems(tmp_path: Path) -> None:
    """Neither the first networks nor the formula of 10,000 examples may keep the limit waiting."""
    from bnnsat.data.read import read

    train = read("mnist8x8").train
    np.savez(tmp_path / "big.npz", X=train.grey > 127, y=train.labels == 3)
    for activation in ("half", "popcount"):
        options = f"--topology 64-128-1 --activation {activation} --method sat --time-limit 1 --json -q"
        done = process(f"train --data {tmp_path / 'big.npz'} {options}")
        result = json.loads(done.stdout)
        assert result["stopped"] == "time limit"
        assert result["seconds"] < LONG


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_sigterm_ends_a_run_also_where_ctrl_c_is_ignored() -> None:
    command = [sys.executable, "-m", "bnnsat", "train", *HARD, "--json"]

    def deaf() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=deaf) as running:
        assert running.stderr is not None
        assert running.stderr.readline().endswith(b"start\n")
        running.terminate()
        out, _ = running.communicate(timeout=20)
    assert json.loads(out)["stopped"] == "interrupted"


@pytest.mark.parametrize("limit", ["inf", "1e10", "99999999"])
def test_enormous_limits_are_no_limits(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert result_of(f"train --time-limit {limit} --json", capsys)["status"] == "OPTIMAL"


def test_predictions_count_what_training_counted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    np.savez(tmp_path / "two.npz", X=rng.integers(2, size=(12, 4)), y=rng.integers(2, size=12))
    out = tmp_path / "m"
    result = result_of(
        f"train --data {tmp_path / 'two.npz'} --positive 0 --topology 4-1 --activation popcount --out {out} --json",
        capsys,
    )
    report = json.loads(run(f"predict {out} --data {tmp_path / 'two.npz'} --part train --json", capsys)[0])
    assert report["accuracy"] == pytest.approx(result["train_accuracy"])


def test_sampled_bits_are_not_binarised_twice(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    options = "--data mnist8x8-pad32 --positive 3 --examples 60 --input-order informative"
    file, out = tmp_path / "three.npz", tmp_path / "m"
    run(f"data sample {options} --out {file}", capsys)
    result = result_of(f"train {options} --topology 64-1 --out {out} --json", capsys)
    assert "--as-bits" in run(f"predict {out} --data {file}", capsys, code=2)[1]
    report = json.loads(run(f"predict {out} --data {file} --as-bits --json", capsys)[0])
    assert report["accuracy"] == result["test_accuracy"]
    assert "leave out --as-bits" in run(f"predict {out} --as-bits", capsys, code=2)[1]


def test_a_result_that_cannot_be_saved_is_still_printed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise InputError("cannot write: No space left on device")

    monkeypatch.setattr("bnnsat.cli.train.files.write", full)
    out, err = run(f"train --json -q --out {tmp_path / 'm'}", capsys, code=2)
    assert json.loads(out)["status"] == "OPTIMAL"
    assert err == "bnnsat: cannot write: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_streams_that_cannot_be_written() -> None:
    with Path("/dev/full").open("wb") as full:
        done = process("train -q", stdout=full, stderr=subprocess.PIPE, capture_output=False)
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
        assert b"cannot write to standard output" in done.stderr
        done = process("train --json", stdout=subprocess.PIPE, stderr=full, capture_output=False)
        assert json.loads(done.stdout)["status"] == "OPTIMAL"
    closed = 'exec "$0" -m bnnsat train --json 2>&-'
    done = subprocess.run(["bash", "-c", closed, sys.executable], stdout=subprocess.PIPE, check=False, timeout=60)
    assert json.loads(done.stdout)["status"] == "OPTIMAL"
    done = process("data list", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0


def test_further_objectives_and_richer_networks_from_the_command_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = "train --data parity:3 --activation popcount --topology 3-2-1 --weights ternary --thresholds learned "
    words += "--then margin --then sparse --costs 1,2 -q --out"
    assert _run([*words.split(), str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "ternary weights, learned thresholds, errors cost [1, 2]" in shown
    assert re.search(r"OPTIMAL: \d+ in costs, \d+ errors?, and it is proved", shown)
    assert re.search(r"OPTIMAL: margin \d+: .* no network with so few errors has more", shown)
    assert re.search(r"OPTIMAL: \d+ weights other than 0; no such network has fewer", shown)
    result = json.loads((tmp_path / "result.json").read_text())
    Draft202012Validator(SCHEMA).validate(result)
    assert [level["status"] for level in result["then"]] == ["OPTIMAL", "OPTIMAL"]
    assert _run(["show", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("░░") == 8 - result["then"][1]["value"]
    assert _run(["predict", str(tmp_path), "--data", "parity:3", "--json"]) == 0
    predicted = json.loads(capsys.readouterr().out)
    assert predicted["accuracy"] == pytest.approx(1 - result["wrong"] / 8)


def test_levels_are_a_thermometer(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = "train --activation popcount --topology 192-8-1 --levels 3 --examples 60 -q"
    assert _run([*words.split(), "--out", str(tmp_path / "run")]) == 0
    assert "levels:3" in capsys.readouterr().out
    assert _run(["predict", str(tmp_path / "run"), "--part", "train", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] > 0.7
    assert _run(["show", str(tmp_path / "run")]) == 0
    # A picture for each level, and it is said which is which.
    shown = capsys.readouterr().out
    assert shown.count("neuron 1") == 2
    assert "192 inputs, 8 neurons; 3 pictures each, from the top: grey >= 64, grey >= 128, grey >= 192\n" in shown
    assert shown.count("pictures each") == 1
    file = tmp_path / "bits.npz"
    assert _run(["data", "sample", "--levels", "3", "--samples", "60", "--out", str(file)]) == 0
    assert _run(["predict", str(tmp_path / "run"), "--data", str(file), "--part", "train", "--as-bits", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["accuracy"] > 0.8
    assert _run(["data", "describe", "--levels", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["inputs"] == 192
    with np.load(file) as content:
        assert content["X"].shape == (60, 192)
        low, middle, high = np.split(content["X"], 3, axis=1)
    assert (low >= middle).all() and (middle >= high).all() and low.sum() > high.sum()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--levels 3 --binarize image-mean", "leave binarize out"),
        ("--levels 0", "T and N from 1 to 255"),
        ("--activation popcount --costs balanced:x", "no resolution from 1 to 1000"),
        ("--activation popcount --costs rare", "neither balanced nor whole numbers"),
        ("--activation popcount --costs 1,2,3", "give 2, one per label"),
        ("--then margin", "use activation popcount"),
        ("--weights ternary", "no ternary weights"),
        ("--thresholds learned", "no thresholds to be learned"),
        ("--activation popcount --then sparse", "ternary weights"),
        ("--goal accuracy", "use activation popcount"),
        ("--goal fame", "there are errors, accuracy"),
    ],
)
def test_richer_networks_that_there_are_not(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["train", *words.split()]) == 2
    assert message in capsys.readouterr().err


def test_balanced_costs_have_the_resolution_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", X=np.eye(10, dtype=np.uint8), y=np.array([0] * 6 + [1] * 4))
    words = f"train --data {tmp_path / 'a.npz'} --activation popcount --topology 10-1 --json -q --costs balanced"
    for resolution, costs in (("", [1, 2]), (":1", [1, 2]), (":2", [2, 3]), (":10", [2, 3]), (":1000", [2, 3])):
        assert json.loads(run(words + resolution, capsys)[0])["costs"] == costs


def test_half_comparisons_are_told_of_inputs_that_say_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bits = np.eye(6, dtype=np.uint8)[:, :2]
    np.savez(tmp_path / "a.npz", X=np.concatenate([bits, 1 - bits], axis=1), y=np.array([0, 1] * 3))
    words = f"train --data {tmp_path / 'a.npz'} --topology 4-1"
    assert "2 inputs equal or complementary to others: --input-order" in run(f"{words} --input-order raw", capsys)[1]
    assert "others: they come last" in run(f"{words} --input-order informative", capsys)[1]


def test_half_comparisons_take_the_better_order_and_an_even_number_of_inputs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Input 6 is the label: one neuron is right about more where it comes first.
    rng = np.random.default_rng(0)
    bits = (rng.random((60, 7)) < 0.5).astype(np.uint8)
    np.savez(tmp_path / "a.npz", X=bits, y=bits[:, 6])
    words = f"train --data {tmp_path / 'a.npz'} --topology 7-1 --time-limit 20"
    raw, informative = (
        json.loads(run(f"{words} --input-order {order} --json", capsys)[0])["errors"]
        for order in ("raw", "informative")
    )
    assert informative < raw
    out, err = run(f"{words} --out {tmp_path / 'm'} --checkpoint {tmp_path / 'c'}", capsys)
    assert "7 inputs, an odd number: one is read twice, and the topology is 8-1" in err
    assert f"input order informative, after a short search: raw {raw} errors, informative {informative} errors" in err
    assert "equal or complementary" not in err
    assert f"OPTIMAL: {informative} errors" in out
    report = json.loads(run(f"predict {tmp_path / 'm'} --data {tmp_path / 'a.npz'} --json", capsys)[0])
    assert sum(np.array(report["predictions"]) != bits[:, 6]) == informative
    run(f"certify {tmp_path / 'm'} --out {tmp_path / 'claim'}", capsys)
    assert b"VERIFIED: a network 8-1" in process(f"check {tmp_path / 'claim'}").stdout
    # What is read twice changes once.
    for example in range(2):
        run(f"certify {tmp_path / 'm'} --example {example} --out {tmp_path / f'robust{example}'}", capsys)
        assert process(f"check {tmp_path / f'robust{example}'}").returncode == 0
    # Each of the seven bits has a picture.
    assert "layer 1: 8 inputs, 1 neuron" in run(f"show {tmp_path / 'm'}", capsys)[0]
    # Of grey levels, too, the input that is read again has no picture of its own.
    np.savez(tmp_path / "grey.npz", X=np.array([[0, 100, 200], [255, 0, 90]] * 4, np.uint8), y=np.array([0, 1] * 4))
    run(f"train --data {tmp_path / 'grey.npz'} --levels 3 --topology 9-1 --out {tmp_path / 'grey'} -q", capsys)
    assert "layer 1: 9 inputs, 1 neuron; 3 pictures each" in run(f"show {tmp_path / 'grey'}", capsys)[0]
    assert (
        "topology 7-1 starts with 7, but the data have 9 inputs; start it with 9"
        in (run(f"train --data {tmp_path / 'grey.npz'} --levels 3 --topology 7-1", capsys, 2)[1])
    )
    # A run that goes on does so in the order of its checkpoint, and one that is named is taken.
    assert "short search" not in run(f"{words} --checkpoint {tmp_path / 'c'}", capsys)[1]
    export = f"export --data {tmp_path / 'a.npz'} --topology 7-1 --bound 3 --out {tmp_path / 'a.cnf'} --json"
    assert "8-1" in run(export, capsys)[0]


def test_balanced_costs_are_how_many_times_rarer_a_label_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.array([1] * 5 + [0] * 16)
    np.savez(tmp_path / "rare.npz", X=(rng.random((21, 6)) < 0.5).astype(np.uint8), y=labels)
    words = [
        "train",
        "--data",
        str(tmp_path / "rare.npz"),
        "--activation",
        "popcount",
        "--topology",
        "6-1",
        "--json",
        "-q",
    ]
    assert _run([*words, "--class-weight", "balanced"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["costs"] == [1, 3]
    assert result["examples"] == 21
    assert result["train_accuracy"] == pytest.approx(1 - result["wrong"] / 21)


def test_what_was_trained_is_certified_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(f"train --positive 3 --topology 64-2-1 --examples 60 --json -q --out {tmp_path / 'm'}", capsys)
    model = json.loads(out[0])["model"]
    claim = json.loads(run(f"certify {model} --out {tmp_path / 'c'} --json --not 64-1 -q", capsys)[0])
    errors = json.loads(out[0])["errors"]
    assert claim["attained"][0]["sums"]["errors"] == claim["impossible"][0]["sums"]["errors"] + 1 == errors > 0
    assert claim["source"]["task"]["data"] == "mnist8x8"
    assert [statement["name"] for statement in claim["impossible"]] == ["errors", "not-64-1"]
    # In a process of its own, whose words are not captured by pytest's replacement of the streams.
    done = process(f"check {tmp_path / 'c'}")
    words = done.stdout.decode()
    assert (
        done.returncode == 0
        and words.startswith("VERIFIED: ")
        and f"64-1 (half, head bit) makes fewer than {errors + 1}" in words
    )
    assert b"replaying the solution" in done.stderr
    (tmp_path / "c" / "errors.drat").write_text("0\n")
    done = process(f"check {tmp_path / 'c'} -q")
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode().startswith("NOT VERIFIED: errors.drat is not the file")


def test_data_that_changed_or_went_are_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "table.csv"
    data.write_text("a,b,label\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    run(f"train --data {data} --topology 2-1 --activation popcount -q --out {tmp_path / 'm'}", capsys)
    run(f"certify {tmp_path / 'm'} --out {tmp_path / 'c'} -q", capsys)
    data.rename(tmp_path / "moved.csv")
    assert b"the data as the certificate has them" in process(f"check {tmp_path / 'c'}").stdout
    moved = process(f"check {tmp_path / 'c'} --data {tmp_path / 'moved.csv'}").stdout.decode()
    assert f"examples of '{tmp_path / 'moved.csv'}'" in moved
    assert "moved" not in run(f"certify {tmp_path / 'm'} --out {tmp_path / 'd'} -q", capsys, 2)[1]
    data.write_text("a,b,label\n0,0,0\n0,1,1\n1,0,1\n1,1,1\n")
    assert b"do not give these examples" in process(f"check {tmp_path / 'c'}").stdout
    assert "trained on" in run(f"certify {tmp_path / 'm'} --out {tmp_path / 'd'} -q", capsys, 2)[1]


def test_a_model_that_does_not_say_where_it_is_from_cannot_be_certified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(f"train --positive 3 --topology 64-1 --examples 20 -q --out {tmp_path}", capsys)
    content = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps({**content, "origin": {}}))
    assert "does not say" in run(f"certify {tmp_path / 'model.json'} --out {tmp_path / 'c'}", capsys, 2)[1]


def test_data_that_changed_without_a_change_in_the_errors_are_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, model = tmp_path / "table.csv", tmp_path / "m" / "model.json"
    data.write_text("a,b,label\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    run(f"train --data {data} --topology 2-1 --activation popcount -q --out {tmp_path / 'm'}", capsys)
    data.write_text("a,b,label\n1,1,0\n0,0,0\n0,1,1\n1,0,1\n")
    certify = f"certify {model} --out {tmp_path / 'c'}"
    assert "are not those that it was trained on; give those" in run(certify, capsys, 2)[1]
    assert not (tmp_path / "c").exists()
    # A model that cannot tell has to do with the number of errors, which is said.
    content = json.loads(model.read_text())
    del content["origin"]["digest"]
    model.write_text(json.dumps(content))
    assert "the model has no digest of its examples" in run(certify, capsys)[1]


def test_what_is_not_there_is_no_fault_of_a_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, message in (
        ("--data nofile", "there is no file or data set 'nofile'"),
        ("--data mux:7", "unknown problem 'mux:7'"),
        ("--checker nochecker", "the checker nochecker is no program that can be run"),
        ("--proof errors=nofile", "--proof errors=nofile names no file"),
        ("--proof errors", "write it like errors=FILE"),
    ):
        out, err = run(f"check {tmp_path} {options}", capsys, 2)
        assert out == "" and err.count("\n") == 1 and message in err
    assert "the checker is empty" in run(["check", str(tmp_path), "--checker", " "], capsys, 2)[1]
    assert "cannot be read" in run(["check", str(tmp_path), "--checker", "'"], capsys, 2)[1]


def test_what_certify_cannot_do_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(f"train --data parity:3 --topology 3-1 --activation popcount -q --out {tmp_path / 'm'}", capsys)
    certify = ["certify", str(tmp_path / "m"), "--out", str(tmp_path / "c"), "-q"]
    for options, code, message in (
        (["--example", "0", "--radius", "5"], 2, "radius 5 is too large: an input has 3 bits; give at most 4"),
        (["--example", "0", "--radius", "9" * 30], 2, "an input has 3 bits"),
        (["--prover", "true"], 3, "true ended with code 0, which is no solver's answer: 10 (satisfiable) or 20"),
        (["--prover", "sh -c 'exit 20'"], 3, "says that there is a proof (code 20), and wrote none; name a solver"),
        (["--prover", "sh -c 'printf \"\\377\" > $2; exit 20' sh"], 3, "wrote none that can be read"),
        (["--prover", ""], 2, "the program for proofs is empty; name one"),
        (["--prover", "'"], 2, "cannot be read: No closing quotation"),
    ):
        out, err = run([*certify, *options], capsys, code)
        assert out == "" and err.count("\n") == 1 and message in err, err
        assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    ("options", "attained"),
    [("", "0 errors, margin 0"), ("--weights ternary --then sparse", "0 errors, margin 1, 2 nonzero")],
)
def test_what_a_certificate_attains_is_told_once(
    options: str, attained: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "x.npz", X=np.array([[0, 0], [1, 1]], dtype=np.uint8), y=np.array([0, 1]))
    train = f"train --data {tmp_path / 'x.npz'} --topology 2-1 --activation popcount --then margin {options}"
    run(f"{train} -q --out {tmp_path / 'm'}", capsys)
    assert f": {attained}, " in run(f"certify {tmp_path / 'm'} --out {tmp_path / 'c'} -q", capsys)[0]


def test_nothing_in_a_certificate_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(f"train --positive 3 --topology 64-1 --examples 20 -q --out {tmp_path / 'm'}", capsys)
    run(f"certify {tmp_path / 'm'} --out {tmp_path / 'c'} -q", capsys)
    (tmp_path / "c" / "dratify.py").write_text("print('VERIFIED: what I like'); raise SystemExit(0)\n")
    (tmp_path / "c" / "examples.txt").write_text("0 0\n")
    done = process("check .", cwd=tmp_path / "c", env={**os.environ, "PYTHONSAFEPATH": "1"})
    assert (done.returncode, done.stdout.split()[:2]) == (1, [b"NOT", b"VERIFIED:"])
    assert process("check -q -- -x").returncode == 2
    assert run(f"certify {tmp_path / 'm'} --out {tmp_path / 'd'} --bound -1", capsys, 2)[1].count("\n") == 1
    with Path("/dev/full").open("w") as full:
        done = process(f"check -q {tmp_path / 'c'}", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1


def test_old_spellings_of_options_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for old, new in (
        ("--digit 3 --samples=20", "--positive 3 --examples=20"),
        ("--data mux:6 --class-weight 1,2 --threshold 3", "--data mux:6 --costs 1,2 --thresholds 3"),
    ):
        shape = "--topology 64-1" if "mux" not in old else "--topology 6-1 --activation popcount"
        results = [result_of(f"train {options} {shape} --json", capsys) for options in (old, new)]
        assert len({json.dumps({**r, **dict.fromkeys(r.keys() & TIMES)}, sort_keys=True) for r in results}) == 1
    # They are not told of.
    assert "--digit" not in run("train --help", capsys)[0]


TIMES = {"seconds", "seconds_encode", "seconds_to_best", "seconds_to_proof", "events"}
