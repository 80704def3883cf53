"""What the Python names say to values that they cannot take: one line each, and nothing is begun."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bnnsat
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
    ],
)
def test_options_that_are_none_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(bnnsat.InputError, match=message):
        bnnsat.Options(**options)


@pytest.mark.parametrize(
    ("example", "radius", "message"),
    [
        (1.5, None, "neither the number of an example"),
        ("1", None, "neither the number of an example"),
        (True, None, "neither the number of an example"),
        (None, None, "neither the number of an example"),
        ([1, 0], None, "5 digits 0 and 1"),
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


def test_questions_are_exported_with_or_without_a_source(tmp_path: Path) -> None:
    merged = bnnsat.TrainingQuestion(bnnsat.Problem.of(INPUTS, LABELS), SHAPE)
    for name in ("x.cnf", "x.wcnf"):
        with pytest.raises(bnnsat.InputError, match=r"TrainingQuestion\.on"):
            bnnsat.export(merged, tmp_path / name)
    side = bnnsat.export(bnnsat.TrainingQuestion.on(INPUTS, LABELS, SHAPE), tmp_path / "x.cnf")
    assert side.content["expected"]["answer"] == "SAT"
    side = bnnsat.export(bnnsat.RobustnessQuestion.on(majority(), INPUTS[0]), tmp_path / "r.cnf")
    assert side.content["expected"]["changes"] == 3
