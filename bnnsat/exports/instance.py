"""A formula and its objective as an instance to be handed on: a decision, an optimisation, or the whole loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bnnsat.circuit import weighted
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit


@dataclass(frozen=True, eq=False)
class Instance:
    """Clauses, and what is asked of them.

    A decision asks for a model, nothing else. An optimisation asks for the least objective. The loop asks for one
    bound after the other, and a cardinality for one.

    Attributes:
        cnf: the clauses.
        objective: what is to be small.
        cubes: of the loop: an assumption for each bound on the objective, one below the other.
        most: of a cardinality: at most so many of the objective's literals hold, each counted with its weight.
    """

    cnf: Cnf
    objective: Objective
    cubes: tuple[int, ...] = ()
    most: int | None = None


def asked_for(circuit: Circuit, objective: Objective, kind: str, bound: int, start: int) -> Instance:
    """The instance of a kind.

    Args:
        circuit: the formula, to which a bound may add clauses.
        objective: what is to be small.
        kind: decision, optimisation, loop or cardinality.
        bound: the objective is at most so much.
        start: the loop begins one below it.
    """
    cnf = circuit.cnf
    if kind == "optimisation":
        return Instance(cnf, objective)
    if kind == "cardinality":
        return Instance(cnf, objective, most=bound - objective.constant)
    if kind == "decision":
        if bound < objective.constant:
            # What is certain whatever the model is too much already: nothing is left to be asked.
            cnf.add(np.empty((1, 0), dtype=np.int32))
        elif bound < objective.most:
            units = weighted.counter(circuit, objective, bound + 1).at_most(bound)
            cnf.add(np.array(units, dtype=np.int32).reshape(-1, 1))
        return Instance(cnf, objective)
    # Two bounds at least, as far as there are any, and none below what is certain.
    start = max(start, bound + 2)
    counter = weighted.counter(circuit, objective, start)
    asked = [counter.at_most(k) for k in reversed(range(max(bound, objective.constant), start))]
    return Instance(cnf, objective, tuple(literal for cube in asked for literal in cube))
