"""Model files of networks of whole numbers: JSON that a person can read, with the network and what is known of it.

{"format": "bnnsat-integers", "version": 1, "topology": "64-4-1", "activation": "relu", "head": "bit",
 "weight_bits": 4, "input_bits": 8, "bias": false, "weights": [[[1, -2, ...], ...], [[1, 0, ...]]], "biases": [],
 "shift": 0, "labels": [...],
 "columns": [{"kind": "scale", "column": "a", "low": 0.5, "high": 2.5, "bits": 4}, ...],
 "origin": {"status": "OPTIMAL", "errors": 0, "lower_bound": 0, "task": {...}, "digest": "..."}}

Files with columns have version 2, so that no program reads them without: files without have none, and version 1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat import files
from bnnsat.documents import Format
from bnnsat.errors import InputError
from bnnsat.integers.network import IntegerNetwork
from bnnsat.integers.shape import MOST_BITS
from bnnsat.tables.fixed import FixedPoint

FORMAT = Format("bnnsat-integers", 1, "a network of whole numbers")
WITH_COLUMNS = replace(FORMAT, version=2)
FILE = "model.json"
MAX_BYTES = 1 << 26
TYPES: dict[str, type] = {"status": str, "errors": int, "lower_bound": int, "digest": str, "task": dict}
"""What is known of a training, as far as it is."""


@dataclass(frozen=True)
class IntegerModel:
    """A network with what is known of its training.

    Attributes:
        network: shape and weights.
        labels: what the labels 0, 1, ... are called; none where they are those numbers themselves.
        shift: lower bits of grey levels that are left out before the network reads them.
        origin: status, errors, lower_bound, task and digest, as far as they are known.
        columns: what makes whole numbers of a table; None where it holds them already.
    """

    network: IntegerNetwork
    labels: tuple[Any, ...] = ()
    shift: int = 0
    origin: dict[str, Any] = field(default_factory=dict)
    columns: FixedPoint | None = None

    def __post_init__(self) -> None:
        if self.columns is None:
            return
        shape, there = self.network.shape, len(self.columns.names)
        if there != shape.sizes[0] or max(self.columns.most) >> shape.input_bits:
            raise InputError(f"the levels of the columns are no inputs of a network {shape.words}")

    def called(self, codes: Any) -> list[Any]:
        """Labels as they are called.

        Args:
            codes: (examples,) what the network names.
        """
        return [self.labels[code] if 0 <= code < len(self.labels) else code for code in np.asarray(codes).tolist()]

    def dumps(self) -> bytes:
        """The file."""
        known = {"shift": self.shift, "labels": list(self.labels)}
        if self.columns is None:
            return FORMAT.dumps({**self.network.noted(), **known, "origin": self.origin})
        columns = self.columns.noted()
        return WITH_COLUMNS.dumps({**self.network.noted(), **known, "columns": columns, "origin": self.origin})

    def save(self, path: Path | str) -> None:
        """Write the file.

        Args:
            path: its name.

        Raises:
            InputError: it cannot be written.
        """
        files.write(Path(path), self.dumps())

    @classmethod
    def loads(cls, text: bytes, name: str) -> IntegerModel:
        """The model in a file.

        Args:
            text: its content.
            name: the file's.

        Raises:
            InputError: it is none.
        """
        form = WITH_COLUMNS if _said(text, "version") == WITH_COLUMNS.version else FORMAT
        content = form.loads(text, name)
        with files.reading(name):
            columns = FixedPoint.of(content["columns"]) if form is WITH_COLUMNS else None
            network, labels = IntegerNetwork.read(content), tuple(content.get("labels", ()))
            origin, shift = content.get("origin", {}), content.get("shift", 0)
            if type(shift) is not int or not 0 <= shift < MOST_BITS:
                raise InputError(f"its shift is no whole number from 0 to {MOST_BITS - 1}")
            if not all(type(label) in (int, str, float, bool) for label in labels) or type(origin) is not dict:
                raise InputError("its labels or its origin are none")
            for key, value in origin.items():
                if value is not None and type(value) is not TYPES.get(key, type(value)):
                    raise InputError(f"its {key} is not what it can be")
            return cls(network, labels, shift, origin, columns)

    @classmethod
    def load(cls, path: Path | str) -> IntegerModel:
        """The model of a file, or of the folder that holds it.

        Args:
            path: the file or folder.

        Raises:
            InputError: it cannot be read, or is none.
        """
        place = _place(Path(path))
        try:
            if place.stat().st_size > MAX_BYTES:
                raise InputError(f"{place} is larger than {MAX_BYTES} bytes; models are smaller")
            return cls.loads(place.read_bytes(), str(place))
        except OSError as error:
            raise InputError(f"cannot read {place}: {error.strerror or error}") from None


def is_integers(path: Path | str) -> bool:
    """Whether a file, or a folder, holds such a model.

    Args:
        path: of the file or folder.
    """
    place = _place(Path(path))
    try:
        if not place.is_file() or place.stat().st_size > MAX_BYTES or place.suffix != ".json":
            return False
        return holds_integers(place.read_bytes())
    except OSError:
        return False


def holds_integers(text: bytes) -> bool:
    """Whether the content of a file says that it is such a model.

    Args:
        text: the content.
    """
    return bool(_said(text, "format") == FORMAT.name)


def _said(text: bytes, key: str) -> Any:
    """What a file says of itself; None where it says nothing."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content.get(key) if isinstance(content, dict) else None


def _place(path: Path) -> Path:
    return path / FILE if path.is_dir() else path
