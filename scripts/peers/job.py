"""One peer on one instance, in this process: reads a job as JSON, prints what the peer says, line by line."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import numpy as np

from bnnsat.solvers.worker import die_with_parent
from peers.instances import Instance
from peers.solvers import PEERS


def main() -> None:
    job = json.loads(sys.stdin.read())
    die_with_parent()
    instance = Instance(**job["instance"])
    problem, shape = instance.problem(), instance.shape()
    # Some solvers print from their C++: the real standard output is for this file's lines alone.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _warm_up(job["peer"])
    # Importing a solver is not part of solving.
    began = time.monotonic()

    def say(**facts: Any) -> None:
        print(json.dumps({"at": time.monotonic() - began, **facts}, default=_plain), file=out, flush=True)

    say(ready=True)
    PEERS[job["peer"]](problem, shape, job["seconds"], say)


def _warm_up(peer: str) -> None:
    modules = {"cpsat": "ortools.sat.python.cp_model", "scip": "pyscipopt", "highs": "highspy", "z3": "z3"}
    modules |= {"evalmaxsat": "hermax.non_incremental", "uwrmaxsat": "hermax.non_incremental"}
    modules |= {"rc2": "pysat.examples.rc2"}
    if peer in modules:
        __import__(modules[peer])


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


if __name__ == "__main__":
    main()
