"""Good networks quickly: gradient descent, or annealing where networks are narrow, then annealing from the best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bnnsat.network import Network
from bnnsat.search.context import Search
from bnnsat.search.found import Found
from bnnsat.search.local.blocks import by_neurons
from bnnsat.search.local.embedding import chain, embedded
from bnnsat.search.local.ensembles import joined, member, resampled
from bnnsat.search.local.gradient import WHOLE_ROWS, Recipe, descend
from bnnsat.search.local.improving import (
    MANY_ROWS,
    MOST_FLIPS,
    anneals,
    improved,
    narrow,
    neuron,
    single,
    source,
    warmth,
    without_end,
)
from bnnsat.search.local.latent import Latent
from bnnsat.search.variants import Noise, Variants
from bnnsat.shape import Shape

NEAR_SHARE, FAR_SHARE, NARROW_SHARE = 0.5, 0.1, 0.7
"""Of a start's time, for a simpler shape with as many neurons; with fewer, or on many rows; the simplest narrow one."""
WIDE = 32
"""Hidden neurons up to which a simpler shape with as many is worth so much; wider ones learn as well in their own."""
QUICK_SHARE, WIDE_SHARE, WARM_TIMES, WARM_SHARE = 0.2, 0.1, 2, 0.3
"""Of a start's time, for a first descent on many rows, and for annealing from there; of a narrow network so often."""
FIRST_SECONDS = 1.0
"""What the first of several descents takes; each takes twice as long as the one before it."""
FROM_ANYWHERE = 0.4
"""The share of the first temperature of a neuron at which a network of several goes anywhere."""
WARM_NETWORK = 0.05
"""The share of the first temperature of a neuron at which an incumbent is not forgotten."""
STEP_PRODUCTS = 5e9
"""Products of weights and rows of which a first step is made in a second, or not many more."""
BATCHES = 8
"""Times as many steps where each looks at a batch only."""


def local(search: Search) -> None:
    """Search until the optimum is proved, which only happens where it meets a bound known already."""
    _begin(search)
    rng, seconds = np.random.default_rng(search.seed), FIRST_SECONDS
    steps = without_end(search, rng)
    paid = search.shape.activation == "popcount" and not narrow(search.shape, search.problem)
    while not search.run.done:
        if paid:
            before = search.run.errors
            _descents(search, rng, seconds)
            # A descent that brings nothing is the last.
            paid = search.run.errors < before or seconds == FIRST_SECONDS
        if not search.run.done:
            search.follow(steps, source(search.shape), seconds if paid else None)
        seconds *= 2


def start(search: Search, seconds: float) -> None:
    """The same for a short time; a descent that learns from variants takes the time that it needs.

    Args:
        search: the run.
        seconds: for gradient descents, and as long again for annealing or tabu search.
    """
    _begin(search)
    rng = np.random.default_rng(search.seed)
    if search.shape.activation == "popcount":
        _quickly(search, rng, seconds)
        if not search.run.done:
            # A narrow network is annealed but once, so slowly as there is time.
            _descents(search, rng, 2 * seconds if narrow(search.shape, search.problem) else seconds)
    if not search.run.done and not narrow(search.shape, search.problem):
        search.follow(improved(search, rng, MOST_FLIPS, seconds), source(search.shape), seconds)


def _begin(search: Search) -> None:
    """Raise TimeoutError where there is no time for the first step."""
    if search.left is not None and search.products > STEP_PRODUCTS * search.left:
        raise TimeoutError


def _descents(search: Search, rng: np.random.Generator, seconds: float) -> None:
    """One descent in the shape, after short ones in simpler shapes that are embedded in it."""
    if search.ensemble > 1:
        for shape in chain(search.shape)[:-1][:1]:
            _in_shape(search, shape, rng, seconds * FAR_SHARE)
        part = None if search.augment is not None else seconds * (1 - FAR_SHARE)
        search.follow(_voting(search, rng, part), "gradient", None, to_end=True)
        return
    if search.augment is not None:
        search.follow(_descent(search, search.shape, rng, None), "gradient", None, to_end=True)
        return
    if single(search.shape):
        _in_shape(search, search.shape, rng, seconds)
        return
    shapes = chain(search.shape)
    near = [shape for shape in shapes[:-1] if shape.sizes == search.shape.sizes]
    large = len(search.problem.labels) > MANY_ROWS or sum(search.shape.sizes[1:-1]) > WIDE
    if near and narrow(search.shape, search.problem):
        search.follow(_enriched(search, [*near, search.shape], rng, seconds), "annealing", seconds)
        return
    share = 0.0 if len(shapes) == 1 else NEAR_SHARE if near and not large else FAR_SHARE
    if share:
        _in_shape(search, shapes[-2], rng, seconds * share)
    if not search.run.done:
        _in_shape(search, search.shape, rng, seconds * (1 - share))


def _enriched(search: Search, shapes: list[Shape], rng: np.random.Generator, seconds: float) -> Iterator[Found | None]:
    """Annealing of a narrow network in one shape after the other, each from the best of the one before it."""
    best = Network.of(shapes[0], [rng.integers(2, size=size) for size in shapes[0].matrices])
    for shape in shapes:
        first = shape == shapes[0]
        part = seconds * (NARROW_SHARE if first else (1 - NARROW_SHARE) / (len(shapes) - 1))
        best = embedded(best, shape)
        hot = FROM_ANYWHERE if first else WARM_NETWORK
        for found in by_neurons(search.problem, best, rng, MOST_FLIPS, part, hot=hot, check=search.check):
            if found is None:
                yield None
            else:
                best = found[0]
                yield embedded(best, search.shape), found[1]


def _in_shape(search: Search, shape: Shape, rng: np.random.Generator, seconds: float) -> None:
    """What is found in a simpler shape, or in the search's own, in so much time."""
    name = "annealing" if narrow(shape, search.problem) else "gradient"
    if shape == search.shape:
        search.follow(_descent(search, shape, rng, seconds), name, seconds, to_end=not narrow(shape, search.problem))
    else:
        search.follow(_lifted(_polished(search, shape, rng, seconds), search.shape), name, seconds)


def _polished(search: Search, shape: Shape, rng: np.random.Generator, seconds: float) -> Iterator[Found | None]:
    """The same in a simpler shape, with annealing after a descent."""
    if narrow(shape, search.problem):
        yield from _descent(search, shape, rng, seconds)
        return
    best = None
    for found in _descent(search, shape, rng, seconds / 2):
        best = found or best
        yield found
    if best is not None and anneals(shape):
        hot = warmth(shape)
        yield from by_neurons(search.problem, best[0], rng, MOST_FLIPS, seconds / 2, hot=hot, check=search.check)


def _quickly(search: Search, rng: np.random.Generator, seconds: float) -> None:
    """A short descent and short annealing from what it left, which is often enough; else longer ones are better.

    Where there are so few examples that all of them are looked at in each step it takes its time, with dropout.
    """
    recipe, few = Recipe.of(search.shape), len(search.problem.labels) <= WHOLE_ROWS
    slowly = narrow(search.shape, search.problem)
    if search.augment is not None or search.ensemble > 1 or single(search.shape) or (slowly and not few):
        return
    part = seconds if few else QUICK_SHARE * seconds
    descent = descend(search.problem, Latent.random(search.shape, rng), recipe, rng, None, part)
    search.follow(descent, "gradient", part, to_end=True)
    times, share = (WARM_TIMES, WARM_SHARE) if slowly else (1, WIDE_SHARE)
    for _ in range(times):
        if not search.run.done:
            search.follow(improved(search, rng, MOST_FLIPS, share * seconds), source(search.shape), share * seconds)


def _descent(search: Search, shape: Shape, rng: np.random.Generator, seconds: float | None) -> Iterator[Found | None]:
    """Networks of a shape, with fewer and fewer errors on the problem, in so much time."""
    recipe = Recipe.of(shape)
    variants = search.augment if isinstance(search.augment, Variants) else None
    if search.augment is not None:
        recipe = recipe.with_variants()
        if isinstance(search.augment, Noise):
            recipe = recipe.with_noise(search.augment)
    elif single(shape):
        return neuron(search.problem, shape, rng, MOST_FLIPS, seconds)
    elif narrow(shape, search.problem) and seconds is not None:
        first = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
        return by_neurons(search.problem, first, rng, MOST_FLIPS, seconds, hot=FROM_ANYWHERE, check=search.check)
    else:
        # Many rows are looked at in batches.
        longer = BATCHES if len(search.problem.labels) > WHOLE_ROWS else 1
        recipe = replace(recipe, steps=recipe.steps * longer, drop=0.0)
    return descend(search.problem, Latent.random(shape, rng), recipe, rng, variants, seconds)


def _lifted(candidates: Iterator[Found | None], shape: Shape) -> Iterator[Found | None]:
    """The same networks in a richer shape."""
    for found in candidates:
        yield None if found is None else (embedded(found[0], shape), found[1])


def _voting(search: Search, rng: np.random.Generator, seconds: float | None) -> Iterator[Found | None]:
    """Networks trained one by one, which share the time; each for all, and at last all together."""
    shape, members = member(search.shape, search.ensemble), list[Network]()
    for _ in range(search.ensemble):
        last = None
        part = None if seconds is None else seconds / search.ensemble
        sample = replace(search, problem=resampled(search.problem, rng)) if search.bootstrap else search
        for found in _descent(sample, shape, rng, part):
            last = found or last
            yield None
        assert last is not None
        if search.bootstrap:
            last = last[0], last[0].quick_errors(search.problem)
        members.append(last[0])
        yield joined([last[0]] * search.ensemble, search.shape), last[1]
    network = joined(members, search.shape)
    yield network, network.errors(search.problem)
