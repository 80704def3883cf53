"""The catalogue of encodings: one file each, found by listing the folder."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np

from bnnsat.circuit.cnf import FALSE, TRUE
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings import VARIABLE
from bnnsat.errors import InputError
from bnnsat.types import Integers, Literals

ENCODINGS = "bnnsat.encodings"
OURS = {"catalogue", "defaults", "orders"}
"""Modules of this package that are no encodings."""

FUNCTIONS = {"popcount": "count", "half": "greater"}
"""What the file of an encoding of each kind defines."""


class Count(Protocol):
    """What a popcount encoding returns for a batch."""

    def at_least(self, k: Integers) -> Literals:
        """The literal "at least k" of each row, (batch,), equivalent in both directions.

        Args:
            k: (batch,), from 1 to n.
        """


@dataclass(frozen=True)
class Encoding:
    """One entry of the catalogue, as its file describes itself.

    Attributes:
        name: of the file.
        kind: popcount or half.
        summary: the file's first line.
        paper: where the encoding is from.
        strength: the claimed per cent of `strength.Strength`, forward and backward.
        most: the widest count it takes; None for any.
        needs: a package, and the extra of bnnsat that brings it; None for none.
        solvers: those that take what it writes; None for all.
    """

    name: str
    kind: str
    summary: str
    paper: str
    strength: tuple[int, int]
    most: int | None
    needs: tuple[str, str] | None
    solvers: tuple[str, ...] | None
    _function: Callable[..., object]

    @property
    def status(self) -> str:
        """ready, or what has to be installed first."""
        if self.needs is None or importlib.util.find_spec(self.needs[0]) is not None:
            return "ready"
        return f"needs pip install 'bnnsat[{self.needs[1]}]'"

    def at_least(self, circuit: Circuit, literals: Literals, k: Integers) -> Literals:
        """Literals (batch,) that hold iff at least k[i] of literals[i] hold.

        Constants are counted here, so an encoding sees none, and k only from 1 to the row's length.

        Args:
            circuit: where the clauses go.
            literals: (batch, n), constants among them.
            k: (batch,), any numbers.

        Raises:
            InputError: the encoding does not take so many.
        """
        if self.most is not None and literals.shape[1] > self.most:
            raise InputError(f"encoding {self.name} takes at most {self.most} inputs, not {literals.shape[1]}")
        constant = np.abs(literals) == TRUE
        k = k - (literals == TRUE).sum(axis=1)
        free = literals.shape[1] - constant.sum(axis=1)
        out = np.where(k <= 0, TRUE, FALSE)
        for n in np.unique(free):
            rows = np.flatnonzero((free == n) & (k >= 1) & (k <= n))
            if len(rows):
                batch = literals[rows][~constant[rows]].reshape(len(rows), n)
                out[rows] = self.count(circuit, batch).at_least(k[rows])
        return out

    def count(self, circuit: Circuit, literals: Literals) -> Count:
        """The counts of literals.

        Args:
            circuit: where the clauses go.
            literals: (batch, n), n >= 1, without constants.
        """
        return self._function(circuit, literals)  # type: ignore[return-value]

    def greater(self, circuit: Circuit, upper: Literals, lower: Literals) -> Literals:
        """Literals (batch,) that hold iff upper[i] > lower[i] as unsigned integers.

        Args:
            circuit: where the clauses go.
            upper: (batch, n), the most significant bit first.
            lower: the same of the other numbers.
        """
        return self._function(circuit, upper, lower)  # type: ignore[return-value]


@cache
def load(name: str) -> Encoding:
    """The encoding of that name.

    Args:
        name: of its file.

    Raises:
        InputError: there is none, or its file does not define one.
    """
    if name not in _files():
        raise InputError(f"unknown encoding {name!r}; there are {', '.join(_files())}")
    try:
        module = importlib.import_module(f"{ENCODINGS}.{name}")
    except Exception as error:  # whatever a new file does while it is loaded
        raise InputError(f"encodings/{name}.py cannot be loaded: {type(error).__name__}: {error}") from error
    if getattr(module, "KIND", None) not in FUNCTIONS:
        raise InputError(f"encodings/{name}.py has to set KIND to {' or '.join(map(repr, FUNCTIONS))}")
    function = FUNCTIONS[module.KIND]
    missing = [part for part in ("PAPER", "STRENGTH", function) if not hasattr(module, part)]
    if missing:
        raise InputError(f"encodings/{name}.py lacks {' and '.join(missing)}; see encodings/README.md")
    return Encoding(
        name,
        module.KIND,
        (module.__doc__ or "").strip().split("\n")[0],
        module.PAPER,
        module.STRENGTH,
        getattr(module, "MOST", None),
        getattr(module, "NEEDS", None),
        getattr(module, "SOLVERS", None),
        getattr(module, function),
    )


def source(name: str) -> bytes:
    """The text of an encoding's file, to tell versions of it apart.

    Args:
        name: of the encoding.
    """
    spec = importlib.util.find_spec(f"{ENCODINGS}.{load(name).name}")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).read_bytes()


def usable(name: str, kind: str) -> Encoding:
    """The encoding of that name, if it can be used here.

    Args:
        name: of the encoding.
        kind: popcount or half.

    Raises:
        InputError: there is none, it is of another kind, or a package is missing.
    """
    entry = load(name)
    if entry.kind != kind:
        raise InputError(f"encoding {name} is one for {entry.kind}, not for activation {kind}")
    if entry.status != "ready":
        raise InputError(f"encoding {name} {entry.status}")
    return entry


def catalogue(kind: str | None = None) -> list[Encoding]:
    """Every encoding, or those of one kind, by name.

    Args:
        kind: popcount or half; None for both.
    """
    return [entry for entry in map(load, _files()) if kind in (None, entry.kind)]


def add(folder: Path) -> None:
    """Take the encodings of one more folder into the catalogue, here and in processes that are started later.

    Args:
        folder: of files as in `encodings`.

    Raises:
        InputError: there is none.
    """
    place = str(folder.resolve())
    known = [name for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    if place not in known:
        os.environ[VARIABLE] = os.pathsep.join([*known, place])
    if place not in importlib.import_module(ENCODINGS).__path__:
        importlib.import_module(ENCODINGS).__path__.append(place)
    importlib.invalidate_caches()
    load.cache_clear()
    _files()


def _files() -> list[str]:
    for folder in os.environ.get(VARIABLE, "").split(os.pathsep):
        if folder and not Path(folder).is_dir():
            raise InputError(f"there is no folder {folder} of encodings; mend --encodings-path or {VARIABLE}")
    found = pkgutil.iter_modules(importlib.import_module(ENCODINGS).__path__)
    return sorted({module.name for module in found if not module.ispkg and module.name not in OURS})
