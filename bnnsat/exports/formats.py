"""The formats: each a generator of pieces of a file, from an instance and comments, a line each.

DIMACS CNF to the letter of the SAT Competition's rules, WCNF as the MaxSAT Evaluation has it since 2022, OPB as the
pseudo-Boolean competition, iCNF (clauses, and cubes of assumptions), KNF (clauses, and cardinality constraints "k
BOUND LITERALS 0": at least so many), and CNF with a line "b LITERALS 0 BOUND OUTPUT 0" per neuron: at least so many
literals hold iff the output does (CNF-XOR-BNN).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from bnnsat.circuit.cnf import Cnf
from bnnsat.exports.instance import Instance
from bnnsat.exports.text import Literary
from bnnsat.types import Literals

Pieces = Iterator[bytes]


def cnf(instance: Instance, comments: Sequence[str]) -> Pieces:
    """DIMACS."""
    formula = instance.cnf
    yield _head(comments, f"p cnf {formula.variables} {formula.clauses}")
    yield from _clauses(formula)


def wcnf(instance: Instance, comments: Sequence[str]) -> Pieces:
    """Hard clauses, and a soft one for each error: it does not happen."""
    yield _head(comments)
    text = Literary(instance.cnf.variables)
    for block in instance.cnf.blocks:
        yield from text.lines(block, before="h ")
    for literal, weight in _terms(instance):
        yield f"{weight} {-literal} 0\n".encode()


def icnf(instance: Instance, comments: Sequence[str]) -> Pieces:
    """Clauses, and the bounds in turn: the first without a model ends the loop."""
    yield _head(comments, "p inccnf")
    yield from _clauses(instance.cnf)
    for cube in instance.cubes:
        yield f"a {cube} 0\n".encode()
    if not instance.cubes:
        # Every bound in question holds whatever the model is.
        yield b"a 0\n"


def knf(instance: Instance, comments: Sequence[str]) -> Pieces:
    """Clauses, and the bound on the errors as one cardinality constraint."""
    yield _head(comments, f"p knf {instance.cnf.variables} {constraints(instance, 'knf')}")
    yield from _clauses(instance.cnf)
    yield from _cardinality(instance)


def bnn(instance: Instance, comments: Sequence[str]) -> Pieces:
    """Clauses, and a line for each neuron on each example."""
    formula, text = instance.cnf, Literary(instance.cnf.variables)
    neurons = list(_neurons(formula))
    lines = sum(len(inputs) for inputs, _, _ in neurons)
    yield _head(comments, f"p cnf {formula.variables} {formula.clauses + lines}")
    yield from _clauses(formula)
    for inputs, bound, outputs in neurons:
        for row, output in zip(inputs, outputs.tolist(), strict=True):
            yield b"".join(text.lines(row[np.newaxis], "b ", "0"))[:-1] + f" {bound} {output} 0\n".encode()


def opb(instance: Instance, comments: Sequence[str]) -> Pieces:
    """Linear constraints over 0 and 1 (no negated literals); the errors are minimised, or bounded by one of them."""
    formula = instance.cnf
    cards = sum(len(rows) for rows, _ in formula.cards)
    bounds = instance.most is not None
    head = f"* #variable= {formula.variables} #constraint= {formula.clauses + cards + bounds}\n"
    yield head.encode() + b"".join(f"* {line}\n".encode() for line in comments)
    terms = _terms(instance)
    if instance.most is None:
        # Without any term some solvers would not take it for an optimisation.
        yield f"min: {_positive(terms)[0] or '+0 x1'} ;\n".encode()
    else:
        sum_, less = _positive([(literal, -weight) for literal, weight in terms])
        # Without any term it is true or false as it stands.
        bound = -instance.most - less if sum_ else 2 * (instance.most < 0)
        yield f"{sum_ or '+1 x1'} >= {bound} ;\n".encode()
    text = Literary(formula.variables, "+1 x", "-1 x")
    for block in formula.blocks:
        yield from _sums(text, block)
    for rows, bound in formula.cards:
        for row in rows.tolist():
            # At most so many hold: at least all others do not.
            sum_, less = _positive([(-literal, 1) for literal in row])
            yield f"{sum_} >= {len(row) - bound - less} ;\n".encode()


FORMATS: dict[str, tuple[str, Callable[[Instance, Sequence[str]], Pieces]]] = {
    "cnf": ("decision", cnf),
    "wcnf": ("optimisation", wcnf),
    "opb": ("optimisation", opb),
    "icnf": ("loop", icnf),
    "knf": ("cardinality", knf),
    "bnn": ("decision", bnn),
}
"""By the ending of a file's name: what kind of instance it holds, and how it is written."""


def constant(instance: Instance, name: str) -> int:
    """What has to be added to the least cost of a file of that format, for the least errors.

    Args:
        instance: what is written.
        name: of the format.
    """
    shift = _positive(_terms(instance))[1] if name == "opb" else 0
    return instance.objective.constant + shift


def constraints(instance: Instance, name: str) -> int:
    """How many constraints of any kind a file of that format has (wcnf: hard ones).

    Args:
        instance: what is written.
        name: of the format.
    """
    cards = sum(len(rows) for rows, _ in instance.cnf.cards)
    bounded = instance.most is not None
    # Each neuron is two native constraints, and one line; a cardinality that always holds is none.
    says = instance.most is not None and instance.most < int(instance.objective.costs.sum())
    return instance.cnf.clauses + {"bnn": cards // 2, "opb": cards + bounded, "knf": int(says)}.get(name, 0)


def _head(comments: Sequence[str], header: str | None = None) -> bytes:
    lines = [f"c {line}" for line in comments] + ([] if header is None else [header])
    return "".join(f"{line}\n" for line in lines).encode()


def _clauses(formula: Cnf) -> Pieces:
    text = Literary(formula.variables)
    for block in formula.blocks:
        yield from text.lines(block)


def _terms(instance: Instance) -> list[tuple[int, int]]:
    objective = instance.objective
    return list(zip(objective.literals.tolist(), objective.costs.tolist(), strict=True))


def _cardinality(instance: Instance) -> list[bytes]:
    """The line of a cardinality, if it says anything: one that cannot hold is the empty clause."""
    assert instance.most is not None
    literals = [-literal for literal, weight in _terms(instance) for _ in range(weight)]
    # At most so many are wrong: at least all others are right.
    bound = len(literals) - instance.most
    if bound > len(literals):
        return [b"0\n"]
    return [f"k {bound} {' '.join(map(str, literals))} 0\n".encode()] if bound > 0 else []


def _neurons(formula: Cnf) -> Iterator[tuple[Literals, int, Literals]]:
    """The counts that the native encoding writes, as inputs (rows, n), bound and outputs (rows,).

    Each stands there twice: at most n of the negated inputs and `bound` times the output, and then the other way round.
    """
    for rows, n in formula.cards[::2]:
        yield -rows[:, :n], rows.shape[1] - n, rows[:, n]


def _positive(terms: Sequence[tuple[int, int]]) -> tuple[str, int]:
    """A sum of weights and literals over variables alone, and what it is less by: w not x is w - w x."""
    sums: dict[int, int] = {}
    for literal, weight in terms:
        sums[abs(literal)] = sums.get(abs(literal), 0) + (weight if literal > 0 else -weight)
    less = sum(weight for literal, weight in terms if literal < 0)
    return " ".join(f"{weight:+d} x{variable}" for variable, weight in sums.items() if weight), less


def _sums(text: Literary, block: Literals) -> Pieces:
    """Clauses as sums, those with as many negated literals at a time: so much less than 1 they have to be."""
    if not block.shape[1]:
        # No sum may be without terms; this one cannot be 2.
        yield b"+1 x1 >= 2 ;\n" * len(block)
        return
    negative = (block < 0).sum(axis=1)
    for less in np.unique(negative).tolist():
        yield from text.lines(block[negative == less], after=f">= {1 - less} ;")
