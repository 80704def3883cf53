"""A campaign: every combination of what is compared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from bnnsat.campaigns.compare.job import Job
from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.encodings.catalogue import catalogue, load, source, usable
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.shape import Shape


@dataclass(frozen=True)
class Case:
    """One problem to be solved by every encoding of its kind."""

    data: str
    topology: str
    activation: str = "popcount"
    positive: int | None = None
    examples: int | None = None


def jobs(
    instances: Iterable[Case],
    *,
    encodings: Sequence[str] = (),
    solvers: Sequence[str] = ("minisat22",),
    seeds: Sequence[int] = (0,),
    orders: Sequence[str] = ("given",),
    seconds: float = 10.0,
    megabytes: int = 4096,
    budget: bool = False,
) -> list[Job]:
    """All combinations, each once; without `encodings` every one that is ready and wide enough for the instance.

    An instance that is not sampled is the same for every seed and comes once. Raises InputError for an
    instance that cannot be made, so that no campaign is spent on runs that all fail.
    """
    result: list[Job] = []
    instances = list(instances)
    for name in encodings:
        for instance in instances:
            usable(name, instance.activation)
    for instance in instances:
        shape = Shape.parse(instance.topology, instance.activation)
        inputs = read(instance.data).inputs
        if shape.sizes[0] != inputs:
            raise InputError(
                f"{instance.data} has {counted(inputs, 'input')}; topology {shape.topology} has to start with {inputs}"
            )
        widest = max(shape.sizes[:-1])
        entries = [
            entry.name
            for entry in catalogue(instance.activation)
            if (entry.name in encodings if encodings else entry.status == "ready")
            and (entry.most is None or widest <= entry.most)
        ]
        own_seeds = seeds if instance.examples is not None else seeds[:1]
        for seed in own_seeds:
            Task.of(read(instance.data), positive=instance.positive, examples=instance.examples, seed=seed)
        # An order of literals changes counts only.
        own_orders = orders if instance.activation == "popcount" else orders[:1]
        result += [
            Job(
                instance.data,
                instance.positive,
                instance.examples,
                seed,
                shape.topology,
                instance.activation,
                name,
                solver,
                order,
                seconds,
                megabytes,
                budget,
                _digest(instance.data, name),
            )
            for name, solver, seed, order in product(entries, solvers, own_seeds, own_orders)
            if solver in (load(name).solvers or solvers)
        ]
    if not result:
        raise InputError("nothing to compare: no encoding fits the topologies; see bnnsat compare --list")
    return unique(result)


def unique(work: Iterable[Job]) -> list[Job]:
    """The jobs in their order, equal ones once."""
    return list({job.key: job for job in work}.values())


@cache
def _digest(data: str, encoding: str) -> str:
    train = read(data).train
    parts = (train.grey.tobytes(), train.labels.tobytes(), source(encoding))
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:12]


MNIST = ("mnist8x8", "mnist8x8-pad32")

STUDY = (
    Case("mux:6", "6-2-1"),
    Case("mux:6", "6-3-1"),
    Case("parity:6", "6-2-1"),
    *(Case(f"monk:{number}", "17-1") for number in (1, 2, 3)),
    *(Case("mnist8x8", topology, positive=3, examples=40) for topology in ("64-1", "64-3-1")),
)
"""Problems that most encodings can prove in seconds, with counts of 2 to 64 literals."""

PRESETS: dict[str, Callable[[], list[Job]]] = {
    "quick": lambda: [
        *jobs([Case("mux:6", "6-2-1")], seconds=2, budget=True),
        *jobs([Case("parity:6", "6-2-1"), Case("mnist8x8", "64-1", positive=0, examples=30)], seconds=2),
        *jobs([Case(MNIST[1], "64-1", "half", digit, 250) for digit in (0, 3)], solvers=["minicard"], seconds=8),
    ],
    "paper": lambda: [
        *jobs(STUDY, seeds=(0, 1, 2), solvers=("minisat22", "cadical195")),
        *jobs(
            STUDY,
            encodings=("adder", "block", "hybrid", "native", "oddeven", "totalizer"),
            seeds=(0, 1, 2),
            solvers=("minicard", "glucose42"),
        ),
        *jobs(
            # With fewer inputs there is nothing to order: all columns of a truth table are alike.
            STUDY[3:],
            encodings=("adder", "block", "compressor7", "counter", "hybrid", "ktotalizer", "oddeven", "totalizer"),
            seeds=(0, 1, 2),
            orders=("cluster", "correlation"),
        ),
        *jobs(
            [Case(name, "64-2-1", "half", digit, 250) for name in MNIST for digit in (0, 3, 6, 9)],
            solvers=("minicard", "minisat22", "glucose42", "cadical195"),
            seconds=20,
        ),
    ],
}
"""Two minutes, and an hour."""
