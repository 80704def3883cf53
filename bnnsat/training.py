"""Exact training: a method of search, run until nothing better exists, and what it found."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from bnnsat.checkpoint import Checkpoint, Saved
from bnnsat.encodings.catalogue import usable
from bnnsat.encodings.defaults import encoding_for, solver_for
from bnnsat.encodings.orders import literal_permutation
from bnnsat.errors import InputError, ResourceError
from bnnsat.network import Network
from bnnsat.problem import MAX_COST, Problem
from bnnsat.search import methods
from bnnsat.search.context import Search
from bnnsat.search.local.gradient import Variants
from bnnsat.search.methods import Method
from bnnsat.search.progress import Event, Level, Listener, Run
from bnnsat.search.then import levels
from bnnsat.shape import Shape
from bnnsat.solvers.solver import checked
from bnnsat.types import Bits, Integers

STARTS = 64
"""Random networks tried before the search, so that there is an incumbent whatever happens."""


@dataclass(frozen=True)
class Training:
    """What a run returns. Times are in seconds from its start; `seconds_to_proof` is None without one.

    `errors` and `lower_bound` count what each error costs; `wrong` is the plain number.
    `then` are the further objectives, in their order.
    `stopped` says why a run without proof ended: "time limit", "interrupted", "memory", "solver failed".
    """

    network: Network
    errors: int
    lower_bound: int
    examples: int
    wrong: int
    then: tuple[Level, ...]
    events: tuple[Event, ...]
    seconds: float
    seconds_encode: float
    variables: int
    clauses: int
    method: str
    encoding: str
    solver: str
    stopped: str | None

    @property
    def status(self) -> str:
        """OPTIMAL where the bound meets the errors, else FEASIBLE."""
        return "OPTIMAL" if self.errors == self.lower_bound else "FEASIBLE"

    @property
    def seconds_to_best(self) -> float:
        """When a network as good as the returned one was found."""
        best = self.errors, [level.value for level in self.then]
        same = (e.seconds for e in self.events if (e.errors, [level.value for level in e.then]) == best)
        return next(same, self.seconds)

    @property
    def seconds_to_proof(self) -> float | None:
        """When the bound met the errors."""
        met = (event.seconds for event in self.events if event.errors == event.lower_bound)
        return next(met, None) if self.status == "OPTIMAL" else None


def train(
    inputs: Bits,
    labels: Integers,
    shape: Shape,
    *,
    method: str = "auto",
    encoding: str = "auto",
    solver: str = "auto",
    literal_order: str = "given",
    symmetry: bool = True,
    time_limit: float | None = None,
    seed: int = 0,
    jobs: int | None = None,
    variants: Variants | None = None,
    members: int = 1,
    costs: Sequence[int] = (),
    then: Sequence[str] = (),
    checkpoint: Path | str | None = None,
    on_event: Listener | None = None,
    on_start: Callable[[], object] | None = None,
) -> Training:
    """The network of `shape` with the fewest errors on inputs (examples, n) and labels (examples,).

    Ends with a proof, at `time_limit` seconds, or on Ctrl-C, always with the best network so far and
    a sound lower bound. `on_event` is called at each step, `on_start` once, when the input has been
    found to be good. Raises InputError where the data do not fit the shape.

    `method` is one of `search.methods.METHODS`, on up to `jobs` processors (None: all there are). `encoding`,
    `solver` and `literal_order` are those of the plain formula; `symmetry` lets methods other than sat leave
    out networks that do the same as others. Gradient descents learn from `variants` of the examples too;
    `members` says of how many networks, trained apart, the hidden layer is put together. `costs` says what an
    error counts for each label. `then` names further objectives, each with its share
    of the time: the largest "margin", the fewest weights other than 0 ("sparse"), each among the networks
    that are best by those before. A file `checkpoint`
    is written at each step, before anyone is told of it, and taken up again where there is one.
    """
    started = time.monotonic()
    problem = problem_of(inputs, labels, shape, costs)
    if members > 1 and any(shape.constants):
        raise InputError("the members of an ensemble vote with their sums, not with learned thresholds; leave one out")
    if members > 1 and not (shape.layers == 2 and shape.activation == "popcount" and shape.sizes[1] % members == 0):
        raise InputError(
            f"an ensemble is one hidden layer of popcounts, a multiple of {members} wide; {shape.topology} is not"
        )
    levels.check(then, shape)
    run_method = methods.checked(method, shape, problem.examples)
    jobs = os.cpu_count() or 1 if jobs is None else jobs
    if jobs < 1:
        raise InputError(f"{jobs} jobs are too few; give at least 1")
    encoding = encoding_for(shape) if encoding == "auto" else encoding
    solver = checked(solver_for(encoding) if solver == "auto" else solver)
    entry = usable(encoding, shape.activation)
    if entry.solvers is not None and solver not in entry.solvers:
        raise InputError(
            f"solver {solver} does not take what encoding {encoding} writes; use {', '.join(entry.solvers)}"
        )
    literal_permutation(problem, literal_order)
    file = None if checkpoint is None else Checkpoint(Path(checkpoint), problem, shape)
    saved = None if file is None else file.load()
    if on_start is not None:
        on_start()
    deadline = None if time_limit is None else started + time_limit

    def noted(event: Event) -> None:
        nonlocal file
        if file is not None:
            try:
                file.save(run)
            except InputError as error:
                if len(run.events) == 1:
                    raise
                # A disk that fills up later is no reason to lose the run.
                file = None
                warnings.warn(f"no more checkpoints: {error}", RuntimeWarning, stacklevel=2)
        if on_event is not None:
            on_event(event)

    run = Run(problem, start(problem, shape, seed, deadline), started, noted)
    search = Search(
        run, problem, shape, seed, deadline, jobs, entry, solver, literal_order, symmetry, variants, members
    )
    stopped = _searched(run_method, search, saved, then)
    run.begin()
    found, errors, lower_bound = run.best
    network = found.folded()
    if network.errors(problem) != errors:
        raise AssertionError("learned thresholds do not do what the constants did")
    return Training(
        network=network,
        errors=errors,
        lower_bound=lower_bound,
        examples=len(labels),
        wrong=int((~network.right(np.asarray(inputs, dtype=np.bool_), np.asarray(labels, dtype=np.int64))).sum()),
        then=run.then,
        events=tuple(run.events),
        seconds=run.seconds,
        seconds_encode=search.written.seconds,
        variables=search.written.cnf.variables,
        clauses=search.written.cnf.clauses,
        method=method,
        encoding=search.written.encoding,
        solver=search.written.solver or solver,
        stopped=stopped,
    )


def _searched(method: Method, search: Search, saved: Saved | None, then: Sequence[str]) -> str | None:
    """Go on from what was saved by the method; None if it ended with a proof, else why it stopped."""
    stopped, known = None, dict[str, Level]()
    try:
        if saved is not None:
            known = saved.then
            search.run.offer(saved.network, search.problem.examples, "checkpoint", equal=True)
            search.run.bound(saved.lower_bound, "checkpoint")
        search.run.begin()
        # The matrices are small: threads of linear algebra would only take the processors from the solver.
        with threadpool_limits(1):
            if not search.run.proved:
                stopped = levels.until_timeout(method, levels.share(search, len(then)))
            return levels.further(search, then, known) or stopped
    except KeyboardInterrupt:
        return "interrupted"
    except MemoryError:
        return "memory"
    except ResourceError:
        return "solver failed"


def problem_of(inputs: Bits, labels: Integers, shape: Shape, costs: Sequence[int] = ()) -> Problem:
    """The problem of training a shape on inputs (examples, n), labels (examples,) and costs of errors by label.

    Raises InputError where they do not fit each other.
    """
    return Problem.of(*_fitting(inputs, labels, shape), _fitting_costs(costs, shape))


def _fitting_costs(costs: Sequence[int], shape: Shape) -> Sequence[int]:
    if len(costs) and (len(costs) != shape.classes or not all(1 <= cost <= MAX_COST for cost in costs)):
        raise InputError(
            f"costs {', '.join(map(str, costs))} do not fit; give {shape.classes}, one per label, from 1 to {MAX_COST}"
        )
    return costs


def _fitting(inputs: Bits, labels: Integers, shape: Shape) -> tuple[Bits, Integers]:
    x, y = np.asarray(inputs), np.asarray(labels)
    if x.ndim != 2 or not len(x):
        raise InputError(f"the inputs have shape {x.shape}; a table of examples x bits is due")
    if x.shape[1] != shape.sizes[0]:
        raise InputError(
            f"topology {shape.topology} starts with {shape.sizes[0]}, but the data have {x.shape[1]} inputs; "
            f"start it with {x.shape[1]}"
        )
    if not np.isin(x, (0, 1)).all():
        raise InputError("the inputs hold values other than bits 0 and 1; binarise them first")
    if y.shape != (len(x),):
        raise InputError(f"the labels have shape {y.shape} for {len(x)} examples; one label each is due")
    if not np.isin(y, np.arange(shape.classes)).all():
        wrong = y[~np.isin(y, np.arange(shape.classes))][0]
        raise InputError(
            f"label {wrong} is not one that topology {shape.topology} can name: 0 to {shape.classes - 1}; "
            "choose one label with --digit, or as many outputs as there are labels"
        )
    return x.astype(np.bool_), y.astype(np.int64)


def start(problem: Problem, shape: Shape, seed: int, deadline: float | None = None) -> Network:
    """The best of a few random networks: the first incumbent. At least one, whatever the deadline."""
    rng, began = np.random.default_rng(seed), time.monotonic()
    best, fewest = None, problem.examples + 1
    for _ in range(STARTS):
        network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
        errors = network.errors(problem)
        if errors < fewest:
            best, fewest = network, errors
        # A tenth of the time is enough for a first network.
        if deadline is not None and time.monotonic() > deadline - 0.9 * (deadline - began):
            break
    assert best is not None
    return best
