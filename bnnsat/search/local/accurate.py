"""Networks for new examples: gradient descent from inputs some bits of which are other examples', with labels balanced.

The fewest training errors are not what is right about most new examples. How many bits are swapped is chosen by
descents that are stopped early and judged by examples held out; then all examples are learned from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.local.ensembles import joined, member, resampled
from bnnsat.search.local.gradient import Recipe, descend
from bnnsat.search.local.latent import Latent
from bnnsat.search.variants import Augment, Noise, Swaps, Variants
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

NOISE: tuple[Noise, ...] = Swaps(0.2), Swaps(0.1), Swaps(0.0), Swaps(0.4)
"""What to choose from, the first of equals."""
SPLITS, HELD_OUT = 2, 0.25
"""How often, and what share of the examples is held out to choose by."""
CHOOSING = 0.5
"""The share of the time in which is chosen."""
LEAST_HELD_OUT = 4
"""Examples of each label with fewer of which nothing is chosen."""
COUNTED_PRODUCTS = 5e9
"""Products of weights and rows that are counted in a second, or not many more."""
UNIT = 64
"""The least weight of a label in a balanced problem: weights are whole numbers."""


@dataclass(frozen=True)
class Budget:
    """How long descents go on.

    Attributes:
        seconds: of wall-clock time, at most.
        steps: in all, at most; None for as many as there is time for. What ends by its steps can be repeated.
    """

    seconds: float
    steps: int | None = None

    def part(self, share: float) -> Budget:
        """A share of it.

        Args:
            share: from 0 to 1.
        """
        return Budget(self.seconds * share, None if self.steps is None else max(1, int(self.steps * share)))


@dataclass(frozen=True)
class Manner:
    """How networks for new examples are trained.

    Attributes:
        budget: of all descents.
        balanced: each label has the same weight in all.
        augment: what is learned from beside the examples; None to choose among NOISE.
        members: of the ensemble that the network is to be.
        bootstrap: each member learns from a sample of its own.
    """

    budget: Budget
    balanced: bool = True
    augment: Augment | None = None
    members: int = 1
    bootstrap: bool = False


def accurate(
    problem: Problem,
    shape: Shape,
    rng: np.random.Generator,
    manner: Manner,
) -> Iterator[Network]:
    """Networks, the last of which is the one; none where there is no time for any.

    Args:
        problem: the training examples.
        shape: of popcounts.
        rng: of what is random.
        manner: how it is done.
    """
    weighted = balanced(problem) if manner.balanced else problem
    own, augment, left = member(shape, manner.members), manner.augment, manner.budget
    # The errors on all rows are counted at least twice in a descent.
    counting = 2 * shape.weight_bits * len(problem.labels) / COUNTED_PRODUCTS
    if counting > left.seconds:
        return

    def whole(members: list[Network]) -> Network:
        return joined(members if len(members) == manner.members else members[-1:] * manner.members, shape)

    if augment is None:
        augment = NOISE[0]
        counts = np.bincount(problem.labels)
        if counts[counts > 0].min() >= LEAST_HELD_OUT and SPLITS * len(NOISE) * counting < CHOOSING * left.seconds:
            left = manner.budget.part(1 - CHOOSING)
            for step in _chosen(weighted, own, rng, manner.budget.part(CHOOSING)):
                if isinstance(step, Noise):
                    augment = step
                else:
                    yield whole([step])
    members: list[Network] = []
    for _ in range(manner.members):
        sample, last = resampled(weighted, rng) if manner.bootstrap else weighted, None
        for last in _trained(sample, own, rng, augment, left.part(1 / manner.members)):
            if not members:
                yield whole([last])
        assert last is not None
        members.append(last)
    yield whole(members)


def balanced(problem: Problem) -> Problem:
    """The problem with costs by which each label costs about the same in all.

    Args:
        problem: the training examples.
    """
    totals = np.bincount(problem.labels, weights=problem.costs)
    factors = np.rint(UNIT * totals.max() / np.maximum(1, totals)).astype(np.int64)
    return replace(problem, costs=problem.costs * factors[problem.labels])


def _chosen(problem: Problem, shape: Shape, rng: np.random.Generator, budget: Budget) -> Iterator[Network | Noise]:
    """What descents that leave examples out find, and at last the noise that is best for these."""
    wrong = [0] * len(NOISE)
    for _ in range(SPLITS):
        held = _held_out(problem.labels, rng)
        rest, judges = (_part(problem, part) for part in (~held, held))
        for place, noise in enumerate(NOISE):
            last = None
            for last in _trained(rest, shape, rng, noise, budget.part(1 / (SPLITS * len(NOISE)))):
                yield last
            assert last is not None
            wrong[place] += last.quick_errors(judges)
    yield NOISE[int(np.argmin(wrong))]


def _held_out(labels: Integers, rng: np.random.Generator) -> Bits:
    """Which rows are held out: the same share of each label."""
    held = np.zeros(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        held[rows[: max(1, int(HELD_OUT * len(rows)))]] = True
    return held


def _part(problem: Problem, rows: Bits) -> Problem:
    return replace(problem, inputs=problem.inputs[rows], labels=problem.labels[rows], costs=problem.costs[rows])


def _trained(
    problem: Problem, shape: Shape, rng: np.random.Generator, augment: Augment, budget: Budget
) -> Iterator[Network]:
    """The networks of a descent, at least one; the last is the best."""
    recipe = replace(Recipe.of(shape), steps=budget.steps or sys.maxsize, cosine=True, drop=0.0, whole=0)
    variants = augment if isinstance(augment, Variants) else None
    if isinstance(augment, Noise):
        recipe = recipe.with_noise(augment)
    for found in descend(problem, Latent.random(shape, rng), recipe, rng, variants, budget.seconds):
        if found is not None:
            yield found[0]
