"""Networks that treat inputs alike which the examples do not tell apart.

There may be none of these as good as others are: what they show is how good a network can be, and no bound. They see
only how many of such inputs are so large, so that few examples are left, and few weights.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from bnnsat.circuit.templates import Circuit
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.search.least import Descent, descended
from bnnsat.types import Bits, Literals


def alike(
    question: IntegersQuestion, below: tuple[int, dict[str, Bits]] | None, seconds: float
) -> tuple[int, dict[str, Bits]] | None:
    """The best of them, and its errors, as far as there is time; None where there is none with fewer errors.

    Args:
        question: of training.
        below: a network that is known, and its errors.
        seconds: of wall-clock time.

    >>> from bnnsat.integers.shape import IntegerShape
    >>> inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> question = IntegersQuestion(IntegerShape.parse("2-2-1", bias=True), inputs, np.array([0, 1, 1, 0]))
    >>> errors, holes = alike(question, None, 60.0)
    >>> errors, np.ptp(question.network(holes).parameters()[0], axis=1).tolist()
    (0, [0, 0])
    """
    state: Descent = descended(folded(question), seconds, start=below, narrow=partial(_equal, question))
    if state.solution is None or state.value is None or (below is not None and state.value >= below[0]):
        return None
    return state.value, state.solution


def folded(question: IntegersQuestion) -> IntegersQuestion:
    """The question with the values of inputs that may be exchanged in order, about which such networks say the same.

    Args:
        question: of training.
    """
    inputs = question.inputs.copy()
    for group in _classes(question):
        inputs[:, group] = np.sort(inputs[:, group], axis=1)
    return replace(question, inputs=inputs)


def _classes(question: IntegersQuestion) -> list[list[int]]:
    """Inputs that may be exchanged, in groups."""
    found: list[list[int]] = []
    for i, j in question.exchanges:
        group = next((group for group in found if i in group), None)
        if group is None:
            found.append([i, j])
        else:
            group.append(j)
    return found


def _equal(question: IntegersQuestion, circuit: Circuit, holes: dict[str, Literals]) -> None:
    """Each neuron has one weight for all inputs of a group."""
    weights = holes["weights.0"]
    for i, j in question.exchanges:
        first, second = weights[:, i].reshape(-1), weights[:, j].reshape(-1)
        circuit.cnf.add(np.concatenate([np.stack([-first, second], axis=1), np.stack([first, -second], axis=1)]))
