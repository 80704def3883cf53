"""Checkpoints: what a run has found and proved, on disk at each step, so that a killed run goes on.

A file belongs to one problem and shape, which it names by a digest. It holds the best network's weights,
which are replayed when it is read, and the proved lower bound, which is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bnnsat import files
from bnnsat.criterion import Criterion
from bnnsat.documents import Format
from bnnsat.errors import InputError
from bnnsat.files import reading
from bnnsat.network import Network
from bnnsat.plural import counted
from bnnsat.problem import Problem
from bnnsat.search.progress import Run
from bnnsat.shape import Shape

FORMAT = Format("bnnsat-checkpoint", 1, "a checkpoint")


@dataclass(frozen=True)
class Saved:
    """What an earlier run left.

    Attributes:
        network: the best so far.
        lower_bound: proved.
        then: further objectives, by name.
    """

    network: Network
    lower_bound: int
    then: dict[str, Criterion]


class Checkpoint:
    """The checkpoint of one problem and shape in one file.

    Args:
        path: the file.
        problem: the training examples.
        shape: of the network.
    """

    def __init__(self, path: Path, problem: Problem, shape: Shape) -> None:
        self._path = path
        self._problem = problem
        self._shape = shape
        self._digest = digest(problem, shape)

    def load(self) -> Saved | None:
        """What an earlier run left; None without a file.

        Raises:
            InputError: it is damaged, or of another problem or shape.
        """
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"cannot read checkpoint {self._path}: {error.strerror or error}") from None
        content = FORMAT.loads(text, str(self._path))
        if content.get("problem") != self._digest:
            raise InputError(f"{self._path} belongs to another problem or shape; name another file, or remove it")
        with reading(str(self._path), mend=": a damaged checkpoint; remove it"):
            weights = [[[int(bit) for bit in row] for row in layer] for layer in content["weights"]]
            network, bound = Network.of(self._shape, weights), int(content["lower_bound"])
            errors = network.errors(self._problem)
            if not self._problem.lower_bound <= bound <= errors:
                raise InputError(f"a lower bound of {bound} with {counted(errors, 'error')}")
            then = map(Criterion.of, content.get("then", []))
            return Saved(network, bound, {criterion.objective: criterion for criterion in then})

    def save(self, run: Run) -> None:
        """Write the run's state, whole or not at all.

        Args:
            run: whose state it is.

        Raises:
            InputError: it cannot be written.
        """
        content = {
            "problem": self._digest,
            "errors": run.base + run.errors,
            "lower_bound": run.base + run.lower_bound,
            "then": [asdict(criterion) for criterion in run.then],
            "seconds": run.seconds,
            "weights": [[row.to01() for row in layer] for layer in run.network.weights],
        }
        files.write(self._path, FORMAT.dumps(content))


def digest(problem: Problem, shape: Shape) -> str:
    """SHA-256 of everything that the optimum depends on, in hexadecimal.

    Args:
        problem: the training examples.
        shape: of the network.
    """
    sizes: list[object] = [list(problem.inputs.shape), shape.sizes, shape.activation, shape.head, shape.thresholds]
    # What came later is named only where it differs from what always was, so that old files stay good.
    if problem.margin or not shape.reads_once:
        sizes += [problem.margin, shape.repeat, shape.constants]
    parts = [json.dumps(sizes).encode(), np.packbits(problem.inputs).tobytes()]
    parts += [values.astype("<i8").tobytes() for values in (problem.labels, problem.costs)]
    return hashlib.sha256(b"".join(parts)).hexdigest()
