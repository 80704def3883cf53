"""What users hand over as arrays: taken as it is meant, or refused with its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bnnsat import Model, Options, RobustnessQuestion, Shape, TrainingQuestion, train
from bnnsat.arrays import bits, whole
from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.errors import InputError
from bnnsat.network import Network

AND = Network.of(Shape.parse("2-1", "popcount").with_thresholds([[2]]), [[[1, 1]]])
ROWS = [[0, 1], [1, 1], [1, 0]]
LABELS = [0, 1, 0]

NO_BITS = [
    ([[0, 1], [-1, 1]], r"-1 at \[1, 0\]; bits 0 and 1 are due; write -1 as 0"),
    ([[0, 1], [1, -1.0]], r"-1.0 at \[1, 1\]"),
    ([[0.0, np.nan]], r"NaN at \[0, 1\]"),
    ([[0.3, 0.9]], r"0.3 at \[0, 0\]"),
    ([[0, 2]], r"2 at \[0, 1\]"),
    ([["0", "1"]], "type <U1"),
    ([["no", 1]], "type <U"),
    ([[None, 1]], r"NaN at \[0, 0\]"),
    ([[0, 1], [1]], "no table of numbers"),
    ([[0j, 1]], "type complex128"),
    ([[2**80, 1]], r"at \[0, 0\]"),
    ([[b"a", {}]], "no table of numbers"),
    (np.ma.masked_array([[0, 1]], [[True, False]]), "masked"),
    (np.ma.masked_array([[False, True]], [[True, False]]), "masked"),
]


@pytest.mark.parametrize(("rows", "message"), NO_BITS)
def test_what_holds_no_bits_is_refused_wherever_bits_are_due(rows: Any, message: str) -> None:
    model = Model(AND, Preprocessing(Binarizer("bits")))
    for call in (
        lambda: model.predict(rows),
        lambda: model.predict_bits(rows),
        lambda: AND.outputs(rows),
        lambda: AND.right(rows, np.zeros(len(rows), dtype=np.int64)),
        lambda: train(rows, np.zeros(len(rows), dtype=np.int64), AND.shape),
        lambda: Network.of(AND.shape, [rows[:1]] if message.startswith("0") else [rows]),
    ):
        with pytest.raises(InputError, match=message):
            call()


@pytest.mark.parametrize("rows", [ROWS, np.array(ROWS), np.array(ROWS, dtype=np.float32), np.array(ROWS, dtype=object)])
def test_lists_and_arrays_of_any_type_of_number_are_taken(rows: Any) -> None:
    model = Model(AND, Preprocessing(Binarizer("bits")))
    assert model.predict(rows).tolist() == model.predict_bits(rows).tolist() == LABELS
    assert AND.outputs(rows)[:, 0].tolist() == [False, True, False]


def test_a_data_frame_is_taken() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(ROWS, columns=["a", "b"])
    model = Model(AND, Preprocessing(Binarizer("bits")))
    assert model.predict(frame).tolist() == model.predict(frame.astype({"a": bool})).tolist() == LABELS
    assert train(frame, frame["a"] & frame["b"], AND.shape).errors == 0
    with pytest.raises(InputError, match=r"text|type"):
        model.predict(frame.astype({"a": str}))


def test_grey_levels_are_whole_numbers_up_to_255_and_no_bits() -> None:
    model = Model(AND, Preprocessing(Binarizer("threshold:128")))
    assert model.predict([[0.0, 200.0], [200.0, 255.0]]).tolist() == [0, 1]
    wrong: list[tuple[Any, str]] = [
        ([[0.3, 0.9]], r"0.3 at \[0, 0\]; whole numbers from 0 to 255"),
        ([[0, 256]], r"256 at \[0, 1\]"),
        ([[-1, 3]], r"-1 at \[0, 0\]"),
        ([[0, 1], [1, 1]], "binarises grey levels"),
        ([[True, False]], "binarises grey levels"),
        ([[200, 200, 200]], "takes 2 inputs"),
    ]
    for rows, message in wrong:
        with pytest.raises(InputError, match=message):
            model.predict(rows)


def test_questions_take_bits_only() -> None:
    rows = np.array([[0, 1], [-1, 1]])
    with pytest.raises(InputError, match="takes bits and labels from 0 to 1"):
        TrainingQuestion.on(rows, np.array([0, 1]), AND.shape)
    model = Model(AND, Preprocessing(Binarizer("bits")))
    for example in ([0.3, 1], [-1, 1], [np.nan, 1], "01", [[0, 1], [1, 0]]):
        with pytest.raises(InputError, match=r"bits of the example|is 2 digits"):
            RobustnessQuestion.on(model, example)  # type: ignore[arg-type]


def test_nothing_is_lost_on_the_way() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(256, size=(20, 7))
    for dtype in (np.uint8, np.int16, np.float32, object):
        assert (whole(values.astype(dtype), "values", 255) == values).all()
        assert (bits(values.astype(dtype) % 2, "values") == (values % 2 == 1)).all()


@pytest.mark.parametrize(
    "labels",
    [np.ma.masked_array([0, 1, 0], [True, False, False]), [0j, 1, 0], ["a", "b", "c"], [[0], [1, 2]], [0, None, 1], {}],
)
def test_labels_that_no_network_can_name_are_refused(labels: Any) -> None:
    with pytest.raises(InputError, match=r"label"):
        train(np.array(ROWS), labels, AND.shape)


@pytest.mark.parametrize("costs", [(1.9, 3.2), ("1", "2"), 5, (None, 1)])
def test_costs_are_whole_numbers(costs: Any) -> None:
    with pytest.raises(InputError, match="whole numbers, one for each label"):
        Options(costs=costs)


def test_numbers_of_numpy_are_numbers() -> None:
    numbers: Any = {"seed": np.int64(3), "jobs": np.int64(1), "costs": np.array([1, 2])}
    options = Options(**numbers)
    assert (options.seed, options.jobs, options.costs) == (3, 1, (1, 2))
    assert train(np.array(ROWS), np.array(LABELS), AND.shape, options).errors == 0


def test_inputs_of_another_shape_are_refused() -> None:
    others: list[Any] = [[0, 1], [[0, 1, 1]], np.array(True), [[[0, 1]]]]
    for rows in others:
        with pytest.raises(InputError, match="takes 2 bits"):
            AND.outputs(rows)
    model, rows = Model(AND, Preprocessing(Binarizer("bits"))), [[0, 1]]
    with pytest.raises(InputError, match="a row of them is due"):
        RobustnessQuestion.on(model, rows)
