"""Exact training: a method of search, run until nothing better exists, and what it found."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat import files, limits
from bnnsat.checkpoint import Checkpoint, Saved
from bnnsat.criterion import Criterion
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.lines import sha256, write_examples
from bnnsat.display import Progress
from bnnsat.errors import InputError, ResourceError, SoundnessError
from bnnsat.fitting import Given, given
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.options import ACCURACY, DEFAULT, Options
from bnnsat.origin import Origin
from bnnsat.plural import counted
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
from bnnsat.spelling import GIVEN, LEARNED
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.files import written
from bnnsat.tables.frames import column, table_of
from bnnsat.tables.table import Table
from bnnsat.typed import typed

INTERRUPTED = "interrupted"
UNLIMITED_SECONDS, LEAST_SECONDS = 10.0, 0.001
"""For goal accuracy without a time limit, and when it is over already."""
REPLAYED_PRODUCTS = 2e9
"""Products of weights and examples that the numpy reading makes in a second, or not many more."""


@dataclass(frozen=True)
class Training:
    """What a run returns. Times are in seconds from its start.

    Attributes:
        shape: as it was asked for; learned thresholds are free in it.
        options: those of the run.
        network: the best that was found.
        errors: on the training examples, each counted with its cost.
        lower_bound: proved; no network of the shape makes fewer.
        examples: training examples.
        wrong: wrong training examples, whatever they cost.
        then: further objectives, in their order.
        events: each step.
        seconds: the whole run.
        seconds_encode: writing the formula that was written last; 0 if none was.
        variables: of that formula.
        clauses: of that formula.
        encoding: of that formula.
        solver: of that formula.
        stopped: why a run without proof ended: "time limit", "interrupted", "memory", "solver failed", or
            "goal accuracy": it was none of fewer errors.
        given: the examples as they were learned.
    """

    shape: Shape
    options: Options
    network: Network
    errors: int
    lower_bound: int
    examples: int
    wrong: int
    then: tuple[Criterion, ...]
    events: tuple[Event, ...]
    seconds: float
    seconds_encode: float
    variables: int
    clauses: int
    encoding: str
    solver: str
    stopped: str | None
    given: Given = field(compare=False, repr=False)

    def __repr__(self) -> str:
        words = [
            f"<Training of {self.shape.words}",
            f"{self.status}: {counted(self.errors, 'error')} of {counted(self.examples, 'example')}, "
            f"at least {self.lower_bound} proved, {self.seconds:.2f} s"
            + (f" ({self.stopped})" if self.stopped else ""),
            "predict(X), show(), model, save(path)>",
        ]
        return "\n ".join(words)

    def _repr_html_(self) -> str:
        return self.model._repr_html_()

    def show(self, format: str = "text") -> str:
        """What the network does, as `Model.show` says it.

        Args:
            format: text, markdown, html, svg or json.
        """
        return self.model.show(format)

    @property
    def model(self) -> Model:
        """The network with its inputs and labels, as `predict` and files take it."""
        origin = self.origin()
        return Model(self.network, self.given.preprocessing, origin, self.given.names)

    def origin(self, **more: Any) -> Origin:
        """Where the network comes from.

        Args:
            more: fields of an origin that only the data tell: `task`, `target`, `positive`, `classes`.
        """
        return Origin(
            status=self.status,
            errors=self.errors,
            lower_bound=self.lower_bound,
            wrong=self.wrong,
            examples=self.examples,
            then=self.then,
            digest=sha256(write_examples(self.given.inputs, self.given.labels)),
            costs=self.options.costs or None,
            thresholds=LEARNED if any(self.shape.constants) else GIVEN,
            **more,
        )

    def predict(self, inputs: Any) -> NDArray[Any]:
        """The label of each row, (rows,), as it is called.

        Args:
            inputs: as they were learned: bits, or a data frame with the same columns.

        Raises:
            InputError: they do not fit the network.
        """
        return self.model.predict(inputs)

    def save(self, path: Path | str) -> Model:
        """Write the model, and beside it the training examples, by which it can be certified.

        Args:
            path: of the model's file; the examples' has .examples.npz or .examples.parquet behind that name.

        Returns the model.

        Raises:
            InputError: a file cannot be written.
        """
        place, made = Path(path), self.given
        if made.table is None:
            beside = place.with_name(place.name + ".examples.npz")
            buffer = io.BytesIO()
            np.savez_compressed(buffer, X=made.inputs.astype(np.uint8), y=made.labels)
            chosen, content = TaskOptions(str(beside), binarize="bits"), buffer.getvalue()
            if isinstance(made.preprocessing.binarizer, TableBinarizer):
                # Columns of bits are known by their names.
                table = table_of(made.inputs, names=made.preprocessing.binarizer.columns)
                beside, content, chosen = _beside(place, table, made)
        else:
            beside, content, chosen = _beside(place, made.table, made)
        files.write(beside, content)
        model = Model(self.network, made.preprocessing, self.origin(task=chosen), made.names)
        model.save(place)
        return model

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
        inputs: (examples, n) of 0 and 1: an array, lists, a data frame. A frame's columns of other values become bits.
        labels: (examples,), from 0, or any others, as many as the network can name.
        shape: everything about the network but its weights; or the topology of popcounts, like "30-3-1". Of a frame
            with other values than bits it starts with the number of columns, or of the bits that they become.
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


def _beside(place: Path, table: Table, made: Given) -> tuple[Path, bytes, TaskOptions]:
    """Where the columns and labels go, their file's content, and how they are made examples again."""
    beside = place.with_name(place.name + ".examples.parquet")
    name = next(name for name in ("label", "label of bnnsat") if name not in table.names)
    answers = column([made.names[code] if made.names else code for code in made.labels.tolist()], name, name)
    content = written(Table((*table.columns, answers), table.source), beside.name)
    return beside, content, TaskOptions(str(beside), target=name)


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
