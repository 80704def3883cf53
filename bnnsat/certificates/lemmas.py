"""Why examples that no first neuron tells apart cost errors: the steps that shorten a half-comparison's proof.

A half-comparison that is decided within a prefix of its pairs says the same of all examples that agree on that
prefix. Where that holds for every first neuron, so does the network: at least min(zeros, ones) of these
examples are wrong. The formula does not say so; here it is derived from it, step by step, in a form
that any checker of DRAT proofs takes: gates for the common output are added (their clauses are resolution
asymmetric tautologies on a new variable), and each further clause follows by unit propagation.
Gate by gate the output on each example is shown to be the common one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bnnsat.certificates.refutation import Refutation, Tree
from bnnsat.questions.question import Question
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings import forward
from bnnsat.readings.plain import Call, State
from bnnsat.search.half.tries import Group


def fits(question: Question) -> bool:
    """Whether a question has such groups: training half-comparisons with a single output.

    Args:
        question: of any kind.
    """
    if not isinstance(question, TrainingQuestion):
        return False
    return question.shape.activation == "half" and question.shape.head == "bit"


def lemmas(
    question: TrainingQuestion, refutation: Refutation, tree: Tree, groups: Sequence[Group]
) -> Iterator[list[int]]:
    """The steps, clause by clause; the formula's variables are extended.

    Args:
        question: about half-comparisons.
        refutation: its formula.
        tree: along which the errors are added.
        groups: examples that agree on a prefix; parts of a group come before it.
    """
    plain, known = refutation.plain, _Traces(question, refutation)
    rows, digits = len(question.problem.labels), refutation.nodes["errors"]
    common: dict[int, tuple[list[Call], int]] = {}
    for group in groups:
        states = known.states(group.row)
        undecided = [neuron[group.depth][0] for neuron in states]
        if plain.true in undecided:
            # Nothing is decided before the first pair.
            continue
        old = len(plain.clauses)
        common[group.node] = calls, output = known.traced([neuron[group.depth][1] for neuron in states])
        yield from plain.clauses[old:]
        del plain.clauses[old:]
        for part in _parts(group.node, tree, rows, set(common)):
            other, _ = common[part] if part in common else known.traced([n[-1][1] for n in known.states(part)])
            for mine, its in zip(calls, other, strict=True):
                yield from _same(undecided, mine, its)
        fewest = min(group.zeros, group.ones)
        wrong = digits[group.node][min(fewest, len(digits[group.node])) - 1]
        where = [] if group.depth == len(states[0]) - 1 else undecided
        yield [*where, -output, wrong]
        yield [*where, output, wrong]
        yield [*where, wrong]


class _Traces:
    """The gates of the forward pass once more: gates that are there already are found, not made again."""

    def __init__(self, question: TrainingQuestion, refutation: Refutation) -> None:
        self._plain, self._shape = refutation.plain, question.shape
        self._inputs = self._plain.constant(question.problem.inputs)
        self._weights = [refutation.holes[name] for name in question.holes]

    def states(self, row: int) -> list[list[State]]:
        """The states of each first-layer neuron's comparison on a row, pair after pair."""
        z = forward.products(self._plain, self._inputs[row : row + 1], self._weights[0])[0]
        half = z.shape[1] // 2
        return [self._plain.compared(neuron[:half].tolist(), neuron[half:].tolist()) for neuron in z]

    def traced(self, values: list[int]) -> tuple[list[Call], int]:
        """The gates behind the first layer, for its outputs, and the network's output."""
        start, outputs = len(self._plain.calls), np.array([values])
        outputs = forward.outputs(self._plain, self._shape, self._weights, outputs, first=1)
        return self._plain.calls[start:], int(outputs[0, 0])


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
