"""Why examples that no first neuron tells apart cost errors: the steps that shorten a half-comparison's proof.

A half-comparison that is decided within a prefix of its pairs says the same of all examples that agree on that
prefix. Where that holds for every first neuron, so does the network: at least min(zeros, ones) of these
examples are wrong. The plain formula does not say so; here it is derived from it, step by step, in a form
that any checker of DRAT proofs takes: gates for the common output are added (their clauses are resolution
asymmetric tautologies on a new variable), and each further clause follows by unit propagation.
Gate by gate the output on each example is shown to be the common one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bnnsat.certificates.question import Asked, Tree
from bnnsat.problem import Problem
from bnnsat.readings.plain import Call
from bnnsat.search.half.tries import Group
from bnnsat.shape import Shape


def fits(shape: Shape) -> bool:
    """Whether a shape is one with such groups: half-comparisons with a single output."""
    return shape.activation == "half" and shape.head == "bit"


def lemmas(asked: Asked, problem: Problem, tree: Tree, groups: Sequence[Group]) -> Iterator[list[int]]:
    """The steps, clause by clause, for groups whose parts come before them; the formula's variables are extended."""
    plain = asked.plain
    common: dict[int, tuple[list[Call], int]] = {}
    for group in groups:
        states = [neuron[group.depth - 1] for neuron in plain.states[group.row]] if group.depth else []
        undecided = [equal for equal, _ in states]
        if not states or plain.true in undecided:
            # Nothing is decided before the first pair.
            continue
        old = len(plain.clauses)
        common[group.node] = calls, output = _traced(asked, [greater for _, greater in states])
        yield from plain.clauses[old:]
        del plain.clauses[old:]
        for part in _parts(group.node, tree, len(problem.labels), set(common)):
            if part in common:
                other, _ = common[part]
            else:
                other, _ = _traced(asked, [neuron[-1][1] for neuron in plain.states[part]])
            for mine, its in zip(calls, other, strict=True):
                yield from _same(undecided, mine, its)
        fewest = min(group.zeros, group.ones)
        digits = asked.nodes[group.node]
        wrong = digits[min(fewest, len(digits)) - 1]
        where = [] if group.depth == len(plain.states[group.row][0]) else undecided
        yield [*where, -output, wrong]
        yield [*where, output, wrong]
        yield [*where, wrong]


def _traced(asked: Asked, values: list[int]) -> tuple[list[Call], int]:
    """The gates behind the first layer, for its outputs, and the network's output."""
    plain = asked.plain
    start = len(plain.calls)
    output = plain.outputs(values, 1)[0]
    return plain.calls[start:], output


def _parts(node: int, tree: Tree, rows: int, known: set[int]) -> list[int]:
    """The largest parts of a node of the tree that are known, and the rows that are in none of them."""
    found, todo = [], list(tree[node - rows])
    while todo:
        part = todo.pop()
        if part < rows or part in known:
            found.append(part)
        else:
            todo += tree[part - rows]
    return found


def _same(where: list[int], mine: Call, its: Call) -> Iterator[list[int]]:
    """That two gates, whose inputs are the same unless one of the literals `where` holds, have the same output."""
    (kind, inputs, a), (_, _, b) = mine, its
    if a == b:
        return
    if kind == "xnor":
        # Nothing propagates before one input is known.
        for x in (inputs[0], -inputs[0]):
            yield [*where, x, -a, b]
            yield [*where, x, a, -b]
    yield [*where, -a, b]
    yield [*where, a, -b]
