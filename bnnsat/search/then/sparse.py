"""Among the networks of ternary weights with the fewest errors one with the fewest weights other than 0.

First greedily, one weight after the other as long as nothing gets worse; then by a formula whose errors are
bounded and whose weights are counted, tightened like the errors before.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter, Objective
from bnnsat.criterion import Criterion
from bnnsat.errors import SoundnessError
from bnnsat.network import Network
from bnnsat.questions import formula
from bnnsat.search.context import Search
from bnnsat.search.sat.formula import written
from bnnsat.shape import Shape
from bnnsat.solvers.descent import descend
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import Answer

Table = NDArray[Any]

NAME = "sparse"
GREEDY_SECONDS = 5.0
"""Seconds for which weights are tried one by one."""


def thin(search: Search, known: Criterion | None = None) -> None:
    """Find the fewest, from the incumbent's on; `known` is what an earlier run has proved.

    `search.problem` carries the margin that is to be kept. Returns once it is proved, or as soon as there is a
    network with fewer errors, for which everything begins anew; raises TimeoutError at the deadline, with what is
    known in the run's levels.
    """
    run, problem, fewest = search.run, search.problem, search.run.errors
    bound = known.bound if known is not None and known.margin <= problem.margin else 0

    def note(network: Network, bound: int, source: str) -> None:
        run.further(network, Criterion(NAME, nonzero(network), bound, problem.margin), source)

    note(run.network, bound, "start")
    network = _greedy(search)
    if nonzero(network) < run.then[-1].value:
        note(network, bound, "greedy")
    if run.errors < fewest:
        return
    cnf = Cnf()
    with SolverProcess(cnf, search.solver) as solver:
        with search.writing(cnf, search.encoding.name, search.solver) as circuit:
            made = written(search, circuit, symmetry=search.symmetry)
            errors = weighted.counter(circuit, made.objective, fewest + 1).at_most(fewest)
            cnf.add(np.array(errors, dtype=np.int32).reshape(-1, 1))
            algebra = formula.reading(made.question, circuit, [search.encoding])
            used = made.question.sum("nonzero", algebra, made.formula.holes)
            counter = ErrorCounter(circuit, Objective.of(used.bits, used.costs), run.then[-1].value)

        def wanted() -> int | None:
            search.check()
            level = run.then[-1]
            return level.value - 1 if run.errors == fewest and level.value > level.bound else None

        def found(answer: Answer, bound: int) -> None:
            network = made.network(answer.model)
            if network.errors(problem) > fewest or nonzero(network) > bound:
                raise SoundnessError("a model of few weights does not do what the formula says")
            note(network, run.then[-1].bound, "sat")

        def undecided() -> None:
            raise TimeoutError

        descend(
            lambda bound: solver.solve(counter.at_most(bound), seconds=search.left),
            wanted,
            found,
            lambda _, bound: note(run.network, bound + 1, "sat"),
            undecided,
        )


def nonzero(network: Network) -> int:
    """The number of weights +1 or -1."""
    pairs = (_copies(network.shape, layer, matrix) for layer, matrix in enumerate(network.matrices()))
    return sum(int((first == second).sum()) for first, second in pairs)


def _copies(shape: Shape, layer: int, matrix: Table) -> tuple[Table, Table]:
    """The two weights (neurons, n) that each neuron has for each input."""
    n = shape.sizes[layer]
    return matrix[:, :n], matrix[:, n : 2 * n]


def _greedy(search: Search) -> Network:
    """Weights made 0 in random order, each if the errors do not rise."""
    rng, began = np.random.default_rng(search.seed), time.monotonic()
    run, shape = search.run, search.shape
    matrices = run.network.matrices()
    places = [(layer, *index) for layer, matrix in enumerate(matrices) for index in np.ndindex(*matrix.shape)]
    for place in rng.permutation(len(places)):
        layer, neuron, weight = places[place]
        n = shape.sizes[layer]
        if weight >= n or matrices[layer][neuron, weight] != matrices[layer][neuron, n + weight]:
            continue
        if time.monotonic() - began > GREEDY_SECONDS or (search.left is not None and search.left < 0):
            break
        matrices[layer][neuron, weight] ^= True
        if Network.of(shape, matrices).errors(search.problem) > run.errors:
            matrices[layer][neuron, weight] ^= True
    return Network.of(shape, matrices)
