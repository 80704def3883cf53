"""Model files: what was saved is loaded, written whole or not at all, and anything damaged is one clear complaint."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import naive_right
from strategies import networks, often

from bnnsat import files
from bnnsat.criterion import Criterion
from bnnsat.data.binarize import Binarizer
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.origin import Origin
from bnnsat.search.folding import folded
from bnnsat.shape import Shape
from bnnsat.types import Grey

CONTENT: dict[str, Any] = {
    "format": "bnnsat-model",
    "version": 1,
    "topology": "4-2-1",
    "activation": "popcount",
    "head": "bit",
    "thresholds": [[2, 3], [1]],
    "weights": [["0110", "1010"], ["01"]],
    "repeat": 1,
    "binarize": "pixel-mean",
    "means": [1.5, 0.0, 127.25, 254.9],
    "input_order": [2, 0, 3, 1],
    "about": {"digit": 3, "note": "größer"},
}
TEXT = json.dumps(CONTENT, indent=1)

LOAD_IN_LITTLE_MEMORY = """
import resource, sys
from bnnsat.errors import InputError
from bnnsat.model import Model
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 29),) * 2)
try:
    Model.load(sys.argv[1])
except InputError as error:
    print("refused:", error)
"""


@st.composite
def origins(draw: st.DrawFn) -> Origin:
    number, text = st.none() | st.integers(0, 999), st.none() | st.text()
    criteria = st.lists(st.builds(Criterion, st.text(), *[st.integers(0, 9)] * 3), max_size=2)
    chosen = st.builds(TaskOptions, st.sampled_from(["mnist8x8", "mux:6"]), st.none() | st.integers(0, 9))
    costs = draw(st.none() | st.lists(st.integers(1, 9), min_size=2, max_size=3))
    return Origin(
        status=draw(text),
        errors=draw(number),
        lower_bound=draw(number),
        wrong=draw(number),
        examples=draw(number),
        then=tuple(draw(criteria)),
        task=draw(st.none() | chosen),
        digest=draw(text),
        positive=draw(number),
        classes=draw(number),
        costs=None if costs is None else tuple(costs),
        thresholds=draw(text),
    )


@st.composite
def models(draw: st.DrawFn) -> Model:
    network = folded(draw(networks()))
    n = network.shape.sizes[0]
    way = draw(st.sampled_from(["bits", "image-mean", "pixel-mean", "threshold:1", "threshold:128", "threshold:255"]))
    means = draw(st.lists(st.floats(0, 255), min_size=n, max_size=n)) if way == "pixel-mean" else []
    order = draw(st.none() | st.permutations(range(n)))
    preprocessing = Preprocessing(Binarizer(way, tuple(means)), None if order is None else tuple(order))
    return Model(network, preprocessing, draw(origins()))


def small_model() -> Model:
    network = Network.of(Shape.parse("2-2-1"), [[[1, 1], [0, 0]], [[1, 1]]])
    return Model(network, Preprocessing(Binarizer("bits")))


def raw_inputs(model: Model, seed: int) -> Grey:
    most = 1 if model.preprocessing.binarizer.way == "bits" else 255
    rng = np.random.default_rng(seed)
    return rng.integers(0, most + 1, (9, model.network.shape.sizes[0]), dtype=np.uint8)


def changed(**changes: Any) -> str:
    return json.dumps({**CONTENT, **changes})


def assert_refused(path: Path, text: str | bytes) -> str:
    """Loading it is an InputError, nothing else, that names the file."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        Model.load(path)
    assert caught.type is InputError and str(path) in str(caught.value)
    return str(caught.value)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@given(model=models(), seed=st.integers(0, 999))
def test_loaded_model_equals_the_saved_one_and_predicts_the_same(place: Path, model: Model, seed: int) -> None:
    path = place / "model.json"
    model.save(path)
    loaded = Model.load(str(path))
    assert loaded == model
    raw = raw_inputs(model, seed)
    np.testing.assert_array_equal(loaded.bits(raw), model.bits(raw))
    np.testing.assert_array_equal(loaded.predict(raw), model.predict(raw))


@given(model=models(), seed=st.integers(0, 999))
def test_predictions_are_the_labels_that_the_definitions_name(model: Model, seed: int) -> None:
    raw, shape = raw_inputs(model, seed), model.network.shape
    weights = [matrix.astype(int).tolist() for matrix in model.network.matrices()]
    for row, predicted in zip(model.bits(raw).astype(int).tolist(), model.predict(raw).tolist(), strict=True):
        named = [label for label in range(shape.classes) if naive_right(shape, weights, row, label)]
        assert named == ([] if predicted == -1 else [predicted])


@given(model=models())
def test_model_file_is_json_with_the_weights_as_text(place: Path, model: Model) -> None:
    path = place / "readable.json"
    model.save(path)
    content = json.loads(path.read_bytes().decode("ascii"))
    assert list(content) == [*list(CONTENT)[:-1], "origin"]
    assert (content["format"], content["version"]) == ("bnnsat-model", 1)
    assert content["topology"] == "-".join(map(str, model.network.shape.sizes))
    bits = [[[int(c) for c in row] for row in layer] for layer in content["weights"]]
    assert bits == [matrix.astype(int).tolist() for matrix in model.network.matrices()]
    assert content["input_order"] == (model.preprocessing.order and list(model.preprocessing.order))


def test_documented_form_is_read_as_documented(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(TEXT, encoding="utf-8")
    model = Model.load(path)
    assert model.network.shape.thresholds == ((2, 3), (1,))
    assert model.network.matrices()[0].astype(int).tolist() == [[0, 1, 1, 0], [1, 0, 1, 0]]
    # Notes of old: what an origin has no place for is left out.
    assert model.origin == Origin(positive=3)
    # Input i is raw input input_order[i], 1 where it is above its own mean.
    assert model.bits(np.array([[2, 0, 127, 255]], np.uint8)).tolist() == [[False, True, True, False]]
    without_notes = {key: value for key, value in CONTENT.items() if key != "about"}
    path.write_text(json.dumps(without_notes))
    assert Model.load(path).origin == Origin()


@pytest.mark.parametrize("shape", [(3, 3), (3, 1), (2,), (1, 2, 1), (0,), (0, 3)])
def test_inputs_of_another_width_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="2 inputs"):
        small_model().predict(np.zeros(shape, np.uint8))


def test_grey_inputs_of_a_model_of_bits_are_refused() -> None:
    with pytest.raises(InputError, match="bits"):
        small_model().predict(np.full((1, 2), 2, np.uint8))


# Damaged files


def test_model_cut_anywhere_is_refused(tmp_path: Path) -> None:
    for length in range(len(TEXT)):
        assert_refused(tmp_path / "model.json", TEXT[:length])


@given(where=st.integers(0, len(TEXT) - 1), value=st.integers(0, 255))
@often(300)
def test_model_with_a_changed_byte_is_refused_or_predicts(place: Path, where: int, value: int) -> None:
    content = bytearray(TEXT.encode("ascii"))
    content[where] = value
    path = place / "changed.json"
    path.write_bytes(content)
    try:
        model = Model.load(path)
    except InputError:
        return
    assert model.predict(np.zeros((1, 4), np.uint8)).tolist() in ([0], [1])


@pytest.mark.parametrize("key", sorted(CONTENT.keys() - {"about", "repeat"}))
def test_model_lacking_a_key_is_refused_by_its_name(tmp_path: Path, key: str) -> None:
    text = json.dumps({name: value for name, value in CONTENT.items() if name != key})
    assert key in assert_refused(tmp_path / "model.json", text)


@pytest.mark.parametrize("key", CONTENT)
@pytest.mark.parametrize("value", [7, -1, 0.5, True, False, "", "a", [7], [[]], [[[]]], [["a"]], {"a": 1}, None])
def test_values_of_the_wrong_type_are_refused(tmp_path: Path, key: str, value: Any) -> None:
    fitting = {("input_order", "None"), ("about", "{'a': 1}")}
    # A whole 1 is the version, whichever way JSON spells it.
    if (key, str(value)) in fitting or (key == "version" and value is True):
        path = tmp_path / "model.json"
        path.write_text(changed(**{key: value}))
        assert Model.load(path).network.shape.topology == "4-2-1"
    else:
        assert_refused(tmp_path / "model.json", changed(**{key: value}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "bnnsat-models"),
        ("version", 0),
        ("version", 2),
        ("version", "1"),
        ("version", [1]),
        ("topology", "4-2"),
        ("topology", "4-2-1-1"),
        ("topology", "4-3-1"),
        ("topology", "5-2-1"),
        ("topology", "4-0-1"),
        ("topology", "4--2-1"),
        ("topology", "4-2-1-"),
        ("topology", [4, 2, 1]),
        ("topology", "9" * 5000 + "-2-1"),
        ("activation", "Popcount"),
        ("activation", "half"),
        ("head", "onehot"),
        ("head", "argmax"),
        ("head", "first"),
        ("thresholds", []),
        ("thresholds", [[2, 3]]),
        ("thresholds", [[2], [1]]),
        ("thresholds", [[2, 3, 3], [1]]),
        ("thresholds", [[2, 3], [1], []]),
        ("thresholds", [[2, 6], [1]]),
        ("thresholds", [[2, -1], [1]]),
        ("thresholds", [[2, 3.0], [1]]),
        ("thresholds", [[2, True], [1]]),
        ("thresholds", [["2", "3"], ["1"]]),
        ("thresholds", [[2, 10**400], [1]]),
        ("weights", []),
        ("weights", [["0110", "1010"]]),
        ("weights", [["0110"], ["01"]]),
        ("weights", [["0110", "1010", "1010"], ["01"]]),
        ("weights", [["0110", "101"], ["01"]]),
        ("weights", [["0110", "10100"], ["01"]]),
        ("weights", [["0110", ""], ["01"]]),
        ("weights", [["0110", "1010"], ["01"], []]),
        ("weights", [["0112", "1010"], ["01"]]),
        ("weights", [["011O", "1010"], ["01"]]),
        ("weights", [["01 10", "1010"], ["01"]]),
        ("weights", [["01_10", "1010"], ["01"]]),
        ("weights", [["0110\n", "1010"], ["01"]]),
        ("weights", [["\u0660\u0661\u0661\u0660", "1010"], ["01"]]),
        ("weights", [[4, 4], [2]]),
        ("weights", [[-4, "1010"], ["01"]]),
        ("weights", [[[0, 1, 1, 0], [1, 0, 1, 0]], [[0, 1]]]),
        ("weights", [[None, None], [None]]),
        ("binarize", "bits"),
        ("binarize", "threshold:0"),
        ("binarize", "mean"),
        ("means", []),
        ("means", [1.5, 0.0, 127.25]),
        ("means", [1.5, 0.0, 127.25, "x"]),
        ("means", ["1.5", "0", "127.25", "254.9"]),
        ("means", "1234"),
        ("means", {"1": 0, "2": 0, "3": 0, "4": 0}),
        ("means", [1.5, 0.0, 127.25, 10**400]),
        ("means", [1.5, 0.0, 127.25, float("nan")]),
        ("means", [1.5, 0.0, 127.25, float("inf")]),
        ("means", [1.5, 0.0, 127.25, None]),
        ("input_order", []),
        ("input_order", [2, 0, 3]),
        ("input_order", [2, 0, 3, 3]),
        ("input_order", [1, 0, 1, 2]),
        ("input_order", [1, 1, 1, 0]),
        ("input_order", [2, 0, 3, 4]),
        ("input_order", [2, 0, 3, -1]),
        ("input_order", [2, 0, 3, 1, 1]),
        ("input_order", [2.0, 0.0, 3.0, 1.0]),
        ("input_order", [2, False, 3, True]),
        ("input_order", ["2", "0", "3", "1"]),
        ("input_order", "2031"),
        ("input_order", [[2], [0], [3], [1]]),
        ("about", [["a", 1]]),
        ("about", ["ab"]),
        ("about", [[[], 1]]),
    ],
)
def test_parts_that_do_not_fit_are_refused(tmp_path: Path, key: str, value: Any) -> None:
    assert_refused(tmp_path / "model.json", changed(**{key: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"topology": "2-1", "weights": [[2]], "thresholds": [[1]], "means": [0, 0], "input_order": None},
        {"topology": "2-1", "weights": [["01"]], "thresholds": [[1]], "means": [0, 0], "input_order": [False, True]},
        {"topology": "1-2-1", "weights": ["01", ["01"]], "thresholds": [[1, 1], [1]], "means": [0], "input_order": [0]},
        {"activation": "half", "thresholds": [[], []], "topology": "3-2-1", "weights": [["011", "101"], ["01"]]},
        {"activation": "half", "thresholds": [[2, 3], [1]]},
        {"binarize": "threshold:" + "9" * 5000, "means": []},
        {"binarize": "bits", "means": [1.0]},
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert_refused(tmp_path / "model.json", changed(**changes))


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"{}", b"[]", b"null", b"1", b'"bnnsat-model"', b"\xff\xfe{}", b"\0" * 100, bytes(range(256))),
        *(TEXT.encode() * 2, TEXT.encode("utf-16"), TEXT.replace('"', "'").encode()),
        TEXT.replace('"version": 1', '"version": ' + "9" * 5000).encode(),
    ],
)
def test_what_is_no_json_object_of_a_model_is_refused(tmp_path: Path, text: bytes) -> None:
    assert_refused(tmp_path / "model.json", text)


@pytest.mark.parametrize("key", sorted(CONTENT.keys() - {"about", "repeat"}))
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused(tmp_path: Path, key: str, left: str, right: str) -> None:
    for depth in (100, 330, 490, 900, 950, 980, 100_000):
        text = changed(**{key: "@"}).replace('"@"', left * depth + "1" + right * depth)
        assert_refused(tmp_path / "model.json", text)


LINE = {"topology": "1000000000-1", "thresholds": [[1]], "weights": [["01"]], "binarize": "bits", "means": []}


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the memory limit is set the way of Linux")
@pytest.mark.parametrize(
    "changes",
    [
        {"topology": "1000000000-1000000000-1"},
        {"topology": "1000000000000-1000000000000-1"},
        {"topology": "1000000000-1000000000-1", "activation": "half", "thresholds": [[], []], "input_order": None},
        {**LINE, "input_order": None},
        {**LINE, "input_order": []},
        {**LINE, "input_order": None, "binarize": "image-mean"},
        {"weights": [[10**12, "1010"], ["01"]]},
        {"weights": [[10**9, "1010"], ["01"]], "input_order": None},
        {"weights": [[10**30, "1010"], ["01"]]},
    ],
)
def test_announced_sizes_beyond_memory_are_refused_at_once(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = tmp_path / "model.json"
    path.write_text(changed(**changes))
    # In a process of its own: running out of memory could end this one.
    command = [sys.executable, "-c", LOAD_IN_LITTLE_MEMORY, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout[:8], done.stderr) == (0, "refused:", "")


def test_file_beyond_any_model_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    with path.open("wb") as file:
        file.truncate((1 << 28) + 1)
    with pytest.raises(InputError, match="larger"):
        Model.load(path)


@pytest.mark.parametrize("name", ["absent.json", "absent/model.json", "x" * 300])
def test_model_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot read model"):
        Model.load(tmp_path / name)


# Writing


@pytest.mark.parametrize("name", ["absent/model.json", "folder", "file/model.json", "x" * 300])
def test_saving_where_nothing_can_be_written_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")
    with pytest.raises(InputError, match="cannot write"):
        small_model().save(tmp_path / name)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize("old", [None, "old content"])
@pytest.mark.parametrize("step", ["fsync", "write", "replace"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()])
def test_interrupted_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str | None, step: str, failure: BaseException
) -> None:
    path = tmp_path / "model.json"
    if old is not None:
        path.write_text(old)

    def fail(*_: object, **__: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        if step == "write":

            def half_written(_: str, file: BinaryIO) -> Any:
                file.write(b"half a model")
                file.flush()
                raise failure

            patch.setattr(files, "_packer", half_written)
        elif step == "fsync":
            patch.setattr(os, "fsync", fail)
        else:
            for name in ("replace", "rename"):
                patch.setattr(os, name, fail)
        with pytest.raises(InputError if isinstance(failure, OSError) else type(failure)):
            small_model().save(path)
    if old is None:
        assert list(tmp_path.iterdir()) == []
    else:
        assert [file.name for file in tmp_path.iterdir()] == ["model.json"] and path.read_text() == old
    small_model().save(path)
    assert Model.load(path) == small_model()


def test_notes_that_json_cannot_hold_leave_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text("old content")
    model = small_model()
    with pytest.raises(TypeError):
        Model(model.network, model.preprocessing, Origin(status=object())).save(path)  # type: ignore[arg-type]
    assert [file.name for file in tmp_path.iterdir()] == ["model.json"] and path.read_text() == "old content"


def test_names_of_any_length_that_the_disk_takes_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("m" * 250 + ".json")
    files.write(path, b"content")
    assert path.read_bytes() == b"content"


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_written_files_have_the_usual_permissions(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "model.json"
    before = os.umask(mask)
    try:
        small_model().save(path)
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_folder_is_made_or_refused(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    assert files.folder(deep) == deep and deep.is_dir() and list(deep.iterdir()) == []
    (tmp_path / "file").write_text("kept")
    for name in ("file", "file/below", "x" * 300):
        with pytest.raises(InputError, match="cannot write"):
            files.folder(tmp_path / name)
