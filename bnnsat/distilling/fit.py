"""Members of a shape that agree with answers, or the proof that there is none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bnnsat import limits
from bnnsat.distilling.families import Member
from bnnsat.distilling.growing import grown
from bnnsat.distilling.tree import Tree
from bnnsat.errors import SoundnessError
from bnnsat.network import Network
from bnnsat.options import Options
from bnnsat.search.progress import Event
from bnnsat.shape import Shape
from bnnsat.trainer import INTERRUPTED, train
from bnnsat.types import Bits, Integers

TURN_SECONDS, TURN_GROWTH, CORE_SHARE = 1.0, 4, 3
"""Of the first local search for networks of popcounts, each next one, and of the proof that follows it."""


@dataclass(frozen=True, eq=False)
class Fit:
    """The best member that was found.

    Attributes:
        network: it.
        tree: the same as a tree, where it is one.
        errors: on the examples.
        lower: proved; no member makes fewer.
    """

    network: Network
    tree: Tree | None
    errors: int
    lower: int


@dataclass(frozen=True)
class Manner:
    """How members are searched for.

    Attributes:
        seed: of random starts.
        jobs: processors; None for all there are.
        deadline: the `time.monotonic` value at which time is over; None for never.
    """

    seed: int = 0
    jobs: int | None = None
    deadline: float | None = None

    @property
    def left(self) -> float | None:
        """Seconds that are left; None for no limit."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())


def fitted(member: Member, inputs: Bits, labels: Integers, manner: Manner, *, fewest: bool = False) -> Fit:
    """A member that agrees with all examples, if there is one; else the bound says that there is none.

    Args:
        member: the shape.
        inputs: (examples, bits), of which it reads those in its order.
        labels: (examples,) of 0 and 1.
        manner: how members are searched for.
        fewest: look for the fewest errors, too, where some are needed.

    Raises:
        TimeoutError: there was no time for anything.
        KeyboardInterrupt: it was interrupted.
    """
    rows = inputs[:, list(member.order)]
    if member.shape is None:
        most = None if fewest else 0
        tree, errors = grown(rows, labels, member.depth, lambda: limits.check(manner.deadline), most)
        # Where only trees without errors were of interest, more is not known of the others.
        network = tree.network(rows.shape[1])
        if (replayed := int((~network.right(rows, labels)).sum())) != errors:
            raise SoundnessError(f"a tree was to make {errors} errors, but the same as a network makes {replayed}")
        return Fit(network, tree, errors, errors if fewest else min(errors, 1))
    best = None
    for method, seconds in _turns(member.shape, fewest):
        left = manner.left
        if left == 0.0 and best is not None:
            break
        limits.check(manner.deadline)
        limit = min((number for number in (seconds, left) if number is not None), default=None)
        options = Options(method=method, time_limit=limit, seed=manner.seed, jobs=manner.jobs)
        found = _trained(member.shape, rows, labels, options, fewest)
        if best is None or (found.lower, -found.errors) > (best.lower, -best.errors):
            best = found
        if fewest or found.lower or not found.errors or limit == left:
            break
    assert best is not None
    return best


def _turns(shape: Shape, fewest: bool) -> Iterator[tuple[str, float | None]]:
    """Methods in turn, each with its seconds."""
    if fewest or shape.activation == "half":
        yield "auto", None
    elif shape.layers == 1:
        # Its relaxation soon says whether a single popcount can make no error.
        yield "branch", None
    else:
        # One finds what there is, the other shows that there is none.
        seconds = TURN_SECONDS
        while True:
            yield "local", seconds
            yield "core", seconds * CORE_SHARE
            seconds *= TURN_GROWTH


def _trained(shape: Shape, rows: Bits, labels: Integers, options: Options, fewest: bool) -> Fit:
    enough = False

    def told(event: Event) -> None:
        nonlocal enough
        if not fewest and (event.lower_bound > 0 or not event.errors):
            enough = True
            # Ends the run as Ctrl-C does, with the best so far.
            raise KeyboardInterrupt

    found = train(rows, np.asarray(labels), shape, options, on_event=told, keep_interrupted=True, verbose=0)
    if found.stopped == INTERRUPTED and not enough:
        raise KeyboardInterrupt
    return Fit(found.network, None, found.errors, found.lower_bound)
