"""SAT solvers behind one interface, and the one that works in this process."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from pysat.solvers import SolverNames

from bnnsat.circuit.cnf import Cnf
from bnnsat.errors import InputError
from bnnsat.solvers import worker
from bnnsat.types import Bits, Literals

INCREMENTAL = tuple(
    name
    for name in (
        *("cadical153", "cadical195", "cadical300", "glucose3", "glucose4", "glucose42", "gluecard3", "gluecard4"),
        *("maplechrono", "maplecm", "maplesat", "mergesat3", "minicard", "minisat22", "minisat-gh"),
    )
    if hasattr(SolverNames, name.replace("-", ""))
)
"""PySAT's solvers that take assumptions, budgets and phases, and propagate (cadical103 and lingeling do not)."""

NATIVE = ("minicard", "gluecard3", "gluecard4", "cadical195", "cadical300")
"""Those that take cardinality constraints as they are; in the CaDiCaLs PySAT propagates them in Python, slowly."""

PROVING = tuple(
    name
    for name in (
        "glucose3",
        "glucose4",
        "glucose42",
        "gluecard3",
        "gluecard4",
        "cadical153",
        "cadical195",
        "cadical300",
    )
    if name in INCREMENTAL
)
"""Those that write proofs."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a solver says.

    Attributes:
        status: True (satisfiable), False (not under the assumptions) or None (stopped before).
        model: (variables + 1,); model[v] is the value of variable v, model[0] is unused. For satisfiable only.
        core: assumptions that cannot hold together.
        statistics: counts of conflicts, decisions, propagations and restarts.
    """

    status: bool | None
    model: Bits = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    core: tuple[int, ...] = ()
    statistics: dict[str, int] = field(default_factory=dict)


class Solver(Protocol):
    """A solver of a Cnf; clauses that the Cnf gains later are taken over at the next call."""

    def solve(
        self, assumptions: Sequence[int] = (), *, conflicts: int | None = None, seconds: float | None = None
    ) -> Answer:
        """Decide the formula.

        Args:
            assumptions: literals that are to hold in this call.
            conflicts: a budget, kept as well as the solver keeps budgets; None for none.
            seconds: of wall-clock time; None for no limit.

        Raises:
            ResourceError: the solver failed.
        """

    def phases(self, literals: Sequence[int]) -> None:
        """Prefer these literals in decisions.

        Args:
            literals: one for each variable that is meant.
        """

    def propagate(self, assumptions: Sequence[int] = ()) -> tuple[bool, list[int]]:
        """Unit propagation only: whether it ran into no conflict, and the literals that hold.

        Args:
            assumptions: literals that are to hold.
        """


class DirectSolver:
    """A solver in this process: cheap to start, but a wall-clock limit cannot be kept.

    Args:
        cnf: the formula.
        name: of a PySAT solver.

    Raises:
        InputError: the solver is unknown.
    """

    def __init__(self, cnf: Cnf, name: str) -> None:
        self._cnf = cnf
        self._name = checked(name)
        self._session = worker.Session(name)
        self._sent = self._sent_cards = 0

    def solve(
        self, assumptions: Sequence[int] = (), *, conflicts: int | None = None, seconds: float | None = None
    ) -> Answer:
        """Decide. Raises ValueError for a limit in seconds, which only `SolverProcess` keeps."""
        if seconds is not None:
            raise ValueError("a solver in this process keeps no wall-clock limit; use SolverProcess")
        self._load()
        answer = self._session.solve(list(assumptions), conflicts)
        return answer_of(answer, answer["model"].tobytes(), self._cnf.variables)

    def phases(self, literals: Sequence[int]) -> None:
        """Prefer these literals in decisions."""
        self._load()
        self._session.phases(list(literals))

    def propagate(self, assumptions: Sequence[int] = ()) -> tuple[bool, list[int]]:
        """Unit propagation only."""
        self._load()
        answer = self._session.propagate(list(assumptions))
        return bool(answer["status"]), answer["literals"]

    def close(self) -> None:
        """Free the solver."""
        self._session.close()

    def _load(self) -> None:
        for block in self._cnf.blocks[self._sent :]:
            self._session.add(block.shape[1], array("i", block.tobytes()))
        self._sent = len(self._cnf.blocks)
        for rows, bound in native(self._cnf, self._sent_cards, self._name):
            self._session.add_at_most(rows.shape[1], bound, array("i", rows.tobytes()))
        self._sent_cards = len(self._cnf.cards)


def checked(name: str) -> str:
    """The name of a usable solver.

    Args:
        name: of a PySAT solver.

    Raises:
        InputError: the solver is unknown, or takes no assumptions.
    """
    if name not in INCREMENTAL:
        raise InputError(f"unknown solver {name!r}; those that take assumptions are {', '.join(INCREMENTAL)}")
    return name


def native(cnf: Cnf, sent: int, name: str) -> list[tuple[Literals, int]]:
    """The native constraints that a solver has not got yet.

    Args:
        cnf: the formula.
        sent: how many it has.
        name: the solver's.

    Raises:
        InputError: there are some, and the solver takes none.
    """
    if cnf.cards and name not in NATIVE:
        raise InputError(f"solver {name} takes no native cardinality constraints; use {', '.join(NATIVE)}")
    return cnf.cards[sent:]


def answer_of(reply: dict[str, Any], model: bytes, variables: int) -> Answer:
    """What a worker's reply says.

    Args:
        reply: its first line.
        model: int32 literals.
        variables: of the formula.
    """
    values = np.zeros(variables + 1, dtype=np.bool_)
    literals = np.frombuffer(model, dtype=np.int32)
    # A model may name fewer variables than there are (unused ones) or more (internal ones).
    literals = literals[np.abs(literals) <= variables]
    values[literals[literals > 0]] = True
    return Answer(reply["status"], values, tuple(reply["core"]), dict(reply["statistics"]))
