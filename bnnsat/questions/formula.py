"""A question as a formula, by the fast reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import Encoding, usable
from bnnsat.encodings.defaults import encoding_for
from bnnsat.questions.question import Question
from bnnsat.readings.literals import LiteralAlgebra
from bnnsat.types import Bits, Integers, Literals


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula whose models are the solutions of a question.

    Attributes:
        circuit: what wrote the clauses.
        holes: the variables of the free bits, by name.
        objective: the sum that is to be small.
    """

    circuit: Circuit
    holes: dict[str, Literals]
    objective: Objective

    @property
    def cnf(self) -> Cnf:
        """The clauses."""
        return self.circuit.cnf

    def solution(self, model: Bits) -> dict[str, Bits]:
        """The free bits of a model, by name.

        Args:
            model: (variables + 1,) values; model[v] is that of variable v.
        """
        return {name: model[literals] for name, literals in self.holes.items()}


def encode(
    question: Question, circuit: Circuit, encodings: Sequence[Encoding] = (), order: Integers | None = None
) -> Formula:
    """The formula of a question, and the sum that is to be small as its objective.

    Args:
        question: what is asked.
        circuit: where the clauses go; the holes and the bits of the sum are named in its Cnf.
        encodings: of kinds of neurons; those that are not given have the default.
        order: in which the first layer's counts take what they read, (fan-in,); None as it is.

    Raises:
        TimeoutError: the circuit's deadline is past.
        MemoryError: the formula outgrows the machine.
    """
    holes = variables(circuit.cnf, question)
    algebra = reading(question, circuit, encodings, order)
    required = question.required(algebra, holes)
    circuit.cnf.add(required.reshape(-1, 1))
    found = question.sum(question.UNIT, algebra, holes)
    circuit.cnf.name(question.UNIT, found.bits)
    return Formula(circuit, holes, Objective.of(found.bits, found.costs))


def variables(cnf: Cnf, question: Question) -> dict[str, Literals]:
    """A variable for each free bit, by name.

    Args:
        cnf: where they are made, and named.
        question: what is asked.
    """
    holes = {name: cnf.fresh(int(np.prod(shape))).reshape(shape) for name, shape in question.holes.items()}
    for name, literals in holes.items():
        cnf.name(name, literals)
    return holes


def reading(
    question: Question, circuit: Circuit, encodings: Sequence[Encoding] = (), order: Integers | None = None
) -> LiteralAlgebra:
    """The fast reading for a question.

    Args:
        question: what is asked.
        circuit: where the clauses go.
        encodings: of kinds of neurons; those that are not given have the default.
        order: in which the first layer's counts take what they read, (fan-in,); None as it is.
    """
    by_kind = {name: usable(encoding_for(name), name) for name in question.neurons}
    by_kind |= {entry.kind: entry for entry in encodings}
    return LiteralAlgebra(circuit, popcount=by_kind.get("popcount"), half=by_kind.get("half"), order=order)
