"""Numbers in npz files that are no bits or grey levels, and what networks of whole numbers predict of tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import bnnsat
from bnnsat.cli import _run as run
from bnnsat.integers.model import IntegerModel
from bnnsat.tables.source import is_table, read_table

ROWS = 24


@pytest.fixture
def decimals() -> dict[str, Any]:
    """A label that one of three columns decides, with a gap between."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(ROWS, 3))
    x[:, 1] += np.where(x[:, 1] > 0, 1, -1)
    return {"X": x, "y": (x[:, 1] > 0).astype(np.int64)}


def called(words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = run(words.split())
    said = capsys.readouterr()
    return code, said.out, said.err


def test_decimals_are_learned_and_predicted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, decimals: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", **decimals)
    np.savez("new.npz", X=decimals["X"])
    assert is_table("data.npz")
    table = read_table("data.npz")
    assert table.names == ["x0", "x1", "x2", "y"]
    assert np.array_equal(table.column("x2").values, decimals["X"][:, 2])
    for words in ("--hidden 0", "--activation relu --topology 3-1 --bias --time-limit 5"):
        code, _, error = called(f"train --data data.npz {words} --out model --quiet", capsys)
        assert code == 0, error
        code, out, error = called("predict model --data data.npz", capsys)
        assert (code, [*map(int, out.split())]) == (0, decimals["y"].tolist()), error
        assert f"{ROWS} of {ROWS} right" in error
        code, out, error = called("predict model --data new.npz", capsys)
        assert (code, [*map(int, out.split())]) == (0, decimals["y"].tolist())
        assert "none with a label" in error


def test_of_networks_of_whole_numbers_predictions_are_written_as_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, decimals: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", **decimals)
    train = "train --data data.npz --activation relu --topology 3-2-1 --bias --time-limit 5 --out model --quiet"
    assert called(train, capsys)[0] == 0
    code, out, error = called("predict model --data data.npz --scores --out out.csv", capsys)
    assert (code, out) == (0, ""), error
    rows = [*csv.DictReader(Path("out.csv").read_text().splitlines())]
    assert [*rows[0]] == ["x0", "x1", "x2", "y", "prediction", "score"]
    assert [float(row["x1"]) for row in rows] == decimals["X"][:, 1].tolist()
    model = IntegerModel.load("model")
    assert model.columns is not None
    scores = model.network.outputs(model.columns(read_table("data.npz")))[:, 0]
    assert [int(row["score"]) for row in rows] == scores.tolist()
    assert [int(row["prediction"]) for row in rows] == (scores > 0).astype(int).tolist()
    code, out, _ = called("predict model --data data.npz --scores --json", capsys)
    assert (code, json.loads(out)["score"]) == (0, scores.tolist())
    code, out, _ = called("predict model --data data.npz --scores", capsys)
    assert (code, out.splitlines()[0]) == (0, f"{int(scores[0] > 0)} {scores[0]}")
    # The column of the label by another name.
    names = ["answer" if name == "y" else name for name in rows[0]][:4]
    lines = [",".join(names), *(",".join(row[name] for name in ("x0", "x1", "x2", "y")) for row in rows)]
    Path("other.csv").write_text("\n".join(lines) + "\n")
    code, _, error = called("predict model --data other.csv --target answer", capsys)
    assert code == 0
    assert f"of {ROWS} right" in error
    assert called("predict model --data other.csv --target x9", capsys)[0] == 2
    code, _, error = called("predict model --data out.csv --out again.csv", capsys)
    assert (code, "already" in error, Path("again.csv").exists()) == (2, True, False)


@pytest.mark.parametrize(
    ("change", "words", "said"),
    [
        ({"X_test": np.array([[0.5, 1.0, 2.0]])}, "", "--test-data"),
        ({"y": np.zeros(3, dtype=np.int64)}, "", "one label each is due"),
        ({"X": np.array([0.5, 1.5])}, "", "rows x columns are due"),
        ({}, "--no-header", "leave the header out"),
        ({"X": np.full((ROWS, 3), np.inf)}, "", "inf"),
    ],
)
def test_what_cannot_be_a_table_is_said(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    decimals: dict[str, Any],
    change: dict[str, Any],
    words: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", **(decimals | change))
    code, _, error = called(f"train --data data.npz --hidden 0 {words} --quiet", capsys)
    assert (code, len(error.splitlines())) == (2, 1), error
    assert said in error


def test_bits_and_grey_levels_stay_what_they_were(tmp_path: Path) -> None:
    for number, x in enumerate((np.array([[0, 1], [1, 0]]), np.array([[0.0, 255.0], [7.0, 1.0]]))):
        path = tmp_path / f"{number}.npz"
        np.savez(path, X=x, y=np.array([0, 1]))
        assert not is_table(str(path))
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04")
    assert not is_table(str(tmp_path / "broken.npz"))
    assert bnnsat.train(np.array([[0, 1], [1, 0]]), np.array([0, 1]), "2-1").errors == 0


@pytest.mark.parametrize("words", ["--topology 3-2-1 --bias --out m", "--hidden 0 --test-size 0.25 --test-curve"])
def test_what_training_of_whole_numbers_prints_is_as_described(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    decimals: dict[str, Any],
    words: str,
) -> None:
    schema = json.loads((Path(__file__).parents[1] / "docs" / "train-integers.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", **decimals)
    code, out, error = called(f"train --data data.npz --activation relu --time-limit 3 --json {words}", capsys)
    assert code == 0, error
    jsonschema.validate(json.loads(out), schema)


def test_what_python_learned_from_arrays_is_judged_on_their_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, decimals: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", **decimals)
    x, y = decimals["X"], decimals["y"]
    bits = bnnsat.train(x, y, "3-1", bnnsat.Options(time_limit=5))
    bits.save("bits.json")
    fixed = bnnsat.FixedPoint.fit(x, 4)
    with pytest.raises(bnnsat.InputError, match="FixedPoint makes whole numbers of others"):
        bnnsat.train_integers(x, y, "3-1")
    levels = bnnsat.train_integers(
        fixed(x).astype(np.float64), y, bnnsat.IntegerShape.parse("3-1", input_bits=4, bias=True), time_limit=5
    )
    levels.model(columns=fixed).save("levels.json")
    for model, errors in (("bits.json", bits.errors), ("levels.json", levels.errors)):
        _, _, error = called(f"predict {model} --data data.npz", capsys)
        assert f"{ROWS - errors} of {ROWS} right" in error


def test_where_grey_levels_are_due_decimals_are_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, decimals: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("bits.npz", X=(decimals["X"] > 0).astype(np.uint8), y=decimals["y"])
    np.savez("data.npz", X=decimals["X"])
    assert called("train --data bits.npz --topology 3-1 --activation popcount --out m --quiet", capsys)[0] == 0
    code, _, error = called("verify m robust --data data.npz --example 0", capsys)
    assert (code, error.count("\n"), "--input-scale" in error) == (2, 1, True)
