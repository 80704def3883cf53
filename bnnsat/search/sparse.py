"""Among the networks of ternary weights with the fewest errors one with the fewest weights other than 0.

First greedily, one weight after the other as long as nothing gets worse; then by a formula whose errors are
bounded and whose weights are counted, tightened like the errors before.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat import formula
from bnnsat.circuit import Circuit
from bnnsat.cnf import Cnf
from bnnsat.gates import xor
from bnnsat.network import Network
from bnnsat.objective import ErrorCounter, Objective
from bnnsat.run import Level
from bnnsat.search.search import Search
from bnnsat.shape import Shape
from bnnsat.solver import SolverProcess
from bnnsat.symmetry import break_popcount

Table = NDArray[Any]

NAME = "sparse"
GREEDY = 5.0
"""Seconds for which weights are tried one by one."""


def thin(search: Search, known: int | None = None) -> None:
    """Find the fewest, from the incumbent's on; `known` is a bound that an earlier run has proved.

    `search.problem` carries the margin that is to be kept. Returns once it is proved; raises TimeoutError at the
    deadline, with what is known in the run's levels.
    """
    run, problem, shape = search.run, search.problem, search.shape
    bound = max(0, known or 0)
    run.level(run.network, Level(NAME, nonzero(run.network), bound), "start")
    network = _greedy(search)
    if nonzero(network) < run.then[-1].value:
        run.level(network, Level(NAME, nonzero(network), bound), "greedy")
    cnf = Cnf()
    with SolverProcess(cnf, search.solver) as solver:
        circuit = Circuit(cnf, deadline=search.deadline)
        made = formula.encode(problem, shape, circuit, [search.encoding], literal_order=search.literal_order)
        if search.symmetry:
            break_popcount(circuit, shape, made.weights, problem.inputs)
        errors = ErrorCounter(circuit, made.objective, run.errors + 1)
        cnf.add(np.array([errors.at_most(run.errors)], dtype=np.int32).reshape(-1, 1))
        pairs = [_copies(shape, layer, matrix) for layer, matrix in enumerate(made.weights)]
        literals = np.concatenate([-xor(circuit, first, second).reshape(-1) for first, second in pairs])
        counter = ErrorCounter(circuit, Objective.of(literals, np.ones(len(literals), np.int64)), run.then[-1].value)
        while (level := run.then[-1]).value > level.bound:
            search.check()
            answer = solver.solve(counter.at_most(level.value - 1), seconds=search.left)
            if answer.status is None:
                raise TimeoutError
            if answer.status:
                network = made.network(answer.model)
                # Symmetries and margins are for the formula; a network is judged by what it does.
                if network.errors(problem) > run.errors or nonzero(network) >= level.value:
                    raise AssertionError("a model of few weights does not do what the formula says")
                run.level(network, Level(NAME, nonzero(network), level.bound), "sat")
            else:
                run.level(run.network, Level(NAME, level.value, level.value), "sat")


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
        search.check()
        matrices[layer][neuron, weight] ^= True
        if Network.of(shape, matrices).errors(search.problem) > run.errors:
            matrices[layer][neuron, weight] ^= True
        if time.monotonic() - began > GREEDY:
            break
    return Network.of(shape, matrices)
