"""The peers. Each takes a problem, and says what it finds through `say(weights=..., bound=..., done=...)`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from baseline import PlainFormula

from bnnsat.options import Options
from bnnsat.problem import Problem
from bnnsat.shape import Shape
from bnnsat.trainer import train
from peers.model import build

Say = Callable[..., None]


def bnnsat(problem: Problem, shape: Shape, seconds: float, say: Say) -> None:
    inputs = np.repeat(problem.inputs, problem.costs, axis=0)
    labels = np.repeat(problem.labels, problem.costs)
    training = train(inputs, labels, shape, Options(time_limit=seconds))
    for event in training.events:
        say(at=event.seconds, errors=event.errors, bound=event.lower_bound)
    say(
        at=training.seconds,
        weights=[matrix.astype(int).tolist() for matrix in training.network.matrices()],
        bound=training.lower_bound,
        done=training.status == "OPTIMAL",
    )


def plain(problem: Problem, shape: Shape, seconds: float, say: Say) -> None:
    """PySAT as its manual would do it: no sharing, glucose4, an incremental totalizer, from above."""
    from pysat.card import ITotalizer
    from pysat.solvers import Solver

    formula = PlainFormula.of(problem, shape)
    literals = [e for e, w in zip(formula.errors, problem.costs.tolist(), strict=True) for _ in range(w)]
    bound, assumptions = len(literals), list[int]()
    with ITotalizer(literals, ubound=bound, top_id=formula.top) as counter, Solver(name="glucose4") as solver:
        solver.append_formula(formula.clauses + counter.cnf.clauses)
        while bound and solver.solve(assumptions=assumptions):
            values = {abs(literal): literal > 0 for literal in solver.get_model()}
            bound = sum(values[abs(e)] == (e > 0) for e in literals)
            say(weights=_weights(formula.weights, values))
            assumptions = [-counter.rhs[bound - 1]]
    say(bound=bound, done=True)


def rc2(problem: Problem, shape: Shape, seconds: float, say: Say) -> None:
    from pysat.examples.rc2 import RC2Stratified
    from pysat.formula import WCNF

    formula = PlainFormula.of(problem, shape)
    wcnf = WCNF()
    wcnf.extend(formula.clauses)
    for error, weight in zip(formula.errors, problem.costs.tolist(), strict=True):
        wcnf.append([-error], weight=weight)
    with RC2Stratified(wcnf, solver="glucose4", adapt=True, exhaust=True, minz=True) as solver:
        values = {abs(literal): literal > 0 for literal in solver.compute()}
        say(weights=_weights(formula.weights, values), bound=solver.cost, done=True)


def evalmaxsat(problem: Problem, shape: Shape, seconds: float, say: Say) -> None:
    from hermax.non_incremental import EvalMaxSAT

    _hermax(EvalMaxSAT(), problem, shape, say)


def uwrmaxsat(problem: Problem, shape: Shape, seconds: float, say: Say) -> None:
    from hermax.non_incremental import UWrMaxSATCompetition

    _hermax(UWrMaxSATCompetition(), problem, shape, say)


def _hermax(solver: Any, problem: Problem, shape: Shape, say: Say) -> None:
    formula = PlainFormula.of(problem, shape)
    for clause in formula.clauses:
        solver.add_clause(clause)
    for error, weight in zip(formula.errors, problem.costs.tolist(), strict=True):
        solver.add_soft_unit(-error, weight)
    solver.solve()
    values = {v: solver.val(v) > 0 for layer in formula.weights for row in layer for v in row}
    say(weights=_weights(formula.weights, values), bound=solver.get_cost(), done=True)


def cpsat(problem: Problem, shape: Shape, seconds: float, say: Say) -> None:
    from ortools.sat.python import cp_model

    made = build(problem, shape)
    model = cp_model.CpModel()
    variables = [model.new_bool_var("")] + [model.new_bool_var("") for _ in range(made.top)]

    def literal(value: int) -> Any:
        return variables[value] if value > 0 else ~variables[-value]

    for clause in made.clauses:
        model.add_bool_or([literal(x) for x in clause])
    for literals, k, output in made.sums:
        total = sum(literal(x) for x in literals)
        model.add(total >= k).only_enforce_if(literal(output))
        model.add(total <= k - 1).only_enforce_if(~literal(output))
    model.minimize(sum(weight * literal(error) for error, weight in made.errors))

    class Callback(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]
        def on_solution_callback(self) -> None:
            values = {v: bool(self.boolean_value(variables[v])) for v in range(1, made.top + 1)}
            say(weights=_weights(made.weights, values), bound=self.best_objective_bound)

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model, Callback())
    say(bound=solver.best_objective_bound, done=status == cp_model.OPTIMAL)


def scip(problem: Problem, shape: Shape, seconds: float, say: Say) -> None:
    from pyscipopt import Model as Scip
    from pyscipopt import quicksum

    made = build(problem, shape)
    model = Scip()
    model.hideOutput()
    model.setParam("limits/time", seconds)
    variables = [None] + [model.addVar(vtype="B") for _ in range(made.top)]

    def literal(value: int) -> Any:
        return variables[value] if value > 0 else 1 - variables[-value]

    for clause in made.clauses:
        model.addCons(quicksum(literal(x) for x in clause) >= 1)
    for literals, k, output in made.sums:
        total, y = quicksum(literal(x) for x in literals), literal(output)
        model.addCons(total >= k * y)
        model.addCons(total <= k - 1 + (len(literals) - k + 1) * y)
    model.setObjective(quicksum(weight * literal(error) for error, weight in made.errors), "minimize")
    model.optimize()
    if model.getNSols():
        values = {v: model.getVal(variables[v]) > 0.5 for v in range(1, made.top + 1)}
        say(weights=_weights(made.weights, values))
    say(bound=model.getDualbound(), done=model.getStatus() == "optimal")


def highs(problem: Problem, shape: Shape, seconds: float, say: Say) -> None:
    import highspy

    made = build(problem, shape)
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("time_limit", seconds)
    model.setOptionValue("threads", 2)
    variables = [None] + [model.addBinary() for _ in range(made.top)]

    def add(terms: list[tuple[int, int]], low: float) -> None:
        """The sum of coefficient * literal is at least `low`."""
        coefficients: dict[int, int] = {}
        for coefficient, value in terms:
            sign = coefficient if value > 0 else -coefficient
            low -= 0 if value > 0 else coefficient
            coefficients[abs(value)] = coefficients.get(abs(value), 0) + sign
        model.addRow(
            low, highspy.kHighsInf, len(coefficients), [v - 1 for v in coefficients], list(coefficients.values())
        )

    for clause in made.clauses:
        add([(1, x) for x in clause], 1)
    for literals, k, output in made.sums:
        add([*((1, x) for x in literals), (-k, output)], 0)
        add([*((-1, x) for x in literals), (len(literals) - k + 1, output)], 1 - k)
    offset = sum(weight for error, weight in made.errors if error < 0)
    model.minimize(sum(weight * (1 if error > 0 else -1) * variables[abs(error)] for error, weight in made.errors))
    solution = model.getSolution().col_value
    if solution:
        say(weights=_weights(made.weights, {v: solution[v - 1] > 0.5 for v in range(1, made.top + 1)}))
    info = model.getInfo()
    optimal = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    say(bound=info.mip_dual_bound + offset, done=optimal)


def z3(problem: Problem, shape: Shape, seconds: float, say: Say) -> None:
    """The way of 2018: bit-vectors for weights, populations by addition, a tightened number of errors."""
    import z3 as smt

    weights = [
        [smt.BitVec(f"w{layer}_{j}", n) for j in range(m)]
        for layer, (n, m) in enumerate(zip(shape.sizes, shape.sizes[1:], strict=False))
    ]
    solver = smt.SolverFor("QF_BV")

    def count(word: Any, n: int) -> Any:
        width = n.bit_length() + 1
        return sum((smt.ZeroExt(width - 1, smt.Extract(i, i, word)) for i in range(n)), smt.BitVecVal(0, width))

    errors = []
    for row, label in zip(problem.inputs, problem.labels.tolist(), strict=True):
        # The first bit is the most significant.
        word: Any = smt.BitVecVal(int("".join("1" if bit else "0" for bit in row), 2), len(row))
        for layer, neurons in enumerate(weights):
            n, bits = shape.sizes[layer], []
            for j, weight in enumerate(neurons):
                z = ~(word ^ weight)
                if shape.activation == "half":
                    holds = smt.UGT(smt.Extract(n - 1, n // 2, z), smt.Extract(n // 2 - 1, 0, z))
                else:
                    holds = smt.UGE(count(z, n), shape.thresholds[layer][j])
                bits.append(smt.If(holds, smt.BitVecVal(1, 1), smt.BitVecVal(0, 1)))
            word = smt.Concat(*bits) if len(bits) > 1 else bits[0]
        outputs = shape.sizes[-1]
        wanted = label if shape.head == "bit" else 1 << (outputs - 1 - label)
        errors.append(word != smt.BitVecVal(wanted, outputs))
    terms = [(e, int(w)) for e, w in zip(errors, problem.costs.tolist(), strict=True)]
    bound = problem.total_cost
    began = time.monotonic()
    while bound > 0:
        solver.set("timeout", max(1, int(1000 * (seconds - time.monotonic() + began))))
        answer = solver.check()
        if answer == smt.unsat:
            break
        if answer != smt.sat:
            return
        model = solver.model()
        found = [
            [[int(c) for c in format(model.eval(w, model_completion=True).as_long(), f"0{w.size()}b")] for w in neurons]
            for neurons in weights
        ]
        say(weights=found)
        bound = sum(w for e, w in terms if smt.is_true(model.eval(e, model_completion=True)))
        solver.add(smt.PbLe(terms, bound - 1))
    say(bound=bound, done=True)


PEERS: dict[str, Callable[[Problem, Shape, float, Say], None]] = {
    "bnnsat": bnnsat,
    "plain": plain,
    "rc2": rc2,
    "evalmaxsat": evalmaxsat,
    "uwrmaxsat": uwrmaxsat,
    "cpsat": cpsat,
    "scip": scip,
    "highs": highs,
    "z3": z3,
}


def _weights(variables: list[list[list[int]]], values: dict[int, bool]) -> list[list[list[int]]]:
    return [[[int(values[v]) for v in row] for row in layer] for layer in variables]
