"""What a certificate says: what a solution of a question attains, and what no solution does.

A folder with claim.json, what it is about (examples.txt, model.json), and NAME.cnf and NAME.drat where a proof is due.
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
        counted: whether no formula and proof show it, but counting.
        exchanged: whether the formula is about networks in normal form, which exchanges of neurons and weights lead to.
    """

    sums: Mapping[str, int]
    changes: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    trees: Mapping[str, Tree] | None = None
    counted: bool = False
    exchanged: bool = False


@dataclass(frozen=True)
class Claim:
    """What is claimed of a question.

    Attributes:
        question: its kind.
        noted: the question as JSON.
        attained: what some solution has.
        impossible: what no solution has.
        source: where the data come from.
        files: the SHA-256 of each file, by name.
        space: of shapes, of which none is better; see `certificates.space`.
    """

    question: str
    noted: Mapping[str, Any]
    attained: tuple[Statement, ...] = ()
    impossible: tuple[Statement, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    space: Mapping[str, Any] = field(default_factory=dict)

    def about(self, statement: Statement, files: Files) -> Question:
        """The question that a `statement` is about, by the certificate's `files`; some exception for what is none."""
        asked = kind(self.question)
        if not statement.changes.keys() <= set(asked.CHANGES):
            raise InputError(f"a statement about {self.question} may change {', '.join(asked.CHANGES) or 'nothing'}")
        return asked.of({**self.noted, **statement.changes}, files)

    def dumps(self) -> bytes:
        """The claim as JSON."""
        return FORMAT.dumps(asdict(self))

    @classmethod
    def loads(cls, text: bytes) -> Claim:
        """The claim from a file's `text`; InputError, KeyError, TypeError or ValueError for anything else."""
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
