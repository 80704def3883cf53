"""A solver in its own process, asked in any order, cut short and killed: every answer is right, and it goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import product
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from processes import ended
from strategies import often
from test_solver import pigeons

from bnnsat.circuit.cnf import Cnf
from bnnsat.errors import ResourceError
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import Answer

FIRST, MOST = 4, 7
"""How many variables there are in the beginning and in the end: few enough to try all assignments."""

Said = TypeVar("Said")
Clause = list[int]

# Taken modulo the number of variables, so that any number is a literal.
numbers = st.integers(0, 2 * MOST - 1)
some = st.lists(numbers, max_size=3)


class SolverStates(RuleBasedStateMachine):
    """Truth is what trying all assignments says.

    Behind an assumption, `hard`, there is a formula without a model that no solver is through with in a test's time,
    so that limits do cut something short. It shares no variable with the rest.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cnf = Cnf()
        self.variables = [int(v) for v in self.cnf.fresh(FIRST)]
        self.clauses: list[Clause] = []
        self.killed = False
        self.worker = 0

    @initialize(name=st.sampled_from(("minisat22", "glucose4", "cadical195")))
    def start(self, name: str) -> None:
        (self.hard,) = (int(v) for v in self.cnf.fresh(1))
        place = self.cnf.variables
        holes = pigeons(13)
        self.cnf.fresh(holes.variables)
        for row in holes.rows():
            self.cnf.add([[*(lit + place if lit > 0 else lit - place for lit in row), -self.hard]])
        self.solver = SolverProcess(self.cnf, name)

    @precondition(lambda self: len(self.variables) < MOST)
    @rule()
    def another_variable(self) -> None:
        self.variables += [int(v) for v in self.cnf.fresh(1)]

    @rule(clauses=st.lists(st.lists(numbers, min_size=1, max_size=3), min_size=1, max_size=4))
    def add(self, clauses: list[list[int]]) -> None:
        for drawn in clauses:
            clause = self.literals(drawn)
            self.clauses.append(clause)
            self.cnf.add([clause], repeats=True)

    @rule(drawn=some)
    def phases(self, drawn: list[int]) -> None:
        self.solver.phases(self.literals(drawn))

    @rule(drawn=some)
    def solve(self, drawn: list[int]) -> None:
        assumptions = self.literals(drawn)
        answer = self.asked(lambda: self.solver.solve(assumptions))
        assert answer.status is not None
        self.check(answer, assumptions)

    @rule(drawn=some, hard=st.booleans(), conflicts=st.integers(1, 50))
    def solve_with_few_conflicts(self, drawn: list[int], hard: bool, conflicts: int) -> None:
        assumptions = self.literals(drawn) + [self.hard] * hard
        self.check(self.asked(lambda: self.solver.solve(assumptions, conflicts=conflicts)), assumptions)

    @rule(drawn=some, hard=st.booleans(), seconds=st.sampled_from((0.0, 0.001, 0.05)))
    def solve_in_little_time(self, drawn: list[int], hard: bool, seconds: float) -> None:
        assumptions = self.literals(drawn) + [self.hard] * hard
        self.check(self.asked(lambda: self.solver.solve(assumptions, seconds=seconds)), assumptions)

    @rule(drawn=some)
    def solve_until_it_is_not_wanted(self, drawn: list[int]) -> None:
        assumptions = [*self.literals(drawn), self.hard]
        self.check(self.asked(lambda: self.solver.solve(assumptions, until=lambda: True)), assumptions)

    @rule(drawn=some)
    def propagate(self, drawn: list[int]) -> None:
        assumptions = self.literals(drawn)
        good, literals = self.asked(lambda: self.solver.propagate(assumptions))
        wanted = self.propagated(assumptions)
        if good:
            assert wanted is not None
            # It may know more, by what it has learned, but nothing that is not so; what holds without assumptions
            # need not be said.
            assert wanted - (self.propagated([]) or set()) <= set(literals)
            for literal in {lit for lit in literals if abs(lit) in self.variables}:
                assert not self.models([*assumptions, -literal])
        else:
            assert not self.models(assumptions)

    @precondition(lambda self: self.solver._process is not None and not self.killed)
    @rule()
    def kill(self) -> None:
        assert self.solver._process is not None
        self.solver._process.kill()
        self.solver._process.wait()
        self.killed = True

    @precondition(lambda self: self.solver._process is not None and not self.killed)
    @rule(drawn=some)
    def freeze(self, drawn: list[int]) -> None:
        """One that the system does not let work answers nothing, and is not waited for."""
        assert self.solver._process is not None
        os.kill(self.solver._process.pid, signal.SIGSTOP)
        assert self.solver.solve(self.literals(drawn), seconds=0.01).status is None

    @rule()
    def close(self) -> None:
        self.solver.close()
        self.killed = False

    @invariant()
    def at_most_one_process_is_there(self) -> None:
        process = getattr(self, "solver", None) and self.solver._process
        if self.worker and (process is None or process.pid != self.worker):
            assert ended(self.worker)
        self.worker = process.pid if process is not None else 0

    def teardown(self) -> None:
        if hasattr(self, "solver"):
            self.solver.close()
            self.at_most_one_process_is_there()

    def asked(self, question: Callable[[], Said]) -> Said:
        """The answer; where the process was killed, the first time there is an error that says so."""
        if self.killed:
            self.killed = False
            with pytest.raises(ResourceError, match="ended with code -9"):
                question()
        return question()

    def literals(self, drawn: list[int]) -> list[int]:
        count = len(self.variables)
        return [self.variables[n // 2 % count] * (1 if n % 2 else -1) for n in drawn]

    def models(self, assumptions: list[int]) -> list[set[int]]:
        """All models, as sets of literals."""
        signs = product((1, -1), repeat=len(self.variables))
        found = [{s * v for s, v in zip(sign, self.variables, strict=True)} for sign in signs]
        return [m for m in found if m.issuperset(assumptions) and all(m.intersection(c) for c in self.clauses)]

    def propagated(self, assumptions: list[int]) -> set[int] | None:
        """What follows clause by clause; None for a conflict."""
        holds = set(assumptions)
        while not any(-literal in holds for literal in holds):
            open_ = [{lit for lit in c if -lit not in holds} for c in self.clauses if not holds.intersection(c)]
            new = set[int]().union(*(c for c in open_ if len(c) == 1))
            if not all(open_):
                return None
            if not new:
                return holds
            holds |= new
        return None

    def check(self, answer: Answer, assumptions: list[int]) -> None:
        plain = [lit for lit in assumptions if lit != self.hard]
        possible = len(plain) == len(assumptions) and bool(self.models(plain))
        assert answer.status in (possible, None)
        if answer.status:
            found = {v if answer.model[v] else -v for v in self.variables}
            assert found in self.models(plain)
        if answer.status is False:
            assert set(answer.core) <= set(assumptions)
            assert self.hard in answer.core or not self.models(list(answer.core))


TestSolverStates = SolverStates.TestCase
TestSolverStates.settings = settings(often(12), stateful_step_count=15)
