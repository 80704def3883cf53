"""npz files: each array's header is held against its size before anything is allocated, and nothing is unpickled."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bnnsat.errors import InputError

MAX_BYTES = 1 << 31


def read_arrays(path: Path, names: Sequence[str]) -> list[NDArray[Any]]:
    """Arrays as they are, by their names. Nothing is unpickled.

    Args:
        path: the file.
        names: of the arrays, all of which are to be there.

    Raises:
        InputError: they are not, or are no arrays of numbers.
    """
    if not path.is_file():
        raise InputError(f"cannot read {path}: there is no such file")
    with said(path), zipfile.ZipFile(path) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        if missing := [name for name in names if name not in members]:
            raise InputError(f"{path}: holds {', '.join(map(repr, members)) or 'nothing'}; {missing[0]} is due")
        return [array(path, archive, members[name]) for name in names]


def names_in(path: Path) -> list[str]:
    """What a file's arrays are called; none of a file that is no archive.

    Args:
        path: of any file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [member.filename.removesuffix(".npy") for member in archive.infolist()]
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return []


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Whatever the readers of zip and npy raise on damaged files, which is nearly everything, as InputError.

    Args:
        path: of the file, for the words.
    """
    try:
        yield
    except (InputError, OSError):
        raise
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: not a readable npz file ({text})") from None


def array(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """One array as it is.

    Args:
        path: of the file, for the words.
        archive: the open file.
        member: of it.

    Raises:
        InputError: it is no array of numbers, or not so large as it says.
    """
    if member.file_size > MAX_BYTES:
        raise InputError(f"{path}: {member.filename} unpacks to {member.file_size} bytes; at most {MAX_BYTES} are read")
    with archive.open(member) as file:
        version = npy.read_magic(file)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = header(file)
        if dtype.kind not in "biuf":
            raise InputError(f"{path}: {member.filename} is of type {dtype.kind!r}; numbers are due")
        announced, there = math.prod(shape) * dtype.itemsize, member.file_size - file.tell()
        if announced != there:
            raise InputError(f"{path}: {member.filename} announces {announced} bytes and holds {there}")
        return np.frombuffer(file.read(), dtype=dtype).reshape(shape, order="F" if fortran else "C")
