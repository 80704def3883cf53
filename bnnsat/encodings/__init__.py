"""The catalogue of encodings: one file each in the folder `encodings`, found by listing it.

In a checkout that folder stands beside the package and is appended to this package's path; a wheel
carries the files here. It must never get an `__init__.py`: with the checkout on PYTHONPATH it would
hide the standard library's package `encodings`, and the interpreter would not start.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np

from bnnsat.circuit import Circuit
from bnnsat.cnf import FALSE, TRUE
from bnnsat.errors import InputError
from bnnsat.types import Integers, Literals

_CHECKOUT = Path(__file__).resolve().parents[2]
if (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "encodings").is_dir():
    __path__.append(str(_CHECKOUT / "encodings"))


class Count(Protocol):
    """What a popcount encoding returns for a batch."""

    def at_least(self, k: Integers) -> Literals:
        """The literal "at least k", equivalent in both directions; k is (batch,), from 1 to n."""


@dataclass(frozen=True)
class Encoding:
    """One entry of the catalogue. `kind` is popcount or half; the texts come from the file itself."""

    name: str
    kind: str
    summary: str
    paper: str
    strength: str
    _function: Callable[..., object]

    def at_least(self, circuit: Circuit, literals: Literals, k: Integers) -> Literals:
        """Literals (batch,) that hold iff at least k[i] of literals[i] hold; shapes (batch, n), (batch,).

        Constants are counted here, so an encoding sees none, and k only from 1 to the row's length.
        """
        constant = np.abs(literals) == TRUE
        k = k - (literals == TRUE).sum(axis=1)
        free = literals.shape[1] - constant.sum(axis=1)
        out = np.where(k <= 0, TRUE, FALSE)
        for n in np.unique(free):
            rows = np.flatnonzero((free == n) & (k >= 1) & (k <= n))
            if len(rows):
                batch = literals[rows][~constant[rows]].reshape(len(rows), n)
                count: Count = self._function(circuit, batch)  # type: ignore[assignment]
                out[rows] = count.at_least(k[rows])
        return out

    def greater(self, circuit: Circuit, upper: Literals, lower: Literals) -> Literals:
        """Literals (batch,) that hold iff upper[i] > lower[i] as unsigned integers, most significant first."""
        return self._function(circuit, upper, lower)  # type: ignore[return-value]


@cache
def load(name: str) -> Encoding:
    """The encoding of that name; InputError if there is none."""
    if name not in _files():
        raise InputError(f"unknown encoding {name!r}; there are {', '.join(_files())}")
    module = importlib.import_module(f"{__name__}.{name}")
    summary = (module.__doc__ or "").strip().split("\n")[0]
    function = module.count if module.KIND == "popcount" else module.greater
    return Encoding(name, module.KIND, summary, module.PAPER, module.STRENGTH, function)


def catalogue(kind: str | None = None) -> list[Encoding]:
    """Every encoding, or those of one kind, by name."""
    return [entry for entry in map(load, _files()) if kind in (None, entry.kind)]


def _files() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
