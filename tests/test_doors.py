"""From a table or a folder of images, as people have them, to a certified network: the whole way by commands."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

from bnnsat.cli import _run

pandas: Any = pytest.importorskip("pandas", reason="pandas is not installed")
datasets: Any = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")


def frame(name: str) -> Any:
    """A table of scikit-learn, its labels in words where it has them."""
    found = getattr(datasets, f"load_{name}")(as_frame=True)
    table = found.frame.copy()
    if name != "digits":
        table["target"] = [found.target_names[code] for code in table["target"]]
    return table


def mixed() -> Any:
    """Numbers with gaps, texts, truth values."""
    rng = np.random.default_rng(0)
    size, colour = rng.normal(10, 3, 120).round(1), rng.choice(["red", "green", "blue"], 120)
    said = np.where((size > 10) ^ (colour == "red"), "yes", "no")
    size[rng.random(120) < 0.1] = np.nan
    return pandas.DataFrame({"size": size, "colour": colour, "old": rng.random(120) < 0.5, "target": said})


def numbered(table: Any, path: str) -> None:
    """With a header 0, 1, 2, ... as arrays get it."""
    table.columns = range(len(table.columns))
    table.to_csv(path, index=False)


FORMS: dict[str, tuple[str, Callable[[Any, str], object]]] = {
    "header": (".csv", lambda table, path: table.to_csv(path, index=False)),
    "index": (".csv", lambda table, path: table.to_csv(path)),
    "semicolons": (".csv", lambda table, path: table.to_csv(path, index=False, sep=";")),
    "numbered": (".csv", numbered),
    "parquet": (".parquet", lambda table, path: polars.DataFrame(table.to_dict("list")).write_parquet(path)),
}
CASES = [
    ("breast_cancer", "header", 0.9),
    ("iris", "index", 0.9),
    ("wine", "semicolons", 0.9),
    ("digits", "numbered", 0.6),
    ("iris", "parquet", 0.9),
    ("mixed", "header", 0.8),
]


@pytest.mark.parametrize(("name", "form", "least"), CASES, ids=[f"{name} {form}" for name, form, _ in CASES])
def test_a_table_is_trained_shown_predicted_and_certified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, form: str, least: float
) -> None:
    table = mixed() if name == "mixed" else frame(name)
    suffix, write = FORMS[form]
    own, new, model = (str(tmp_path / part) for part in (f"own{suffix}", f"new{suffix}", "m"))
    write(table.copy(), own)
    target = str(len(table.columns) - 1) if form == "numbered" else "target"
    part = table.iloc[::-1].head(30)
    write(part.copy() if form == "numbered" else part.drop(columns="target"), new)
    shape = ["--hidden", "0"] if name == "digits" else ["--hidden", "2"]
    assert (
        _run(["train", "--data", own, "--target", target, *shape, "--time-limit", "2", "--out", model, "--json"]) == 0
    )
    trained = json.loads(capsys.readouterr().out)
    assert trained["examples"] == len(table)
    assert trained["errors"] <= (1 - least) * len(table)
    labels = sorted(set(table["target"]))
    # Grey levels with labels 0, 1, ... are what images are everywhere: their labels are their number.
    assert trained["classes"] == (len(labels) if name == "digits" else labels)
    assert _run(["show", model]) == 0
    said = capsys.readouterr().out
    assert all(str(label) in said for label in labels)
    assert _run(["predict", model, "--data", own, "--json"]) == 0
    judged = json.loads(capsys.readouterr().out)
    assert judged["accuracy"] == 1 - trained["errors"] / len(table)
    assert _run(["predict", model, "--data", new, "--out", str(tmp_path / "p.csv")]) == 0
    rows = list(csv.DictReader((tmp_path / "p.csv").read_text().splitlines()))
    assert [row["prediction"] for row in rows] == [str(one) for one in judged["predictions"]][::-1][:30]
    capsys.readouterr()
    assert _run(["certify", model, "--out", str(tmp_path / "c"), "--bound", "0", "--data", own]) == 0
    assert _run(["check", str(tmp_path / "c"), "--data", own]) == 0


def test_a_folder_of_images_is_trained_shown_predicted_and_certified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    digits = datasets.load_digits()
    for place, (picture, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        if label < 2 and place < 500:
            (tmp_path / "own" / ("zero", "one")[label]).mkdir(parents=True, exist_ok=True)
            grey = (picture * 15.9).astype(np.uint8)
            image.fromarray(grey).resize((16, 16)).save(tmp_path / "own" / ("zero", "one")[label] / f"{place}.png")
    own, model = str(tmp_path / "own"), str(tmp_path / "m")
    command = [
        "train",
        "--data",
        own,
        "--reduce",
        "8x8",
        "--hidden",
        "0",
        "--time-limit",
        "5",
        "--out",
        model,
        "--json",
    ]
    assert _run(command) == 0
    trained = json.loads(capsys.readouterr().out)
    assert trained["classes"] == ["one", "zero"]
    assert trained["errors"] <= 2
    assert _run(["show", model]) == 0
    assert "zero, else one" in capsys.readouterr().out
    assert _run(["predict", model, "--data", str(next((tmp_path / "own" / "one").iterdir()))]) == 0
    assert capsys.readouterr().out == "one\n"
    assert _run(["certify", model, "--out", str(tmp_path / "c"), "--bound", "0"]) == 0
    assert _run(["check", str(tmp_path / "c")]) == 0
