"""Proofs in other forms, binary DRAT and LRAT as text, and other programs that check them."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from pathlib import Path

from bnnsat.errors import InputError


def text(proof: bytes) -> bytes:
    """A proof as DRAT text.

    The binary form (drat-trim's: a or d, literals in 7-bit groups, 0) is unpacked; of LRAT text the clauses are kept.

    Args:
        proof: in one of the three forms.

    Raises:
        ValueError: it is none of these.
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
    return ("\n".join(lines) + "\n").encode()


def _without_hints(proof: str) -> bytes:
    """The lines of DRAT as they are, and those of LRAT (number, literals, 0, hints, 0) as their literals.

    LRAT's deletions name clauses by their numbers and are left out.
    """
    lines = []
    for line in proof.splitlines():
        words = line.split()
        if words[1:2] == ["d"]:
            continue
        lines.append(" ".join(words[1 : words.index("0") + 1]) if words.count("0") == 2 else line)
    return "".join(f"{line}\n" for line in lines).encode()


def refutes(formula: bytes, proof: bytes, checker: str) -> str | None:
    """None if a program ends with code 0 and says VERIFIED, else what is wrong.

    It has to say so on a line of its own or as a result, "s VERIFIED".

    Args:
        formula: DIMACS.
        proof: as the program takes it.
        checker: the program, called as CHECKER FORMULA PROOF.

    Raises:
        InputError: no program is named.
    """
    command = shlex.split(checker)
    if not command:
        raise InputError("the checker is empty; name a program")
    with tempfile.TemporaryDirectory(prefix="bnnsat-") as folder:
        files = Path(folder, "formula.cnf"), Path(folder, "proof.drat")
        for file, content in zip(files, (formula, proof), strict=True):
            file.write_bytes(content)
        try:
            done = subprocess.run([*command, *map(str, files)], capture_output=True, check=False)
        except OSError as error:
            return f"{command[0]} cannot be run: {error.strerror or error}"
    said = [line.strip() for line in done.stdout.decode(errors="replace").splitlines()]
    if done.returncode == 0 and any(line == "VERIFIED" or line.startswith("s VERIFIED") for line in said):
        return None
    return f"{command[0]} ends with code {done.returncode} and does not say VERIFIED"
