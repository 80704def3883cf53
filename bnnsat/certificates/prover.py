"""Proofs that a formula has no model, from a fresh run of a solver."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from bnnsat.certificates import foreign
from bnnsat.certificates.refutation import dimacs
from bnnsat.circuit.cnf import Cnf
from bnnsat.errors import InputError, ResourceError
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import PROVING

SATISFIABLE, UNSATISFIABLE = 10, 20
"""Exit codes of a solver (SAT Competition)."""


@dataclass(frozen=True)
class Prover:
    """How proofs are made.

    Attributes:
        solver: a PySAT solver.
        program: another program in its place: PROGRAM FORMULA PROOF.
        deadline: a `time.monotonic` value.

    Raises:
        InputError: the solver writes no proofs.
    """

    solver: str = "glucose4"
    program: str | None = None
    deadline: float | None = None

    def __post_init__(self) -> None:
        if self.program is None and self.solver not in PROVING:
            raise InputError(f"solver {self.solver} writes no proofs; use {', '.join(PROVING)}")

    def prove(self, name: str, clauses: Iterable[list[int]], variables: int) -> bytes:
        """A proof that clauses have no model, DRAT as text.

        Args:
            name: of the statement, for errors.
            clauses: literals as in DIMACS, without the 0.
            variables: how many there are.

        Raises:
            InputError: the clauses have a model, or the program cannot be run.
            ResourceError: the deadline is past, or the program failed.
        """
        answer, proof = (self._by_pysat if self.program is None else self._by_program)(list(clauses), variables)
        if answer is None:
            raise ResourceError(f"there was no proof of {name} within the time limit; give it more")
        if answer:
            raise InputError(
                f"{name}: a solution that good exists, so this cannot be claimed; claim no more than the proved bound "
                "with --bound, or find the optimum first"
            )
        return proof

    @property
    def left(self) -> float | None:
        """Seconds until the deadline, None without one."""
        return None if self.deadline is None else max(0.1, self.deadline - time.monotonic())

    def _by_pysat(self, clauses: list[list[int]], variables: int) -> tuple[bool | None, bytes]:
        cnf = Cnf()
        cnf.fresh(variables)
        for _, same in groupby(sorted(clauses, key=len), key=len):
            cnf.add(np.array(list(same), dtype=np.int32))
        with SolverProcess(cnf, self.solver, proof=True) as solver:
            answer = solver.solve(seconds=self.left).status
            # Glucose leaves the last step out where it follows by propagation, which is for the checker to see.
            return answer, solver.proof() + b"0\n" if answer is False else b""

    def _by_program(self, clauses: list[list[int]], variables: int) -> tuple[bool | None, bytes]:
        assert self.program is not None
        with tempfile.TemporaryDirectory(prefix="bnnsat-") as folder:
            formula, proof = Path(folder, "formula.cnf"), Path(folder, "proof.drat")
            formula.write_bytes(dimacs(variables, clauses))
            command = [*shlex.split(self.program), str(formula), str(proof)]
            try:
                code = subprocess.run(command, capture_output=True, check=False, timeout=self.left).returncode
            except subprocess.TimeoutExpired:
                return None, b""
            except OSError as error:
                raise InputError(f"{command[0]} cannot be run: {error.strerror or error}") from None
            if code not in (SATISFIABLE, UNSATISFIABLE):
                raise ResourceError(f"{command[0]} ended with code {code}; 10 or 20 is due")
            return code == SATISFIABLE, foreign.text(proof.read_bytes()) if code == UNSATISFIABLE else b""
