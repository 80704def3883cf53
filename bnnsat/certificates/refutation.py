"""What has to be impossible, as a formula: a question by the plain reading, with bounds on its sums as unit clauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bnnsat.questions.normal import normal
from bnnsat.readings.plain import PlainAlgebra

if TYPE_CHECKING:
    from bnnsat.questions.question import Holes, Question

Tree = Sequence[Sequence[int]]
"""Pairs of numbers to be added in turn: the terms are 0 to n - 1, and the i-th pair makes number n + i."""


@dataclass(frozen=True, eq=False)
class Refutation:
    """The formula "a solution of the question has its sums at most so large"; it is to have no model.

    Attributes:
        plain: its clauses and gates.
        holes: the variables of the free bits.
        nodes: for each sum, the unary numbers along its tree: the terms first, the sum of all last.
    """

    plain: PlainAlgebra
    holes: Holes
    nodes: dict[str, list[list[int]]]

    @classmethod
    def of(
        cls,
        question: Question,
        most: Mapping[str, int],
        trees: Mapping[str, Tree],
        plain: PlainAlgebra | None = None,
        *,
        exchanged: bool = False,
    ) -> Refutation:
        """Sums of at most `most` each (from 0), added along `trees`, else in pairs; ValueError for what is no tree.

        `plain` takes the clauses, where it is given: it is new. With `exchanged` the solution is in normal form.
        """
        plain = plain or PlainAlgebra()
        holes = {name: plain.fresh(shape) for name, shape in question.holes.items()}
        for bit in question.required(plain, holes).tolist():
            plain.clauses.append([bit])
        nodes = {}
        for name, bound in most.items():
            found = question.sum(name, plain, holes)
            terms = [[bit] * cost for bit, cost in zip(found.bits.tolist(), found.costs.tolist(), strict=True)]
            nodes[name] = counted(plain, terms, trees.get(name, in_pairs(len(terms))), bound + 1)
            if bound < len(nodes[name][-1]):
                plain.clauses.append([-nodes[name][-1][bound]])
        if exchanged:
            for bit in normal(question, plain, holes).tolist():
                plain.clauses.append([bit])
        return cls(plain, holes, nodes)

    def dimacs(self) -> bytes:
        """The formula as a DIMACS file."""
        return dimacs(self.plain.top, self.plain.clauses)


def counted(plain: PlainAlgebra, terms: Sequence[list[int]], tree: Tree, width: int) -> list[list[int]]:
    """Unary numbers, digit k - 1 of which is implied by a count of k, up to `width` digits: the terms first,
    and then for each pair of the tree the sum of two numbers, each used once. The last is the count of all.
    """
    if sorted(number for pair in tree for number in pair) != list(range(2 * len(terms) - 2)):
        raise ValueError("the tree of a sum does not use every number once")
    nodes = list(terms)
    for a, b in tree:
        left, right = nodes[a], nodes[b]
        digits: list[int] = plain.fresh((min(len(left) + len(right), width),)).tolist()
        for i in range(len(left) + 1):
            for j in range(0 if i else 1, min(len(right), len(digits) - i) + 1):
                plain.clauses.append([digits[i + j - 1], *(-d for d in left[i - 1 : i] + right[max(j - 1, 0) : j])])
        nodes.append(digits)
    return nodes


def in_pairs(terms: int) -> list[tuple[int, int]]:
    """The tree that adds the first two numbers, and puts their sum behind all others, until one is left."""
    return [(2 * i, 2 * i + 1) for i in range(terms - 1)]


def dimacs(variables: int, clauses: Sequence[Sequence[int]]) -> bytes:
    """Clauses as a DIMACS file."""
    lines = [f"p cnf {variables} {len(clauses)}", *(" ".join(map(str, (*clause, 0))) for clause in clauses)]
    return ("\n".join(lines) + "\n").encode()
