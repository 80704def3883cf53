"""The instances that may go into a package, in the order in which they are measured."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from bnnsat.data.chosen import TaskOptions
from bnnsat.exports.source import ExamplesSource
from bnnsat.questions.training import TrainingQuestion
from bnnsat.shape import Shape

ATTAINED, BELOW, LEAST = "attained", "below", "least"


@dataclass(frozen=True)
class Candidate:
    """A question, and for how long it may be measured.

    `ask` is attained (as few errors as the best network that was found), below (one fewer than the optimum) or
    least (the fewest). `limit` is the own solver's in seconds, a `program` or without one bnnsat's training.
    """

    track: str
    ask: str
    topology: str
    activation: str
    data: str
    positive: int | None
    examples: int | None
    reference_limit: float
    limit: float
    program: str | None
    version: str

    @property
    def key(self) -> str:
        """What tells candidates apart, also in files."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def fields(self) -> dict[str, Any]:
        """What an executor carries."""
        return asdict(self)

    @classmethod
    def needs(cls, result: dict[str, Any]) -> dict[str, type | tuple[type, ...]]:
        """What choosing and writing read of a result."""
        if result["status"] != "measured":
            return {"error": str} if result["status"] == "failed" else {}
        seconds = (int, float, type(None))
        times = dict.fromkeys(("reference_seconds", "own_seconds", "bnnsat_seconds"), seconds)
        numbers = dict.fromkeys(("value", "lower", "training_examples", "variables", "constraints"), int)
        return {"answer": str, "by": str, "sha256": str, "interesting": bool, **numbers, **times}

    @property
    def source(self) -> ExamplesSource:
        """Where the examples come from."""
        shape = self._shape
        return ExamplesSource(TaskOptions(self.data, self.positive, self.examples), shape.sizes[-1])

    @property
    def question(self) -> TrainingQuestion:
        """What is asked."""
        task = self.source.task
        return TrainingQuestion.on(task.inputs, task.labels, self._shape)

    @property
    def _shape(self) -> Shape:
        return Shape.parse(self.topology, self.activation)

    def name(self, value: int, answer: str) -> str:
        """The name of its file without ending: all parameters, the bound or optimum, and the answer."""
        drawn = [f"digit{self.positive}"] if self.positive is not None else []
        drawn += [f"n{self.examples}-seed0"] if self.examples is not None else []
        asked = [f"k{value}", answer.lower()] if self.ask != LEAST else ["least"]
        return "-".join(["bnn", self.activation, self.topology, self.data.replace(":", ""), *drawn, *asked])


Family = tuple[str, str, str, str, int | None]
"""What is asked of a track, topology, activation, data and number of examples."""

DIGITS = range(10)
PADDED, CROPPED = "mnist8x8-pad32", "mnist8x8"

DECISIONS: tuple[Family, ...] = (
    (BELOW, "64-4-1", "half", PADDED, 250),
    (ATTAINED, "64-4-1", "half", CROPPED, 250),
    (BELOW, "64-6-1", "half", PADDED, 250),
    (ATTAINED, "64-1", "popcount", CROPPED, 60),
    (BELOW, "64-2-1", "half", CROPPED, 250),
    (ATTAINED, "64-6-1", "half", CROPPED, 250),
)
OPTIMISATIONS: tuple[Family, ...] = (
    (LEAST, "64-2-1", "half", PADDED, 250),
    (LEAST, "64-4-1", "half", PADDED, 250),
    (LEAST, "64-2-1", "half", CROPPED, 250),
    (LEAST, "64-6-1", "half", PADDED, 250),
)
RULES = ("monk:1", "monk:2", "monk:3")

TRACKS = {"cnf": DECISIONS, "wcnf": OPTIMISATIONS, "opb": OPTIMISATIONS}
"""The families of each track, drawn for every digit, by the format of its files."""


def candidates(track: str, reference_limit: float, limit: float, program: str | None, version: str) -> list[Candidate]:
    """All candidates of a track: families by turns, so that the first few are of every kind."""
    families = TRACKS[track]
    asks = tuple(dict.fromkeys(family[0] for family in families))
    rules = [(ask, "17-1", "popcount", data, None, None) for data, ask in product(RULES, asks)]
    drawn = [(*family[:4], digit, family[4]) for digit, family in product(DIGITS, families)]
    # The rules' popcounts behind the first digit's.
    parts = [*drawn[: len(families)], *rules, *drawn[len(families) :]]
    return [Candidate(track, *part, reference_limit, limit, program, version) for part in parts]
