"""Proofs that a formula has no model, from a fresh run of a solver."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bnnsat import limits
from bnnsat.certificates import foreign
from bnnsat.certificates.refutation import dimacs
from bnnsat.circuit.cnf import Cnf
from bnnsat.errors import InputError, ResourceError
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import PROVING

PATIENCE_SECONDS = 10
"""Between two words on a proof that takes long."""
SATISFIABLE, UNSATISFIABLE = 10, 20
"""Exit codes of a solver (SAT Competition)."""


def program(given: str, what: str) -> list[str]:
    """A program and its first arguments, as they are written; InputError where there is none."""
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise InputError(f"{what}, {given!r}, cannot be read: {error}") from None
    if not words:
        raise InputError(f"{what} is empty; name one")
    return words


class LateError(ResourceError):
    """There was no time for a proof."""


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

    solver: str = "cadical195"
    program: str | None = None
    deadline: float | None = None

    def __post_init__(self) -> None:
        limits.seconds(self.deadline, "deadline")
        if self.program is not None:
            program(self.program, "the program for proofs")
        elif self.solver not in PROVING:
            raise InputError(f"solver {self.solver} writes no proofs; use {', '.join(PROVING)}")

    def prove(
        self, name: str, clauses: Iterable[list[int]], variables: int, note: Callable[[str], object] = lambda _: None
    ) -> bytes:
        """A proof that clauses have no model, DRAT as text.

        Args:
            name: of the statement, for errors.
            clauses: literals as in DIMACS, without the 0.
            variables: how many there are.
            note: is told now and then that the solver is still at work.

        Raises:
            InputError: the clauses have a model, or the program cannot be run.
            ResourceError: the deadline is past, or the program failed.
        """
        if self.program is None:
            answer, proof = self._by_pysat(list(clauses), variables, note)
        else:
            answer, proof = self._by_program(list(clauses), variables)
        if answer is None:
            raise _late(name)
        if answer:
            raise InputError(
                f"{name}: a solution that good exists, so this cannot be claimed; claim no more than is proved, "
                "by a lower bound or radius, or find the optimum first"
            )
        return proof

    def keep(self, name: str) -> None:
        """Raise ResourceError where the deadline is past.

        Args:
            name: of the statement that is at work.
        """
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise _late(name)

    @property
    def left(self) -> float | None:
        """Seconds until the deadline, None without one."""
        return None if self.deadline is None else limits.seconds(max(0.1, self.deadline - time.monotonic()))

    def _by_pysat(
        self, clauses: list[list[int]], variables: int, note: Callable[[str], object]
    ) -> tuple[bool | None, bytes]:
        with SolverProcess(Cnf.of(variables, clauses), self.solver, proof=True) as solver:
            began = told = time.monotonic()

            def still() -> bool:
                nonlocal told
                if time.monotonic() - told > PATIENCE_SECONDS:
                    told = time.monotonic()
                    note(f"still proving, {told - began:.0f} s; nobody knows how long it takes (--time-limit)")
                return False

            answer = solver.solve(seconds=self.left, until=still).status
            # Glucose leaves the last step out where it follows by propagation, which is for the checker to see.
            return answer, solver.proof() + b"0\n" if answer is False else b""

    def _by_program(self, clauses: list[list[int]], variables: int) -> tuple[bool | None, bytes]:
        assert self.program is not None
        with tempfile.TemporaryDirectory(prefix="bnnsat-") as folder:
            formula, proof = Path(folder, "formula.cnf"), Path(folder, "proof.drat")
            formula.write_bytes(dimacs(variables, clauses))
            command = [*program(self.program, "the program for proofs"), str(formula), str(proof)]
            try:
                left = None if self.left is None else min(self.left, limits.LONGEST_SECONDS)
                code = subprocess.run(command, capture_output=True, check=False, timeout=left).returncode
            except subprocess.TimeoutExpired:
                return None, b""
            except OSError as error:
                raise InputError(f"{command[0]} cannot be run: {error.strerror or error}") from None
            if code not in (SATISFIABLE, UNSATISFIABLE):
                raise ResourceError(
                    f"{command[0]} ended with code {code}, which is no solver's answer: 10 (satisfiable) or 20 "
                    "(unsatisfiable) is due; name a SAT solver that is called with the formula and a file for its proof"
                )
            return code == SATISFIABLE, self._written(command[0], proof) if code == UNSATISFIABLE else b""

    @staticmethod
    def _written(program: str, proof: Path) -> bytes:
        """The proof that a program wrote, as text; ResourceError where it is none."""
        try:
            return foreign.text(proof.read_bytes())
        except (OSError, ValueError) as error:
            said = "wrote none" if isinstance(error, FileNotFoundError) else f"wrote none that can be read ({error})"
            raise ResourceError(
                f"{program} says that there is a proof (code 20), and {said}; name a solver that is called with the "
                "formula and a file for its proof"
            ) from None


def _late(name: str) -> LateError:
    return LateError(f"there was no proof of {name} within the time limit; give it more, or claim less")
