"""What is left undecided, as a formula: whether some pattern of the undecided bits meets a case's conditions."""

from __future__ import annotations

import time
from math import floor

import numpy as np

from bnnsat import limits
from bnnsat.boxes.box import Box, Known, Whole
from bnnsat.circuit.cnf import FALSE, TRUE, Cnf
from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.weighted import counter
from bnnsat.encodings.catalogue import usable
from bnnsat.encodings.defaults import encoding_for
from bnnsat.foreign.fold import Layer
from bnnsat.foreign.linear import Places, Signed
from bnnsat.foreign.vnnlib import Condition
from bnnsat.readings.literals import LiteralAlgebra
from bnnsat.solvers.process import SolverProcess
from bnnsat.types import Integers, Literals

SOLVER = "cadical195"
MOST_TERMS = 3_000_000
"""Undecided bits that are counted, together; of more no formula is written."""


def terms(box: Box) -> int:
    """How many undecided bits the undecided neurons count, together.

    Args:
        box: a case.
    """
    found = 0
    for layer, before, bits in zip(_behind(box), box.known, box.known[1:], strict=False):
        seen = np.append(before == -1, False)[layer.linear.windows].sum(axis=1)
        asked = (bits == -1).reshape(-1, len(layer.linear.kernels)).sum(axis=1)
        pooled = layer.linear.pooled
        found += int(seen @ asked) if pooled is None else int(seen[pooled].sum(axis=1) @ asked)
    return found


class Undecided:
    """A formula of a box's undecided bits.

    The first of them are free: the bits of compared inputs are, and of a first layer over numbers more patterns are
    allowed than there are, so that what has no model holds, and a model need not be an input.
    """

    def __init__(self, box: Box, deadline: float | None) -> None:
        self._box, self._deadline = box, deadline
        self._circuit = Circuit(Cnf(), check=lambda: limits.check(deadline))
        encoding = usable(encoding_for("popcount"), "popcount")
        self._algebra = LiteralAlgebra(self._circuit, popcount=encoding, half=None)
        free = np.flatnonzero(box.known[0] == -1)
        self._first = np.where(box.known[0] == 1, TRUE, FALSE).astype(np.int32)
        self._first[free] = self._circuit.cnf.fresh(len(free))
        literals = self._first
        for layer, bits in zip(_behind(box), box.known[1:], strict=True):
            literals = self._layer(layer, literals, bits)
        self._last = literals

    def met(self, conditions: tuple[Condition, ...]) -> Whole | None:
        """The first bits, (n,) -1 and +1, where all conditions are met; None where that is impossible.

        Args:
            conditions: on the outputs; rounded in favour of what meets them.

        Raises:
            TimeoutError: the deadline is past.
        """
        assumed = list[int]()
        for one in conditions:
            gains, start, unit = self._box.stack.margins(one.weights)
            used = np.flatnonzero(gains)
            signed = np.where(gains[used] > 0, self._last[used], -self._last[used]).astype(np.int32)
            # A bit that gives less than 0 gives as much, less what its 0 gives.
            start += int(np.minimum(gains, 0).sum())
            most = floor(one.most * unit - start)
            objective = Objective.of(signed, np.abs(gains[used]))
            if most < objective.constant:
                return None
            if most < objective.most:
                assumed += counter(self._circuit, objective, most + 1).at_most(most)
        left = None if self._deadline is None else self._deadline - time.monotonic()
        with SolverProcess(self._circuit.cnf, SOLVER) as solver:
            answer = solver.solve(assumed, seconds=left)
        if answer.status is None:
            raise TimeoutError
        if not answer.status:
            return None
        free = np.abs(self._first) != TRUE
        bits = self._first == TRUE
        bits[free] = answer.model[self._first[free]]
        return np.asarray(2.0 * bits - 1)

    def _layer(self, layer: Layer, before: Literals, bits: Known) -> Literals:
        """The literals of a layer's bits."""
        linear = layer.linear
        found = np.where(bits == 1, TRUE, FALSE).astype(np.int32)
        channels = len(linear.kernels)
        least = np.array([floor(x) for x in layer.least])
        padded = np.append(before, np.int32(0))
        for place in np.unique(np.flatnonzero(bits == -1) // channels).tolist():
            asked = np.flatnonzero(bits[place * channels : (place + 1) * channels] == -1)
            positions = [place] if linear.pooled is None else sorted({*linear.pooled[place].tolist()})
            outputs = place * channels + asked
            each = [self._counted(linear.windows[p], linear.kernels[asked], padded, least[outputs]) for p in positions]
            # A maximum reaches a sum where one of them does.
            found[outputs] = -self._algebra.conj(-np.stack(each, axis=-1)) if len(each) > 1 else each[0]
        return found

    def _counted(self, window: Places, kernels: Signed, padded: Literals, least: Integers) -> Literals:
        """Whether sums at one position are at least so large, (channels,)."""
        literals = padded[window]
        there, free = literals != 0, (literals != 0) & (np.abs(literals) != TRUE)
        known = there & ~free
        base = kernels[:, known].astype(np.int64) @ np.where(literals[known] == TRUE, 1, -1)
        values = self._algebra.xnor(literals[free][np.newaxis], self._algebra.constant(kernels[:, free] > 0))
        # sum = base + 2 * agreements - free
        needed = -((base - free.sum() - least) // 2)
        return np.asarray(self._algebra.at_least(values, needed), dtype=np.int32)


def _behind(box: Box) -> tuple[Layer, ...]:
    """The layers behind the first bits that are known or not."""
    return box.stack.layers[len(box.stack.layers) + 1 - len(box.known) :]
