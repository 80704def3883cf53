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
from bnnsat.worker import die_with_parent

COMMANDS = {
    "cnf": ("minisat", "-verb=0", "{file}", "{solution}"),
    "wcnf": (sys.executable, "-m", "pysat.examples.rc2", "-vv", "{file}"),
    "opb": ("clasp", "{file}"),
}
NAMES = {"cnf": "MiniSat", "wcnf": "RC2", "opb": "clasp"}
CODES = {10: "SAT", 20: "UNSAT"}
GAVE_UP = (0, 30)
"""Exit codes of solvers that end without an answer."""
GRACE = 60
"""Seconds of all processors after which the system ends a program that nobody ended before."""


@dataclass(frozen=True)
class Run:
    """How a solver ended: its answer (None past the limit), the least cost if it is one, its solution as text."""

    seconds: float
    answer: str | None = None
    cost: int | None = None
    solution: str = ""


def available(track: str) -> None:
    """InputError where the reference of a track is not installed."""
    program = COMMANDS[track][0]
    if shutil.which(program) is None:
        raise InputError(f"the reference solver {program} is not installed (Debian: apt-get install {program})")


def reference(track: str, file: Path, limit: float) -> Run:
    """The reference solver of a track on a file."""
    solution = file.with_suffix(".solution")
    command = [part.format(file=file, solution=solution) for part in COMMANDS[track]]
    return _run(command, limit, solution, decides=track == "cnf")


def program(name: str, file: Path, limit: float) -> Run:
    """Another solver of CNF, called with the file."""
    return _run([name, str(file)], limit, None, decides=True)


def _bounded(limit: float) -> None:
    """For a program about to start: it ends with its parent, and so do, some time later, programs of its own."""
    die_with_parent()
    most = GRACE + int(limit + 1) * (os.cpu_count() or 1)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))


def _run(command: list[str], limit: float, solution: Path | None, *, decides: bool) -> Run:
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
        return Run(limit)
    except OSError as error:
        raise InputError(f"cannot run {command[0]}: {error.strerror or error}") from None
    seconds = time.perf_counter() - began
    if decides:
        if done.returncode in GAVE_UP:
            return Run(limit)
        if done.returncode not in CODES:
            raise ResourceError(f"{command[0]} ended with code {done.returncode}: {done.stderr.strip()[-200:]}")
        text = solution.read_text() if solution is not None and solution.exists() else done.stdout
        return Run(seconds, CODES[done.returncode], solution=text)
    costs = re.findall(r"^o (-?[0-9]+)$", done.stdout, re.MULTILINE)
    if not costs or not re.search(r"^s OPTIMUM FOUND$", done.stdout, re.MULTILINE):
        raise ResourceError(f"{command[0]} found no optimum: {(done.stderr or done.stdout).strip()[-200:]}")
    return Run(seconds, "OPTIMUM", int(costs[-1]), done.stdout)
