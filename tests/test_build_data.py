"""The script that rebuilds the embedded data, on MNIST's own files where they can be had."""

from __future__ import annotations

import runpy
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bnnsat.data.embedded import FILES
from bnnsat.data.sets import SETS

ROOT = Path(__file__).parents[1]
MNIST = ROOT.parent / "shared" / "data"


@pytest.fixture
def main() -> Callable[[list[str]], int]:
    script: Callable[[list[str]], int] = runpy.run_path(str(ROOT / "scripts" / "build_data.py"))["main"]
    return script


def write_idx(path: Path, array: np.ndarray) -> None:
    path.write_bytes(struct.pack(f">I{array.ndim}I", 0x800 + array.ndim, *array.shape) + array.tobytes())


@pytest.mark.skipif(not (MNIST / "mnist_train_60k.npz").is_file(), reason="the full MNIST is not beside this checkout")
def test_the_embedded_files_are_rebuilt(main: Callable[[list[str]], int], tmp_path: Path) -> None:
    with np.load(MNIST / "mnist_train_60k.npz") as train, np.load(MNIST / "mnist_test_10k.npz") as test:
        back = np.argsort(train["original_index"])
        write_idx(tmp_path / "train-images-idx3-ubyte", train["images"][back])
        write_idx(tmp_path / "train-labels-idx1-ubyte", train["labels"][back])
        write_idx(tmp_path / "t10k-images-idx3-ubyte", test["images"])
        write_idx(tmp_path / "t10k-labels-idx1-ubyte", test["labels"])
    out = tmp_path / "out"
    out.mkdir()
    assert main([str(tmp_path), str(out)]) == 0
    for name in SETS:
        with np.load(out / f"{name}.npz") as made, np.load(FILES / f"{name}.npz") as kept:
            assert sorted(made) == sorted(kept)
            for key in kept:
                np.testing.assert_array_equal(made[key], kept[key])


def test_other_files_are_refused(
    main: Callable[[list[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", np.zeros((3, 28, 28), dtype=np.uint8))
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.zeros(3, dtype=np.uint8))
    assert main([str(tmp_path), str(tmp_path)]) == 2
    assert "train-images: MD5" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.npz"))
