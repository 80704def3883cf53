"""Claims about all inputs, proved or refuted: few inputs are tried all, else a solver looks for a counterexample."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from bnnsat import limits
from bnnsat.circuit import gates
from bnnsat.circuit.cnf import FALSE, Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import usable
from bnnsat.encodings.defaults import encoding_for
from bnnsat.errors import InputError, SoundnessError
from bnnsat.model import Model
from bnnsat.plural import counted
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.properties import Property
from bnnsat.readings import forward
from bnnsat.readings.literals import LiteralAlgebra
from bnnsat.solvers.process import SolverProcess
from bnnsat.types import Bits, Literals
from bnnsat.verification.answer import PROVED, REFUTED, UNKNOWN

METHODS = AUTO, TRIED, SAT = "auto", "enumeration", "sat"
FEW, MOST = 1 << 16, 1 << 26
"""Inputs that are all tried without being told to, and if told to."""
BATCH = 1 << 14
SOLVER = "cadical195"


@dataclass(frozen=True, eq=False)
class Fact:
    """An answer.

    Attributes:
        status: PROVED, REFUTED or UNKNOWN.
        inputs: a counterexample, replayed: the bits (bits,) of an input and of the other; none without.
        labels: places of their labels; -1 where none is named.
        seconds: that it took.
        method: how it was found.
    """

    status: str
    inputs: tuple[Bits, ...]
    labels: tuple[int, ...]
    seconds: float
    method: str


def decided(claim: Property, method: str = AUTO, seconds: float | None = None) -> Fact:
    """Whether a claim holds.

    Args:
        claim: what is asked.
        method: auto, enumeration or sat.
        seconds: the time there is; None for no limit.

    Raises:
        InputError: the method is unknown, or there are too many inputs for it.
        SoundnessError: a counterexample is none.
    """
    began, deadline, total = time.monotonic(), limits.deadline(seconds), claim.inputs.total
    if method not in METHODS:
        raise InputError(f"unknown method {method!r}; there are {', '.join(METHODS)}")
    if method == TRIED and total > MOST:
        raise InputError(f"{counted(total, 'input')} are too many to be tried; take sat")
    if method == AUTO:
        method = TRIED if total <= FEW else SAT
    try:
        found = (_tried if method == TRIED else _solved)(claim, deadline)
    except TimeoutError:
        return Fact(UNKNOWN, (), (), time.monotonic() - began, method)
    if found is None:
        return Fact(PROVED, (), (), time.monotonic() - began, method)
    return Fact(REFUTED, found, _replayed(claim, found), time.monotonic() - began, method)


def _replayed(claim: Property, found: tuple[Bits, Bits]) -> tuple[int, int]:
    """The labels of a counterexample; SoundnessError where it is none."""
    first, second = (
        int(model.codes(bits[order][np.newaxis])[0])
        for model, order, bits in zip(claim.models, claim.orders, found, strict=True)
    )
    last = len(claim.inputs.parts) - claim.changing
    same = all((found[0][part.places] == found[1][part.places]).all() for part in claim.inputs.parts[:last])
    if claim.rising:
        # Wherever such values stand, one stands right behind the other.
        last_part = claim.inputs.parts[-1]
        at = [(last_part.patterns == bits[last_part.places]).all(axis=1) for bits in found]
        same = same and bool((at[0][:-1] & at[1][1:]).any())
    if not (same and all(map(claim.inputs.hold, found)) and claim.bad[first, second]):
        raise SoundnessError(f"what was found refutes nothing: labels {first} and {second}")
    return first, second


def _tried(claim: Property, deadline: float | None) -> tuple[Bits, Bits] | None:
    """A counterexample; None if there is none."""
    inputs, width, (first, second) = claim.inputs, claim.width, claim.pairs
    step = max(1, BATCH // width) * width
    for start in range(0, inputs.total, step):
        limits.check(deadline)
        rows = inputs.numbered(start, min(inputs.total, start + step))
        ours, theirs = (
            model.codes(rows[:, order]).reshape(-1, width)
            for model, order in zip(claim.models, claim.orders, strict=True)
        )
        refuted = claim.bad[ours[:, first], theirs[:, second]]
        if refuted.any():
            block, pair = np.argwhere(refuted)[0]
            return rows[block * width + first[pair]], rows[block * width + second[pair]]
    return None


def _solved(claim: Property, deadline: float | None) -> tuple[Bits, Bits] | None:
    """The same by a solver."""
    if claim.rising and claim.width == 1:
        return None
    circuit = Circuit(Cnf(), check=lambda: limits.check(deadline))
    cnf, inputs = circuit.cnf, claim.inputs
    first = cnf.fresh(inputs.bits)
    second = first.copy()
    for part in inputs.parts[len(inputs.parts) - claim.changing :]:
        second[part.places] = cnf.fresh(len(part.places))
    cnf.add(inputs.clauses(first), repeats=True)
    cnf.add(inputs.clauses(second), repeats=True)
    if claim.rising:
        _step(cnf, inputs, first, second)
    elif claim.changing:
        # What depends on a part differs somewhere from what it is with the first of its patterns.
        for part in inputs.parts[len(inputs.parts) - claim.changing :]:
            cnf.add(np.where(part.patterns[0], first[part.places], -first[part.places])[:, np.newaxis])
    ours, theirs = (
        named(circuit, model, literals[order])
        for model, order, literals in zip(claim.models, claim.orders, (first, second), strict=True)
    )
    a, b = np.nonzero(claim.bad)
    refuted = gates.conj(circuit, ours[a], theirs[b])
    if (refuted == FALSE).all():
        return None
    cnf.add(refuted[np.newaxis], repeats=True)
    left = None if deadline is None else deadline - time.monotonic()
    with SolverProcess(cnf, SOLVER) as solver:
        answer = solver.solve([], seconds=left)
    if answer.status is None:
        raise TimeoutError
    return (answer.model[first], answer.model[second]) if answer.status else None


def named(circuit: Circuit, model: Model, inputs: Literals) -> Literals:
    """Whether each label, (labels + 1,), is what a network names; the last is none.

    Args:
        circuit: where the clauses go.
        model: the network.
        inputs: (n,) literals of its inputs.
    """
    shape = model.network.shape
    encoding = usable(encoding_for(shape.activation), shape.activation)
    half = shape.activation == "half"
    algebra = LiteralAlgebra(circuit, popcount=None if half else encoding, half=encoding if half else None)
    weights = [algebra.constant(matrix) for matrix in model.network.matrices()]
    labels = np.arange(shape.classes)
    found = forward.judged(algebra, shape, weights, np.tile(inputs, (shape.classes, 1)), labels)
    none = gates.conj_all(circuit, -found) if shape.head == "onehot" else FALSE
    return np.append(found, none).astype(np.int32)


def _step(cnf: Cnf, inputs: Inputs, first: Literals, second: Literals) -> None:
    """The last part goes up by one value."""
    part = inputs.parts[-1]
    steps = cnf.fresh(len(part.patterns) - 1)
    for literals, patterns in ((first, part.patterns[:-1]), (second, part.patterns[1:])):
        wanted = np.where(patterns, literals[part.places], -literals[part.places])
        chosen = np.broadcast_to(-steps[:, np.newaxis], wanted.shape)
        cnf.add(np.stack([chosen.reshape(-1), wanted.reshape(-1)], axis=1))
    cnf.add(steps[np.newaxis])
