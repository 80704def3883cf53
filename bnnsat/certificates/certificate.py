"""Making a certificate: the formulas of a claim, and a proof for each from a fresh run of a solver."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from bnnsat import files
from bnnsat.certificates import drat
from bnnsat.certificates.claim import CLAIM, EXAMPLES, MODEL, Claim, fails
from bnnsat.certificates.lemmas import fits, lemmas
from bnnsat.certificates.question import Question, Tree, ask, dimacs
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import balanced
from bnnsat.data.lines import sha256, write_examples
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.problem import Problem
from bnnsat.search.half import tries
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import PROVING
from bnnsat.types import Bits, Integers

SATISFIABLE, UNSATISFIABLE = 10, 20
"""Exit codes of a solver (SAT Competition)."""


@dataclass(frozen=True)
class Prover:
    """How proofs are made: a PySAT solver, or a program, PROGRAM FORMULA PROOF; `deadline` is one of monotonic time."""

    solver: str = "glucose4"
    program: str | None = None
    deadline: float | None = None

    def __post_init__(self) -> None:
        if self.program is None and self.solver not in PROVING:
            raise InputError(f"solver {self.solver} writes no proofs; use {', '.join(PROVING)}")

    def prove(self, question: Question, clauses: Iterable[list[int]], variables: int) -> bytes:
        """A proof that the clauses have no model. InputError if they have one, ResourceError past the deadline."""
        answer, proof = (self._by_pysat if self.program is None else self._by_program)(list(clauses), variables)
        if answer is None:
            raise ResourceError(f"there was no proof of {question.name} within the time limit; give it more")
        if answer:
            raise InputError(
                f"{question.name}: a network with {question.errors} errors exists, so the model is not the best; "
                "train it to OPTIMAL first, or claim no more than its lower bound with --bound"
            )
        return proof

    def _left(self) -> float | None:
        return None if self.deadline is None else max(0.1, self.deadline - time.monotonic())

    def _by_pysat(self, clauses: list[list[int]], variables: int) -> tuple[bool | None, bytes]:
        cnf = Cnf()
        cnf.fresh(variables)
        for _, same in groupby(sorted(clauses, key=len), key=len):
            cnf.add(np.array(list(same), dtype=np.int32))
        with SolverProcess(cnf, self.solver, proof=True) as solver:
            answer = solver.solve(seconds=self._left()).status
            # Glucose leaves the last step out where it follows by propagation, which is for the checker to see.
            return answer, solver.proof() + b"0\n" if answer is False else b""

    def _by_program(self, clauses: list[list[int]], variables: int) -> tuple[bool | None, bytes]:
        assert self.program is not None
        with tempfile.TemporaryDirectory(prefix="bnnsat-") as folder:
            formula, proof = Path(folder, "formula.cnf"), Path(folder, "proof.drat")
            formula.write_bytes(dimacs(variables, clauses))
            command = [*shlex.split(self.program), str(formula), str(proof)]
            try:
                code = subprocess.run(command, capture_output=True, check=False, timeout=self._left()).returncode
            except subprocess.TimeoutExpired:
                return None, b""
            except OSError as error:
                raise InputError(f"{command[0]} cannot be run: {error.strerror or error}") from None
            if code not in (SATISFIABLE, UNSATISFIABLE):
                raise ResourceError(f"{command[0]} ended with code {code}; 10 or 20 is due")
            return code == SATISFIABLE, drat.text(proof.read_bytes()).encode() if code == UNSATISFIABLE else b""


def certify(
    claim: Claim,
    model: Model,
    inputs: Bits,
    labels: Integers,
    out: Path,
    prover: Prover,
    note: Callable[[str], object] = lambda _: None,
) -> Claim:
    """Write the certificate into the folder `out`, which appears once it is complete; returns the whole claim.

    The training examples are inputs (examples, n) and labels (examples,).
    `note` is told what is being done. Raises InputError where the claim does not hold or the folder is taken.
    """
    # What is written has to be what is read.
    claim = Claim.loads(claim.dumps())
    problem = Problem.of(inputs, labels, claim.class_weights)
    if wrong := fails(claim, model.network, problem):
        raise InputError(f"{wrong}; are these the examples that it was trained on?")
    out = out.resolve()
    _replaceable(out)
    files.folder(out.parent)
    with tempfile.TemporaryDirectory(prefix=".bnnsat-", dir=out.parent) as made:
        folder = Path(made, "certificate")
        folder.mkdir()
        model.save(folder / MODEL)
        files.write(folder / EXAMPLES, write_examples(inputs, labels))
        trees: dict[str, Tree] = {}
        for question in claim.questions(model.network.shape):
            if question.trivial(problem):
                note(f"{question.name}: no proof needed")
                continue
            trees[question.name] = _proved(question, problem, folder, prover, note)
        digests = {path.name: sha256(path.read_bytes()) for path in sorted(folder.iterdir())}
        claim = replace(claim, trees=trees, files=digests)
        files.write(folder / CLAIM, claim.dumps())
        try:
            if out.exists():
                # Aside, and gone with the temporary folder.
                out.rename(Path(made, "old"))
            folder.rename(out)
        except OSError as error:
            raise InputError(f"cannot write {out}: {error.strerror or error}; name a new folder") from None
    return claim


def _replaceable(out: Path) -> None:
    """Raise InputError for anything but a free place, an empty folder, or a certificate and nothing else."""
    try:
        there = {path.name for path in out.iterdir()} if out.exists() else set()
        free = not there or there == {CLAIM, *Claim.loads((out / CLAIM).read_bytes()).files}
    except (OSError, ValueError):
        free = False
    if not free:
        raise InputError(f"{out} is there and is no certificate; name a new folder")


def _proved(question: Question, problem: Problem, folder: Path, prover: Prover, note: Callable[[str], object]) -> Tree:
    """Write the formula of a question and its proof; the tree along which the formula counts errors."""
    tree, groups = tries.plan(problem) if fits(question.shape) else (balanced(len(problem.labels)), [])
    asked = ask(question, problem, tree)
    files.write(folder / f"{question.name}.cnf", asked.dimacs())
    note(f"{question.name}: {asked.plain.top} variables, {len(asked.plain.clauses)} clauses; proving")
    began = time.monotonic()
    steps = list(lemmas(asked, problem, tree, groups))
    proof = prover.prove(question, [*asked.plain.clauses, *steps], asked.plain.top)
    first = "".join(" ".join(map(str, (*step, 0))) + "\n" for step in steps).encode()
    files.write(folder / f"{question.name}.drat", first + proof)
    count = len(steps) + proof.count(b"\n")
    note(
        f"{question.name}: {len(steps)} steps before the solver's, {count} with them, "
        f"after {time.monotonic() - began:.1f} s"
    )
    return tree
