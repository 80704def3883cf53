"""What the Python names say to values that they cannot take: one line each, and nothing is begun."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

import bnnsat
from bnnsat.cli import _run
from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import Preprocessing

SHAPE = bnnsat.Shape.parse("5-1")
INPUTS = np.array([[True] * 5, [True, True, False, False, False]])
LABELS = np.array([1, 0])


def majority() -> bnnsat.Model:
    return bnnsat.Model(bnnsat.Network.of(SHAPE, [[[1] * 5]]), Preprocessing(Binarizer("bits")))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_limit": "5"}, "time limit '5'"),
        ({"time_limit": math.nan}, "time limit nan"),
        ({"time_limit": -1}, "time limit -1"),
        ({"seed": -1}, "whole numbers from 0"),
        ({"jobs": "2"}, "whole numbers from 0"),
        ({"augment": "shift"}, "augment is 'shift'"),
        ({"goal": "best"}, "there are errors, accuracy"),
        ({"bootstrap": True}, "give ensemble 2 or more"),
        ({"bootstrap": "no"}, "bootstrap is 'no'; true or false is due"),
        ({"ensemble": 0}, "give 1 or more"),
        ({"then": "margin"}, r"then is 'margin'; give a tuple of objectives, like \('margin',\)"),
    ],
)
def test_options_that_are_none_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(bnnsat.InputError, match=message):
        bnnsat.Options(**options)


def test_whole_numbers_of_numpy_choose_a_task_as_well() -> None:
    chosen = bnnsat.TaskOptions("mnist8x8", positive=cast(Any, np.int64(3)), seed=cast(Any, np.uint8(1)))
    assert (type(chosen.positive), type(chosen.seed)) == (int, int)
    assert chosen == bnnsat.TaskOptions("mnist8x8", positive=3, seed=1)


@pytest.mark.parametrize(
    ("example", "radius", "message"),
    [
        (1.5, None, "neither the number of an example"),
        ("1", None, "neither the number of an example"),
        (True, None, "neither the number of an example"),
        (None, None, "neither the number of an example"),
        ([[1], [0, 1]], None, "neither the number of an example"),
        (np.ma.masked_array([1] * 5, [True] + [False] * 4), None, "masked"),
        ([1, 0], None, "5 digits, each 0 or 1"),
        ([1, 0, 2, 1, 1], None, r"2 at \[2\]; bits 0 and 1"),
        ([1] * 5, 0, "radius 0"),
        ([1] * 5, "1", "radius '1'"),
        ([1] * 5, True, "radius True"),
        (0, None, "does not say what it was trained on"),
    ],
)
def test_examples_and_radii_that_are_none_are_refused(tmp_path: Path, example: Any, radius: Any, message: str) -> None:
    with pytest.raises(bnnsat.InputError, match=message):
        bnnsat.certify_robustness(majority(), example, tmp_path / "c", radius=radius)
    assert not (tmp_path / "c").exists()


def test_an_example_is_a_list_of_bits_or_a_number_of_numpy(tmp_path: Path) -> None:
    claim = bnnsat.certify_robustness(majority(), [1, 1, 1, 0, 0], tmp_path / "bits")
    assert claim.attained[0].sums == {"changes": 1}
    assert "1 bit changed makes the network" in bnnsat.check(tmp_path / "bits")
    with pytest.raises(bnnsat.InputError, match="does not say what it was trained on"):
        bnnsat.certify_robustness(majority(), np.int64(0), tmp_path / "c")  # type: ignore[arg-type]


@pytest.mark.parametrize("bound", [-1, 1.5, "1", True])
def test_bounds_of_a_certificate_that_are_none_are_refused(tmp_path: Path, bound: Any) -> None:
    with pytest.raises(bnnsat.InputError, match="whole number of errors from 0"):
        bnnsat.certify(majority(), tmp_path / "c", bound=bound)


def test_what_is_of_another_type_is_refused(tmp_path: Path) -> None:
    shape, model, task = cast(Any, 60), cast(Any, "three.json"), cast(Any, "mnist8x8")
    training = bnnsat.train(INPUTS, LABELS, SHAPE)
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: bnnsat.train(INPUTS, LABELS, shape), "shape is of type int; give a bnnsat.Shape"),
        (lambda: bnnsat.train(INPUTS, LABELS, SHAPE, cast(Any, 60)), "options is of type int; give a bnnsat.Options"),
        (lambda: bnnsat.certify(model, tmp_path / "c"), "model is of type str; give a bnnsat.Model"),
        (lambda: bnnsat.certify_robustness(model, 0, tmp_path / "c"), "model is of type str; give a bnnsat.Model"),
        (
            lambda: bnnsat.certify(majority(), tmp_path / "c", prover=cast(Any, "kissat")),
            "prover is of type str; give a bnnsat.Prover",
        ),
        (lambda: bnnsat.RobustnessQuestion.on(model, [1] * 5), "model is of type str; give a bnnsat.Model"),
        (lambda: bnnsat.Task.chosen(task, 1), "options is of type str; give a bnnsat.TaskOptions"),
        (lambda: bnnsat.model_of(task, training), "task is of type str; give a bnnsat.Task"),
        (lambda: bnnsat.summary(task, training), "task is of type str; give a bnnsat.Task"),
        (lambda: bnnsat.export(cast(Any, SHAPE), tmp_path / "x.cnf"), "question is of type Shape"),
        (lambda: bnnsat.Shape.parse(cast(Any, 64)), "topology 64 is not a list of layer sizes"),
        (lambda: bnnsat.Model.load(cast(Any, None)), "None is no path of a model"),
        (lambda: bnnsat.Model.load("\0"), "cannot read model"),
        (lambda: bnnsat.Model.load(tmp_path), "the folder holds no model.json"),
        (lambda: bnnsat.read(""), "'' names no data set"),
        (lambda: bnnsat.TaskOptions("mnist8x8", positive=cast(Any, [1])), r"positive \[1\] does not describe a task"),
        (lambda: bnnsat.TaskOptions("mnist8x8", seed=cast(Any, 1.0)), "seed 1.0 does not describe a task"),
    ]
    for call, message in calls:
        with pytest.raises(bnnsat.InputError, match=message):
            call()
    assert not list(tmp_path.iterdir())


def test_errors_in_python_name_no_options_of_the_command_line(tmp_path: Path) -> None:
    question = bnnsat.TrainingQuestion.on(INPUTS, LABELS, SHAPE)
    calls: list[Callable[[], object]] = [
        lambda: bnnsat.train(INPUTS, np.array([2, 2]), SHAPE),
        lambda: bnnsat.Shape.parse("5-2", head="bit"),
        lambda: bnnsat.Shape.parse("6-2", "half", "argmax"),
        lambda: bnnsat.export(question, tmp_path / "x.txt"),
        lambda: bnnsat.export(question, tmp_path / "x.wcnf", bound=1),
        lambda: bnnsat.export(question, tmp_path / "x.bnn", encoding="adder"),
        lambda: bnnsat.read("nowhere"),
        lambda: bnnsat.read("mux:6", reduce="crop24"),
        lambda: bnnsat.Task.chosen(bnnsat.TaskOptions("mux:6", binarize="bits", levels=2), 1),
        lambda: bnnsat.certify(majority(), tmp_path / "c"),
    ]
    for call in calls:
        with pytest.raises(bnnsat.InputError) as caught:
            call()
        assert "--" not in str(caught.value)


def test_a_model_that_is_read_is_the_one_that_was_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", X=INPUTS.astype(np.uint8), y=LABELS)
    task = bnnsat.Task.chosen(bnnsat.TaskOptions("mine.npz", test_data="mine.npz"), 1)
    costs = cast(tuple[int, ...], [1, 2])
    training = bnnsat.train(task.inputs, task.labels, SHAPE, bnnsat.Options(costs=costs, then=("margin",)))
    model = bnnsat.model_of(task, training)
    model.save("model.json")
    assert bnnsat.Model.load("model.json") == model


def test_a_formula_without_a_source_cannot_be_imported_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bnnsat.export(bnnsat.TrainingQuestion.on(INPUTS, LABELS, SHAPE), tmp_path / "x.cnf")
    (tmp_path / "out").write_text("v 1 0\n")
    assert _run(["import-model", str(tmp_path / "out"), "--of", str(tmp_path / "x.cnf")]) == 2
    assert "exported without a source; export it again with a bnnsat.ExamplesSource" in capsys.readouterr().err


def test_questions_are_exported_with_or_without_a_source(tmp_path: Path) -> None:
    merged = bnnsat.TrainingQuestion(bnnsat.Problem.of(INPUTS, LABELS), SHAPE)
    for name in ("x.cnf", "x.wcnf"):
        with pytest.raises(bnnsat.InputError, match=r"TrainingQuestion\.on"):
            bnnsat.export(merged, tmp_path / name)
    side = bnnsat.export(bnnsat.TrainingQuestion.on(INPUTS, LABELS, SHAPE), tmp_path / "x.cnf")
    assert side.content["expected"]["answer"] == "SAT"
    side = bnnsat.export(bnnsat.RobustnessQuestion.on(majority(), INPUTS[0]), tmp_path / "r.cnf")
    assert side.content["expected"]["changes"] == 3


def test_paths_and_folders_are_taken_wherever_files_are(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", X=INPUTS, y=LABELS)
    assert len(bnnsat.read(tmp_path / "t.npz").train) == len(INPUTS)
    task = bnnsat.Task.chosen(bnnsat.TaskOptions(tmp_path / "t.npz", test_data=tmp_path / "t.npz"), 1)  # type: ignore[arg-type]
    training = bnnsat.train(task.inputs, task.labels, SHAPE, checkpoint=tmp_path / "c")
    model = bnnsat.model_of(task, training)
    (tmp_path / "m").mkdir()
    model.save(str(tmp_path / "m" / "model.json"))
    for place in (tmp_path / "m", str(tmp_path / "m"), tmp_path / "m" / "model.json"):
        assert bnnsat.Model.load(place) == model
    claim = bnnsat.certify(model, str(tmp_path / "cert"), data=tmp_path / "t.npz")
    assert claim.attained and bnnsat.check(str(tmp_path / "cert"), data=tmp_path / "t.npz")
    source = bnnsat.ModelSource(tmp_path / "m")
    question = bnnsat.RobustnessQuestion.on(model, task.inputs[0])
    bnnsat.export(question, tmp_path / "r.cnf", source=source)
    assert json.loads((tmp_path / "r.cnf.json").read_text())["source"]["model"].endswith("m/model.json")
    with pytest.raises(bnnsat.InputError, match="cannot read model"):
        bnnsat.Model.load(tmp_path)
    others: list[Any] = [None, 3, b"mnist8x8", ["mnist8x8"]]
    for other in others:
        with pytest.raises(bnnsat.InputError, match="names no data set"):
            bnnsat.read(other)


# What Python users have


BITS = np.random.default_rng(0).integers(2, size=(12, 5))
WANTED = BITS[:, 0] ^ BITS[:, 1]


@pytest.mark.parametrize(
    "inputs",
    [
        BITS.tolist(),
        BITS.astype(bool),
        BITS.astype(np.uint8),
        BITS.astype(np.float32),
        np.asfortranarray(BITS),
        np.frombuffer(BITS.astype(np.int8).tobytes(), dtype=np.int8).reshape(12, 5),
        BITS[::-1][::-1],
    ],
)
@pytest.mark.parametrize(
    "labels", [WANTED, WANTED.tolist(), WANTED.astype(bool), WANTED * 2 - 1, np.where(WANTED, "b", "a")]
)
def test_arrays_of_any_kind_and_labels_of_any_kind_are_learned(inputs: Any, labels: Any) -> None:
    training = bnnsat.train(inputs, labels, "5-2-1", bnnsat.Options(time_limit=20))
    predicted = training.predict(inputs)
    wanted = np.asarray(labels) if np.asarray(labels).dtype.kind != "b" else np.asarray(labels).astype(int)
    assert (predicted != wanted).sum() == training.errors
    assert repr(training).count("\n") == 2 and training.status in repr(training)
    assert "<svg" in training._repr_html_() and "neuron 1" in training.model.show()


def test_what_is_saved_is_read_predicted_and_certified(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame({"size": rng.normal(size=30), "colour": rng.choice(["red", "blue"], 30)})
    kinds = np.where(frame["size"] > 0, "big", "small")
    bits = pandas.DataFrame(BITS, columns=list("abcde"))
    for place, (inputs, labels, topology) in enumerate(
        [(BITS, WANTED, "5-2-1"), (frame, kinds, "2-1-1"), (frame, kinds, "6-1"), (bits, WANTED, "5-2-1")]
    ):
        training = bnnsat.train(inputs, labels, topology, bnnsat.Options(time_limit=20))
        path = tmp_path / f"{place}.json"
        assert training.save(path) == bnnsat.Model.load(path)
        loaded = bnnsat.Model.load(path)
        assert (loaded.predict(inputs) == training.predict(inputs)).all()
        assert (loaded.predict(inputs) != labels).sum() == training.errors
        bnnsat.certify(loaded, tmp_path / f"c{place}")
        assert f"{path.stem}." in bnnsat.check(tmp_path / f"c{place}")
    with pytest.raises(bnnsat.InputError, match="the 2 columns become 6 bits, and topology 3-1 starts with 3"):
        bnnsat.train(frame, kinds, "3-1")
    with pytest.raises(bnnsat.InputError, match="start it with 6, or give it as text"):
        bnnsat.train(frame, kinds, bnnsat.Shape.parse("2-1"))


def test_only_public_names_are_listed() -> None:
    assert dir(bnnsat) == sorted(bnnsat.__all__)  # type: ignore[attr-defined]


def test_progress_is_for_terminals_and_notebooks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bnnsat.train(BITS, WANTED, "5-2-1", bnnsat.Options(time_limit=20))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    bnnsat.train(BITS, WANTED, "5-2-1", bnnsat.Options(time_limit=20), verbose=0)
    assert capsys.readouterr().err == ""
    training = bnnsat.train(BITS, WANTED, "5-2-1", bnnsat.Options(time_limit=20))
    err = capsys.readouterr().err
    # One line, written over for each event.
    assert err.count("\r") == len(training.events) and err.count("\n") == 1
