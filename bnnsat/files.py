"""Files that are either whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bnnsat.errors import InputError


def write(path: Path, content: bytes) -> None:
    """Write to a temporary name beside `path`, then rename. Raises InputError if it cannot be written."""
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".bnnsat-", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}; name a place that can be written") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def folder(path: Path) -> Path:
    """The folder, made if need be and known to take files. Raises InputError if it does not."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        raise InputError(
            f"cannot write to {path}: {error.strerror or error}; name a folder that can be written"
        ) from None


def _umask() -> int:
    # There is no way to read the mask but to set it.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
