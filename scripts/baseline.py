"""The plain way to train: the plain reading, PySAT's own totalizer, and one solver from above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pysat.card import ITotalizer
from pysat.solvers import Solver

from bnnsat.problem import Problem
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings.plain import PlainAlgebra
from bnnsat.shape import Shape

Weights = list[list[list[int]]]


@dataclass(frozen=True)
class PlainFormula:
    """The formula of training by the plain reading: `weights` are variables, `errors` a literal for each row."""

    clauses: list[list[int]]
    top: int
    weights: Weights
    errors: list[int]

    @classmethod
    def of(cls, problem: Problem, shape: Shape) -> PlainFormula:
        plain, question = PlainAlgebra(), TrainingQuestion(problem, shape)
        holes = {name: plain.fresh(size) for name, size in question.holes.items()}
        errors = question.sum("errors", plain, holes).bits.tolist()
        return cls(plain.clauses, plain.top, [matrix.tolist() for matrix in holes.values()], errors)


def optimum(
    inputs: Sequence[Sequence[int]], labels: Sequence[int], shape: Shape, solver: str = "glucose4"
) -> tuple[int, Weights]:
    """The fewest errors of any network of `shape`, and the weights of one that attains them."""
    problem = Problem.of(np.array(inputs, dtype=np.bool_), np.array(labels, dtype=np.int64))
    formula = PlainFormula.of(problem, shape)
    literals = np.repeat(formula.errors, problem.costs).tolist()
    bound, assumptions, weights = len(literals), list[int](), list[list[list[int]]]()
    with ITotalizer(literals, ubound=bound, top_id=formula.top) as counter, Solver(name=solver) as sat:
        sat.append_formula(formula.clauses + counter.cnf.clauses)
        while bound and sat.solve(assumptions=assumptions):
            model = {abs(literal): literal > 0 for literal in sat.get_model()}
            # A weight that can never matter is in no clause; nor is one that alone decides the only example.
            weights = [[[int(model.get(v, False)) for v in row] for row in layer] for layer in formula.weights]
            bound = sum(model.get(abs(e), False) == (e > 0) for e in literals)
            assumptions = [-counter.rhs[bound - 1]]
    return bound, weights
