"""Reified counts from encoders that give "at most" in one direction only, such as PySAT's.

output <-> at least k of n is made of two of them: "at most k - 1 unless output" and, over the negated
literals, "at most n - k unless not output". Guarding every clause with the output is right but hides
the output from unit propagation. So a clause is guarded only where it has to be: what stays
unguarded can be satisfied by the auxiliary variables whatever the inputs are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache

from bnnsat.circuit.templates import Circuit, Template
from bnnsat.circuit.thresholds import ThresholdCount
from bnnsat.types import Literals

Clauses = Sequence[Sequence[int]]
AtMost = Callable[[list[int], int, int], Clauses]
"""Clauses that hold, for some auxiliary variables above `top`, iff at most `bound` literals do."""


def counter(name: str, at_most: AtMost) -> Callable[[Circuit, Literals], ThresholdCount]:
    """The function `count` of an encoding that is made of "at most".

    Args:
        name: the encoding's, for its templates.
        at_most: gives the clauses, for bounds from 1 to n - 1.
    """

    @cache
    def template(n: int, k: int) -> Template:
        return reified(f"{name}-{n}-{k}", n, k, at_most)

    return templates(template)


def templates(template: Callable[[int, int], Template]) -> Callable[[Circuit, Literals], ThresholdCount]:
    """The function `count` of an encoding that has one template for each n and k, its output the count.

    Args:
        template: makes it of n and k, 1 <= k <= n.
    """

    def count(circuit: Circuit, literals: Literals) -> ThresholdCount:
        n = literals.shape[1]
        return ThresholdCount(literals, lambda rows, k: circuit.instantiate(template(n, k), rows)[:, 0])

    return count


def reified(name: str, n: int, k: int, at_most: AtMost) -> Template:
    """The template output <-> at least k of n.

    Args:
        name: the template's.
        n: inputs.
        k: from 1 to n.
        at_most: gives the clauses of "at most".
    """
    output = n + 1
    clauses, top = _guarded(at_most, n, k - 1, sign=1, guard=output, top=output)
    more, _ = _guarded(at_most, n, n - k, sign=-1, guard=-output, top=top)
    return Template.of(name, n, [output], clauses + more)


def _guarded(at_most: AtMost, n: int, bound: int, sign: int, guard: int, top: int) -> tuple[list[list[int]], int]:
    """At most `bound` of the literals sign * 1..n unless `guard`; and the highest variable used."""
    literals = [sign * i for i in range(1, n + 1)]
    if bound == 0:
        return [[-literal, guard] for literal in literals], top
    clauses = [list(clause) for clause in at_most(literals, bound, top)]
    forbidding = _forbidding(clauses, top)
    clauses = [[*clause, guard] if i in forbidding else clause for i, clause in enumerate(clauses)]
    return clauses, max(top, *(abs(literal) for clause in clauses for literal in clause))


def _forbidding(clauses: Clauses, top: int) -> set[int]:
    """Clauses (by index) without which the others can be satisfied for all values of 1..top.

    Take the auxiliary variables in ascending order. The clauses in which one is the highest can be
    satisfied by it, whatever the lower variables are, if each that wants it true and each that wants it
    false clash in another variable, so that never both need it (Kullmann's blocked clauses). Where
    two do not clash, the one in more such pairs is taken out.
    """
    out = {i for i, clause in enumerate(clauses) if max(map(abs, clause)) <= top}
    highest: dict[int, list[int]] = defaultdict(list)
    for i, clause in enumerate(clauses):
        if i not in out:
            highest[max(map(abs, clause))].append(i)
    for variable, group in highest.items():
        positive = [(i, {-literal for literal in clauses[i]}) for i in group if variable in clauses[i]]
        negative = [(i, set(clauses[i])) for i in group if variable not in clauses[i]]
        partners: dict[int, set[int]] = defaultdict(set)
        for p, a in positive:
            for q, b in negative:
                # They share the variable, in both signs; if that is all, they do not clash elsewhere.
                if len(a & b) == 1:
                    partners[p].add(q)
                    partners[q].add(p)
        while partners:
            worst = max(partners, key=lambda i: (len(partners[i]), -len(clauses[i]), i))
            out.add(worst)
            for other in partners.pop(worst):
                partners[other].discard(worst)
                if not partners[other]:
                    del partners[other]
    return out
