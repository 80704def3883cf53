"""DRAT proofs, binary ones and LRAT as text, and the checkers that judge them."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from dratify import check_proof, parse_dimacs

from bnnsat.errors import InputError


def text(proof: bytes) -> str:
    """A proof as DRAT text; the binary form (drat-trim's: a or d, literals in 7-bit groups, 0) is unpacked.

    Of LRAT text the clauses are kept. Raises ValueError for what is none of these.
    """
    # Each binary step ends with a zero byte, which no text has.
    if b"\0" not in proof:
        return _without_hints(proof.decode("ascii"))
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


def _without_hints(proof: str) -> str:
    """The lines of DRAT as they are, and those of LRAT (number, literals, 0, hints, 0) as their literals.

    LRAT's deletions name clauses by their numbers and are left out.
    """
    lines = []
    for line in proof.splitlines():
        words = line.split()
        if words[1:2] == ["d"]:
            continue
        lines.append(" ".join(words[1 : words.index("0") + 1]) if words.count("0") == 2 else line)
    return "".join(f"{line}\n" for line in lines)


def refutes(formula: bytes, proof: bytes, checker: str | None = None) -> str | None:
    """None if the proof shows that the formula (DIMACS) has no model, else what is wrong with it.

    By dratify, or by another program, CHECKER FORMULA PROOF, that ends with code 0 and says VERIFIED on a line of its
    own or as a result, "s VERIFIED".
    """
    if checker is not None:
        return _by_program(checker, formula, proof)
    # Where it is installed (extra `proofs`) this makes dratify some fifteen times as fast.
    with suppress(ImportError):
        import cdclkit  # noqa: F401
    try:
        # Deletions are only hints that make checking quicker, and dratify forgets to take back what a deleted clause
        # had implied; a step that holds beside more clauses is as good.
        result = check_proof(parse_dimacs(formula.decode("ascii")), text(proof), apply_deletions=False)
    except (ValueError, IndexError, KeyError) as error:
        return str(error)
    return None if result.ok else str(result.reason)


def _by_program(checker: str, formula: bytes, proof: bytes) -> str | None:
    command = shlex.split(checker)
    if not command:
        raise InputError("the checker is empty; name a program")
    with tempfile.TemporaryDirectory(prefix="bnnsat-") as folder:
        files = Path(folder, "formula.cnf"), Path(folder, "proof.drat")
        for file, content in zip(files, (formula, proof), strict=True):
            file.write_bytes(content)
        try:
            done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
        except OSError as error:
            return f"{command[0]} cannot be run: {error.strerror or error}"
    said = [line.strip() for line in done.stdout.splitlines()]
    if done.returncode == 0 and any(line == "VERIFIED" or line.startswith("s VERIFIED") for line in said):
        return None
    return f"{command[0]} ends with code {done.returncode} and does not say VERIFIED"
