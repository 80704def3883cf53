"""The solvers that say how hard an instance is: MiniSat (the SAT Competition's own test), PySAT's RC2, and clasp."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bnnsat.errors import InputError, ResourceError
from bnnsat.exports.answers import decoded
from bnnsat.solvers.worker import die_with_parent

COMMANDS = {
    "cnf": ("minisat", "-verb=0", "{file}", "{solution}"),
    "wcnf": (sys.executable, "-P", "-m", "pysat.examples.rc2", "-vv", "{file}"),
    "opb": ("clasp", "{file}"),
}
NAMES = {"cnf": "MiniSat", "wcnf": "RC2", "opb": "clasp"}
CODES = {10: "SAT", 20: "UNSAT"}
GAVE_UP = (0, 30)
"""Exit codes of solvers that end without an answer."""
GRACE_SECONDS = 60
"""Seconds of all processors after which the system ends a program that nobody ended before."""


@dataclass(frozen=True)
class Verdict:
    """How a solver ended: its answer (None past the limit), the least cost if it is one, its solution as text."""

    seconds: float
    answer: str | None = None
    cost: int | None = None
    solution: str = ""


@dataclass(frozen=True)
class Ended:
    """What a program left behind; without a code it was ended at its limit."""

    name: str
    seconds: float
    code: int | None = None
    said: str = ""
    complained: str = ""

    def decided(self, solution: Path | None) -> Verdict:
        """The answer by the exit code, with what is in the file or was said as the solution."""
        if self.code is None:
            return Verdict(self.seconds)
        if self.code not in CODES:
            raise ResourceError(
                f"{self.name} ended with code {self.code}, not 10 or 20: {self.complained.strip()[-200:]}"
            )
        text = decoded(solution.read_bytes()) if solution is not None and solution.exists() else self.said
        return Verdict(self.seconds, CODES[self.code], solution=text)

    def optimised(self) -> Verdict:
        """The answer by what was said."""
        if self.code is None:
            return Verdict(self.seconds)
        if re.search(r"^s UNSATISFIABLE", self.said, re.MULTILINE):
            return Verdict(self.seconds, "UNSAT")
        costs = re.findall(r"^o (-?[0-9]+)$", self.said, re.MULTILINE)
        if not costs or not re.search(r"^s OPTIMUM FOUND$", self.said, re.MULTILINE):
            raise ResourceError(f"{self.name} found no optimum: {(self.complained or self.said).strip()[-200:]}")
        return Verdict(self.seconds, "OPTIMUM", int(costs[-1]), self.said)


def available(track: str) -> None:
    """InputError where the reference of a track is not installed."""
    program = COMMANDS[track][0]
    if shutil.which(program) is None:
        raise InputError(f"the reference solver {program} is not installed (Debian: apt-get install {program})")


def reference(track: str, file: Path, limit: float) -> Verdict:
    """The reference solver of a track on a file."""
    solution = file.with_suffix(".solution")
    command = [part.format(file=file, solution=solution) for part in COMMANDS[track]]
    run = _run(command, limit)
    return run.decided(solution) if track == "cnf" else run.optimised()


def program(name: str, file: Path, limit: float) -> Verdict:
    """Another solver of CNF, called with the file; unlike the reference it may give up, by code 0 or 30."""
    ended = _run([name, str(file)], limit)
    if ended.code in GAVE_UP and not re.search(r"^s (UN)?SATISFIABLE", ended.said, re.MULTILINE):
        return Verdict(limit)
    return ended.decided(None)


def _bounded(limit: float) -> None:
    """For a program about to start: it ends with its parent, and so do, some time later, programs of its own."""
    die_with_parent()
    most = GRACE_SECONDS + int(limit + 1) * (os.cpu_count() or 1)
    _, allowed = resource.getrlimit(resource.RLIMIT_CPU)
    if allowed == resource.RLIM_INFINITY or most < allowed:
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))


def _run(command: list[str], limit: float) -> Ended:
    began = time.perf_counter()
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit,
            check=False,
            preexec_fn=partial(_bounded, limit),
        )
    except subprocess.TimeoutExpired:
        return Ended(command[0], limit)
    except OSError as error:
        raise InputError(f"cannot run {command[0]}: {error.strerror or error}") from None
    return Ended(command[0], time.perf_counter() - began, done.returncode, done.stdout, done.stderr)
