"""How a network is trained: the options of `train` as one value."""

from __future__ import annotations

import os
from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np

from bnnsat import limits
from bnnsat.encodings.catalogue import Encoding, usable
from bnnsat.encodings.defaults import encoding_for, solver_for
from bnnsat.encodings.orders import literal_permutation
from bnnsat.errors import InputError
from bnnsat.problem import Problem
from bnnsat.search.variants import Augment
from bnnsat.shape import Shape
from bnnsat.solvers.solver import checked

ERRORS, ACCURACY = GOALS = ("errors", "accuracy")
"""What is trained for: the fewest errors on the training examples, or to be right about new ones."""


@dataclass(frozen=True)
class Options:
    """How the search is done, and for how long.

    Attributes:
        method: one of `search.methods.METHODS`.
        time_limit: seconds; None for none.
        memory_limit: megabytes that the tables of dynamic programming may take.
        jobs: processors; None for all there are.
        seed: of random starts.
        costs: what an error costs for each label; 1 each without.
        then: further objectives, each with its share of the time, each among the networks that are best by those
            before: "margin" (the largest), "sparse" (the fewest weights other than 0).
        ensemble: of how many networks, trained apart, the hidden layer is put together.
        bootstrap: each of them learns from as many examples drawn with replacement.
        augment: what gradient descents learn from beside the examples.
        encoding: of the training formula, from the catalogue.
        solver: a PySAT solver that takes assumptions.
        literal_order: the order in which counts of the first layer take their inputs.
        symmetry: methods other than sat leave out networks that make as many errors as others.
        goal: "errors", the fewest on the training examples; or "accuracy", to be right about new examples (popcounts):
            gradient descents take all of the time, and what they end with is not improved on the training examples.
        steps: of goal accuracy's descents in all, after which they end, so that a run can be repeated; None for as many
            as there is time for.

    Raises:
        InputError: a limit, a number or `augment` is not what it can be.
    """

    method: str = "auto"
    time_limit: float | None = None
    memory_limit: int = 1_000
    jobs: int | None = None
    seed: int = 0
    costs: tuple[int, ...] = ()
    then: tuple[str, ...] = ()
    ensemble: int = 1
    bootstrap: bool = False
    augment: Augment | None = None
    encoding: str = "auto"
    solver: str = "auto"
    literal_order: str = "given"
    symmetry: bool = True
    goal: str = ERRORS
    steps: int | None = None

    def __post_init__(self) -> None:
        limits.seconds(self.time_limit)
        for name in ("seed", "ensemble", "jobs", "memory_limit", "steps", "costs"):
            object.__setattr__(self, name, _whole(getattr(self, name), name))
        for name in ("seed", "ensemble", "memory_limit", "jobs"):
            number = getattr(self, name)
            if number is None and name != "jobs":
                raise InputError(f"{name} None is none; whole numbers from 0 are due")
            if number is not None and number < 0:
                raise InputError(f"{name} {number} is negative; whole numbers from 0 are due")
        then: object = self.then
        if isinstance(then, str):
            raise InputError(f"then is {then!r}; give a tuple of objectives, like ({then!r},)")
        if not (self.augment is None or isinstance(self.augment, Augment)):
            raise InputError(f"augment is {self.augment!r}; give search.variants.Variants, Flips or Swaps, or None")
        for name in ("bootstrap", "symmetry"):
            if not isinstance(value := getattr(self, name), (bool, np.bool_)):
                raise InputError(f"{name} is {value!r}; true or false is due")
        if self.goal not in GOALS:
            raise InputError(f"unknown goal {self.goal!r}; there are {', '.join(GOALS)}")
        if self.steps is not None and self.steps < 1:
            raise InputError(f"{self.steps} steps are none; give 1 or more")
        if self.steps is not None and self.goal != ACCURACY:
            raise InputError("steps are of goal accuracy; of goal errors give a time limit")
        if self.ensemble < 1:
            raise InputError("ensemble 0 is no network; give 1 or more")
        if self.bootstrap and self.ensemble == 1:
            raise InputError("bootstrap is for the members of an ensemble; give ensemble 2 or more")

    def checked(self, problem: Problem, shape: Shape) -> Chosen:
        """What "auto" and None mean for a problem and a shape.

        Args:
            problem: the training examples.
            shape: of the network.

        Raises:
            InputError: the options do not fit these two.
        """
        if self.goal == ACCURACY:
            self._accurate(shape)
        if self.augment is not None and shape.activation != "popcount":
            raise InputError("augment is for gradient descents, which take popcounts; use activation popcount")
        if self.ensemble > 1 and not (
            shape.layers == 2 and shape.activation == "popcount" and shape.sizes[1] % self.ensemble == 0
        ):
            raise InputError(
                f"an ensemble is one hidden layer of popcounts, a multiple of {self.ensemble} wide; "
                f"{shape.topology} is not"
            )
        jobs = os.cpu_count() or 1 if self.jobs is None else self.jobs
        if jobs < 1:
            raise InputError(f"{jobs} jobs are too few; give at least 1")
        name = encoding_for(shape.activation) if self.encoding == "auto" else self.encoding
        solver = checked(solver_for(name) if self.solver == "auto" else self.solver)
        entry = usable(name, shape.activation)
        if entry.solvers is not None and solver not in entry.solvers:
            raise InputError(
                f"solver {solver} does not take what encoding {name} writes; use {', '.join(entry.solvers)}"
            )
        literal_permutation(problem, self.literal_order)
        return Chosen(jobs, entry, solver)

    def _accurate(self, shape: Shape) -> None:
        """InputError where goal accuracy does not fit the shape or the other options."""
        if shape.activation != "popcount":
            raise InputError(
                "goal accuracy is reached by gradient descent, which takes popcounts; use activation popcount"
            )
        if self.then or self.method != "auto":
            name = "then" if self.then else f"method {self.method}"
            raise InputError(f"goal accuracy has a search of its own; leave {name} out, or take goal errors")


@dataclass(frozen=True)
class Chosen:
    """Processors, encoding and solver of a run.

    Attributes:
        jobs: processors, from 1.
        encoding: of the training formula.
        solver: a PySAT solver.
    """

    jobs: int
    encoding: Encoding
    solver: str


def _whole(value: Any, name: str) -> Any:
    """A whole number, or a tuple of them, of Python's own type."""
    try:
        if value is None or name == "costs":
            return value if value is None else tuple(map(index, value))
        if isinstance(value, bool):
            raise TypeError
        return index(value)
    except TypeError:
        due = "whole numbers, one for each label, are due" if name == "costs" else "whole numbers from 0 are due"
        raise InputError(f"{name} {value!r} is none; {due}") from None


DEFAULT = Options()
