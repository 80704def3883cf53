"""Exact training: a method of search, run until nothing better exists."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat import limits
from bnnsat.checkpoint import Checkpoint, Saved
from bnnsat.criterion import Criterion
from bnnsat.display import Progress
from bnnsat.errors import InputError, ResourceError, SoundnessError
from bnnsat.fitting import given
from bnnsat.network import Network
from bnnsat.options import ACCURACY, DEFAULT, Options
from bnnsat.problem import Problem
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search import methods
from bnnsat.search.context import MEGABYTE, Search
from bnnsat.search.folding import folded
from bnnsat.search.local.accurate import Budget, Manner, accurate
from bnnsat.search.methods import Method
from bnnsat.search.netting import netted
from bnnsat.search.progress import Event, Listener, Run
from bnnsat.search.start import start
from bnnsat.search.then import criteria
from bnnsat.search.threads import algebra_alone
from bnnsat.shape import Shape
from bnnsat.training import Training
from bnnsat.typed import typed

INTERRUPTED = "interrupted"
UNLIMITED_SECONDS, LEAST_SECONDS = 10.0, 0.001
"""For goal accuracy without a time limit, and when it is over already."""
REPLAYED_PRODUCTS = 2e9
"""Products of weights and examples that the numpy reading makes in a second, or not many more."""


def train(
    inputs: Any,
    labels: Any,
    shape: Shape | str,
    options: Options = DEFAULT,
    *,
    checkpoint: Path | str | None = None,
    on_event: Listener | None = None,
    on_start: Callable[[], object] | None = None,
    keep_interrupted: bool = False,
    began: float | None = None,
    verbose: int | None = None,
) -> Training:
    """The network of a shape with the fewest errors on some examples.

    Ends with a proof or at the time limit, always with the best network so far and a sound lower bound.

    Args:
        inputs: (examples, n) of 0 and 1: an array, lists, a data frame. Columns of other values become bits: of a
            frame, and of any numbers where the shape is given as a topology.
        labels: (examples,), from 0, or any others, as many as the network can name.
        shape: everything about the network but its weights; or the topology of popcounts, like "30-3-1". Where columns
            become bits it starts with the number of columns, or of the bits.
        options: how the search is done, and for how long.
        checkpoint: a file that is written at each step, before anyone is told of it, and taken up again where there
            is one.
        on_event: is called at each step.
        on_start: is called once, when the input has been found to be good.
        keep_interrupted: on Ctrl-C return the best network so far; without, KeyboardInterrupt is raised.
        began: the `time.monotonic` value from which its seconds, and those of its limit, count; None for now.
        verbose: 0 shows nothing; None and others a line of progress in terminals and notebooks, on standard error.

    Raises:
        InputError: the data, the shape and the options do not fit each other.
        SoundnessError: what a method claims is contradicted by a replay or a bound.
    """
    started = time.monotonic() if began is None else began
    with Progress(live=verbose != 0, lines=False) as progress:

        def told(event: Event) -> None:
            progress(event)
            if on_event is not None:
                on_event(event)

        return _train(inputs, labels, shape, options, checkpoint, told, on_start, keep_interrupted, started)


def _train(
    inputs: Any,
    labels: Any,
    shape: Shape | str,
    options: Options,
    checkpoint: Path | str | None,
    on_event: Listener,
    on_start: Callable[[], object] | None,
    keep_interrupted: bool,
    started: float,
) -> Training:
    """The same, its events told."""
    typed(options, Options, "options")
    made = given(inputs, labels, shape)
    inputs, labels, shape = made.inputs, made.labels, made.shape
    problem = TrainingQuestion.on(inputs, labels, shape, options.costs).problem
    chosen = options.checked(problem, shape)
    # Contradictions are settled; but a margin is one of all rows.
    distinct, base = netted(problem) if shape.head == "bit" and not options.then else (problem, 0)
    run_method = methods.checked(options.method, shape, distinct.total_cost)
    criteria.check(options.then, shape)
    if options.goal == ACCURACY and checkpoint is not None:
        raise InputError("a checkpoint keeps the fewest errors, which goal accuracy does not ask for; leave one out")
    file = None if checkpoint is None else Checkpoint(Path(checkpoint), problem, shape)
    saved = None if file is None else file.load()
    if on_start is not None:
        on_start()
    limit = limits.seconds(options.time_limit)
    # What is left of the time is for the replay of the answer.
    replay = shape.weight_bits * len(problem.labels) / REPLAYED_PRODUCTS
    deadline = None if limit is None else started + limit - min(replay, limit / 2)

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
        on_event(event)

    first = start(distinct, shape, options.seed, deadline)
    generalised = None
    if options.goal == ACCURACY:
        first, generalised = _accurate(first, problem, options, deadline)
    run = Run(distinct, first, started, noted, base=base)
    search = Search(
        run,
        distinct,
        shape,
        options.seed,
        deadline,
        chosen.jobs,
        options.memory_limit * MEGABYTE,
        chosen.encoding,
        chosen.solver,
        options.literal_order,
        options.symmetry,
        options.augment,
        options.ensemble,
        options.bootstrap,
    )
    if generalised is not None:
        run.begin()
        stopped = None if run.proved else generalised
    else:
        stopped = _searched(run_method, search, saved, options.then)
    if stopped == INTERRUPTED and not keep_interrupted:
        raise KeyboardInterrupt
    run.begin()
    best, errors, lower_bound = run.best
    errors, lower_bound = base + errors, base + lower_bound
    network = folded(best)
    # Whatever was believed on the way, the answer is replayed by the numpy reading.
    if (found := network.errors(problem)) != errors:
        raise SoundnessError(f"the search claimed {errors} errors, but the network makes {found}")
    return Training(
        shape=shape,
        options=options,
        network=network,
        errors=errors,
        lower_bound=lower_bound,
        examples=len(labels),
        wrong=int((~network.right(inputs, labels)).sum()) if options.costs else errors,
        then=run.then,
        events=tuple(run.events),
        seconds=run.seconds,
        seconds_encode=search.written.seconds,
        variables=search.written.cnf.variables,
        clauses=search.written.cnf.clauses,
        encoding=search.written.encoding,
        solver=search.written.solver or chosen.solver,
        stopped=stopped,
        given=made,
    )


def _accurate(first: Network, problem: Problem, options: Options, deadline: float | None) -> tuple[Network, str]:
    """A network for new examples, and why there is no proof that none makes fewer training errors."""
    rng, shape = np.random.default_rng(options.seed), first.shape
    seconds = UNLIMITED_SECONDS if options.steps is None else inf
    if deadline is not None:
        seconds = max(LEAST_SECONDS, deadline - time.monotonic())
    manner = Manner(
        Budget(seconds, options.steps), not options.costs, options.augment, options.ensemble, options.bootstrap
    )
    try:
        with algebra_alone():
            found = None
            for found in accurate(problem, shape, rng, manner):
                first = found
            if found is None:
                return first, "time limit"
    except KeyboardInterrupt:
        return first, INTERRUPTED
    except MemoryError:
        return first, "memory"
    return first, "goal accuracy"


def _searched(method: Method, search: Search, saved: Saved | None, then: Sequence[str]) -> str | None:
    """Go on from what was saved by the method; None if it ended with a proof, else why it stopped."""
    stopped, known = None, dict[str, Criterion]()
    try:
        if saved is not None:
            known = saved.then
            search.run.offer(saved.network, search.problem.total_cost, "checkpoint", equal=True)
            search.run.bound(saved.lower_bound - search.run.base, "checkpoint")
        search.run.begin()
        with algebra_alone():
            if not search.run.proved:
                stopped = criteria.until_timeout(method, criteria.share(search, len(then)))
            return criteria.further(search, then, known) or stopped
    except KeyboardInterrupt:
        return INTERRUPTED
    except MemoryError:
        return "memory"
    except ResourceError as error:
        warnings.warn(f"the search ended early: {error}", RuntimeWarning, stacklevel=3)
        return "solver failed"
