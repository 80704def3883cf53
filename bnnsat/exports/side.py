"""The file beside an exported formula: where it comes from, what is to be expected, what its variables mean.

{"format": "bnnsat-export", "version": 2, "file": "x.cnf", "question": "training", "kind": "decision", "bound": 37,
 "noted": {...}, "source": {"task": {...}, "outputs": 1} | {"model": "..."} | {"texts": {...}},
 "expected": {"answer": "UNSAT", "errors": 38, "by": "..."} | null,
 "variables": 1234, "constraints": 5678, "constant": 0, "groups": {"weights.0": [[1, 2, ...]], ...}}

`noted` is the question as JSON, without the data that it is about; "bound" is that of the last cube of a loop, the
lowest; "expected" names the question's own unit. A group holds literals, or true and false where one is constant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat.documents import Format
from bnnsat.errors import InputError
from bnnsat.exports.source import Source, source_of
from bnnsat.files import reading
from bnnsat.plural import counted
from bnnsat.questions.parts import kind
from bnnsat.questions.question import Question
from bnnsat.questions.replay import Solution, replayed
from bnnsat.types import Bits, Integers

FORMAT = Format("bnnsat-export", 2, "the file beside an exported formula")
MEND = "; export the formula again"


@dataclass(frozen=True)
class Side:
    """The content of the file.

    Attributes:
        content: the members of the JSON object.
    """

    content: dict[str, Any]

    def dumps(self) -> bytes:
        """As JSON, a group on a line."""
        groups = self.content["groups"]
        head = FORMAT.dumps({key: value for key, value in self.content.items() if key != "groups"}).decode()
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(literals)}" for name, literals in groups.items())
        return f'{head[:-3]},\n "groups": {{\n{lines}\n }}\n}}\n'.encode()

    @classmethod
    def load(cls, path: Path) -> Side:
        """Read a file.

        Args:
            path: the file.

        Raises:
            InputError: it cannot be read, or is anything else.
        """
        try:
            text = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from None
        content = FORMAT.loads(text, str(path))
        needed = {"question", "noted", "source", "kind", "bound", "expected", "variables", "groups"}
        if missing := needed - content.keys():
            raise InputError(f"{path} lacks {', '.join(sorted(missing))}{MEND}")
        side = cls(content)
        with reading(str(path), mend=MEND):
            side._check()
        return side

    @cached_property
    def unit(self) -> str:
        """What the objective counts."""
        return kind(self.content["question"]).UNIT

    def source(self, place: str | None = None) -> Source:
        """Where what the question is about is.

        Args:
            place: another place of it, where there is one.
        """
        return source_of(self.content["source"], place)

    def question(self, source: Source) -> Question:
        """The question.

        Args:
            source: of what it is about.

        Raises:
            InputError: the source does not give what it is about.
        """
        files = source.files()
        with reading("what the formula was made of", mend=MEND):
            return kind(self.content["question"]).of(self.content["noted"], files)

    def holes(self, question: Question, values: Bits) -> dict[str, Bits]:
        """The free bits of a solver's values, by name.

        Args:
            question: that of the formula.
            values: of all variables, (variables + 1,).

        Raises:
            InputError: a group does not fit the question.
        """
        return {name: values[np.abs(group)] ^ (group < 0) for name, group in self._groups(question).items()}

    def missing(self, question: Question, named: Bits) -> str:
        """In words, which free bits a solver does not name.

        Args:
            question: that of the formula.
            named: the variables that it does, (variables + 1,).
        """
        left = {name: int((~named[np.abs(group)]).sum()) for name, group in self._groups(question).items()}
        return ", ".join(f"{count} of {name}" for name, count in left.items() if count)

    def replay(self, question: Question, values: Bits) -> Solution:
        """What values of the variables are.

        Args:
            question: that of the formula.
            values: of all variables, (variables + 1,).

        Raises:
            InputError: they are no solution, or a worse one than asked for.
        """
        solution, most = replayed(question, self.holes(question, values)), self.content["bound"]
        if most is not None and solution.value > most and self.content["kind"] != "loop":
            raise InputError(
                f"the solution makes {counted(solution.value, question.UNIT)}, "
                f"and the formula asks for at most {most}: no solution of it"
            )
        return solution

    def _groups(self, question: Question) -> dict[str, Integers]:
        """The literals of the free bits."""
        found = {name: _literals(self.content["groups"].get(name, [])) for name in question.holes}
        if wrong := [name for name, shape in question.holes.items() if found[name].shape != shape]:
            raise InputError(f"group {wrong[0]} does not fit the question{MEND}")
        return found

    def _check(self) -> None:
        """Raise one of several errors for what is damaged."""
        content = self.content
        variables, expected = content["variables"], content["expected"]
        if type(variables) is not int or not (content["bound"] is None or type(content["bound"]) is int):
            raise InputError("a number is due")
        if type(content["noted"]) is not dict or type(content["source"]) is not dict:
            raise InputError("an object is due")
        if expected is not None and {type(expected["answer"]), type(expected[self.unit])} != {str, int}:
            raise InputError("what is expected is no answer")
        if content["source"]:
            self.source()
        for name, group in content["groups"].items():
            if name.startswith(self.unit):
                continue
            if (np.abs(_literals(group)) > variables).any():
                raise InputError(f"group {name} names variables that there are not")


def _literals(group: Any) -> Any:
    """A group of variables as an array; InputError for anything else."""
    try:
        literals = np.array(group, dtype=object).astype(np.int64) if group else np.empty(0, dtype=np.int64)
    except (OverflowError, TypeError, ValueError):
        literals = np.zeros(1, dtype=np.int64)
    if not literals.all() or not all(type(literal) is int for literal in np.array(group, dtype=object).ravel()):
        raise InputError(f"a free bit is no variable{MEND}")
    return literals
