"""Measuring a candidate: solved by the own solver, written, and given to the reference solver.

`python -m bnnsat.campaigns.submission.measure` reads a candidate as JSON on standard input and prints what it learns,
one JSON object a line.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bnnsat.campaigns.jobs.process import outcome
from bnnsat.campaigns.submission.candidate import ATTAINED, BELOW, LEAST, Candidate
from bnnsat.campaigns.submission.reference import Verdict, program, reference
from bnnsat.errors import InputError
from bnnsat.exports import answers
from bnnsat.exports.best import known, solved
from bnnsat.exports.exported import Exported, Form
from bnnsat.exports.side import Side
from bnnsat.search.least import Best
from bnnsat.solvers.worker import die_with_parent

SLACK_SECONDS = 120.0
"""Seconds for reading the data and writing the formula."""


class ContradictionError(RuntimeError):
    """Two solvers cannot both be right."""


Say = Callable[[dict[str, Any]], object]


def execute(fields: dict[str, Any]) -> dict[str, Any]:
    """The result of the candidate with those fields, measured in a process of its own.

    `status` is measured, open (the own solver has no answer within its limit), trivial, timeout, memory or failed.
    """
    job = Candidate(**fields)
    solvers = 1 if job.program is None else 2
    return outcome(
        "bnnsat.campaigns.submission.measure", fields, solvers * job.limit + job.reference_limit + SLACK_SECONDS
    )


def exported(job: Candidate, best: Best) -> Exported:
    """The candidate's formula, given what is known of its optimum."""
    question = job.question
    form = Form.of(job.track, question, bounded=False)
    return Exported.of(question, job.source, form, bound(job, best) or 0, best)


def bound(job: Candidate, best: Best) -> int | None:
    """The bound on the errors that is asked about; None where the fewest are asked for."""
    return None if job.ask == LEAST else best.value - (job.ask == BELOW)


def measure(job: Candidate, say: Say) -> None:
    """Measure, handing what is learned to `say` as dictionaries that complete each other."""
    # Others are measured beside it.
    trained = solved(job.question, job.limit, jobs=1)
    best = known(trained)
    seconds = trained.seconds_to_best if job.ask == ATTAINED else trained.seconds_to_proof
    say({"training_examples": trained.examples})
    say({"value": best.value, "lower": best.lower, "by": best.by, "bnnsat_seconds": seconds})
    if seconds is None:
        say({"status": "open"})
        return
    made = exported(job, best)
    if job.ask == BELOW and best.value == made.instance.objective.constant:
        # No formula is needed to see that fewer errors than those that are certain cannot be.
        say({"status": "trivial"})
        return
    answer = best.answer(bound(job, best))
    with tempfile.TemporaryDirectory(prefix="bnnsat-") as folder:
        file = Path(folder) / f"instance.{job.track}"
        side = made.write(file)
        say({"sha256": made.digest(), "bytes": file.stat().st_size})
        say({"answer": answer} | {key: side.content[key] for key in ("variables", "constraints")})
        run = reference(job.track, file, job.reference_limit)
        _agree(job, side, run, best, answer)
        say({"reference_seconds": None if run.answer is None else run.seconds})
        if job.program is not None:
            own = program(job.program, file, job.limit)
            _agree(job, side, own, best, answer)
            seconds = None if own.answer is None else own.seconds
    say({"own_seconds": seconds, "interesting": run.answer is None and seconds is not None, "status": "measured"})


def _agree(job: Candidate, side: Side, run: Verdict, best: Best, answer: str) -> None:
    """Raise ContradictionError where a solver contradicts what is known."""
    if run.answer is None:
        return
    cost = None if run.cost is None else best.value - side.content["constant"]
    if (run.answer, run.cost) != (answer, cost):
        raise ContradictionError(f"a solver says {_said(run.answer, run.cost)}, not {_said(answer, cost)}")
    if run.answer == "SAT":
        values, _ = answers.values(run.solution, side.content["variables"])
        try:
            side.replay(job.question, values)
        except InputError as error:
            raise ContradictionError(f"a solver's solution: {error}") from None


def _said(answer: str, cost: int | None) -> str:
    return answer if cost is None else f"{answer} {cost}"


def main() -> None:
    """Read a candidate, measure it."""
    job = Candidate(**json.loads(sys.stdin.read()))
    die_with_parent()

    def say(facts: dict[str, Any]) -> None:
        print(json.dumps(facts))
        sys.stdout.flush()

    try:
        measure(job, say)
    except ContradictionError as error:
        say({"status": "failed", "error": str(error), "contradiction": True})


if __name__ == "__main__":
    main()
