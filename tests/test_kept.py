"""What users hand over is kept as it was, or what becomes of it is said."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import bnnsat
from bnnsat.cli import _run


def test_rows_that_are_predicted_stay_what_they_were(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(40)]
    sizes = [i / 8 for i in range(40)]
    frame = pl.DataFrame({"size": sizes, "day": days, "kind": ["a", "b"] * 20, "big": [size > 2 for size in sizes]})
    frame = frame.with_columns(pl.col("kind").cast(pl.Categorical))
    parquet, text = tmp_path / "t.parquet", tmp_path / "t.csv"
    frame.write_parquet(parquet)
    lines = [f"{size};{day};{kind};{big}" for size, day, kind, big in frame.rows()]
    text.write_text("size;day;kind;big\n" + "\n".join(lines).replace(".", ","))
    train = f"--target big --drop day --hidden 0 --time-limit 5 -q --out {tmp_path / 'm'}"
    assert _run(f"train --data {parquet} {train}".split()) == 0
    assert _run(f"predict {tmp_path / 'm'} --data {parquet} --out {tmp_path / 'p.parquet'}".split()) == 0
    kept = pl.read_parquet(tmp_path / "p.parquet")
    assert kept.drop("prediction").equals(pl.read_parquet(parquet))
    assert kept.drop("prediction").schema == pl.read_parquet(parquet).schema
    assert _run(f"predict {tmp_path / 'm'} --data {text} --out {tmp_path / 'p.csv'}".split()) == 0
    assert pl.read_csv(tmp_path / "p.csv")["size"].to_list() == sizes
    # What was written can be read again.
    capfd.readouterr()
    renamed = pl.read_csv(tmp_path / "p.csv").drop("prediction").write_csv()
    (tmp_path / "again.csv").write_text(renamed)
    assert _run(f"predict {tmp_path / 'm'} --data {tmp_path / 'again.csv'} --json".split()) == 0
    assert json.loads(capfd.readouterr().out)["predictions"] == kept["prediction"].to_list()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_dates_are_told_to_be_categories(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    days = [date(2026, 1, 1 + i // 5) for i in range(20)]
    frame = pl.DataFrame({"day": days, "late": [0] * 10 + [1] * 10})
    path = tmp_path / f"t.{form}"
    (frame.write_csv if form == "csv" else frame.write_parquet)(path)
    assert _run(f"train --data {path} --target late --hidden 0 --time-limit 5".split()) == 0
    assert "dates are categories; to compare them write numbers" in capfd.readouterr().err


def test_arrays_of_any_numbers_become_bits_where_the_topology_is_text(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 3))
    labels = np.where(inputs[:, 1] > 0.2, "yes", "no")
    training = bnnsat.train(inputs, labels, "3-2-1", bnnsat.Options(time_limit=5))
    assert (training.predict(inputs) == labels).mean() == 1 - training.errors / 60
    assert "x1 <= " in training.show()
    model = training.save(tmp_path / "m.json")
    assert model.predict(inputs.tolist()).tolist() == training.predict(inputs).tolist()
    assert bnnsat.certify(bnnsat.Model.load(tmp_path / "m.json"), tmp_path / "c") is not None
    signs = 2 * (inputs > 0).astype(np.int8) - 1
    assert bnnsat.train(signs, signs.sum(axis=1) > 0, "3-1").errors == 0
    with pytest.raises(bnnsat.InputError, match="column 'x0' holds inf in row 1"):
        bnnsat.train([[np.inf, 1.0, 2.0]] * 4, [0, 1, 0, 1], "3-1")
    # A shape in full says what its inputs are.
    with pytest.raises(bnnsat.InputError, match="bits 0 and 1 are due"):
        bnnsat.train(inputs, labels == "yes", bnnsat.Shape.parse("3-1"))


def test_pictures_name_labels_in_text_and_markdown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    names = np.array(["cat", "dog", "owl"])
    codes = rng.integers(3, size=60)
    pixels = np.zeros((60, 9), dtype=np.uint8)
    pixels[np.arange(60), codes] = 255
    np.savez(tmp_path / "x.npz", X=pixels, y=codes)
    command = f"train --data {tmp_path / 'x.npz'} --binarize threshold:128 --hidden 4 --time-limit 5 -q"
    assert _run(f"{command} --out {tmp_path / 'm'} --target last".split()) == 0
    model = bnnsat.Model.load(tmp_path / "m")
    called = bnnsat.Model(model.network, model.preprocessing, model.origin, tuple(names.tolist()))
    text = called.show()
    last = text[text.index("layer 2") :]
    assert all(name in last for name in names) and "T=" not in last
    assert "neuron 1  T=" in text
    page = called.show("markdown")
    assert page.count("```") == 2 and "owl" in page and "- input" not in page
