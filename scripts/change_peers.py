"""The least change of an example as each general solver is asked for it, for scripts/changes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np

from bnnsat.verification.flips import Flips
from bnnsat.verification.minimum import minimum

Neuron = tuple[list[int], int]
"""Literals of what it counts, and how many have to hold; variables from 1."""
Problem = tuple[list[tuple[int, Neuron]], list[tuple[list[int], list[int], int]], list[tuple[int, int]], list[int]]
"""Neurons with their variables; for each rival its literals, the label's, and by how much it may be behind; costs of
literals; variables in all."""


def problem(model: Any, row: Any, norm: str) -> Problem:
    """The question as linear constraints: a rival reaches the label, ties counted as changes."""
    flips, shape = Flips.of(model, row), model.network.shape
    label = int(model.codes(flips.bits[np.newaxis])[0])
    before, top, neurons = list(range(1, len(flips.bits) + 1)), len(flips.bits), []
    matrices = model.network.matrices()
    for matrix, least in zip(matrices[:-1], shape.thresholds, strict=False):
        made = []
        for weights, threshold in zip(matrix.tolist(), least, strict=True):
            top += 1
            made.append(top)
            literals = [x if w else -x for x, w in zip(before * shape.repeat, weights, strict=True)]
            neurons.append((top, (literals, threshold)))
        before = made
    last = [
        [x if w else -x for x, w in zip(before * shape.repeat, weights, strict=True)]
        for weights in matrices[-1].tolist()
    ]
    if shape.head == "argmax":
        offsets = shape.offsets or (Fraction(0),) * shape.classes
        rivals = [
            (last[c], last[label], floor(offsets[c] - offsets[label])) for c in range(shape.classes) if c != label
        ]
    else:
        # The other answer: at least, or fewer than the threshold.
        (literals,), ((threshold,)) = last, shape.thresholds[-1]
        other = literals if label == 0 else [-x for x in literals]
        rivals = [(other, [], -threshold if label == 0 else threshold - 1 - len(literals))]
    costs = flips.costs(norm).tolist()
    kept = [
        x if bit else -x
        for x, bit, free in zip(range(1, len(costs) + 1), flips.bits, flips.free, strict=True)
        if not free
    ]
    priced = [
        (-(i + 1) if bit else i + 1, cost)
        for i, (bit, cost, free) in enumerate(zip(flips.bits, costs, flips.free, strict=True))
        if free
    ]
    return neurons, rivals, priced, [*kept, top]


def bnnsat_(model: Any, row: Any, norm: str, radius: int | None, limit: float) -> tuple[str, int | None, int]:
    found = minimum(model, row, norm, radius=radius, seconds=limit)
    return found.status, found.value, found.lower_bound


def cpsat(model: Any, row: Any, norm: str, radius: int | None, limit: float) -> tuple[str, int | None, int]:
    from ortools.sat.python import cp_model

    neurons, rivals, priced, (*kept, top) = problem(model, row, norm)
    cp = cp_model.CpModel()
    variables = [None, *(cp.new_bool_var(f"x{i}") for i in range(1, top + 1))]

    def of(x: int) -> Any:
        return variables[x] if x > 0 else 1 - variables[-x]

    for y, (literals, least) in neurons:
        count = sum(map(of, literals))
        cp.add(count >= least).only_enforce_if(variables[y])
        cp.add(count <= least - 1).only_enforce_if(variables[y].negated())
    chosen = [cp.new_bool_var("") for _ in rivals]
    for said, (other, own, behind) in zip(chosen, rivals, strict=True):
        cp.add(sum(map(of, other)) - sum(map(of, own)) + behind >= 0).only_enforce_if(said)
    cp.add_bool_or(chosen)
    for x in kept:
        cp.add(of(x) == 1)
    cost = sum(price * of(x) for x, price in priced)
    if radius is None:
        cp.minimize(cost)
    else:
        cp.add(cost <= radius)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = limit, 2
    status = solver.status_name(solver.solve(cp))
    if radius is not None:
        return {"OPTIMAL": "REFUTED", "FEASIBLE": "REFUTED", "INFEASIBLE": "PROVED"}.get(status, "UNKNOWN"), None, 0
    bound = int(np.ceil(solver.best_objective_bound - 1e-6))
    if status in ("OPTIMAL", "FEASIBLE"):
        return status, round(solver.objective_value), bound
    return {"INFEASIBLE": "PROVED"}.get(status, "UNKNOWN"), None, max(bound, 0)


def exact_(model: Any, row: Any, norm: str, radius: int | None, limit: float) -> tuple[str, int | None, int]:
    import exact

    neurons, rivals, priced, (*kept, top) = problem(model, row, norm)
    solver = exact.Exact()
    for i in range(1, top + 1 + len(rivals)):
        solver.addVariable(f"x{i}")

    def linear(literals: list[int], sign: int = 1) -> tuple[list[tuple[int, str]], int]:
        """Terms, and what is added."""
        return [(sign if x > 0 else -sign, f"x{abs(x)}") for x in literals], sign * sum(x < 0 for x in literals)

    for y, (literals, least) in neurons:
        terms, more = linear(literals)
        solver.addReification(f"x{y}", True, terms, least - more)
    for place, (other, own, behind) in enumerate(rivals, top + 1):
        terms, more = linear(other)
        less, fewer = linear(own, -1)
        solver.addRightReification(f"x{place}", True, [*terms, *less], -behind - more - fewer)
    solver.addConstraint([(1, f"x{top + 1 + i}") for i in range(len(rivals))], True, 1)
    for x in kept:
        solver.fix(f"x{abs(x)}", int(x > 0))
    terms = [(price if x > 0 else -price, f"x{abs(x)}") for x, price in priced]
    more = sum(price for x, price in priced if x < 0)
    if radius is not None:
        solver.addConstraint(terms, False, 0, True, radius - more)
        status = solver.runFull(False, limit)
        return {"SAT": "REFUTED", "UNSAT": "PROVED"}.get(status, "UNKNOWN"), None, 0
    solver.setObjective(terms, True, more)
    status = solver.runFull(True, limit)
    value = solver.getBestSoFar() if solver.hasSolution() else None
    if status == "UNSAT" or (value is not None and value == solver.getDualBound()):
        return ("PROVED", None, 0) if value is None else ("OPTIMAL", int(value), int(value))
    return ("UNKNOWN" if value is None else "FEASIBLE"), value, int(solver.getDualBound())


def z3_(model: Any, row: Any, norm: str, radius: int | None, limit: float) -> tuple[str, int | None, int]:
    import z3

    neurons, rivals, priced, (*kept, top) = problem(model, row, norm)
    variables = [z3.Bool(f"x{i}") for i in range(top + 1)]

    def of(x: int) -> Any:
        return variables[x] if x > 0 else z3.Not(variables[-x])

    solver = z3.Optimize() if radius is None else z3.Solver()
    solver.set("timeout", int(1000 * limit))
    for y, (literals, least) in neurons:
        solver.add(variables[y] == z3.PbGe([(of(x), 1) for x in literals], least))
    solver.add(
        z3.Or(
            [
                z3.PbGe([(of(x), 1) for x in other] + [(of(-x), 1) for x in own], len(own) - behind)
                for other, own, behind in rivals
            ]
        )
    )
    solver.add([of(x) for x in kept])
    if radius is not None:
        solver.add(z3.PbLe([(of(x), price) for x, price in priced], radius))
        return {"sat": "REFUTED", "unsat": "PROVED"}.get(str(solver.check()), "UNKNOWN"), None, 0
    cost = solver.minimize(z3.Sum([z3.If(of(x), price, 0) for x, price in priced]))
    status = solver.check()
    if status == z3.unsat:
        return "PROVED", None, 0
    return ("OPTIMAL", cost.value().as_long(), cost.value().as_long()) if status == z3.sat else ("UNKNOWN", None, 0)


def pysat_(model: Any, row: Any, norm: str, radius: int | None, limit: float) -> tuple[str, int | None, int]:
    from threading import Timer

    from pysat.card import ITotalizer
    from pysat.solvers import Solver

    neurons, rivals, priced, (*kept, top) = problem(model, row, norm)
    if any(price != 1 for _, price in priced):
        return "UNKNOWN", None, 0
    with Solver("glucose4") as solver:

        def reached(literals: list[int], least: int) -> int:
            """A literal that implies that so many hold; 0 for always."""
            nonlocal top
            if least <= 0:
                return 0
            if least > len(literals):
                top += 1
                solver.add_clause([-top])
                return top
            less = ITotalizer([-x for x in literals], ubound=len(literals) - least, top_id=top)
            top = less.top_id
            solver.append_formula(less.cnf.clauses)
            return -less.rhs[len(literals) - least] if least else 0

        for y, (literals, least) in neurons:
            for sign, part, bound in ((y, literals, least), (-y, [-x for x in literals], len(literals) - least + 1)):
                if said := reached(part, bound):
                    solver.add_clause([-sign, said])
        found = [reached([*other, *(-x for x in own)], len(own) - behind) for other, own, behind in rivals]
        if 0 not in found:
            solver.add_clause(found)
        for x in kept:
            solver.add_clause([x])
        count = ITotalizer([x for x, _ in priced], ubound=len(priced) - 1, top_id=top)
        solver.append_formula(count.cnf.clauses)
        timer = Timer(limit, solver.interrupt)
        timer.start()
        try:
            for budget in range(len(priced)) if radius is None else [radius]:
                answer = solver.solve_limited(
                    [-count.rhs[budget]] if budget < len(priced) else [], expect_interrupt=True
                )
                if answer is None:
                    return "UNKNOWN", None, budget
                if radius is not None:
                    return ("REFUTED" if answer else "PROVED"), None, 0
                if answer:
                    return "OPTIMAL", budget, budget
            return "UNKNOWN", None, len(priced)
        finally:
            timer.cancel()


PEERS: dict[str, Callable[..., tuple[str, int | None, int]]] = {
    "bnnsat": bnnsat_,
    "cpsat": cpsat,
    "exact": exact_,
    "z3": z3_,
    "pysat": pysat_,
}
