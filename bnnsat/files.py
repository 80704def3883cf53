"""Files that are either whole or not there."""

from __future__ import annotations

import gzip
import lzma
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from bnnsat.errors import InputError


def write(path: Path, content: bytes) -> None:
    """Write to a temporary name beside the file, then rename.

    Args:
        path: the file.
        content: all of it.

    Raises:
        InputError: it cannot be written.
    """
    write_pieces(path, (content,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """The same for a content in pieces.

    Args:
        path: the file.
        pieces: of its content, in their order.
    """
    with staged(path, pieces):
        pass


@contextmanager
def staged(path: Path, pieces: Iterable[bytes], *, packing: bool = False) -> Iterator[None]:
    """The same, renamed when the block is over; an error there leaves what was before.

    Args:
        path: the file.
        pieces: of its content, in their order.
        packing: it is packed if the name ends with .gz or .xz, always to the same bytes.
    """
    temporary: Path | None = None
    try:
        with _said(path):
            # What a link points to is written, not the link.
            target = path.resolve()
            place = target.parent / f".bnnsat-{secrets.token_hex(8)}"
            # Opened anew, with the rights that files have here.
            with place.open("xb") as file:
                temporary = place
                with _packer(path.suffix if packing else "", file) as packer:
                    for piece in pieces:
                        packer.write(piece)
                file.flush()
                os.fsync(file.fileno())
        yield
        with _said(path):
            temporary.replace(target)
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:
        # The latter for links in a circle.
        said = error.strerror if isinstance(error, OSError) else None
        raise InputError(f"cannot write {path}: {said or error}; name a place that can be written") from None


@contextmanager
def _packer(ending: str, file: BinaryIO) -> Iterator[BinaryIO]:
    if ending == ".gz":
        # Neither a time nor a name is put down.
        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
            yield cast(BinaryIO, packed)
    elif ending == ".xz":
        with lzma.LZMAFile(file, "wb") as packed:
            yield cast(BinaryIO, packed)
    else:
        yield file


def folder(path: Path) -> Path:
    """The folder, made if need be and known to take files.

    Args:
        path: of the folder.

    Raises:
        InputError: it does not take any.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        raise InputError(
            f"cannot write to {path}: {error.strerror or error}; name a folder that can be written"
        ) from None


@contextmanager
def reading(name: str, *, mend: str = "") -> Iterator[None]:
    """What is wrong with a document's parts as one InputError.

    Args:
        name: of what is read, for errors.
        mend: the end of the error, what to do about it.
    """
    try:
        yield
    except InputError as error:
        raise InputError(f"{name}: {error}{mend}") from None
    except KeyError as error:
        raise InputError(f"{name} lacks {error}{mend}") from None
    except (AttributeError, IndexError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name}: {type(error).__name__} {error}{mend}") from None
