"""Shapes from data, examples held back, cross-validation and what stands beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often

from bnnsat.baselines import MAJORITY, baselines
from bnnsat.cli import _run
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.draws import folds, held_back
from bnnsat.errors import InputError
from bnnsat.options import Options
from bnnsat.outline import Outline
from bnnsat.plan import Plan
from bnnsat.width import narrowest

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "train-result.schema.json").read_text())


def blobs(path: Path, rows: int = 60, classes: int = 2, seed: int = 0) -> str:
    """A table whose label the first of two numbers tells, with a text that says nothing, and groups of three rows."""
    rng = np.random.default_rng(seed)
    lines = ["size,width,colour,visit,kind"]
    for i in range(rows):
        label = i % classes
        lines.append(
            f"{label + rng.normal() / 20:.3f},{rng.normal():.3f},{['red', 'blue'][rng.integers(2)]},{i // 3},k{label}"
        )
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def run(arguments: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> tuple[str, str]:
    assert _run(arguments.split()) == code, capsys.readouterr().err
    captured = capsys.readouterr()
    return captured.out, captured.err


# Held back


@given(
    st.lists(st.integers(0, 2), min_size=4, max_size=60),
    st.integers(2, 5),
    st.integers(0, 9),
    st.booleans(),
    st.integers(1, 6),
)
@often(100)
def test_folds_part_the_examples_and_spread_labels(
    drawn: list[int], count: int, seed: int, grouped: bool, size: int
) -> None:
    labels = np.array(drawn)
    groups = np.arange(len(labels)) // size if grouped else None
    most = np.bincount(labels).max() if groups is None else len(np.unique(groups))
    if count > most:
        with pytest.raises(InputError, match="folds do not fit"):
            folds(labels, count, seed, groups)
        return
    found = folds(labels, count, seed, groups)
    assert set(found.tolist()) <= set(range(count))
    assert (folds(labels, count, seed, groups) == found).all()
    if groups is None:
        for label in np.unique(labels):
            parts = np.bincount(found[labels == label], minlength=count)
            assert parts.max() - parts.min() <= 1
        sizes = np.bincount(found, minlength=count)
        assert sizes.max() - sizes.min() <= 1
    else:
        for group in np.unique(groups):
            assert len(set(found[groups == group].tolist())) == 1
        assert set(found.tolist()) == set(range(count))


@given(st.lists(st.integers(0, 2), min_size=2, max_size=60), st.floats(0.05, 0.95), st.integers(0, 9))
@often(100)
def test_some_of_each_label_are_held_back_and_never_all(drawn: list[int], share: float, seed: int) -> None:
    labels = np.array(drawn)
    held = held_back(labels, share, seed)
    for label in np.unique(labels):
        there, count = labels == label, int((labels == label).sum())
        assert held[there].sum() == min(count - 1, max(1, round(share * count)))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.75])
def test_groups_are_held_back_whole(share: float) -> None:
    labels, groups = np.arange(60) % 2, np.arange(60) // 3
    held = held_back(labels, share, 0, groups)
    assert abs(held.mean() - share) < 0.1
    assert all(len(set(held[groups == group].tolist())) == 1 for group in range(20))


# Shapes


@pytest.mark.parametrize(
    ("hidden", "more", "topology"),
    [
        ("3", {}, "11-3-1"),
        ("0", {}, "11-1"),
        ("4-2", {}, "11-4-2-1"),
        ("2", {"activation": "half"}, "12-2-1"),
        ("2", {"weights": "ternary"}, "11-2-1"),
    ],
)
def test_inputs_and_outputs_come_from_the_data(
    tmp_path: Path, hidden: str, more: dict[str, Any], topology: str
) -> None:
    data = blobs(tmp_path / "t.csv")
    task, shape = Outline(hidden, **more).on(TaskOptions(data, drop=("visit",)))
    assert shape.topology == topology and task.inputs.shape[1] == shape.sizes[0]
    assert any(shape.constants) == (shape.activation == "popcount") and shape.head == "bit"
    three = blobs(tmp_path / "three.csv", classes=3)
    for positive, head in (
        (None, "onehot" if shape.activation == "half" and hidden != "0" else "argmax"),
        ("k1", "bit"),
    ):
        _, shape = Outline(hidden, **more).on(TaskOptions(three, drop=("visit",), positive=positive))
        assert shape.head == head and shape.classes == (3 if positive is None else 2)


@pytest.mark.parametrize("hidden", ["x", "-1", "3-0", "0-3", "", "1.5", "03", "3-"])
def test_what_is_no_number_of_neurons_is_refused(tmp_path: Path, hidden: str) -> None:
    with pytest.raises(InputError, match="is no number of neurons"):
        Outline(hidden).on(TaskOptions(blobs(tmp_path / "t.csv")))
    with pytest.raises(InputError, match="two shapes; give one"):
        Outline("3", "8-3-1").on(TaskOptions(blobs(tmp_path / "t.csv")))
    with pytest.raises(InputError, match="say how many hidden neurons"):
        Outline().on(TaskOptions(blobs(tmp_path / "t.csv")))


def test_the_embedded_sets_keep_their_network() -> None:
    task, shape = Outline().on(TaskOptions("mnist8x8"))
    assert (shape.topology, shape.activation, task.positive) == ("64-2-1", "half", 0)
    _, shape = Outline("4").on(TaskOptions("mnist8x8"))
    assert (shape.topology, shape.activation) == ("64-4-1", "half")


def test_the_width_is_the_narrowest_that_does_not_lose(tmp_path: Path) -> None:
    notes: list[str] = []
    options = Options(time_limit=100, jobs=1)
    plan = Plan(TaskOptions(blobs(tmp_path / "t.csv"), columns=("size",)), Outline(), options)
    assert narrowest(plan, notes.append).outline.hidden == "0"
    assert "hidden 0" in notes[0]
    rng = np.random.default_rng(1)
    rows = rng.integers(2, size=(200, 2)).tolist()
    (tmp_path / "xor.csv").write_text("a,b,y\n" + "".join(f"{a},{b},{a ^ b}\n" for a, b in rows))
    found = narrowest(Plan(TaskOptions(str(tmp_path / "xor.csv")), Outline(), options), notes.append)
    assert found.outline.hidden == "2"
    # What finding it took is part of the limit.
    assert found.options.time_limit is not None and 80 < found.options.time_limit < 100


@pytest.mark.parametrize(("limit", "folds", "widths"), [(30, 3, 5), (12, 1, 5), (7, 1, 3), (5, 1, 2)])
def test_short_limits_judge_fewer_widths_for_as_long(tmp_path: Path, limit: float, folds: int, widths: int) -> None:
    notes: list[str] = []
    task = TaskOptions(blobs(tmp_path / "t.csv"), columns=("size",))
    narrowest(Plan(task, Outline(), Options(time_limit=limit, jobs=1)), notes.append)
    assert f"on {folds} fold" in notes[0] and notes[0].count(": ") == widths + 1


def test_without_time_to_judge_a_usual_width_is_taken(tmp_path: Path) -> None:
    notes: list[str] = []
    options = Options(time_limit=1, jobs=1)
    assert narrowest(Plan(TaskOptions(blobs(tmp_path / "t.csv")), Outline(), options), notes.append).outline.hidden
    assert "no time to find a width in" in notes[0]


def test_plans_come_back_from_json(tmp_path: Path) -> None:
    plan = Plan(
        TaskOptions(blobs(tmp_path / "t.csv"), target="kind", drop=("visit",), rules=("size=uniform:3",)),
        Outline("3", weights="ternary"),
        Options(time_limit=3, then=("sparse",)),
        "balanced",
        "flip:0.1",
    )
    again = Plan.of(json.loads(json.dumps(plan.noted())))
    assert again == plan
    task, shape, options = again.made((1, 4))
    assert len(task.labels) == 45 and shape.sizes[1] == 3 and options.augment is not None


# Beside


def test_baselines_are_judged_on_the_same_examples() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((60, 4)) < 0.5, np.repeat([0, 1, 1], 20)
    found = baselines(inputs, labels, inputs, labels)
    assert found[MAJORITY] == {"accuracy": pytest.approx(2 / 3), "balanced_accuracy": 0.5}
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(inputs, labels)
    assert found["tree of depth 3"]["accuracy"] == pytest.approx(tree.score(inputs, labels))


# From the command line


def test_tables_are_trained_judged_shown_and_used(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data, out = blobs(tmp_path / "t.csv"), tmp_path / "m"
    command = f"train --data {data} --target kind --drop visit --hidden 0 --time-limit 10 --out {out} --json"
    result = json.loads(run(f"{command} --test-size 0.25 --cv 3", capsys)[0])
    jsonschema.validate(result, SCHEMA)
    assert result["target"] == "kind" and result["classes"] == ["k0", "k1"] and result["errors"] == 0
    assert len(result["bits"]) == int(result["topology"].split("-")[0])
    assert result["test_examples"] == 16 and result["baselines"]["majority"]["accuracy"] == 0.5
    assert len(result["cv"]["folds"]) == 3 and result["cv"]["balanced_accuracy"] > 0.7
    assert sum(fold["test_examples"] for fold in result["cv"]["folds"]) == 44
    assert "k1: " in run(f"show {out}", capsys)[0]
    # Rows without the target, columns in another order, one that nobody knows.
    frame = pl.read_csv(data).select("colour", "width", "size").with_columns(other=1)
    frame.write_csv(tmp_path / "new.csv")
    lines, told = run(f"predict {out} --data {tmp_path / 'new.csv'}", capsys)
    assert lines.split() == [f"k{i % 2}" for i in range(60)] and "none with a label" in told
    for name in ("p.csv", "p.parquet"):
        run(f"predict {out} --data {tmp_path / 'new.csv'} --scores --out {tmp_path / name}", capsys)
    assert pl.read_csv(tmp_path / "p.csv").columns == ["colour", "width", "size", "other", "prediction", "score"]
    found = pl.read_parquet(tmp_path / "p.parquet")
    assert ((found["score"] >= 0) == (found["prediction"] == "k1")).all()
    report = json.loads(run(f"predict {out} --data {data} --json --scores", capsys)[0])
    assert report["accuracy"] == 1.0 and report["confusion"] == [[30, 0, 0], [0, 30, 0]] and len(report["score"]) == 60
    run(f"certify {out} --out {tmp_path / 'c'} -q", capsys)
    assert _run(["check", str(tmp_path / "c"), "-q"]) == 0


def test_a_table_without_any_option_gets_a_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = blobs(tmp_path / "t.csv", classes=3)
    out, err = run(f"train --data {data} --drop visit --time-limit 3", capsys)
    assert "kind: k0, k1, k2" in out and "hidden " in err and "the target is the last column, 'kind'" in err
    result = json.loads(
        run(f"train --data {data} --drop visit --positive k2 --hidden 1 --time-limit 3 --json", capsys)[0]
    )
    jsonschema.validate(result, SCHEMA)
    assert result["classes"] == ["not k2", "k2"] and result["positive"] == "k2"


def test_standard_input_is_a_table(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import sys

    from bnnsat.tables import files

    content = Path(blobs(tmp_path / "t.csv")).read_bytes()
    files._standard_input.cache_clear()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    result = json.loads(run("train --data - --hidden 0 --activation half --time-limit 3 --json", capsys)[0])
    assert result["errors"] == 0 and result["data"] == "standard input"
    files._standard_input.cache_clear()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--target knd", "no column 'knd' for target"),
        ("--hidden 3 --topology 4-1", "are two shapes"),
        ("--test-size 1.5", "test size 1.5 is no share"),
        ("--cv 99", "99 folds do not fit 30 examples"),
        ("--cv 1", "1 fold cannot be learned from and tested"),
        ("--group visits --cv 3", "no column 'visits' for group"),
        ("--binarize size", "unknown binarisation 'size'"),
        ("--binarize quantiles:3 --binarize uniform:3", "give one for all columns"),
        ("--binarize colour=quantiles:2", "column 'colour' holds no numbers"),
        ("--positive k7", "no label 'k7'; its labels are k0, k1"),
        ("--drop kind --target kind", "cannot be dropped"),
    ],
)
def test_what_does_not_fit_a_table_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: str, message: str
) -> None:
    data = blobs(tmp_path / "t.csv")
    hidden = "" if "--hidden" in options else "--hidden 0"
    _, err = run(f"train --data {data} {hidden} --time-limit 3 --out {tmp_path / 'm'} -q {options}", capsys, 2)
    assert message in err and len(err.splitlines()) == 1
    assert not (tmp_path / "m").exists()


def test_groups_stay_together_in_folds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = blobs(tmp_path / "t.csv")
    command = f"train --data {data} --hidden 0 --group visit --cv 4 --time-limit 3 --json -q"
    result = json.loads(run(command, capsys)[0])
    assert not any("visit" in bit for bit in result["bits"])
    assert sorted(fold["test_examples"] for fold in result["cv"]["folds"]) == [15, 15, 15, 15]


def test_predictions_that_do_not_fit_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data, out = blobs(tmp_path / "t.csv"), tmp_path / "m"
    run(f"train --data {data} --drop visit --hidden 0 --time-limit 3 --out {out} -q", capsys)
    refusals: list[tuple[str, str]] = [
        (f"--data {data} --target size", "row 1 has label"),
        (f"--data {data} --part test", "without a test part"),
        (f"--data {data} --out {tmp_path / 'p.txt'}", "no format of tables"),
        ("--data mnist8x8", "the model reads the columns of a table"),
        (f"--data {tmp_path / 'absent.csv'}", "there is no file or data set"),
    ]
    (tmp_path / "other.csv").write_text("size,colour\n1,red\n")
    refusals.append((f"--data {tmp_path / 'other.csv'}", "column 'width' is missing"))
    for options, message in refusals:
        _, err = run(f"predict {out} {options}", capsys, 2)
        assert message in err and len(err.splitlines()) == 1
    check: Callable[[], bool] = (tmp_path / "p.txt").exists
    assert not check()


def test_rows_with_a_column_of_predictions_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data, out = blobs(tmp_path / "t.csv"), tmp_path / "m"
    run(f"train --data {data} --drop visit --hidden 0 --time-limit 3 --out {out} -q", capsys)
    run(f"predict {out} --data {data} --out {tmp_path / 'p.csv'}", capsys)
    # Cells stay as they stood.
    assert (tmp_path / "p.csv").read_text().splitlines()[1].startswith(Path(data).read_text().splitlines()[1])
    _, err = run(f"predict {out} --data {tmp_path / 'p.csv'} --out {tmp_path / 'q.csv'}", capsys, 2)
    assert "has a column 'prediction' already" in err and not (tmp_path / "q.csv").exists()


def test_tables_too_small_for_a_width_get_a_single_neuron(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,u\n2,v\n")
    out, err = run(f"train --data {tmp_path / 't.csv'} --time-limit 2", capsys)
    assert "network 1-1" in out and "too few examples to find a width by" in err


def test_others_stand_beside_what_was_asked_to_be_judged(capsys: pytest.CaptureFixture[str]) -> None:
    command = "train --examples 20 --topology 64-1 --json -q"
    assert "baselines" not in json.loads(run(command, capsys)[0])
    result = json.loads(run(f"{command} --baselines", capsys)[0])
    jsonschema.validate(result, SCHEMA)
    assert result["baselines"]["majority"]["balanced_accuracy"] == 0.5
