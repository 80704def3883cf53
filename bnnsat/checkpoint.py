"""Checkpoints: what a run has found and proved, on disk at each step, so that a killed run goes on.

A file belongs to one problem and shape, which it names by a digest. It holds the best network's weights,
which are replayed when it is read, and the proved lower bound, which is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat import files
from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.progress import Level, Run
from bnnsat.shape import Shape

FORMAT, VERSION = "bnnsat-checkpoint", 1


@dataclass(frozen=True)
class Saved:
    """What an earlier run left: its network, the bound on the errors, and further objectives by name."""

    network: Network
    lower_bound: int
    then: dict[str, Level]


class Checkpoint:
    """The checkpoint of one problem and shape in one file."""

    def __init__(self, path: Path, problem: Problem, shape: Shape) -> None:
        self._path = path
        self._problem = problem
        self._shape = shape
        self._digest = digest(problem, shape)

    def load(self) -> Saved | None:
        """What an earlier run left; None without a file; InputError for a wrong one."""
        try:
            content: Any = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, RecursionError, ValueError) as error:
            raise InputError(f"cannot read checkpoint {self._path}: {error}") from None
        if not isinstance(content, dict) or (content.get("format"), content.get("version")) != (FORMAT, VERSION):
            raise InputError(f"{self._path} is not a checkpoint of this version; name another file")
        if content.get("problem") != self._digest:
            raise InputError(f"{self._path} belongs to another problem or shape; name another file, or remove it")
        try:
            weights = [[[int(bit) for bit in row] for row in layer] for layer in content["weights"]]
            network, bound = Network.of(self._shape, weights), int(content["lower_bound"])
            errors = network.errors(self._problem)
            if not self._problem.lower_bound <= bound <= errors:
                raise ValueError(f"a lower bound of {bound} with {errors} errors")
            levels = {level["objective"]: Level(**level) for level in content.get("then", [])}
            if not all(isinstance(n, int) and n >= 0 for v in levels.values() for n in (v.value, v.bound, v.margin)):
                raise ValueError("further objectives without whole numbers")
            return Saved(network, bound, levels)
        except (KeyError, OverflowError, TypeError, ValueError) as error:
            raise InputError(f"{self._path}: damaged checkpoint ({error}); remove it") from None

    def save(self, run: Run) -> None:
        """Write the run's state, whole or not at all."""
        content = {
            "format": FORMAT,
            "version": VERSION,
            "problem": self._digest,
            "errors": run.errors,
            "lower_bound": run.lower_bound,
            "then": [asdict(level) for level in run.then],
            "seconds": run.seconds,
            "weights": [[row.to01() for row in layer] for layer in run.network.weights],
        }
        files.write(self._path, (json.dumps(content, indent=1) + "\n").encode())


def digest(problem: Problem, shape: Shape) -> str:
    """SHA-256 of everything that the optimum depends on, in hexadecimal."""
    sizes: list[object] = [list(problem.inputs.shape), shape.sizes, shape.activation, shape.head, shape.thresholds]
    # What came later is named only where it differs from what always was, so that old files stay good.
    if problem.margin or not shape.plain:
        sizes += [problem.margin, shape.repeat, shape.constants]
    parts = [json.dumps(sizes).encode(), np.packbits(problem.inputs).tobytes()]
    parts += [values.astype("<i8").tobytes() for values in (problem.labels, problem.weights)]
    return hashlib.sha256(b"".join(parts)).hexdigest()
