"""The question of training: which weights make the fewest errors?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bnnsat import __version__
from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.task import Task
from bnnsat.encodings.catalogue import Encoding
from bnnsat.errors import InputError, ResourceError
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.questions import formula
from bnnsat.questions.question import Best, Solution
from bnnsat.shape import LEARNED, WEIGHTS, Shape
from bnnsat.training import Training, problem_of, start, train
from bnnsat.types import Bits


@dataclass(frozen=True, eq=False)
class TrainingQuestion:
    """The errors of networks of a shape on the examples of a task, each costing what `costs` say of its label.

    `examples` is a digest that they have to have, where they are known already. InputError where the parts do not fit.
    """

    NAME = "training"
    UNIT = "errors"

    chosen: TaskOptions
    shape: Shape
    costs: tuple[int, ...] = ()
    examples: str | None = None

    @cached_property
    def task(self) -> Task:
        """The examples."""
        task = self.chosen.task(self.shape.sizes[-1])
        if self.examples not in (None, task.digest):
            raise InputError(f"the data {self.chosen.data} do not give the examples that the formula was made of")
        return task

    @cached_property
    def problem(self) -> Problem:
        """The examples as the formula has them."""
        return problem_of(self.task.inputs, self.task.labels, self.shape, self.costs)

    def noted(self) -> dict[str, Any]:
        return {
            "task": self.chosen.noted(),
            "shape": described(self.shape),
            "class_weights": list(self.costs),
            "examples": self.task.digest,
        }

    @classmethod
    def of(cls, noted: dict[str, Any], data: str | None = None) -> TrainingQuestion:
        """The question that was noted, its data where they are now. KeyError, TypeError, ValueError for others."""
        where = {} if data is None else {"data": data}
        chosen = TaskOptions(**{**noted["task"], **where})
        return cls(chosen, shape_of(noted["shape"]), tuple(noted["class_weights"]), str(noted["examples"]))

    def parameters(self) -> dict[str, Any]:
        chosen = {key: value for key, value in self.chosen.noted().items() if value is not None}
        return {**chosen, "data": self.chosen.data, **described(self.shape), "class_weights": list(self.costs)}

    def encode(self, circuit: Circuit, encodings: Sequence[Encoding], order: str = "given") -> Objective:
        return formula.encode(self.problem, self.shape, circuit, encodings, literal_order=order).objective

    def start(self) -> int:
        return start(self.problem, self.shape, self.chosen.seed).errors(self.problem)

    def train(self, seconds: float | None, jobs: int | None = None) -> Training:
        """The best network within so many seconds; KeyboardInterrupt where that was interrupted."""
        seed, task = self.chosen.seed, self.task
        trained = train(
            task.inputs, task.labels, self.shape, seed=seed, costs=self.costs, time_limit=seconds, jobs=jobs
        )
        if trained.stopped == "interrupted":
            raise KeyboardInterrupt
        return trained

    def best(self, seconds: float | None) -> Best:
        trained = self.train(seconds)
        if trained.status != "OPTIMAL":
            raise ResourceError(
                f"the optimum is from {trained.lower_bound} to {trained.errors} errors ({trained.stopped}); "
                "give it more time, or a number for the bound"
            )
        return known(trained)

    def network(self, groups: dict[str, Any], values: Bits) -> Network:
        """The network that values of the variables are."""
        matrices = []
        for layer in range(self.shape.layers):
            rows = groups[f"weights.{layer}"]
            if any(type(literal) is not int for row in rows for literal in row):
                raise ValueError("a weight is no variable")
            literals = np.array(rows, dtype=np.int64)
            matrices.append(values[np.abs(literals)] ^ (literals < 0))
        return Network.of(self.shape, matrices)

    def replay(self, groups: dict[str, Any], values: Bits) -> Solution:
        errors, examples = self.network(groups, values).errors(self.problem), len(self.task.labels)
        cost = " in costs" if self.costs else ""
        return Solution(errors, f"{errors} errors{cost} on {examples} examples, replayed", {"examples": examples})


def known(trained: Training) -> Best:
    """What a training says of its question."""
    return Best(trained.errors, trained.lower_bound, f"bnnsat {__version__}: {trained.events[-1].source}")


def described(shape: Shape) -> dict[str, Any]:
    """A shape as `shape_of` reads it; its thresholds are one per layer, or learned."""
    thresholds: object = LEARNED if any(shape.constants) else [row[0] for row in shape.thresholds if row]
    return {
        "topology": shape.topology,
        "activation": shape.activation,
        "head": shape.head,
        "thresholds": thresholds,
        "weights": WEIGHTS[shape.repeat - 1],
    }


def shape_of(given: dict[str, Any]) -> Shape:
    """The shape that was described."""
    return Shape.parse(given["topology"], given["activation"], given["head"], given["thresholds"], given["weights"])
