"""A training problem as a formula to be handed on: a decision, an optimisation, or the whole loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnnsat import formula
from bnnsat.circuit import Circuit
from bnnsat.cnf import Cnf
from bnnsat.data.problem import Problem
from bnnsat.encodings import Encoding
from bnnsat.objective import ErrorCounter, Objective
from bnnsat.shape import Shape

KINDS = ("decision", "optimisation", "loop", "cardinality")


@dataclass(frozen=True, eq=False)
class Instance:
    """Clauses, and what is asked of them.

    A decision asks for a model, nothing else. An optimisation asks for the least `objective`. The loop has an
    assumption in `cubes` for each bound on the errors, one below the other. A cardinality asks that at
    most `most` of the objective's literals hold, each counted with its weight.
    """

    cnf: Cnf
    objective: Objective
    cubes: tuple[int, ...] = ()
    most: int | None = None


def instance(
    problem: Problem,
    shape: Shape,
    encodings: Sequence[Encoding],
    kind: str,
    bound: int,
    start: int,
    order: str = "given",
) -> Instance:
    """The instance of a kind, for at most `bound` errors (for the loop: from `start` - 1 down to that)."""
    cnf = Cnf()
    circuit = Circuit(cnf)
    made = formula.encode(problem, shape, circuit, encodings, literal_order=order)
    objective = made.objective
    if kind == "optimisation":
        return Instance(cnf, objective)
    if kind == "cardinality":
        return Instance(cnf, objective, most=bound - objective.constant)
    if kind == "decision":
        if bound < objective.constant:
            # Errors that are certain whatever the weights: nothing is left to be asked.
            cnf.add(np.empty((1, 0), dtype=np.int32))
        elif bound < objective.constant + int(objective.weights.sum()):
            cnf.add(np.array([ErrorCounter(circuit, objective, bound + 1).at_most(bound)], dtype=np.int32))
        return Instance(cnf, objective)
    # Two bounds at least, as far as there are any, and none below the errors that are certain.
    start = max(start, bound + 2)
    counter = ErrorCounter(circuit, objective, start)
    asked = [counter.at_most(k) for k in reversed(range(max(bound, objective.constant), start))]
    return Instance(cnf, objective, tuple(literal for cube in asked for literal in cube))
