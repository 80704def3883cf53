"""Readers of data files: what was written comes back, and anything damaged is one clear complaint."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from strategies import often

from bnnsat.data.dataset import Dataset
from bnnsat.data.idx import read_idx
from bnnsat.data.read import read
from bnnsat.errors import InputError

UCI = Path(__file__).parents[2] / "shared" / "data" / "uci"
STEMS = {"train-images": 3, "train-labels": 1, "t10k-images": 3, "t10k-labels": 1}
NPZ_KEYS = (("X", "y", "X_test", "y_test"), ("x_train", "y_train", "x_test", "y_test"))


def idx(array: NDArray[np.uint8]) -> bytes:
    return idx_header(array.shape) + array.tobytes()


def idx_header(shape: tuple[int, ...], magic: bytes = b"\0\0\x08") -> bytes:
    return magic + bytes([len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


def idx_file(folder: Path, stem: str, mark: str = "-", packed: bool = False) -> Path:
    return folder / f"{stem}{mark}idx{STEMS[stem]}-ubyte{'.gz' if packed else ''}"


def digits(count: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3, 4), dtype=np.uint8), rng.integers(0, 10, count, dtype=np.uint8)


def write_digits(folder: Path, mark: str = "-", packed: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part, count in (("train", 5), ("t10k", 2)):
        for kind, array in zip(("images", "labels"), digits(count), strict=True):
            content = gzip.compress(idx(array)) if packed else idx(array)
            idx_file(folder, f"{part}-{kind}", mark, packed).write_bytes(content)


def npz(**arrays: ArrayLike) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npy(array: ArrayLike) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(array))
    return buffer.getvalue()


def npy_header(text: str) -> bytes:
    line = text.encode("latin-1")
    line += b" " * (-(len(line) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(line)) + line


def npz_announcing(header: str) -> bytes:
    return zipped({"X.npy": npy_header(header) + bytes(10), "y.npy": npy(np.zeros(2, np.uint8))})


def shape_header(shape: str) -> str:
    return f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"


def assert_refused(path: Path, named: Path | None = None, label: str | None = None) -> str:
    """Reading it is an InputError, nothing else, of one line that names the file."""
    with pytest.raises(InputError) as caught:
        read(str(path), target=label)
    assert_complains(caught.value, named or path)
    return str(caught.value)


def refused(path: Path, content: bytes, label: str | None = None) -> str:
    path.write_bytes(content)
    return assert_refused(path, label=label)


def attempt(path: Path) -> Dataset | InputError:
    """The data set, or the complaint; any other exception passes."""
    try:
        return read(str(path))
    except InputError as error:
        return error


def assert_complains(error: InputError, path: Path) -> None:
    assert path.name in str(error) and "\n" not in str(error)


@contextmanager
def little_memory(most: int = 1 << 26) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most


def assert_holds(dataset: Dataset, part: str, inputs: ArrayLike, labels: ArrayLike) -> None:
    examples = dataset.train if part == "train" else dataset.test
    assert examples is not None
    x = np.asarray(inputs)
    assert examples.grey.dtype == np.uint8
    np.testing.assert_array_equal(examples.inputs, x.reshape(len(x), -1))
    np.testing.assert_array_equal(examples.labels, labels)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


# IDX


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mark", ["-", "."])
@pytest.mark.parametrize("inner", ["", "raw", "MNIST/raw"])
def test_idx_folder_is_read_in_every_layout_and_spelling(tmp_path: Path, inner: str, mark: str, packed: bool) -> None:
    write_digits(tmp_path / inner, mark, packed)
    dataset = read(str(tmp_path))
    assert_holds(dataset, "train", *digits(5))
    assert_holds(dataset, "test", *digits(2))
    assert dataset.binarize == "image-mean" and dataset.inputs == 12


def test_idx_folder_without_test_files_has_no_test_part(tmp_path: Path) -> None:
    write_digits(tmp_path)
    for stem in ("t10k-images", "t10k-labels"):
        idx_file(tmp_path, stem).unlink()
    assert read(str(tmp_path)).test is None


def test_idx_unpacked_file_is_taken_before_the_packed_one(tmp_path: Path) -> None:
    write_digits(tmp_path)
    idx_file(tmp_path, "train-images", packed=True).write_bytes(b"not gzip at all")
    assert_holds(read(str(tmp_path)), "train", *digits(5))


@given(
    shape=st.lists(st.integers(0, 4), min_size=1, max_size=4),
    values=st.binary(min_size=256, max_size=256),
    packed=st.booleans(),
)
@often(50)
def test_idx_array_comes_back_as_written(place: Path, shape: list[int], values: bytes, packed: bool) -> None:
    array = np.frombuffer(values, np.uint8)[: int(np.prod(shape))].reshape(shape)
    path = place / ("array.gz" if packed else "array")
    path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    np.testing.assert_array_equal(read_idx(path), array)


IMAGES = idx(digits(5)[0])
DAMAGED_IDX = {
    "empty": b"",
    "three bytes": IMAGES[:3],
    "half a header": IMAGES[:9],
    "header alone": IMAGES[:16],
    "one byte short": IMAGES[:-1],
    "one byte too long": IMAGES + b"\0",
    "wrong first bytes": b"\1" + IMAGES[1:],
    "signed bytes below 0": idx_header((5, 3, 4), b"\0\0\x09") + b"\xff" * 60,
    "no such type": idx_header((5, 3, 4), b"\0\0\x0a") + bytes(60),
    "no axes": b"\0\0\x08\0",
    "five axes": idx_header((1,) * 5) + b"\0",
    "no examples": idx_header((0, 3, 4)),
    "no pixels": idx_header((5, 0, 4)),
    "one axis only": idx(np.zeros(5, np.uint8)),
    "fewer images than labels": idx(digits(4)[0]),
    "more images than labels": idx(digits(6)[0]),
    "absurd lengths": idx_header((2**32 - 1,) * 4),
    "absurd lengths but empty": idx_header((0, 2**32 - 1, 2**32 - 1)),
    "absurd lengths, none of the last": idx_header((2**32 - 1, 2**32 - 1, 2**32 - 1, 0)),
    "a gigabyte announced": idx_header((1 << 20, 32, 32)),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("content", DAMAGED_IDX.values(), ids=DAMAGED_IDX.keys())
def test_damaged_idx_images_are_refused_in_little_memory(tmp_path: Path, content: bytes, packed: bool) -> None:
    write_digits(tmp_path, packed=packed)
    idx_file(tmp_path, "train-images", packed=packed).write_bytes(gzip.compress(content) if packed else content)
    with little_memory():
        assert_refused(tmp_path)


@pytest.mark.parametrize(
    "labels", [idx(np.zeros((5, 2), np.uint8)), idx(np.zeros(4, np.uint8)), idx(np.zeros(5, np.uint8))[:-1], b""]
)
def test_damaged_idx_labels_are_refused(tmp_path: Path, labels: bytes) -> None:
    write_digits(tmp_path)
    idx_file(tmp_path, "train-labels").write_bytes(labels)
    assert_refused(tmp_path)


@pytest.mark.parametrize("missing", ["train-images", "train-labels", "t10k-labels"])
def test_idx_folder_lacking_a_file_of_a_pair_is_refused(tmp_path: Path, missing: str) -> None:
    write_digits(tmp_path)
    idx_file(tmp_path, missing).unlink()
    assert_refused(tmp_path)


def test_idx_test_images_of_another_size_are_refused(tmp_path: Path) -> None:
    write_digits(tmp_path)
    idx_file(tmp_path, "t10k-images").write_bytes(idx(np.zeros((2, 3, 5), np.uint8)))
    assert_refused(tmp_path)


def test_gzip_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    whole = gzip.compress(IMAGES)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"images\.gz"):
            read_idx(path)


@given(place_in_file=st.integers(0, 200), value=st.integers(1, 255))
@often(150)
def test_gzip_with_a_changed_byte_is_refused_or_reads_the_same(place: Path, place_in_file: int, value: int) -> None:
    content = bytearray(gzip.compress(IMAGES))
    content[place_in_file % len(content)] ^= value
    path = place / "changed.gz"
    path.write_bytes(content)
    with suppress(InputError):
        np.testing.assert_array_equal(read_idx(path), digits(5)[0])


@pytest.mark.parametrize("content", [IMAGES, b"", b"\x1f\x8b", b"garbage", gzip.compress(IMAGES) + b"garbage"])
def test_what_is_not_one_gzip_stream_is_refused(tmp_path: Path, content: bytes) -> None:
    write_digits(tmp_path, packed=True)
    idx_file(tmp_path, "train-images", packed=True).write_bytes(content)
    assert_refused(tmp_path)


# npz


@pytest.mark.parametrize("keys", NPZ_KEYS)
@pytest.mark.parametrize("with_test", [False, True])
def test_npz_comes_back_as_written(tmp_path: Path, keys: tuple[str, ...], with_test: bool) -> None:
    arrays = dict(zip(keys, digits(5) + digits(2), strict=True))
    path = tmp_path / "table.NPZ"
    path.write_bytes(npz(**{key: arrays[key] for key in keys[: 4 if with_test else 2]}))
    dataset = read(str(path))
    assert_holds(dataset, "train", *digits(5))
    assert dataset.binarize == ("bits" if keys[0] == "X" else "image-mean")
    if with_test:
        assert_holds(dataset, "test", *digits(2))
    else:
        assert dataset.test is None


@pytest.mark.parametrize("kind", ["bool", "int8", "int64", "uint64", ">i4", "float16", "float64", "longdouble"])
def test_npz_takes_whole_numbers_of_any_type(tmp_path: Path, kind: str) -> None:
    x, y = np.array([[0, 1, 1], [1, 0, 0]]), np.array([1, 0])
    path = tmp_path / "table.npz"
    path.write_bytes(npz(X=np.asfortranarray(x.astype(kind)), y=y.astype(kind).reshape(2, 1)))
    assert_holds(read(str(path)), "train", x, y)


X, Y = np.zeros((3, 2), np.uint8), np.array([0, 1, 1], np.uint8)
DAMAGED_NPZ: dict[str, dict[str, Any]] = {
    "no keys": {},
    "X without y": {"X": X},
    "y without X": {"y": Y},
    "a key of two lines": {"X": X, "y\ny": Y},
    "mixed spellings": {"X": X, "y_train": Y},
    "X_test without y_test": {"X": X, "y": Y, "X_test": X},
    "y_test without X_test": {"X": X, "y": Y, "y_test": Y},
    "x_test without y_test": {"x_train": X, "y_train": Y, "x_test": X},
    "other width in test": {"X": X, "y": Y, "X_test": np.zeros((3, 3)), "y_test": Y},
    "no test examples": {"X": X, "y": Y, "X_test": X[:0], "y_test": Y[:0]},
    "too few labels": {"X": X, "y": Y[:2]},
    "too many labels": {"X": X, "y": np.zeros(4)},
    "labels of one-hot form": {"X": X, "y": np.eye(3)},
    "labels with three axes": {"X": X, "y": Y.reshape(3, 1, 1)},
    "one label for all": {"X": X, "y": np.array(1)},
    "a number for inputs": {"X": np.array(1), "y": np.array(1)},
    "one axis of inputs": {"X": X[:, 0], "y": Y},
    "no examples": {"X": X[:0], "y": Y[:0]},
    "no inputs": {"X": X[:, :0], "y": Y},
    "NaN": {"X": X + np.nan, "y": Y},
    "infinity": {"X": X - np.inf, "y": Y},
    "NaN label": {"X": X, "y": Y + np.nan},
    "fractional label": {"X": X, "y": Y + 0.5},
    "negative label": {"X": X, "y": Y.astype(int) - 1},
    "label 256": {"X": X, "y": Y.astype(int) + 255},
    "complex": {"X": X + 0j, "y": Y},
    "text": {"X": X.astype(str), "y": Y},
    "text labels": {"X": X, "y": np.array(["a", "b", "c"])},
    "dates": {"X": X.astype("M8[s]"), "y": Y},
    "records": {"X": np.zeros((3, 2), "u1,f4"), "y": Y},
    "objects": {"X": X.astype(object), "y": Y},
    "ragged rows": {"X": np.array([[0], [0, 1], [1]], dtype=object), "y": Y},
    "object labels": {"X": X, "y": Y.astype(object)},
}


@pytest.mark.parametrize("arrays", DAMAGED_NPZ.values(), ids=DAMAGED_NPZ.keys())
def test_npz_of_the_wrong_content_is_refused(tmp_path: Path, arrays: dict[str, Any]) -> None:
    refused(tmp_path / "table.npz", npz(**arrays))


GOOD_NPZ = npz(X=X, y=Y)
CENTRAL = GOOD_NPZ.find(b"PK\x01\x02")


def patched(*changes: tuple[int, int]) -> bytes:
    content = bytearray(GOOD_NPZ)
    for where, value in changes:
        content[where] = value
    return bytes(content)


DAMAGED_ZIPS = {
    "empty": b"",
    "not a zip": b"\x93NUMPY garbage",
    "an npy file": npy(X),
    "zip signature alone": b"PK\x03\x04",
    "no members": zipped({}),
    "members that are no arrays": zipped({"X": b"hello", "y": b"you"}),
    "arrays that are no npy": zipped({"X.npy": b"hello", "y.npy": b"you"}),
    "empty npy": zipped({"X.npy": b"", "y.npy": b""}),
    "npy magic alone": zipped({"X.npy": b"\x93NUMPY", "y.npy": b""}),
    "unknown npy version": zipped({"X.npy": b"\x93NUMPY\x09\0" + npy(X)[8:], "y.npy": npy(Y)}),
    "npy cut": zipped({"X.npy": npy(X)[:-1], "y.npy": npy(Y)}),
    "unknown compression": patched((8, 99), (CENTRAL + 10, 99)),
    "encrypted": patched((6, GOOD_NPZ[6] | 1), (CENTRAL + 8, GOOD_NPZ[CENTRAL + 8] | 1)),
    "patched data flag": patched((6, GOOD_NPZ[6] | 32), (CENTRAL + 8, GOOD_NPZ[CENTRAL + 8] | 32)),
    "zip version of the future": patched((4, 200), (CENTRAL + 6, 200)),
    "shape beyond memory": npz_announcing(shape_header("(2, 1000000000000000)")),
    "shape of 20 gigabytes": npz_announcing(shape_header("(2, 10000000000)")),
    "shape beyond 64 bits": npz_announcing(shape_header("(2, 1000000000000000000000000000000)")),
    "shape overflowing to a small one": npz_announcing(shape_header("(2, 9223372036854775808)")),
    "negative shape": npz_announcing(shape_header("(2, -1)")),
    "shape of truth values": npz_announcing(shape_header("(True, 5)")),
    "shape of text": npz_announcing(shape_header("'25'")),
    "header without shape": npz_announcing("{'descr': '|u1', 'fortran_order': False}"),
    "header with bytes keys": npz_announcing("{b'descr': '|u1', 'fortran_order': False, 'shape': (2, 5)}"),
    "header with a number as key": npz_announcing("{'descr': '|u1', 'fortran_order': False, 3: (2, 5)}"),
    "header that calls": npz_announcing("__import__('os').getcwd()"),
    "header left open": npz_announcing("(" * 900),
    "header left deeply open": npz_announcing("[" * 8000),
    "header deeply nested": npz_announcing("(" * 2000 + ")" * 2000),
    "header of binary": npz_announcing("\0\xff\x80"),
    "unknown type": npz_announcing("{'descr': 'zzz', 'fortran_order': False, 'shape': (2, 5)}"),
    "malformed type": npz_announcing("{'descr': ',', 'fortran_order': False, 'shape': (2, 5)}"),
    "enormous type": npz_announcing("{'descr': '|S2000000000', 'fortran_order': False, 'shape': (2, 5)}"),
    "type of no bytes": npz_announcing("{'descr': '|V0', 'fortran_order': False, 'shape': (2, 5)}"),
}


@pytest.mark.parametrize("content", DAMAGED_ZIPS.values(), ids=DAMAGED_ZIPS.keys())
def test_damaged_npz_is_refused_in_little_memory(tmp_path: Path, content: bytes) -> None:
    with little_memory():
        refused(tmp_path / "table.npz", content)


def test_npz_cut_anywhere_is_refused(tmp_path: Path) -> None:
    for length in range(len(GOOD_NPZ)):
        refused(tmp_path / "table.npz", GOOD_NPZ[:length])


@given(
    compression=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
    where=st.floats(0, 1, exclude_max=True),
    value=st.integers(1, 255),
)
@often(300)
def test_npz_with_a_changed_byte_is_refused_or_reads_the_same(
    place: Path, compression: int, where: float, value: int
) -> None:
    content = bytearray(zipped({"X.npy": npy(X), "y.npy": npy(Y)}, compression))
    content[int(where * len(content))] ^= value
    path = place / "changed.npz"
    path.write_bytes(content)
    result = attempt(path)
    if isinstance(result, InputError):
        assert_complains(result, path)
    else:
        assert_holds(result, "train", X, Y)


@pytest.mark.filterwarnings("ignore:Data type alias:DeprecationWarning")
@given(where=st.integers(0, len(npy(X)) - 1), value=st.integers(0, 255))
@often(200)
def test_array_header_with_a_changed_byte_is_refused_or_read(place: Path, where: int, value: int) -> None:
    array = bytearray(npy(X))
    array[where] = value
    path = place / "header.npz"
    path.write_bytes(zipped({"X.npy": bytes(array), "y.npy": npy(Y)}))
    result = attempt(path)
    if isinstance(result, InputError):
        assert_complains(result, path)
    else:
        assert len(result.train) == len(Y)


class Marker:
    """Unpickled, it makes the folder `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("form", ["X", "y", "another array", "member", "whole file", "behind npy magic"])
def test_nothing_is_ever_unpickled(tmp_path: Path, form: str) -> None:
    marker, path = tmp_path / "marker", tmp_path / "table.npz"
    objects = np.array([[Marker(marker)]] * 3, dtype=object)
    pickled = pickle.dumps(Marker(marker))
    content = {
        "X": lambda: npz(X=objects, y=Y),
        "y": lambda: npz(X=X, y=objects[:, 0]),
        "another array": lambda: npz(X=X, y=Y, other=objects),
        "member": lambda: zipped({"X.npy": pickled, "y": pickled}),
        "whole file": lambda: pickled,
        "behind npy magic": lambda: npy(objects),
    }[form]()
    path.write_bytes(content)
    if form == "another array":
        assert_holds(read(str(path)), "train", X, Y)
    else:
        assert_refused(path)
    assert not marker.exists()
    pickle.loads(pickled)
    assert marker.exists(), "the planted pickle would have shown itself"


# CP4IM text; other tables are in test_tables.py


@given(data=st.data())
@often(60)
def test_text_tables_come_back_as_written(place: Path, data: st.DataObject) -> None:
    rows, width = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 5))
    values = st.lists(st.integers(0, 255), min_size=rows * width, max_size=rows * width)
    x = np.array(data.draw(values)).reshape(rows, width)
    y = np.array(data.draw(st.lists(st.integers(0, 255), min_size=rows, max_size=rows)))
    text = place / data.draw(st.sampled_from(["table.txt", "table.dl8", "table.data", "table.TXT"]))
    text.write_text(
        "".join(" ".join(map(str, [label, *row])) + " \n" for label, row in zip(y, x.tolist(), strict=True))
    )
    assert_holds(read(str(text)), "train", x, y)


@pytest.mark.parametrize("text", ["0,1,1\n1,1,0\n", "0, 1, 1\n1, 1, 0\n"])
def test_cp4im_text_with_commas_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.txt").write_text(text)
    with pytest.raises(InputError, match=r"separated by commas, here blanks are due; name it \.csv"):
        read(tmp_path / "t.txt")


def test_a_byte_order_mark_before_cp4im_text_is_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("\ufeff1 0 1\n0 1 1\n", encoding="utf-8")
    assert read(tmp_path / "t.txt").train.labels.tolist() == [1, 0]


@pytest.mark.parametrize(("code", "dtype"), [(8, "u1"), (9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")])
def test_idx_files_of_every_type_are_read(tmp_path: Path, code: int, dtype: str) -> None:
    images, labels = digits(5)
    images = images % 100
    head = bytes((0, 0, code, images.ndim)) + struct.pack(f">{images.ndim}I", *images.shape)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(head + images.astype(dtype).tobytes())
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    found = read(tmp_path)
    assert (found.train.grey == images.reshape(len(images), -1)).all() and (found.train.labels == labels).all()
    assert found.train.grey.dtype == np.uint8


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("train", "test", "kind"),
    [
        ("emnist-letters-train", "emnist-letters-test", "idx1-ubyte"),
        ("qmnist-train", "qmnist-test", "idx2-int"),
        ("train", "t10k", "idx1-ubyte"),
    ],
)
def test_sets_that_follow_mnist_are_read(tmp_path: Path, train: str, test: str, kind: str, packed: bool) -> None:
    images, labels = digits(5)
    for part, rows in ((train, 5), (test, 3)):
        column = labels[:rows]
        if kind == "idx2-int":
            more = np.arange(8 * rows, dtype=">i4").reshape(rows, 8)
            more[:, 0] = column
            head = bytes((0, 0, 12, 2)) + struct.pack(">2I", rows, 8)
            content = head + more.tobytes()
        else:
            content = idx(column)
        for name, body in ((f"{part}-images-idx3-ubyte", idx(images[:rows])), (f"{part}-labels-{kind}", content)):
            (tmp_path / (name + ".gz" * packed)).write_bytes(gzip.compress(body) if packed else body)
    found = read(tmp_path)
    assert found.test is not None and len(found.test) == 3
    assert found.train.labels.tolist() == labels.tolist()
    (tmp_path / "emnist-digits-train-images-idx3-ubyte").write_bytes(idx(images))
    with pytest.raises(InputError, match=r"holds several sets: .*emnist-digits[,;]"):
        read(tmp_path)


def test_of_torchvisions_sets_mnist_comes_first_and_others_have_to_be_named(tmp_path: Path) -> None:
    for name, count in (("FashionMNIST", 4), ("KMNIST", 3), ("MNIST", 5)):
        write_digits(tmp_path / name / "raw")
        images, labels = digits(count)
        (tmp_path / name / "raw" / "train-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / name / "raw" / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    assert len(read(tmp_path).train) == 5
    assert len(read(tmp_path / "KMNIST").train) == 3
    for file in (tmp_path / "MNIST" / "raw").iterdir():
        file.unlink()
    with pytest.raises(InputError, match="holds several sets: FashionMNIST, KMNIST; name the folder of one"):
        read(tmp_path)


DAMAGED_TEXT = {
    "empty": b"",
    "blank lines": b"\n\n\n",
    "one column": b"1\n0\n",
    "short row": b"1,0,1\n1,0\n",
    "long row": b"1,0\n1,0,1\n",
    "trailing comma in one row": b"1,0\n1,0,\n",
    "NaN": b"1,nan,0\n0,1,1\n",
    "infinity": b"1,inf,0\n0,1,1\n",
    "too large for a float": b"1,1e400,0\n0,1,1\n",
    "negative": b"1,-1,0\n0,1,1\n",
    "256": b"1,256,0\n0,1,1\n",
    "fractional label": b"0,1,0.5\n0,1,1\n",
    "negative label": b"0,1,-1\n0,1,1\n",
    "NaN label": b"0,1,nan\n0,1,1\n",
    "word below the first row": b"0,1,1\n0,cat,1\n",
    "missing value below the first row": b"0,1,1\n0,,1\n",
    "line break in a field": b'0,1,1\n0,"a\nb",1\n',
    "binary": bytes(range(256)) * 4,
    "random bytes": np.random.default_rng(0).bytes(2000),
    "zero bytes": b"1,0\n\0\0,1\n",
    "UTF-16": "1,0\n0,1\n".encode("utf-16"),
    "huge field": b"1,0\n" + b"9" * 200_000 + b",1\n",
    "a number as Python may write it": b"1,1_0,0\n0,1,1\n",
    "quote left open": b'1,0\n"1,0\n1,1\n',
}


@pytest.mark.parametrize("kind", sorted(DAMAGED_TEXT.keys() - {"trailing comma in one row"}))
def test_damaged_cp4im_text_is_refused(tmp_path: Path, kind: str) -> None:
    content = DAMAGED_TEXT[kind]
    refused(tmp_path / "table.txt", content.replace(b",", b" "))


@given(content=st.binary(max_size=60) | st.text('01,.-e\n\r" ;x', max_size=40).map(str.encode))
@often(200)
def test_any_text_is_read_or_refused(place: Path, content: bytes) -> None:
    for name in ("any.csv", "any.txt"):
        path = place / name
        path.write_bytes(content)
        result = attempt(path)
        if isinstance(result, InputError):
            assert_complains(result, path)
        else:
            assert len(result.train) >= 1 and result.inputs >= 1


# Paths


@pytest.mark.parametrize("name", ["table", "table.pkl", "table.npy", "table.json", "train-images-idx3-ubyte", ".npz"])
def test_files_of_an_unknown_kind_are_refused(tmp_path: Path, name: str) -> None:
    refused(tmp_path / name, GOOD_NPZ)


@pytest.mark.parametrize("name", ["folder", "folder.npz", "folder.csv"])
def test_folder_without_idx_files_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name / "train-images-idx3-ubyte").mkdir(parents=True)
    assert_refused(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["absent", "absent.npz", "absent/x.csv", "x" * 300 + ".csv", "x/" * 3000, "nul\0byte.csv"]
)
def test_paths_that_lead_nowhere_are_refused(tmp_path: Path, name: str) -> None:
    # The message quotes a path that does not exist, so that an odd byte in it can be seen.
    assert name.rstrip("/").replace("\0", "\\x00") in assert_refused(tmp_path / name, named=tmp_path)


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.csv"
    path.symlink_to(path)
    assert_refused(path)


@pytest.mark.parametrize("name", ["table.npz", "table.csv", "table.txt", "folder"])
def test_what_may_not_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "folder":
        write_digits(path)
        closed = idx_file(path, "train-images")
    else:
        path.write_bytes(GOOD_NPZ)
        closed = path
    closed.chmod(0)
    if os.access(closed, os.R_OK):
        pytest.skip("this user may read every file")
    assert_refused(path)


@pytest.mark.parametrize("name", ["table.npz", "table.csv", "table.txt"])
def test_files_beyond_the_size_limit_are_refused_unread(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate((1 << 31) + 1)
    with little_memory():
        assert "larger" in assert_refused(path)


def test_npz_that_unpacks_beyond_the_size_limit_is_refused_unread(tmp_path: Path) -> None:
    announced = bytearray(GOOD_NPZ)
    announced[CENTRAL + 24 : CENTRAL + 28] = struct.pack("<I", (1 << 32) - 2)
    with little_memory():
        assert "unpacks" in refused(tmp_path / "table.npz", bytes(announced))


# Files of others


@pytest.mark.skipif(not UCI.is_dir(), reason="no ../shared/data/uci beside the checkout")
def test_binarised_uci_tables_are_read_as_bits() -> None:
    paths = sorted(UCI.glob("*.npz"))
    assert paths
    for path in paths:
        dataset = read(str(path))
        with np.load(path, allow_pickle=False) as file:
            assert_holds(dataset, "train", file["X"], file["y"])
        assert dataset.binarize == "bits" and dataset.train.grey.max() == 1 and dataset.classes == 2
