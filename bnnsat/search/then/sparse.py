"""Among the networks of ternary weights with the fewest errors one with the fewest weights other than 0.

First greedily, one weight after the other as long as nothing gets worse; then by a formula whose errors are
bounded and whose weights are counted, tightened like the errors before.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter, Objective
from bnnsat.circuit.gates import xor
from bnnsat.network import Network
from bnnsat.search.context import Search
from bnnsat.search.progress import Level
from bnnsat.search.sat.incremental import encoded
from bnnsat.shape import Shape
from bnnsat.solvers.process import SolverProcess

Table = NDArray[Any]

NAME = "sparse"
GREEDY = 5.0
"""Seconds for which weights are tried one by one."""


def thin(search: Search, known: Level | None = None) -> None:
    """Find the fewest, from the incumbent's on; `known` is what an earlier run has proved.

    `search.problem` carries the margin that is to be kept. Returns once it is proved, or as soon as there is a
    network with fewer errors, for which everything begins anew; raises TimeoutError at the deadline, with what is
    known in the run's levels.
    """
    run, problem, shape, fewest = search.run, search.problem, search.shape, search.run.errors
    bound = known.bound if known is not None and known.margin <= problem.margin else 0

    def note(network: Network, bound: int, source: str) -> None:
        run.level(network, Level(NAME, nonzero(network), bound, problem.margin), source)

    note(run.network, bound, "start")
    network = _greedy(search)
    if nonzero(network) < run.then[-1].value:
        note(network, bound, "greedy")
    if run.errors < fewest:
        return
    cnf = Cnf()
    with SolverProcess(cnf, search.solver) as solver:
        with search.writing(cnf, search.encoding.name, search.solver) as circuit:
            made = encoded(search, circuit, symmetry=search.symmetry)
            errors = ErrorCounter(circuit, made.objective, fewest + 1).at_most(fewest)
            cnf.add(np.array(errors, dtype=np.int32).reshape(-1, 1))
            pairs = [_copies(shape, layer, matrix) for layer, matrix in enumerate(made.weights)]
            literals = np.concatenate([-xor(circuit, first, second).reshape(-1) for first, second in pairs])
            counted = Objective.of(literals, np.ones(len(literals), dtype=np.int64))
            counter = ErrorCounter(circuit, counted, run.then[-1].value)
        while run.errors == fewest and (level := run.then[-1]).value > level.bound:
            search.check()
            answer = solver.solve(counter.at_most(level.value - 1), seconds=search.left)
            if answer.status is None:
                raise TimeoutError
            if answer.status:
                network = made.network(answer.model)
                if network.errors(problem) > fewest or nonzero(network) >= level.value:
                    raise AssertionError("a model of few weights does not do what the formula says")
                note(network, level.bound, "sat")
            else:
                note(run.network, level.value, "sat")


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
        if time.monotonic() - began > GREEDY or (search.left is not None and search.left < 0):
            break
        matrices[layer][neuron, weight] ^= True
        if Network.of(shape, matrices).errors(search.problem) > run.errors:
            matrices[layer][neuron, weight] ^= True
    return Network.of(shape, matrices)
