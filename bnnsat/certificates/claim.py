"""What a certificate says: what a solution of a question attains, and what no solution does.

A certificate is a folder with claim.json, what the question is about (examples.txt, the training examples, one a line:
bits, a space, the label; model.json, a network), and for each statement that needs one a formula NAME.cnf and a proof
NAME.drat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bnnsat.certificates.refutation import Tree
from bnnsat.documents import Format, reading
from bnnsat.errors import InputError
from bnnsat.questions.question import Files, Question, kind

FORMAT = Format("bnnsat-certificate", 2, "a certificate")
CLAIM = "claim.json"
LARGEST = 10**9
"""No number in a claim is larger."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")


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
    """A question of some kind with what is `attained` and what is `impossible`.

    `noted` is the question as JSON, `source` says where the data come from, `files` what SHA-256 each file has.
    """

    kind: str
    noted: Mapping[str, Any]
    attained: tuple[Statement, ...] = ()
    impossible: tuple[Statement, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def question(self, statement: Statement, files: Files) -> Question:
        """What a statement is about. InputError, KeyError, TypeError or ValueError for what is no question."""
        if unknown := statement.changes.keys() - self.noted.keys():
            raise InputError(f"a question of {self.kind} has no {', '.join(sorted(unknown))}")
        return kind(self.kind).of({**self.noted, **statement.changes}, files)

    def dumps(self) -> bytes:
        """The claim as JSON."""
        attained = [{"sums": s.sums, "changes": s.changes} for s in self.attained]
        impossible = [{"name": s.name, "sums": s.sums, "changes": s.changes, "trees": s.trees} for s in self.impossible]
        return FORMAT.dumps(
            {
                "question": self.kind,
                "noted": self.noted,
                "attained": attained,
                "impossible": impossible,
                "source": self.source,
                "files": self.files,
            }
        )

    @classmethod
    def loads(cls, text: bytes) -> Claim:
        """The claim from JSON; InputError, with what is wrong, for anything else."""
        content = FORMAT.loads(text, CLAIM)
        with reading(CLAIM):
            parts = [content.pop(name) for name in ("question", "noted", "attained", "impossible", "source", "files")]
            if content:
                raise InputError(f"{', '.join(map(repr, content))} is no part of a claim")
            name, noted, attained, impossible, source, files = parts
            made = [tuple(Statement(**statement) for statement in part) for part in (attained, impossible)]
            claim = cls(name, noted, made[0], made[1], source, files)
            claim._check()
        return claim

    def _check(self) -> None:
        statements = (*self.attained, *self.impossible)
        if not statements:
            raise InputError("nothing is claimed")
        parts = [self.noted, self.source, self.files, *(p for s in statements for p in (s.sums, s.changes))]
        if not all(type(part) is dict for part in (*parts, *(s.trees for s in statements if s.trees is not None))):
            raise InputError("a part is no object")
        numbers = [number for statement in statements for number in statement.sums.values()]
        if not all(type(n) is int and 0 <= n <= LARGEST for n in numbers) or not all(s.sums for s in statements):
            raise InputError(f"a sum is no whole number from 0 to {LARGEST}")
        names = [statement.name for statement in self.impossible]
        if len(set(names)) < len(names):
            raise InputError("two statements have one name")
        if not all(type(digest) is str for digest in self.files.values()):
            raise InputError("a digest is no text")
        _named([*names, *self.files])


def _named(names: Iterable[Any]) -> None:
    """Raise InputError for names that are no file's in the folder of the certificate."""
    for name in names:
        if type(name) is not str or not NAME.match(name) or name == CLAIM:
            raise InputError(f"{name!r} is no name of a file of a certificate")
