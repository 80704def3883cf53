"""Solutions of questions, judged by the numpy reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.questions.question import Question
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings.numpy import NUMPY
from bnnsat.types import Bits


@dataclass(frozen=True)
class Solution:
    """A solution as it was replayed.

    Attributes:
        value: the sum that is to be small.
        words: a line about it.
        facts: what else there is to be told, as JSON.
    """

    value: int
    words: str
    facts: dict[str, Any]


def replayed(question: Question, holes: Mapping[str, Bits]) -> Solution:
    """What values of the free bits are.

    Args:
        question: what is asked.
        holes: the values, by name.

    Raises:
        InputError: they are no solution.
    """
    facts = question.facts(holes)
    if not question.required(NUMPY, holes).all():
        raise InputError("a condition does not hold: no solution of the formula")
    found = question.sum(question.UNIT, NUMPY, holes)
    value = int(found.costs[found.bits].sum())
    return Solution(value, f"{question.told({question.UNIT: value})}, replayed", facts)


def network_of(question: TrainingQuestion, holes: Mapping[str, Bits]) -> Network:
    """The network whose weights are the free bits of a question of training.

    Args:
        question: of training.
        holes: values of its free bits, by name.
    """
    return Network.of(question.shape, [holes[name] for name in question.holes])
