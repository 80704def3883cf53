"""The question of robustness: how few bits of an example have to change until a network names another label?

The network is known and the input is not: literals take the place of the example's bits, and the weights are
constants. Asked for at most r changes it is the question of adversarial examples within a Hamming distance of r
(Narodytska, Kasiviswanathan, Ryzhyk, Sagiv, Walsh: "Verifying Properties of Binarized Deep Neural Networks",
AAAI 2018).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat import __version__
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import ErrorCounter, Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.data.lines import sha256
from bnnsat.encodings.catalogue import Encoding, usable
from bnnsat.encodings.defaults import encoding_for
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.questions.question import Best, Solution
from bnnsat.readings import forward
from bnnsat.readings.literals import LiteralAlgebra
from bnnsat.shape import WEIGHTS, Shape
from bnnsat.solvers.process import SolverProcess
from bnnsat.types import Bits, Integers, Literals

SOLVER = "cadical195"


@dataclass(frozen=True, eq=False)
class RobustnessQuestion:
    """The bits by which an input differs from `example`, the network's own input bits, while its label differs, too.

    Every pattern of bits is an input, but that bits of one grey value (levels:N) have to be a thermometer's.
    InputError where the network names no label for the example.
    """

    NAME = "robustness"
    UNIT = "changes"

    file: Path
    example: str

    @cached_property
    def model(self) -> Model:
        """The network."""
        return Model.load(self.file)

    @property
    def shape(self) -> Shape:
        return self.model.network.shape

    @cached_property
    def bits(self) -> Bits:
        """The example, (n,)."""
        if set(self.example) - {"0", "1"}:
            raise InputError("an example of the network's bits is written with 0 and 1")
        return np.array([bit == "1" for bit in self.example], dtype=np.bool_)

    @cached_property
    def label(self) -> int:
        """What the network names for the example."""
        label = int(self.model.predict_bits(self.bits[np.newaxis])[0])
        if label < 0:
            raise InputError("the network names no label for the example, so there is nothing to be kept")
        return label

    def noted(self) -> dict[str, Any]:
        digest = sha256(self.file.read_bytes())
        return {"model": str(self.file.resolve()), "sha256": digest, "example": self.example, "label": self.label}

    @classmethod
    def of(cls, noted: dict[str, Any], model: str | None = None) -> RobustnessQuestion:
        """The question that was noted, its model where it is now; InputError if that is another one."""
        file = Path(noted["model"] if model is None else model)
        # Loaded first: what it is not is said by whoever reads models.
        Model.load(file)
        if sha256(file.read_bytes()) != noted["sha256"]:
            raise InputError(f"{file} is not the model that the formula is about")
        return cls(file, noted["example"])

    def parameters(self) -> dict[str, Any]:
        shape = self.shape
        about = {"topology": shape.topology, "activation": shape.activation, "head": shape.head}
        about |= {"weights": WEIGHTS[shape.repeat - 1], "binarize": self.model.preprocessing.binarizer.way}
        return {**about, "model_sha256": self.noted()["sha256"], "example": self.example, "label": self.label}

    def encode(self, circuit: Circuit, encodings: Sequence[Encoding], order: str = "given") -> Objective:
        if order != "given":
            raise InputError("literal orders are those of training's examples; leave --literal-order out")
        cnf, shape, network = circuit.cnf, self.shape, self.model.network
        inputs = cnf.fresh(len(self.bits))
        cnf.name("inputs", inputs)
        for higher, lower in self._thermometer():
            cnf.add([[-inputs[higher], inputs[lower]]])
        kinds = {entry.kind: entry for entry in encodings}
        algebra = LiteralAlgebra(circuit, popcount=kinds.get("popcount"), half=kinds.get("half"))
        weights = [algebra.constant(matrix) for matrix in network.matrices()]
        seen = forward.head_inputs(algebra, shape, weights, inputs[np.newaxis])
        kept = forward.right(algebra, shape, seen, np.array([self.label]))
        cnf.add([[-kept[0]]])
        changes: Literals = np.where(self.bits, -inputs, inputs)
        return Objective.of(changes, np.ones(len(changes), dtype=np.int64))

    def start(self) -> int:
        return len(self.bits) + 1

    def best(self, seconds: float | None) -> Best:
        deadline = None if seconds is None else time.monotonic() + seconds
        circuit = Circuit(Cnf())
        objective = self.encode(circuit, [usable(encoding_for(self.shape), self.shape.activation)])
        least, counter, assumptions = self.start(), None, list[int]()
        with SolverProcess(circuit.cnf, SOLVER) as solver:
            while True:
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                answer = solver.solve(assumptions, seconds=left)
                if not answer.status:
                    break
                least = self.replay(circuit.cnf.groups, answer.model).value
                counter = counter or ErrorCounter(circuit, objective, cap=least)
                assumptions = counter.at_most(least - 1)
        if answer.status is None:
            raise ResourceError(f"{seconds:g} seconds were too few to find the fewest changes; give more, or a number")
        if counter is None:
            raise InputError(f"the network names label {self.label} for every input; there is no other to be found")
        return Best(least, least, f"bnnsat {__version__}: {SOLVER}")

    def replay(self, groups: dict[str, Any], values: Bits) -> Solution:
        literals = np.array(groups["inputs"], dtype=np.int64)
        found = values[np.abs(literals)] ^ (literals < 0)
        if self.model.network.right(found[np.newaxis], np.array([self.label]))[0]:
            raise InputError(f"the network names label {self.label} for this input, too: no solution of the formula")
        if any(found[higher] and not found[lower] for higher, lower in self._thermometer()):
            raise InputError("no grey value has these bits: no solution of the formula")
        label = int(self.model.predict_bits(found[np.newaxis])[0])
        changed = np.flatnonzero(found != self.bits).tolist()
        facts = {"input": "".join(str(int(bit)) for bit in found), "changed": changed, "label": label}
        named = "none" if label < 0 else f"{label}"
        return Solution(len(changed), f"{len(changed)} bits changed, label {named} instead of {self.label}", facts)

    def _thermometer(self) -> list[tuple[int, int]]:
        """Pairs of inputs of which the first implies the second, being bits of the same grey value."""
        preprocessing, n = self.model.preprocessing, len(self.bits)
        column = np.argsort(np.arange(n) if preprocessing.order is None else preprocessing.order)
        blocks: Integers = column.reshape(preprocessing.binarizer.levels, -1)
        return [pair for low, high in pairwise(blocks.tolist()) for pair in zip(high, low, strict=True)]
