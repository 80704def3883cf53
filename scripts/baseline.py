"""The plain way to train: the plain encoder, PySAT's own totalizer, and one solver from above."""

from __future__ import annotations

from collections.abc import Sequence

from pysat.card import ITotalizer
from pysat.solvers import Solver

from bnnsat.readings.plain import PlainFormula
from bnnsat.shape import Shape


def optimum(
    inputs: Sequence[Sequence[int]], labels: Sequence[int], shape: Shape, solver: str = "glucose4"
) -> tuple[int, list[list[list[int]]]]:
    """The fewest errors of any network of `shape`, and the weights of one that attains them."""
    formula = PlainFormula(inputs, labels, shape)
    bound, assumptions = len(formula.errors), list[int]()
    with ITotalizer(formula.errors, ubound=bound, top_id=formula.top) as counter, Solver(name=solver) as sat:
        sat.append_formula(formula.clauses + counter.cnf.clauses)
        while bound and sat.solve(assumptions=assumptions):
            model = {abs(literal): literal > 0 for literal in sat.get_model()}
            weights = [[[int(model[v]) for v in row] for row in layer] for layer in formula.weights]
            bound = sum(model[abs(e)] == (e > 0) for e in formula.errors)
            assumptions = [-counter.rhs[bound - 1]]
    return bound, weights
