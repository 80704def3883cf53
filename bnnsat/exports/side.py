"""The file beside an exported formula: where it comes from, what is to be expected, what its variables mean.

{"format": "bnnsat-export", "version": 1, "file": "x.cnf", "question": "training", "kind": "decision", "bound": 37,
 "task": {...}, "shape": {...}, "class_weights": [], "examples": SHA-256 of the training examples,
 "expected": {"answer": "UNSAT", "errors": 38, "by": "..."} | null,
 "variables": 1234, "constraints": 5678, "constant": 0, "groups": {"weights.0": [[1, 2, ...]], ...}}

With "question": "robustness" there are "model", "sha256", "example" and "label" instead of the third line,
and "changes" instead of "errors". A group holds literals, or true and false where one is constant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.questions.question import Question, Solution
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.types import Bits

FORMAT, VERSION = "bnnsat-export", 1
NEEDED = {
    "training": {"task", "shape", "class_weights", "examples"},
    "robustness": {"model", "sha256", "example", "label"},
}


@dataclass(frozen=True)
class Side:
    """The content of the file."""

    content: dict[str, Any]

    def dumps(self) -> bytes:
        """As JSON, a group on a line."""
        groups = self.content["groups"]
        rest = {key: value for key, value in self.content.items() if key != "groups"}
        head = json.dumps({"format": FORMAT, "version": VERSION, **rest}, indent=1)
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(literals)}" for name, literals in groups.items())
        return f'{head[:-2]},\n "groups": {{\n{lines}\n }}\n}}\n'.encode()

    @classmethod
    def load(cls, path: Path) -> Side:
        """Read a file; InputError for anything else."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from None
        except ValueError as error:
            raise InputError(f"{path}: not the file beside an exported formula ({error})") from None
        if not isinstance(content, dict) or (content.get("format"), content.get("version")) != (FORMAT, VERSION):
            raise InputError(f"{path}: not the file beside an exported formula")
        if content.get("question") not in list(NEEDED):
            raise InputError(f"{path}: its question is unknown; there are {', '.join(NEEDED)}")
        needed = NEEDED[content["question"]] | {"kind", "bound", "variables", "groups"}
        if missing := (needed | {"expected"}) - content.keys():
            raise InputError(f"{path} lacks {', '.join(sorted(missing))}")
        side = cls(content)
        try:
            side._check()
        except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise InputError(f"{path}: damaged ({type(error).__name__} {error}); export the formula again") from None
        return side

    def _check(self) -> None:
        """Raise one of several errors for what is damaged."""
        content = self.content
        groups, variables, expected = content["groups"], content["variables"], content["expected"]
        if type(variables) is not int or not (content["bound"] is None or type(content["bound"]) is int):
            raise ValueError("a number is due")
        values = np.zeros(variables + 1, dtype=np.bool_)
        if content["question"] == TrainingQuestion.NAME:
            if any(type(cost) is not int for cost in content["class_weights"]):
                raise ValueError("a class weight is no number")
            TrainingQuestion.of(content).network(groups, values)
            if expected is not None and {type(expected["answer"]), type(expected["errors"])} != {str, int}:
                raise ValueError("what is expected is no answer")
        else:
            literals = groups["inputs"]
            if (
                type(content["example"]) is not str
                or len(literals) != len(content["example"])
                or any(type(literal) is not int for literal in literals)
            ):
                raise ValueError("the inputs do not fit the example")
            values[np.abs(literals)]
            Path(content["model"])

    def question(self, place: str | None = None) -> Question:
        """The question, its data or its model at another place where one is given."""
        kinds: dict[str, type[TrainingQuestion] | type[RobustnessQuestion]]
        kinds = {kind.NAME: kind for kind in (TrainingQuestion, RobustnessQuestion)}
        return kinds[self.content["question"]].of(self.content, place)

    def replay(self, question: Question, values: Bits) -> Solution:
        """What values of the variables are; InputError where they are no solution, or a worse one than asked for."""
        solution, most = question.replay(self.content["groups"], values), self.content["bound"]
        if most is not None and solution.value > most and self.content["kind"] != "loop":
            raise InputError(
                f"the solution makes {solution.value} {question.UNIT}, and the formula asks for at most {most}: "
                "no solution of it"
            )
        return solution
