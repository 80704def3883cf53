"""Images as they are: folders by class, CIFAR-10's files, any size brought down; and scikit-learn's tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often

from bnnsat.cli import _run
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.read import read
from bnnsat.data.reduce import sixteen_levels
from bnnsat.data.sizes import resized
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.tables import library

Image: Any = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def folder(place: Path, names: tuple[str, ...] = ("cat", "dog"), count: int = 4, side: int = 12, seed: int = 0) -> None:
    """Images that are bright at the top, or at the bottom, in several modes and formats."""
    rng = np.random.default_rng(seed)
    for i, name in enumerate(names):
        (place / name).mkdir(parents=True)
        for j in range(count):
            grey = rng.integers(0, 60, size=(side, side)).astype(np.uint8)
            grey[i * side // len(names) : (i + 1) * side // len(names)] += 180
            image = Image.fromarray(grey)
            image = image.convert(["L", "RGB", "RGBA", "P"][j % 4])
            image.save(place / name / f"{j}.png")


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
@often(60)
def test_means_over_areas_are_exact(rows: int, columns: int, height: int, width: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(256, size=(1, rows, columns)).astype(np.uint8)
    # Each pixel many times, so that areas are whole numbers of pixels.
    large = np.repeat(np.repeat(image.astype(np.int64), height, axis=1), width, axis=2)
    sums = large.reshape(1, height, rows, width, columns).sum(axis=(2, 4))
    assert (resized(image, width, height) == (2 * sums + rows * columns) // (2 * rows * columns)).all()


def test_folders_by_class_are_read(tmp_path: Path) -> None:
    folder(tmp_path)
    found = read(tmp_path, reduce="4x4")
    assert found.names == ("cat", "dog") and found.train.grey.shape == (8, 16) and found.binarize == "image-mean"
    assert found.train.labels.tolist() == [0] * 4 + [1] * 4
    assert (found.train.grey[:4, :8] > found.train.grey[:4, 8:]).all()
    whole = read(tmp_path)
    assert whole.train.grey.shape == (8, 144) and whole.sides == (12, 12)
    with Image.open(tmp_path / "cat" / "0.png") as image:
        assert (whole.train.grey[0].reshape(12, 12) == np.asarray(image)).all()


def test_numbered_classes_and_test_folders(tmp_path: Path) -> None:
    folder(tmp_path / "train", ("0", "1", "10"))
    folder(tmp_path / "test", ("1", "10"), count=2, seed=1)
    found = read(tmp_path)
    assert found.names == (0, 1, 10) and found.test is not None and found.test.labels.tolist() == [1, 1, 2, 2]
    (tmp_path / "test" / "7").mkdir()
    Image.new("L", (12, 12)).save(tmp_path / "test" / "7" / "a.png")
    with pytest.raises(InputError, match="no training images are of class '7'"):
        read(tmp_path)


def test_sixteen_bits_and_sizes_that_differ(tmp_path: Path) -> None:
    folder(tmp_path)
    Image.fromarray(np.full((20, 10), 65535, dtype=np.uint16)).save(tmp_path / "cat" / "wide.png")
    with pytest.raises(InputError, match=r"wide\.png: 10x20 pixels where others have 12x12; bring all to one size"):
        read(tmp_path)
    assert read(tmp_path, reduce="3x2").train.grey[4].tolist() == [255] * 6
    (tmp_path / "dog" / "broken.png").write_bytes(b"\x89PNG not really")
    with pytest.raises(InputError, match=r"broken\.png: no image that can be read"):
        read(tmp_path, reduce="3x2")
    with pytest.raises(InputError, match="to WxH, like 8x8, not by 'crop24'"):
        read(tmp_path, reduce="crop24")


def test_images_are_trained_and_predicted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(tmp_path / "images")
    command = f"train --data {tmp_path / 'images'} --reduce 4x4 --hidden 1 --time-limit 5 --json --out {tmp_path / 'm'}"
    assert _run(command.split()) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["errors"] == 0 and result["classes"] == ["cat", "dog"]
    assert _run(f"predict {tmp_path / 'm'} --data {tmp_path / 'images'}".split()) == 0
    assert capsys.readouterr().out.split() == ["cat"] * 4 + ["dog"] * 4
    # New images are in no class; they are brought down as those that were learned.
    new = tmp_path / "new"
    new.mkdir()
    for name, place in (("a.png", "dog/1.png"), ("b.PNG", "cat/2.png"), ("c.png", "dog/3.png")):
        (new / name).write_bytes((tmp_path / "images" / place).read_bytes())
    (new / "notes.txt").write_text("none")
    assert _run(f"predict {tmp_path / 'm'} --data {new} --out {tmp_path / 'p.csv'}".split()) == 0
    assert (tmp_path / "p.csv").read_text().split() == ["file,prediction", "a.png,dog", "b.PNG,cat", "c.png,dog"]
    assert _run(f"predict {tmp_path / 'm'} --data {new / 'b.PNG'} --json".split()) == 0
    assert json.loads(capsys.readouterr().out)["predictions"] == ["cat"]
    assert _run(f"train --data {new} --hidden 1".split()) == 2
    assert "images without labels can only be predicted" in capsys.readouterr().err
    assert _run(f"certify {tmp_path / 'm'} --out {tmp_path / 'c'} -q".split()) == 0
    assert _run(["check", str(tmp_path / "c"), "-q"]) == 0


def test_cifar_10s_binary_files_are_grey(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = rng.integers(256, size=(6, 3073)).astype(np.uint8)
    rows[:, 0] = [0, 1, 2, 3, 8, 9]
    (tmp_path / "data_batch_1.bin").write_bytes(rows[:4].tobytes())
    (tmp_path / "data_batch_2.bin").write_bytes(rows[4:].tobytes())
    (tmp_path / "test_batch.bin").write_bytes(rows[:1].tobytes())
    (tmp_path / "batches.meta.txt").write_text("\n".join("abcdefghij") + "\n\n")
    found = read(tmp_path)
    assert found.names == tuple("abcdefghij") and found.train.labels.tolist() == [0, 1, 2, 3, 8, 9]
    red, green, blue = rows[5, 1:].reshape(3, 1024).astype(int)
    assert found.train.grey[5].tolist() == ((299 * red + 587 * green + 114 * blue + 500) // 1000).tolist()
    assert read(tmp_path, reduce="8x8").train.grey.shape == (6, 64)
    with (tmp_path / "data_batch_2.bin").open("ab") as file:
        file.write(b"x")
    with pytest.raises(InputError, match="no whole number of records of 3073 bytes"):
        read(tmp_path)


def test_other_images_are_brought_down_too(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(256, size=(3, 784)).astype(np.uint8)
    np.savez(tmp_path / "t.npz", images=images, labels=[0, 1, 1])
    found = read(tmp_path / "t.npz", reduce="7x7").train.grey
    sums = images.reshape(3, 7, 4, 7, 4).astype(int).sum(axis=(2, 4))
    assert (found.reshape(3, 7, 7) == (sums + 8) // 16).all()
    assert (
        read(tmp_path / "t.npz", reduce="pad32").train.grey[0].tolist()
        == (sixteen_levels(images[:1], "pad32")[0] * 17).tolist()
    )
    np.savez(tmp_path / "t.npz", images=images[:, :783], labels=[0, 1, 1])
    with pytest.raises(InputError, match="no square image"):
        read(tmp_path / "t.npz", reduce="7x7")
    with pytest.raises(InputError, match=r"unknown reduction 'x8'|takes 28x28"):
        read("mnist8x8", reduce="x8")


def test_scikit_learns_tables_are_there() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    task = Task.chosen(TaskOptions("iris", positive="setosa"), 1)
    assert task.target == "target" and task.names == ("not setosa", "setosa") and len(task.labels) == 150
    digits = Task.chosen(TaskOptions("digits", binarize="threshold:8"), None)
    assert digits.inputs.shape == (1797, 64) and digits.classes == 10


def test_openml_is_asked_through_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    import sklearn.datasets
    from sklearn.utils import Bunch

    asked: list[dict[str, Any]] = []

    def fetch(**options: Any) -> Bunch:
        asked.append(options)
        if options.get("name") == "nothing":
            raise OSError("no network")
        frame = pandas.DataFrame({"a": [1.5, 2.5], "b": ["x", None]})
        return Bunch(data=frame, target=pandas.Series(["u", "v"], name="kind"))

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch)
    found = read("openml:credit-g", target="kind")
    assert found.names == ("u", "v") and found.columns == ("a", "b")
    assert library.library_table("openml:31").names == ["a", "b", "kind"]
    assert asked[0]["name"] == "credit-g" and asked[1]["data_id"] == 31
    with pytest.raises(InputError, match="OpenML gave no table"):
        read("openml:nothing")
