"""Large-neighbourhood search: the solver looks for a better network that differs in some of the weights only.

Shaw, "Using constraint programming and local search methods to solve vehicle routing problems", CP 1998; here the
other weights are assumptions, so that one incremental solver keeps what it learns.
"""

from __future__ import annotations

import numpy as np

from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.search.context import Search
from bnnsat.search.sat.formula import bounding
from bnnsat.shape import Shape
from bnnsat.solvers.descent import descend
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import Answer
from bnnsat.types import Bits

FIRST_CONFLICTS = 2_000
"""Conflicts for one neighbourhood at first."""
FIRST_SHARE = 0.1
"""The share of the weights that are free at first."""
GROW, SHRINK = 1.1, 0.95
"""What becomes of it where a neighbourhood is empty, and where it is too large to tell."""
DEEPER = 1.02
"""What then becomes of the budget, so that the search is complete in the end."""


def lns(search: Search) -> None:
    """Search until the optimum is proved: that is when the solver needs none of the fixed weights to say no."""
    run, rng, share = search.run, np.random.default_rng(search.seed), FIRST_SHARE
    budget = float(FIRST_CONFLICTS)
    cnf = Cnf()
    with SolverProcess(cnf, search.solver) as solver:
        # Without symmetry breaking: the incumbent need not be the one of its kind that would be left.
        with search.writing(cnf, search.encoding.name, search.solver) as circuit:
            made = bounding(search, circuit, symmetry=False)
            errors = weighted.counter(circuit, made.objective, run.wanted + 1)
        fixed: list[int] = []

        def solve(bound: int) -> Answer:
            fixed[:] = made.literals(run.network)[~_free(search.shape, rng, share)].tolist()
            return solver.solve(
                [*errors.at_most(bound), *fixed],
                conflicts=int(budget),
                seconds=search.left,
                until=lambda: search.over,
            )

        def empty(answer: Answer, bound: int) -> None:
            nonlocal share
            share = min(1.0, share * GROW)
            if not set(answer.core) & set(fixed):
                run.bound(bound + 1, "lns")

        def too_large() -> None:
            nonlocal share, budget
            share *= SHRINK
            budget *= DEEPER

        descend(
            solve,
            lambda: search.wanted(errors.constant),
            lambda answer, bound: run.offer(made.network(answer.model), bound, "lns"),
            empty,
            too_large,
        )


def _free(shape: Shape, rng: np.random.Generator, share: float) -> Bits:
    """Some of the weights: any, or all those of some neurons, in and out."""
    if shape.layers == 1 or rng.random() < 0.5:
        return np.asarray(rng.random(shape.weight_bits) < share)
    chosen = [rng.random(m) < share for m, _ in shape.matrices]
    parts = []
    for layer, (_, fan_in) in enumerate(shape.matrices):
        below = chosen[layer - 1] if layer else np.zeros(shape.sizes[0], dtype=np.bool_)
        free = chosen[layer][:, np.newaxis] | shape.read(layer, below[np.newaxis], False)
        parts.append(np.broadcast_to(free, (len(chosen[layer]), fan_in)).reshape(-1))
    return np.concatenate(parts)
