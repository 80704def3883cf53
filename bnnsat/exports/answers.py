"""What solvers print, as values of variables: SAT and MaxSAT Competition, pseudo-Boolean, MiniSat's file."""

from __future__ import annotations

import re

import numpy as np

from bnnsat.errors import InputError
from bnnsat.types import Bits

LITERAL = re.compile(r"-?x?[0-9]{1,10}\Z")
UNSATISFIABLE = re.compile(r"^(s UNSATISFIABLE|UNSAT|UNSATISFIABLE)\s*$", re.MULTILINE)


def decoded(content: bytes) -> str:
    """What a program printed as text: comments may be in any encoding, and an editor may have put a mark in front.

    Args:
        content: as it was written.
    """
    return content.decode("utf-8-sig", errors="replace")


def values(output: str, variables: int) -> tuple[Bits, Bits]:
    """The value of each variable, and whether the solver names it, (variables + 1,) each with place 0 unused.

    Reads lines "v 1 -2 ... 0", "v 0110...", "v x1 -x2 ..." and MiniSat's "SAT" and literals. The last solution
    counts, and may be partial: variables that it does not name are 0.

    Args:
        output: what a solver printed.
        variables: of the formula.

    Raises:
        InputError: there is no solution, or it is not one of so many variables.
    """
    lines = [line.strip("\ufeff") for line in re.split(r"\r\n?|\n", output)]
    said = [line[1:].split() for line in lines if line.startswith(("v ", "v\t")) or line == "v"]
    if not said and lines and lines[0].strip() == "SAT":
        said = [line.split() for line in lines[1:]]
    words = [word for line in said for word in line]
    if UNSATISFIABLE.search("\n".join(lines)):
        raise InputError(
            "the solver says that there is no such network, or other solution; only a solution can be imported"
        )
    if not said:
        raise InputError("the solver's output has no solution: lines that begin with v")
    if bits := _bits(words, variables):
        literals = [place if bit == "1" else -place for place, bit in enumerate(bits, 1)]
    else:
        words = _last(words)
        if wrong := [word for word in words if not LITERAL.match(word)]:
            raise InputError(f"the solver's output is no list of literals: {wrong[0][:40]!r}")
        literals = [int(word.replace("x", "")) for word in words]
    found, named = np.zeros((2, variables + 1), dtype=np.bool_)
    if both := set(literals) & {-literal for literal in literals if literal}:
        raise InputError(f"the solver's output says both {max(both)} and {-max(both)}; a solution says one of them")
    for literal in literals:
        if abs(literal) > variables:
            raise InputError(f"the solver's output names variable {abs(literal)}; the formula has {variables}")
        found[abs(literal)], named[abs(literal)] = literal > 0, True
    return found, named


def _bits(words: list[str], variables: int) -> str:
    """The last solution of those that are written as a digit for each variable, on one line or several; else ""."""
    joined = "".join(words)
    if not words or len(joined) < variables or not set(joined) <= {"0", "1"} or max(map(len, words)) < 2:
        return ""
    return words[-1] if len(words[-1]) >= variables else joined[-variables:]


def _last(words: list[str]) -> list[str]:
    """The words of the last solution, each of which a 0 ends (or the end)."""
    if "0" not in words:
        return words
    ends = [place for place, word in enumerate(words) if word == "0"]
    if ends[-1] != len(words) - 1:
        return words[ends[-1] + 1 :]
    return words[(ends[-2] if len(ends) > 1 else -1) + 1 : ends[-1]]
