"""What has to be impossible for a claim to hold, as a plain formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bnnsat.problem import Problem
from bnnsat.readings.plain import PlainFormula
from bnnsat.shape import Shape

Tree = Sequence[Sequence[int]]
"""Pairs of numbers to be added: rows first, then the sums in turn (see `objective.Plan`)."""


@dataclass(frozen=True)
class Question:
    """Is there a network of `shape` with at most `errors` errors, where a right example has a margin of `margin`,
    and with at most `weights` weights other than 0, if that is not None?

    `name` is what its files are called.
    """

    name: str
    shape: Shape
    errors: int
    margin: int = 0
    weights: int | None = None

    def trivial(self, problem: Problem) -> bool:
        """Whether the answer is no without a proof: fewer errors than none, or than equal inputs with
        different labels make certain.
        """
        return self.errors < problem.lower_bound or (self.weights is not None and self.weights < 0)


@dataclass(frozen=True, eq=False)
class Asked:
    """A question's formula: its clauses, and the numbers of errors along the tree."""

    plain: PlainFormula
    nodes: list[list[int]]

    def dimacs(self) -> bytes:
        """The formula as a DIMACS file."""
        return dimacs(self.plain.top, self.plain.clauses)


def ask(question: Question, problem: Problem, tree: Tree) -> Asked:
    """The plain formula that is satisfiable iff the answer is yes.

    Raises ValueError for a tree that does not count each row once.
    """
    shape = question.shape
    rows = problem.inputs.astype(int).tolist()
    plain = PlainFormula(rows, problem.labels.tolist(), shape, margin=question.margin)
    leaves = [[wrong] * int(weight) for wrong, weight in zip(plain.errors, problem.weights, strict=True)]
    nodes = plain.count(leaves, tree, question.errors + 1)
    _at_most(plain, nodes[-1], question.errors)
    if question.weights is not None:
        used = [
            [plain.xnor(row[i], row[n + i])]
            for n, layer in zip(shape.sizes[:-1], plain.weights, strict=True)
            for row in layer
            for i in range(n)
        ]
        _at_most(plain, plain.count(used, in_pairs(len(used)), question.weights + 1)[-1], question.weights)
    return Asked(plain, nodes)


def in_pairs(leaves: int) -> list[tuple[int, int]]:
    """The tree that adds the first two numbers, and puts their sum behind all others, until one is left."""
    return [(2 * i, 2 * i + 1) for i in range(leaves - 1)]


def dimacs(variables: int, clauses: Sequence[Sequence[int]]) -> bytes:
    """Clauses as a DIMACS file."""
    lines = [f"p cnf {variables} {len(clauses)}", *(" ".join(map(str, (*clause, 0))) for clause in clauses)]
    return ("\n".join(lines) + "\n").encode()


def _at_most(plain: PlainFormula, digits: list[int], bound: int) -> None:
    if bound < len(digits):
        plain.clauses.append([-digits[bound]])
