"""One search for a network: how it is to be made, and what it found."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from bnnsat import limits
from bnnsat.distilling.tree import Tree
from bnnsat.network import Network
from bnnsat.options import Options
from bnnsat.search.progress import Event
from bnnsat.shape import Shape
from bnnsat.trainer import INTERRUPTED, train
from bnnsat.types import Bits, Integers


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

    def within(self, seconds: float) -> Manner:
        """The same with no more than so much time.

        Args:
            seconds: from now.
        """
        until = time.monotonic() + seconds
        return replace(self, deadline=until if self.deadline is None else min(until, self.deadline))


def trained(method: str, shape: Shape, rows: Bits, labels: Integers, manner: Manner, *, fewest: bool = False) -> Fit:
    """The best network of a shape on some examples; the search ends once one agrees with all, or is known not to.

    Args:
        method: of training.
        shape: of the network.
        rows: (examples, n) bits.
        labels: (examples,) of 0 and 1.
        manner: how it is searched for.
        fewest: look for the fewest errors, too, where some are needed.

    Raises:
        TimeoutError: there was no time for anything.
        KeyboardInterrupt: it was interrupted.
    """
    limits.check(manner.deadline)
    options = Options(method=method, time_limit=manner.left, seed=manner.seed, jobs=manner.jobs)
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
