"""From what a user names (an embedded set, a file, a folder) to a data set."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from bnnsat.archives import MAX_BYTES
from bnnsat.data.cifar import is_cifar, read_cifar
from bnnsat.data.columns import dataset_of
from bnnsat.data.cp4im import read_cp4im
from bnnsat.data.dataset import Dataset
from bnnsat.data.embedded import embedded
from bnnsat.data.generated import KINDS, generated
from bnnsat.data.idx import read_idx_folder
from bnnsat.data.images import is_image_folder, is_pictures, read_images
from bnnsat.data.npz import read_npz
from bnnsat.data.reduce import reduced
from bnnsat.data.sets import SETS
from bnnsat.data.sizes import brought_down, sized
from bnnsat.errors import InputError
from bnnsat.tables.files import BINARIES, INPUT, TEXTS
from bnnsat.tables.library import BUILT_IN, is_library
from bnnsat.tables.source import is_table, read_table


def read(source: str | PathLike[str], *, target: str | None = None, reduce: str | None = None) -> Dataset:
    """The data set of that name, or in that file or folder.

    Args:
        source: an embedded set, a rule (parity:3), a file or a folder.
        target: the label's column in a table: its name or number from 1, first or last; by its name, else the last,
            without.
        reduce: WxH, which brings images down by area means; crop24 or pad32, which bring 28x28 images down to 8x8.

    Raises:
        InputError: it is unknown, unreadable or damaged.
    """
    if not isinstance(source, (str, PathLike)) or not isinstance(fspath(source), str):
        raise InputError(f"{source!r} names no data set; give a name or a path")
    source = fspath(source)
    if not source:
        raise InputError("'' names no data set; give a name or a path (. is the current folder)")
    if source in SETS:
        dataset = embedded(source)
    elif is_table(source):
        found(source)
        dataset = dataset_of(read_table(source), target=target)
    else:
        dataset = generated(source) or _from_path(Path(source), reduce)
        if dataset.sides is not None and reduce is not None and Path(source).is_dir() and not is_cifar(Path(source)):
            # Folders of images have been brought down already, each image by itself.
            return dataset
    if reduce is None:
        return dataset
    return reduced(dataset, reduce) if sized(reduce) is None else brought_down(dataset, reduce)


def found(source: str) -> None:
    """Raise InputError where no data set, rule, file or folder has that name."""
    try:
        there = source in (*SETS, INPUT) or is_library(source) or generated(source) is not None or Path(source).exists()
    except OSError as error:
        raise InputError(f"{source}: {error.strerror or error}") from None
    if not there:
        raise InputError(
            f"there is no file or data set {source!r}; data sets are "
            f"{', '.join([*SETS, *KINDS, *BUILT_IN, 'openml:NAME'])}; "
            "if it lies elsewhere now, say where"
        )


def _from_path(path: Path, reduce: str | None) -> Dataset:
    found(str(path))
    try:
        if is_pictures(path):
            raise InputError(
                f"{path}: images without labels can only be predicted; put each into a folder of its class"
            )
        if path.is_dir():
            if is_cifar(path):
                return read_cifar(path)
            return read_images(path, reduce) if is_image_folder(path) else read_idx_folder(path)
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES} bytes")
        match path.suffix.lower():
            case ".npz":
                return read_npz(path)
            case ".txt" | ".dl8" | ".data":
                return read_cp4im(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    raise InputError(
        f"{path}: unknown kind of file; tables ({', '.join([*TEXTS, *BINARIES])}), .npz, .txt (CP4IM) or a folder of "
        "images by class, IDX files or CIFAR-10's are read"
    )
