"""Exact training: tighten the number of errors under assumptions until nothing better exists."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bnnsat.choices import encoding_for, solver_for
from bnnsat.circuit import Circuit
from bnnsat.cnf import Cnf
from bnnsat.data.problem import Problem
from bnnsat.encodings import Encoding, usable
from bnnsat.errors import InputError, ResourceError
from bnnsat.formula import ErrorCounter, encode
from bnnsat.inference import predict
from bnnsat.network import Network
from bnnsat.run import Event, Listener, Run
from bnnsat.shape import Shape
from bnnsat.solver import SolverProcess, checked
from bnnsat.types import Bits, Integers

STARTS = 64
"""Random networks tried before the search, so that there is an incumbent whatever happens."""


@dataclass(frozen=True)
class Training:
    """What a run returns. Times are in seconds from its start; `seconds_to_proof` is None without one.

    `stopped` says why a run without proof ended: "time limit", "interrupted", "memory", "solver failed".
    """

    network: Network
    errors: int
    lower_bound: int
    examples: int
    events: tuple[Event, ...]
    seconds: float
    seconds_encode: float
    variables: int
    clauses: int
    encoding: str
    solver: str
    stopped: str | None

    @property
    def status(self) -> str:
        """OPTIMAL where the bound meets the errors, else FEASIBLE."""
        return "OPTIMAL" if self.errors == self.lower_bound else "FEASIBLE"

    @property
    def seconds_to_best(self) -> float:
        """When the returned network was found."""
        return next((event.seconds for event in self.events if event.errors == self.errors), self.seconds)

    @property
    def seconds_to_proof(self) -> float | None:
        """When the bound met the errors."""
        return self.events[-1].seconds if self.status == "OPTIMAL" else None


def train(
    inputs: Bits,
    labels: Integers,
    shape: Shape,
    *,
    encoding: str = "auto",
    solver: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
    on_event: Listener | None = None,
    on_start: Callable[[], object] | None = None,
) -> Training:
    """The network of `shape` with the fewest errors on inputs (examples, n) and labels (examples,).

    Ends with a proof, at `time_limit` seconds, or on Ctrl-C, always with the best network so far and
    a sound lower bound. `on_event` is called at each step, `on_start` once, when the input has been
    found to be good. Raises InputError where the data do not fit the shape.
    """
    started = time.monotonic()
    problem = Problem.of(*_fitting(inputs, labels, shape))
    encoding = encoding_for(shape, len(problem.labels)) if encoding == "auto" else encoding
    solver = checked(solver_for(encoding) if solver == "auto" else solver)
    entry = usable(encoding, shape.activation)
    if entry.solvers is not None and solver not in entry.solvers:
        raise InputError(
            f"solver {solver} does not take what encoding {encoding} writes; use {', '.join(entry.solvers)}"
        )
    if on_start is not None:
        on_start()
    deadline = None if time_limit is None else started + time_limit
    run = Run(problem, start(problem, shape, seed, deadline), started, on_event)
    search = _Search(run, problem, shape, entry, solver, deadline)
    stopped = search.run()
    run.begin()
    return Training(
        network=run.network,
        errors=run.errors,
        lower_bound=run.lower_bound,
        examples=problem.examples,
        events=tuple(run.events),
        seconds=run.seconds,
        seconds_encode=search.seconds_encode,
        variables=search.cnf.variables,
        clauses=search.cnf.clauses,
        encoding=encoding,
        solver=solver,
        stopped=stopped,
    )


class _Search:
    """The plain incremental loop, and what is known of it when it ends early."""

    def __init__(
        self, run: Run, problem: Problem, shape: Shape, encoding: Encoding, solver: str, deadline: float | None
    ) -> None:
        self._run, self._problem, self._shape, self._encoding = run, problem, shape, encoding
        self._solver = solver
        self._deadline = deadline
        self.cnf = Cnf()
        self.seconds_encode = 0.0

    def run(self) -> str | None:
        """Search; None if it ended with a proof, else why it stopped."""
        try:
            self._run.begin()
            if self._run.proved:
                return None
            # The solver's process starts while the formula is written.
            with SolverProcess(self.cnf, self._solver) as solver:
                return self._tighten(solver)
        except TimeoutError:
            return "time limit"
        except KeyboardInterrupt:
            return "interrupted"
        except MemoryError:
            return "memory"
        except ResourceError:
            return "solver failed"

    def _tighten(self, solver: SolverProcess) -> str | None:
        began = time.monotonic()
        circuit = Circuit(self.cnf, deadline=self._deadline)
        try:
            formula = encode(self._problem, self._shape, circuit, [self._encoding])
            # What is wrong whatever the weights (a neuron that is always 1, say) shows while encoding.
            self._run.bound(formula.objective.constant, "formula")
            counter = ErrorCounter(circuit, formula.objective, cap=self._run.errors)
        finally:
            self.seconds_encode = time.monotonic() - began
        while not self._run.proved:
            bound = self._run.errors - 1
            left = None if self._deadline is None else self._deadline - time.monotonic()
            answer = solver.solve(counter.at_most(bound), seconds=left)
            if answer.status is None:
                return "time limit"
            if answer.status:
                self._run.offer(formula.network(answer.model), bound, "sat")
            else:
                self._run.bound(bound + 1, "sat")
        return None


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
        network = Network.of(shape, [rng.integers(2, size=size) for size in _matrices(shape)])
        errors = problem.errors(predict(network, problem.inputs) == problem.labels)
        if errors < fewest:
            best, fewest = network, errors
        # A tenth of the time is enough for a first network.
        if deadline is not None and time.monotonic() > deadline - 0.9 * (deadline - began):
            break
    assert best is not None
    return best


def _matrices(shape: Shape) -> list[tuple[int, int]]:
    return [(m, n) for n, m in zip(shape.sizes, shape.sizes[1:], strict=False)]
