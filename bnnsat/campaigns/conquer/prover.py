"""Proofs by cube and conquer: for certificates a prover like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat import files
from bnnsat.campaigns.conquer.cube import MODEL, OPEN, REFUTED, CubeJob, execute
from bnnsat.campaigns.conquer.split import Cube, joined, split
from bnnsat.campaigns.jobs.store import Store
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.refutation import dimacs
from bnnsat.circuit.cnf import Cnf
from bnnsat.data.lines import sha256
from bnnsat.errors import InputError, ResourceError
from bnnsat.types import Bits

RESULTS = "cubes.jsonl"


class ModelError(InputError):
    """There is a solution that was to be proved impossible.

    Attributes:
        values: (holes,) of its free bits, in their order.
    """

    def __init__(self, values: Bits) -> None:
        super().__init__("a solution that good exists, so this cannot be claimed")
        self.values = values


@dataclass(frozen=True)
class Conqueror(Prover):
    """A prover that splits on a formula's free bits.

    Attributes:
        folder: of formula, results and proofs; what is there is not done again.
        executor: where cubes are solved.
        ahead: so many at a time.
        leaves: cubes, rounded down to a power of two.
        holes: free bits, which are the formula's variables from 2 on.
        on_done: is told how many cubes there are and how many are done.
    """

    folder: Path = field(default_factory=Path)
    executor: Executor | None = None
    ahead: int = 1
    leaves: int = 16
    holes: int = 0
    on_done: Callable[[int, int], object] = lambda done, total: None

    def prove(
        self, name: str, clauses: Iterable[list[int]], variables: int, note: Callable[[str], object] = lambda _: None
    ) -> bytes:
        """A proof that clauses have no model, DRAT as text, from those of its cubes.

        Args:
            name: of the statement, for errors.
            clauses: literals as in DIMACS, without the 0.
            variables: how many there are.
            note: is told what is being done.

        Raises:
            ModelError: the clauses have a model.
            ResourceError: the deadline is past, or a worker failed.
        """
        assert self.executor is not None
        rows = list(clauses)
        content = dimacs(variables, rows)
        digest, place = sha256(content), files.folder(self.folder)
        files.write(place / "formula.cnf", content)
        cnf = Cnf.of(variables, rows)
        # Variable 1 is true; the free bits come next.
        tree = split(cnf, range(2, self.holes + 2), self.leaves, lambda: self.keep(name))
        leaves = [leaf.cube for leaf in tree.leaves if not leaf.refuted]
        note(f"{name}: {len(tree.leaves)} cubes, {len(tree.leaves) - len(leaves)} of them refuted by propagation")
        store = Store(place / RESULTS, CubeJob)
        jobs = {cube: self._job(digest, cube) for cube in leaves}
        self._solved(name, [job for job in jobs.values() if not self._there(store, job)], store, len(leaves))
        proofs = {cube: (place / job.proof).read_bytes() for cube, job in jobs.items()}
        return joined(tree, proofs)

    def _job(self, digest: str, cube: Cube) -> CubeJob:
        return CubeJob(str(self.folder), digest, list(cube), self.holes + 1, self.solver, self.left)

    def _there(self, store: Store[CubeJob], job: CubeJob) -> bool:
        """Whether a cube is refuted, and its proof there."""
        if not store.done(job):
            return False
        result = store.results[job.key]
        if result["status"] == MODEL:
            raise ModelError(_values(result))
        return bool(result["status"] == REFUTED and (self.folder / job.proof).exists())

    def _solved(self, name: str, jobs: list[CubeJob], store: Store[CubeJob], total: int) -> None:
        assert self.executor is not None
        running: dict[Future[dict[str, Any]], CubeJob] = {}
        left, done = list(jobs), total - len(jobs)
        self.on_done(done, total)
        try:
            while left or running:
                while left and len(running) < self.ahead:
                    self.keep(name)
                    job = left.pop(0)
                    running[self.executor.submit(execute, job.fields)] = job
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    job, result = running.pop(future), future.result()
                    if result["status"] == OPEN or result["status"] == "timeout":
                        raise ResourceError(
                            f"there was no proof of {name} within the time limit; {done} of {total} cubes are done"
                        )
                    if result["status"] not in (REFUTED, MODEL):
                        raise ResourceError(f"a cube of {name}: {result.get('error', result['status'])}")
                    store.add(job, result)
                    if result["status"] == MODEL:
                        raise ModelError(_values(result))
                    done += 1
                    self.on_done(done, total)
        finally:
            for future in running:
                future.cancel()


def _values(result: dict[str, Any]) -> Bits:
    """The free bits of a model; the first variable is true."""
    return np.array([digit == "1" for digit in result["values"][1:]], dtype=np.bool_)
