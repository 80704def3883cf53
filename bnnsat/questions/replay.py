"""Solutions of questions, judged by the numpy reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bnnsat.errors import InputError
from bnnsat.questions.question import Question
from bnnsat.readings.numpy import NUMPY
from bnnsat.types import Bits


@dataclass(frozen=True)
class Solution:
    """A solution as it was replayed: the sum that is to be small, a line about it, and further facts as JSON."""

    value: int
    words: str
    facts: dict[str, Any]


def replayed(question: Question, holes: Mapping[str, Bits]) -> Solution:
    """What values of the free bits are; InputError where they are no solution."""
    facts = question.facts(holes)
    if not question.required(NUMPY, holes).all():
        raise InputError("a condition does not hold: no solution of the formula")
    found = question.sum(question.UNIT, NUMPY, holes)
    value = int(found.costs[found.bits].sum())
    return Solution(value, f"{question.told({question.UNIT: value})}, replayed", facts)
