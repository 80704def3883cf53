"""Tables that pandas writes, in the forms in which people have them: trained, shown, predicted, certified, checked."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars
import pytest

from bnnsat.cli import _run

pandas: Any = pytest.importorskip("pandas", reason="pandas is not installed")
datasets: Any = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")

NAMES = {"breast_cancer": 2, "iris": 3, "wine": 3, "digits": 10}
"""Scikit-learn's tables, and how many labels they have."""
FORMS = ("plain", "index", "semicolon", "numeric", "parquet")
ROWS = 400
"""At most so many, drawn."""


def frame_of(name: str) -> Any:
    """A table with its labels as texts, where they have names."""
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    frame = bunch.frame.sample(min(ROWS, len(bunch.frame)), random_state=0)
    if name != "digits":
        frame["target"] = [str(bunch.target_names[code]) for code in frame["target"]]
    return frame


def written(frame: Any, form: str, place: Path) -> Path:
    """A file of a table in a form."""
    path = place.with_suffix(".parquet" if form == "parquet" else ".csv")
    if form == "parquet":
        if find_spec("pyarrow") is None:
            # Without an engine pandas writes none.
            polars.DataFrame({str(name): frame[name].to_list() for name in frame}).write_parquet(path)
        else:
            frame.to_parquet(path)
    elif form == "index":
        frame.to_csv(path)
    elif form == "semicolon":
        frame.to_csv(path, index=False, sep=";", decimal=",")
    else:
        frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_a_table_goes_all_the_way(name: str, form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    frame = frame_of(name)
    if form == "numeric":
        frame.columns = range(frame.shape[1])
    target = frame.columns[-1]
    data, model, certificate = written(frame, form, tmp_path / "t"), tmp_path / "m", tmp_path / "c"

    def said(command: str) -> str:
        assert _run(command.split()) == 0
        return capfd.readouterr().out

    result = json.loads(
        said(f"train --data {data} --target {target} --hidden 2 --time-limit 1 --no-baselines --json --out {model}")
    )
    assert result["target"] == str(target) and result["bits"]
    classes = sorted(frame[target].unique().tolist())
    assert result["classes"] in (classes, len(classes)) and len(classes) == NAMES[name]
    assert "neuron 1" in said(f"show {model}")
    # What training counted is what is predicted.
    whole = json.loads(said(f"predict {model} --data {data} --json"))
    assert whole["accuracy"] == pytest.approx(1 - result["errors"] / len(frame))
    new = written(frame.drop(columns=target).head(7), form, tmp_path / "new")
    labels = json.loads(said(f"predict {model} --data {new} --json"))
    assert labels["predictions"] == whole["predictions"][:7] and labels["accuracy"] is None
    said(f"certify {model} --out {certificate} -q")
    assert "VERIFIED" in said(f"check {certificate}")
