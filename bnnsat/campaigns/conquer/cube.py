"""One cube of a formula: refuted with a proof, or a model of it.

`python -m bnnsat.campaigns.conquer.cube` reads such a part as JSON on standard input, and prints what came of it. The
formula and the proofs are files of a folder that all workers see.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat import files
from bnnsat.campaigns.jobs.process import outcome
from bnnsat.circuit.cnf import Cnf
from bnnsat.data.lines import sha256
from bnnsat.errors import BnnsatError, InputError
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.worker import die_with_parent

READING_SECONDS, UNLIMITED_SECONDS = 60.0, 1e6
REFUTED, MODEL, OPEN = "refuted", "model", "open"


@dataclass(frozen=True)
class CubeJob:
    """A cube.

    Attributes:
        folder: of the formula, `formula.cnf`, and the proofs.
        digest: of the formula.
        cube: literals.
        holes: variables whose values are told of a model, from 1 to this.
        solver: that writes the proof.
        seconds_limit: None for none.
    """

    folder: str
    digest: str
    cube: list[int]
    holes: int
    solver: str
    seconds_limit: float | None

    @property
    def key(self) -> str:
        """What tells cubes apart: not where the folder is, nor how long it may take."""
        return json.dumps([self.digest, self.cube, self.solver])

    @property
    def fields(self) -> dict[str, Any]:
        """What an executor carries."""
        return {**asdict(self), "folder": str(Path(self.folder).resolve())}

    @property
    def proof(self) -> str:
        """The name of the proof's file."""
        return f"{sha256(self.key.encode())[:24]}.drat"

    @classmethod
    def needs(cls, result: dict[str, Any]) -> dict[str, type | tuple[type, ...]]:
        """What is read of a result."""
        needs: dict[str, dict[str, type | tuple[type, ...]]] = {REFUTED: {"proof": str}, MODEL: {"values": str}}
        return needs.get(result["status"], {})


def execute(fields: dict[str, Any]) -> dict[str, Any]:
    """What came of the cube with those fields, in a process of its own.

    Args:
        fields: of a job.
    """
    limit = fields["seconds_limit"]
    return outcome(
        "bnnsat.campaigns.conquer.cube", fields, UNLIMITED_SECONDS if limit is None else limit + READING_SECONDS
    )


def formula(path: Path) -> Cnf:
    """The formula of a DIMACS file as this package writes them.

    Args:
        path: of the file.

    Raises:
        InputError: it is none.
    """
    lines = path.read_text().splitlines()
    head = lines[0].split() if lines else []
    if head[:2] != ["p", "cnf"]:
        raise InputError(f"{path} is no formula in DIMACS")
    return Cnf.of(int(head[2]), ([int(word) for word in line.split()[:-1]] for line in lines[1:]))


def solved(job: CubeJob) -> dict[str, Any]:
    """What came of a cube, as JSON; its proof is written.

    Args:
        job: the cube.

    Raises:
        InputError: the formula is another one, or not there.
    """
    place = Path(job.folder)
    try:
        content = (place / "formula.cnf").read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the formula in {place}: {error.strerror or error}") from None
    if sha256(content) != job.digest:
        raise InputError(f"the formula in {place} is another one")
    cnf = formula(place / "formula.cnf")
    cnf.add(np.array([[literal] for literal in job.cube], dtype=np.int32).reshape(-1, 1))
    with SolverProcess(cnf, job.solver, proof=True) as solver:
        answer = solver.solve(seconds=job.seconds_limit)
        if answer.status is None:
            return {"status": OPEN}
        if answer.status:
            values = "".join(str(int(bit)) for bit in answer.model[1 : job.holes + 1])
            return {"status": MODEL, "values": values}
        files.write(place / job.proof, solver.proof() + b"0\n")
        return {"status": REFUTED, "proof": job.proof}


def main() -> None:
    """Read a cube, and say what came of it."""
    job = CubeJob(**json.loads(sys.stdin.read()))
    die_with_parent()
    try:
        print(json.dumps(solved(job)))
    except BnnsatError as error:
        print(json.dumps({"status": "failed", "error": str(error)}))


if __name__ == "__main__":
    main()
