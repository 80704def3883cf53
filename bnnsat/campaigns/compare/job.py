"""One run of a comparison: what to do, and doing it.

`python -m bnnsat.campaigns.compare.job` reads a job as JSON on standard input, does it with a solver in that very
process, and prints what it learns as it goes, one JSON object a line: whoever started it can end it
at any time and still has the lines.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter
from bnnsat.circuit.templates import Circuit
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.encodings.catalogue import usable
from bnnsat.encodings.orders import reading_order
from bnnsat.errors import SoundnessError
from bnnsat.problem import Problem
from bnnsat.questions.formula import Formula, encode
from bnnsat.questions.replay import network_of
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.progress import Run
from bnnsat.search.start import start
from bnnsat.shape import Shape
from bnnsat.solvers.descent import descend
from bnnsat.solvers.solver import Answer, DirectSolver
from bnnsat.solvers.worker import die_with_parent

MEGABYTE = 1 << 20
FIRST_BUDGET = 16


@dataclass(frozen=True)
class Job:
    """One combination. `seconds_limit` and `megabytes_limit` bound it; `budget` asks for the least conflict budget.

    `digest` tells versions of the data and of the encoding's file apart: a change of either makes another job.
    """

    data: str
    positive: int | None
    examples: int | None
    seed: int
    topology: str
    activation: str
    encoding: str
    solver: str
    literal_order: str = "given"
    seconds_limit: float = 10.0
    megabytes_limit: int = 4096
    budget: bool = False
    digest: str = ""

    @property
    def key(self) -> str:
        """What tells jobs apart, also in files."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def fields(self) -> dict[str, Any]:
        """What an executor carries; the path of data is whole, for who does the job may be in another folder."""
        return {**asdict(self), "data": TaskOptions(self.data).settled.data}

    @classmethod
    def needs(cls, result: dict[str, Any]) -> dict[str, type | tuple[type, ...]]:
        """What the statistics read of a result."""
        return {"seconds_to_proof": (int, float)} if result["status"] == "solved" else {}

    @property
    def instance(self) -> str:
        """The problem, whatever the encoding, order and solver."""
        digit = "" if self.positive is None else f" digit {self.positive}"
        samples = "" if self.examples is None else f" {self.examples} examples seed {self.seed}"
        return f"{self.data}{digit}{samples} {self.topology} {self.activation}"


def do(job: Job, say: Any) -> None:
    """Do the job, handing what is learned to `say` as dictionaries that complete each other."""
    task = Task.of(read(job.data), positive=job.positive, examples=job.examples, seed=job.seed)
    shape = Shape.parse(job.topology, job.activation)
    problem = Problem.of(task.inputs, task.labels)
    entry = usable(job.encoding, shape.activation)
    began = time.monotonic()
    question = TrainingQuestion(problem, shape)
    formula = encode(question, Circuit(Cnf()), [entry], reading_order(problem, shape, job.literal_order))
    cnf = formula.cnf
    say(dict(zip(("propagation_forward", "propagation_backward"), entry.strength, strict=True)))
    say({"variables": cnf.variables, "clauses": cnf.clauses, "literals": cnf.literals})
    say({"seconds_encode": time.monotonic() - began})
    run = Run(problem, start(problem, shape, job.seed), began)
    run.begin()
    run.bound(formula.objective.constant, "formula")
    counter = ErrorCounter(formula.circuit, formula.objective, cap=run.errors) if not run.proved else None
    solver = DirectSolver(cnf, job.solver)
    loading = time.monotonic()
    solver.propagate()
    say({"seconds_load": time.monotonic() - loading, "errors": run.errors, "lower_bound": run.lower_bound})

    def solve(bound: int) -> Answer:
        assert counter is not None
        answer = solver.solve(counter.at_most(bound))
        say({key: answer.statistics.get(key) for key in ("conflicts", "propagations")})
        return answer

    def found(answer: Answer, bound: int) -> None:
        run.offer(network_of(question, formula.solution(answer.model)), bound, "sat")
        say({"errors": run.errors, "seconds_to_best": run.seconds})

    def refuted(_: Answer, bound: int) -> None:
        run.bound(bound + 1, "sat")
        say({"lower_bound": run.lower_bound})

    def undecided() -> None:
        raise SoundnessError("a solver without a limit has no answer")

    descend(solve, lambda: None if run.proved else run.errors - 1, found, refuted, undecided)
    say({"status": "solved", "seconds_to_proof": run.seconds, "megabytes_used": _megabytes()})
    if job.budget and counter is not None and run.errors > formula.objective.constant:
        say({"least_budget": least_budget(formula, counter.at_most(run.errors - 1), job.solver)})


def least_budget(formula: Formula, assumptions: list[int], solver: str) -> int:
    """The fewest conflicts with which a fresh solver decides: doubled until it does, then bisected.

    Only a budget that ran out counts against it; when time runs out there is no answer at all.
    """

    def decides(budget: int) -> bool:
        fresh = DirectSolver(formula.cnf, solver)
        status = fresh.solve(assumptions, conflicts=budget).status
        fresh.close()
        return status is not None

    high = FIRST_BUDGET
    while not decides(high):
        high *= 2
    low = 0 if high == FIRST_BUDGET else high // 2
    while high - low > max(1, low // 20):
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Read a job, limit this process's memory, do it."""
    job = Job(**json.loads(sys.stdin.read()))
    # Should whoever started this be gone, the kernel ends it, at the latest a little after its limit.
    die_with_parent()
    signal.alarm(int(job.seconds_limit) + 5)
    resource.setrlimit(resource.RLIMIT_AS, (job.megabytes_limit * MEGABYTE, job.megabytes_limit * MEGABYTE))

    def say(facts: dict[str, Any]) -> None:
        print(json.dumps(facts, default=lambda value: value.item() if isinstance(value, np.generic) else str(value)))
        sys.stdout.flush()

    try:
        do(job, say)
    except MemoryError:
        say({"status": "memory"})


if __name__ == "__main__":
    main()
