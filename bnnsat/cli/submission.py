"""`bnnsat submission`."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bnnsat import files
from bnnsat.campaigns.jobs.run import run
from bnnsat.campaigns.jobs.store import Result, Store
from bnnsat.campaigns.submission import choice, description, package, reference
from bnnsat.campaigns.submission.candidate import TRACKS, Candidate, candidates
from bnnsat.campaigns.submission.measure import execute
from bnnsat.cli.executors import executor, runs
from bnnsat.cli.signals import signals
from bnnsat.errors import HaltedError, InputError, ResourceError
from bnnsat.plural import counted
from bnnsat.version import __version__

MOST_SECONDS = 1_000_000.0
MOST_LETTERS = 200


@dataclass(frozen=True)
class Submission:
    """What is asked for, by the options."""

    folder: Path
    track: str
    count: int
    reference_limit: float
    limit: float
    program: str | None
    author: str

    def check(self) -> None:
        """InputError for what cannot be."""
        if self.track not in TRACKS:
            raise InputError(f"no competition takes format {self.track}; there are {', '.join(TRACKS)}")
        if self.count < 1:
            raise InputError(f"a package of {self.count} instances is none; give --count from 1")
        for option, seconds in (("--minisat-limit", self.reference_limit), ("--limit", self.limit)):
            if not 0 < seconds <= MOST_SECONDS:
                raise InputError(f"{option} {seconds:g} is not above 0 and at most {MOST_SECONDS:g} seconds")
        if self.program is not None:
            if self.track != "cnf":
                raise InputError("--own is a solver of cnf; the other formats are solved by bnnsat's training")
            if shutil.which(self.program) is None:
                raise InputError(f"there is no program {self.program}; name one, or give its path")
        if not self.author.isprintable() or len(self.author) > MOST_LETTERS:
            raise InputError(f"--author is no name of at most {MOST_LETTERS} printable letters")
        if self.count > len(self.candidates):
            raise InputError(f"there are {len(self.candidates)} candidates, not {self.count}; give --count less")
        reference.available(self.track)
        package.available()

    @property
    def candidates(self) -> list[Candidate]:
        """All that may be measured."""
        found = None if self.program is None else shutil.which(self.program)
        program = None if found is None else str(Path(found).absolute())
        return candidates(self.track, self.reference_limit, self.limit, program, __version__)


def submission_command(
    out: Annotated[Path, typer.Option(help="Folder of the package; the same command goes on.", show_default=False)],
    track: Annotated[str, typer.Option("--format", help=", ".join(TRACKS) + ": for which competition.")] = "cnf",
    count: Annotated[int, typer.Option(help="How many instances.")] = 20,
    reference_limit: Annotated[
        float,
        typer.Option(
            "--minisat-limit", help="Seconds of the reference solver: MiniSat for cnf, RC2 for wcnf, clasp for opb."
        ),
    ] = 60.0,
    limit: Annotated[float, typer.Option(help="Seconds of the own solver.")] = 3600.0,
    program: Annotated[
        str | None,
        typer.Option(
            "--own",
            help="The own solver of cnf, a program that is given the file. (default: bnnsat train)",
            show_default=False,
        ),
    ] = None,
    author: Annotated[str, typer.Option(help="Who submits, for the description.")] = "Anonymous",
    parallel: Annotated[int, typer.Option("--jobs", "-j", help="Measurements at a time.")] = 2,
    dask: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler to measure on (extra dask).", show_default=False),
    ] = None,
) -> None:
    """Make an entry for a competition of solvers: instances chosen by measuring them, a table, and a description.

    cnf is for the SAT Competition, wcnf for the MaxSAT Evaluation, opb for the pseudo-Boolean competition.
    """
    asked = Submission(out, track, count, reference_limit, limit, program, author)
    asked.check()
    if parallel < 1:
        raise InputError(f"--jobs {parallel} is too few; give at least 1")
    folder = files.folder(asked.folder)
    if package.of_another(asked.track, folder):
        raise InputError(f"{folder} holds a package of another format; name another folder")
    store = Store(folder / "results.jsonl", Candidate)
    try:
        with signals():
            _write(asked, _measured(asked, store, parallel, dask))
    except KeyboardInterrupt:
        done = sum(map(store.done, asked.candidates))
        raise HaltedError(f"interrupted; {done} measurements are in {folder}, and the same command goes on") from None


def _write(asked: Submission, results: list[Result]) -> None:
    chosen = choice.choose(results, asked.count)
    if len(chosen) < asked.count:
        raise ResourceError(
            f"of {len(results)} candidates only {len(chosen)} have a known answer, not {asked.count}; give --limit more"
        )
    rows = package.write(chosen, asked.author, asked.folder)
    page, complaint = description.write(rows, asked.track, asked.author, asked.program, asked.folder)
    hard = sum(row["interesting"] for row in rows)
    if complaint is not None:
        print(f"bnnsat: no PDF of the description: {complaint}", file=sys.stderr)
    if 2 * hard < asked.count:
        print(f"bnnsat: only {hard} of {asked.count} are interesting; half of them are due", file=sys.stderr)
    print(
        f"{asked.folder}: {counted(len(rows), 'instance')}, {hard} of them interesting, instances.csv and {page.name}"
    )


def _measured(asked: Submission, store: Store[Candidate], parallel: int, dask: str | None) -> list[Result]:
    """The results of as many candidates, in their order, as are enough."""
    work = asked.candidates
    with executor(parallel, dask) as (chosen, ahead), runs(len(work), len(_known(work, store))) as advance:
        # What was contradicted once has to be settled first.
        parts = [[job for job in work if "contradiction" in store.results.get(job.key, {})]]
        # A few at a time: what is not needed is not measured.
        parts += [work[start : start + 2 * ahead] for start in range(0, len(work), 2 * ahead)]
        for part in filter(None, parts):
            if part is not parts[0] and choice.enough(_known(work, store), asked.count):
                break
            run(part, store, chosen, execute, lambda _: advance(), ahead=ahead)
            _complain(part, store)
    return _known(work, store)


def _complain(part: list[Candidate], store: Store[Candidate]) -> None:
    """Say what failed; raise ResourceError where solvers contradict each other, or where all of a part failed."""
    failures = [result for result in _known(part, store) if result["status"] == "failed"]
    for result in failures:
        place = f"{result['topology']} on {result['data']}, label {result['positive']}"
        if "contradiction" in result:
            raise ResourceError(f"{place}: {result['error']}; one of them is wrong")
        print(f"bnnsat: failed: {place}: {result['error']}", file=sys.stderr)
    if len(failures) == len(part) > 1:
        raise ResourceError(f"all of {len(part)} measurements failed: {failures[0]['error']}")


def _known(work: list[Candidate], store: Store[Candidate]) -> list[Result]:
    return [store.results[job.key] for job in work if job.key in store.results]
