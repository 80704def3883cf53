"""DRAT proofs, binary ones as text, and the checkers that judge them."""

from __future__ import annotations

import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

from dratify import check_proof, parse_dimacs

TEXT = frozenset(b"0123456789- \t\r\ncd")
"""The characters of a proof in text; c begins a comment, d a deletion."""


def text(proof: bytes) -> str:
    """A proof as text; the binary form (drat-trim's: a or d, literals in 7-bit groups, 0) is unpacked.

    Raises ValueError for what is neither.
    """
    if all(byte in TEXT for byte in proof[:4096]) or proof.startswith(b"c"):
        return proof.decode("ascii")
    lines, place = [], 0
    while place < len(proof):
        kind = proof[place : place + 1]
        if kind not in (b"a", b"d"):
            raise ValueError("it is no DRAT proof")
        place += 1
        literals: list[int] = []
        while not literals or literals[-1]:
            value, shift = 0, 0
            while True:
                if place == len(proof):
                    raise ValueError("it ends within a step")
                byte = proof[place]
                place += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            literals.append(-(value >> 1) if value & 1 else value >> 1)
        lines.append(("d " if kind == b"d" else "") + " ".join(map(str, literals)))
    return "\n".join(lines) + "\n"


def refutes(formula: Path, proof: Path, checker: str | None = None) -> str | None:
    """None if the proof shows that the formula has no model, else what is wrong with it.

    By dratify, or by another program, CHECKER FORMULA PROOF, that ends well and says VERIFIED.
    """
    if checker is not None:
        return _by_program([*shlex.split(checker), str(formula), str(proof)])
    # Where it is installed (extra `proofs`) this makes dratify some fifteen times as fast.
    with suppress(ImportError):
        import cdclkit  # noqa: F401
    try:
        result = check_proof(parse_dimacs(formula.read_text()), text(proof.read_bytes()))
    except (ValueError, IndexError, KeyError) as error:
        return str(error)
    return None if result.ok else str(result.reason)


def _by_program(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return f"{command[0]} cannot be run: {error.strerror or error}"
    said = [line for line in done.stdout.splitlines() if "VERIFIED" in line]
    if said and "NOT" not in said[-1]:
        return None
    return f"{command[0]} ends with code {done.returncode} and does not say VERIFIED"
