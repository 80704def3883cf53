"""Counts by model counters (extra `counting`), where the network's own ways do not go: Ganak, exact, and ApproxMC.

For each label there is a formula whose models, seen at the input's bits, are the inputs that get it. A counter runs in
a process of its own, so that time limits hold: `python -m bnnsat.verification.outside METHOD` reads a formula as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from bnnsat import limits
from bnnsat.circuit import gates
from bnnsat.circuit.cnf import TRUE, Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.questions.inputs import Inputs
from bnnsat.types import Integers, Literals
from bnnsat.verification.facts import named

GANAK, APPROXMC = COUNTERS = "ganak", "approxmc"
PACKAGES = {GANAK: "pyganak", APPROXMC: "pyapproxmc"}
EPSILON, DELTA = 0.8, 0.2
"""ApproxMC's: a count is within a factor of 1 + epsilon of the true one with a probability of at least 1 - delta."""


def outside(
    models: Sequence[Model], orders: Sequence[Integers], inputs: Inputs, method: str, deadline: float | None
) -> list[list[int]]:
    """Inputs by both labels, [first][second], the last being none; of one network both are the same.

    Args:
        models: one network, or two.
        orders: which bits each reads.
        inputs: that are counted.
        method: ganak or approxmc.
        deadline: a `time.monotonic` value.

    Raises:
        InputError: the counter is not installed.
        ResourceError: it failed.
        TimeoutError: the deadline is past.
    """
    if find_spec(PACKAGES[method]) is None:
        raise InputError(f"{method} needs {PACKAGES[method]}: pip install 'bnnsat[counting]'")
    circuit = Circuit(Cnf(), check=lambda: limits.check(deadline))
    bits = circuit.cnf.fresh(inputs.bits)
    circuit.cnf.add(inputs.clauses(bits), repeats=True)
    said = [named(circuit, model, bits[order]) for model, order in zip(models, orders, strict=True)]
    rows, columns = (len(said[i]) for i in (0, -1))
    totals = [[0] * columns for _ in range(rows)]
    for a in range(rows):
        for b in range(columns) if len(models) > 1 else [a]:
            both = gates.conj_all(circuit, np.array([[said[0][a], said[-1][b]]], dtype=np.int32))
            totals[a][b] = _counted(circuit.cnf, bits, int(both.reshape(-1)[0]), method, deadline)
    return totals


def _counted(cnf: Cnf, bits: Literals, wanted: int, method: str, deadline: float | None) -> int:
    """The patterns of bits with which a literal can hold."""
    if wanted == -TRUE:
        return 0
    clauses = [*cnf.rows(), *([] if wanted == TRUE else [[wanted]])]
    formula = json.dumps({"clauses": clauses, "bits": bits.tolist(), "variables": cnf.variables})
    left = None if deadline is None else max(0.0, deadline - time.monotonic())
    command = [sys.executable, "-P", "-m", "bnnsat.verification.outside", method]
    try:
        done = subprocess.run(command, input=formula, capture_output=True, text=True, check=False, timeout=left)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    if done.returncode:
        raise ResourceError(f"{method} failed ({done.stderr.strip().splitlines()[-1:]})")
    return int(done.stdout.split()[-1])


def _ganak(formula: dict[str, Any]) -> int:
    import pyganak

    counter = pyganak.Counter()
    counter.new_vars(formula["variables"])
    counter.add_clauses(formula["clauses"])
    counter.set_sampling_set(formula["bits"])
    return int(counter.count())


def _approxmc(formula: dict[str, Any]) -> int:
    import pyapproxmc

    counter = pyapproxmc.Counter(epsilon=EPSILON, delta=DELTA, seed=1)
    # All bits are named, also those that nothing depends on.
    counter.add_clauses([*formula["clauses"], *([bit, -bit] for bit in formula["bits"])])
    cells, hashes = counter.count(formula["bits"])
    return int(cells) << int(hashes)


if __name__ == "__main__":
    print({GANAK: _ganak, APPROXMC: _approxmc}[sys.argv[1]](json.load(sys.stdin)))
