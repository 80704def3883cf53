"""Networks as folders of CSV files, one for each block: blk1, blk2, ..., out_blk, with weights and normalisations."""

from __future__ import annotations

import warnings
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.graph import MAX_BYTES

LAST = "out_blk"
LINEAR = {"weight": "lin_weight.csv", "bias": "lin_bias.csv"}
NORMAL = {
    "weight": "bn_weight.csv",
    "bias": "bn_bias.csv",
    "running_mean": "bn_mean.csv",
    "running_var": "bn_var.csv",
}


def is_blocks(path: Path) -> bool:
    """Whether a folder holds a network in blocks.

    Args:
        path: of the folder.
    """
    return (path / LAST).is_dir()


def files_of(path: Path) -> list[tuple[str, Path]]:
    """The files of a network in blocks, in the order of its layers, with the parameters that they hold.

    Args:
        path: of the folder.

    Raises:
        InputError: there is no block before the last.
    """
    blocks = []
    for number in count(1):
        if not (path / f"blk{number}").is_dir():
            break
        blocks.append(f"blk{number}")
    if not blocks:
        raise InputError(f"{path}: there is {LAST}, and no blk1 before it")
    found = []
    for block in blocks:
        found += [(f"{block}.lin.{what}", path / block / name) for what, name in LINEAR.items()]
        found += [(f"{block}.bn.{what}", path / block / name) for what, name in NORMAL.items()]
    return found + [(f"{LAST}.lin.{what}", path / LAST / name) for what, name in LINEAR.items()]


def read_blocks(path: Path) -> dict[str, NDArray[Any]]:
    """The parameters of a network in blocks, by layer, as a state dict has them.

    Args:
        path: of the folder.

    Raises:
        InputError: a file is missing, or holds something else.
    """
    found = {}
    for name, file in files_of(path):
        array = _numbers(file)
        # Matrices have a row for each input there, and vectors are one row.
        found[name] = array.T if name.endswith("lin.weight") else array.ravel()
    return found


def _numbers(path: Path) -> NDArray[np.float64]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES >> 30} GiB")
        with warnings.catch_warnings():
            # An empty file is refused below.
            warnings.simplefilter("ignore")
            array = np.loadtxt(path, delimiter=",", ndmin=2)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise InputError(f"{path}: no table of numbers ({str(error).splitlines()[0]})") from None
    if not array.size:
        raise InputError(f"{path}: holds no numbers")
    return np.asarray(array, dtype=np.float64)
