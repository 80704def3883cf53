"""What questions are made of, and the kinds that there are."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bnnsat.errors import InputError

if TYPE_CHECKING:
    from bnnsat.questions.question import Question
    from bnnsat.readings.algebra import Value
    from bnnsat.types import Integers

EXAMPLES, MODEL = "examples.txt", "model.json"
"""Names of such files: the training examples, one a line, and a model with its network."""
OURS = {"parts", "question", "replay", "formula", "inputs", "normal", "properties", "within", "undecided"}
"""Modules of this folder that are no kinds."""


@dataclass(frozen=True, eq=False)
class Sum:
    """The sum of the `costs` (terms,) of the `bits` (terms,) that are 1. What is to be large has its bits negated."""

    bits: Value
    costs: Integers


def kinds() -> list[str]:
    """The names of all kinds of questions."""
    found = pkgutil.iter_modules(importlib.import_module("bnnsat.questions").__path__)
    return sorted(module.name for module in found if module.name not in OURS)


def kind(name: object) -> type[Question]:
    """The kind of that name; InputError if there is none."""
    if name not in kinds():
        raise InputError(f"the kind of question {name!r} is unknown; there are {', '.join(kinds())}")
    found: type[Question] = importlib.import_module(f"bnnsat.questions.{name}").QUESTION
    return found
