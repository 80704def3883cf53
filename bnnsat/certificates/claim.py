"""What a certificate says: what a solution of a question attains, and what no solution does.

A certificate is a folder with claim.json, what the question is about (examples.txt, model.json), and for each statement
that needs one a formula NAME.cnf and a proof NAME.drat.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bnnsat.documents import Format
from bnnsat.errors import InputError
from bnnsat.questions.parts import kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bnnsat.certificates.refutation import Tree
    from bnnsat.questions.question import Files, Question

FORMAT = Format("bnnsat-certificate", 2, "a certificate")
CLAIM = "claim.json"
LARGEST = 10**9
"""No number in a claim is larger."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""A file in the folder."""


@dataclass(frozen=True)
class Statement:
    """Sums of a question's solution, or sums that no solution has.

    Attributes:
        sums: what they are, or are at most, by name.
        changes: in what the question differs from that of the claim.
        name: of the formula and proof, where no solution has such sums.
        trees: in which order the formula adds the terms of each sum; None where no proof is needed.
    """

    sums: Mapping[str, int]
    changes: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    trees: Mapping[str, Tree] | None = None


@dataclass(frozen=True)
class Claim:
    """What is `attained` and what is `impossible` for the question that is `noted` as JSON, of the kind `question`.

    `source` says where the data come from, `files` what SHA-256 each file has.
    """

    question: str
    noted: Mapping[str, Any]
    attained: tuple[Statement, ...] = ()
    impossible: tuple[Statement, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def about(self, statement: Statement, files: Files) -> Question:
        """The question that a statement is about; some exception for what is none."""
        asked = kind(self.question)
        if not statement.changes.keys() <= set(asked.CHANGES):
            raise InputError(f"a statement about {self.question} may change {', '.join(asked.CHANGES) or 'nothing'}")
        return asked.of({**self.noted, **statement.changes}, files)

    def dumps(self) -> bytes:
        """The claim as JSON."""
        return FORMAT.dumps(asdict(self))

    @classmethod
    def loads(cls, text: bytes) -> Claim:
        """The claim from JSON; InputError, KeyError, TypeError or ValueError for anything else."""
        content = FORMAT.loads(text, CLAIM)
        for name in ("attained", "impossible"):
            content[name] = tuple(Statement(**statement) for statement in content[name])
        claim = cls(**content)
        numbers = [n for s in (*claim.attained, *claim.impossible) for n in s.sums.values()]
        if not numbers or not all(type(number) is int and 0 <= number <= LARGEST for number in numbers):
            raise InputError(f"{CLAIM}: its sums are not whole numbers from 0 to {LARGEST}")
        names = [statement.name for statement in claim.impossible]
        if len(set(names)) < len(names) or not all(map(NAME.fullmatch, (*names, *claim.files))):
            raise InputError(f"{CLAIM}: its names are not those of different files")
        return claim
