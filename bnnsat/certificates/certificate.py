"""Making a certificate: the formulas of a claim, and a proof for each."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bnnsat import files
from bnnsat.certificates.claim import CLAIM, Claim, Statement
from bnnsat.certificates.lemmas import fits, lemmas
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.refutation import Refutation, Tree
from bnnsat.circuit.counters import balanced
from bnnsat.data.lines import sha256
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.questions.question import Files, Question
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings.plain import PlainAlgebra
from bnnsat.search.half import tries

Note = Callable[[str], object]


class _Watched(PlainAlgebra):
    """Looks at the prover's clock with each new variable: large formulas take longer to write than to prove."""

    def __init__(self, name: str, prover: Prover) -> None:
        self._name, self._prover = name, prover
        super().__init__()

    def _new(self) -> int:
        self._prover.keep(self._name)
        return super()._new()


def write(claim: Claim, contents: Files, out: Path, prover: Prover, note: Note = lambda _: None) -> Claim:
    """Write a certificate into a folder, which appears once it is complete; returns the whole claim.

    Args:
        claim: what is claimed; whether its statements need proofs is found out here.
        contents: what the question is about and, if there is one, its solution, as files by name.
        out: the folder.
        prover: how proofs are made.
        note: is told what is being done.

    Raises:
        InputError: the claim does not hold, or the folder is taken.
        ResourceError: the prover's deadline is past.
    """
    # What is written has to be what is read.
    claim = Claim.loads(claim.dumps())
    for statement in claim.attained:
        found = claim.about(statement, contents).attained(contents)
        for name, value in statement.sums.items():
            if found.get(name) != value:
                raise InputError(
                    f"the solution has {found.get(name, 'no')} {name}, not {value}; is it that of the data?"
                )
    out = out.resolve()
    replaceable(out)
    files.folder(out.parent)
    with tempfile.TemporaryDirectory(prefix=".bnnsat-", dir=out.parent) as made:
        folder = Path(made, "certificate")
        folder.mkdir()
        for name, content in contents.items():
            files.write(folder / name, content)
        statements = [_settled(claim.about(s, contents), s, folder, prover, note) for s in claim.impossible]
        digests = {path.name: sha256(path.read_bytes()) for path in sorted(folder.iterdir())}
        claim = replace(claim, impossible=tuple(statements), files=digests)
        files.write(folder / CLAIM, claim.dumps())
        try:
            if out.exists():
                # Aside, and gone with the temporary folder.
                out.rename(Path(made, "old"))
            folder.rename(out)
        except OSError as error:
            raise InputError(f"cannot write {out}: {error.strerror or error}; name a new folder") from None
    return claim


def replaceable(out: Path) -> None:
    """Raise InputError for anything but a free place, an empty folder, or a certificate and nothing else.

    Args:
        out: the place.
    """
    try:
        there = {path.name for path in out.iterdir()} if out.exists() else set()
        free = not there or there == {CLAIM, *Claim.loads((out / CLAIM).read_bytes()).files}
    except (OSError, KeyError, TypeError, ValueError):
        free = False
    if not free:
        raise InputError(f"{out} is there and is no certificate; name a new folder")


def _settled(question: Question, statement: Statement, folder: Path, prover: Prover, note: Note) -> Statement:
    """The statement with the order in which its formula adds, once formula and proof are written."""
    name = statement.name
    if question.certain(statement.sums):
        note(f"{name}: no proof needed")
        return replace(statement, trees=None, counted=False)
    if statement.counted:
        note(f"{name}: to be counted by check")
        return statement
    trees, groups = _trees(question, statement.sums)
    refutation = Refutation.of(question, statement.sums, trees, _Watched(name, prover), exchanged=True)
    plain = refutation.plain
    files.write(folder / f"{name}.cnf", refutation.dimacs())
    note(f"{name}: {counted(plain.top, 'variable')}, {counted(len(plain.clauses), 'clause')}; proving")
    began = time.monotonic()
    steps: list[list[int]] = []
    if groups:
        assert isinstance(question, TrainingQuestion)
        steps = list(lemmas(question, refutation, trees["errors"], groups))
    proof = prover.prove(name, [*plain.clauses, *steps], plain.top, lambda words: note(f"{name}: {words}"))
    first = "".join(" ".join(map(str, (*step, 0))) + "\n" for step in steps).encode()
    files.write(folder / f"{name}.drat", first + proof)
    count = len(steps) + proof.count(b"\n")
    first_steps = counted(len(steps), "step")
    note(f"{name}: {first_steps} before the solver's, {count} with them, after {time.monotonic() - began:.1f} s")
    return replace(statement, trees=trees, exchanged=True)


def _trees(question: Question, sums: Mapping[str, int]) -> tuple[dict[str, Tree], list[tries.Group]]:
    """In which order errors are added, and groups of examples of which something can be said beforehand."""
    if not isinstance(question, TrainingQuestion) or "errors" not in sums:
        return {}, []
    if fits(question):
        tree, groups = tries.plan(question.problem)
        return {"errors": tree}, groups
    return {"errors": balanced(len(question.problem.labels))}, []
