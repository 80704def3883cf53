"""On how many inputs a program and its network differ: proved none, exactly how many, or about how many."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnnsat.distilling.bound import interval
from bnnsat.distilling.manner import Manner
from bnnsat.distilling.source import Source
from bnnsat.distilling.tree import Tree
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.questions.inputs import Inputs
from bnnsat.types import Bits
from bnnsat.verification.answer import PROVED, REFUTED
from bnnsat.verification.counts import count
from bnnsat.verification.facts import FEW, decided

EQUAL_SECONDS, COUNT_SECONDS = 2.0, 20.0
"""Of counting before a solver is asked whether there are differences; and of counting by itself, without a limit."""
ESTIMATED, FEWEST, CELLS, DELTA = 100_000, 10_000, 1 << 24, 1e-3
"""Random inputs of an estimate, fewer of many bits (so many cells), and the probability that its interval is wrong."""


@dataclass(frozen=True)
class Disagreement:
    """How often two functions differ.

    Attributes:
        total: inputs that there are.
        differing: of how many they say different things; None where that is not known.
        share: differing / total, or an estimate of it.
        low: the share is at least this.
        high: the share is at most this.
        delta: the probability that it is not; 0 where it is exact.
        fewest: whether no program of the shape differs on fewer inputs, proved.
    """

    total: int
    differing: int | None
    share: float
    low: float
    high: float
    delta: float
    fewest: bool = False

    @classmethod
    def exact(cls, differing: int, total: int) -> Disagreement:
        """A number that is known.

        Args:
            differing: inputs.
            total: of so many.
        """
        share = differing / total
        return cls(total, differing, share, share, share, 0.0)


def told_apart(source: Source, program: Model, tree: Tree | None, manner: Manner) -> tuple[str, Bits | None]:
    """Whether a program says the same as the network of all inputs: PROVED, REFUTED with an input (bits,), UNKNOWN.

    Args:
        source: with a network.
        program: of the same inputs.
        tree: the same as a tree, where it is one.
        manner: how much time there is.
    """
    # Sums of many inputs are soon counted, and hard for a solver; where all inputs are tried nothing is quicker.
    if source.inputs.total > FEW and counted(source, program, tree, manner, EQUAL_SECONDS) == 0:
        return PROVED, None
    found = decided(source.same(program), seconds=manner.left)
    return found.status, found.inputs[0] if found.status == REFUTED else None


def disagreement(
    source: Source, program: Model, tree: Tree | None, manner: Manner, rng: np.random.Generator
) -> Disagreement:
    """On how many inputs they differ: exactly where that can be counted in time, else an estimate.

    Args:
        source: with a network.
        program: of the same inputs.
        tree: the same as a tree, where it is one.
        manner: how much time there is.
        rng: of what is random.
    """
    total = source.inputs.total
    if (known := counted(source, program, tree, manner)) is not None:
        return Disagreement.exact(known, total)
    asked = min(ESTIMATED, max(FEWEST, CELLS // max(1, len(source.inputs.names))))
    rows = source.inputs.drawn(asked, rng)
    wrong = int((source.ask(rows) != labels_of(program, rows)).sum())
    return Disagreement(total, None, wrong / asked, *interval(wrong, asked, DELTA), DELTA)


def counted(
    source: Source, program: Model, tree: Tree | None, manner: Manner, most: float = COUNT_SECONDS
) -> int | None:
    """Exactly on how many inputs they differ; None where that cannot be counted, or not in the time.

    Args:
        source: with a network.
        program: of the same inputs.
        tree: the same as a tree, where it is one.
        manner: how much time there is.
        most: seconds, at most.
    """
    if source.model is None:
        return None
    left = manner.left
    until = time.monotonic() + (most if left is None else min(most, left))
    try:
        if tree is None:
            return count(source.model, other=program, label=source.label, seconds=_until(until)).differing
        return _by_leaves(source, source.model, tree, until)
    except ResourceError:
        return None


def labels_of(program: Model, rows: Bits) -> Bits:
    """What a program says, (rows,).

    Args:
        program: a model.
        rows: (rows, bits) as `Inputs` has them, in no order of its own.
    """
    return np.asarray(program.codes(rows[:, Inputs.of(program).order]))


def _until(moment: float) -> float:
    return max(0.0, moment - time.monotonic())


def _by_leaves(source: Source, model: Model, tree: Tree, until: float) -> int | None:
    """Leaf by leaf, of the inputs that come there; None where conditions on them cannot be said."""
    differing, names = 0, source.inputs.names
    for path, label in tree.leaves():
        tests = [(source.bits[feature], value) for feature, value in path]
        if not _any(source.inputs, tests):
            continue
        where = [names[bit] if value else f"not {names[bit]}" for bit, value in tests]
        try:
            source.inputs.where(where)
        except InputError:
            # Two bits of that name.
            return None
        found = count(model, where=where, seconds=_until(until))
        wanted = label if source.place is None else source.place
        named = found.by_label[wanted]
        # A leaf that says "the rest" differs where the label is named.
        differing += named if source.place is not None and not label else sum(found.by_label) + found.none - named
    return differing


def _any(inputs: Inputs, tests: Sequence[tuple[int, int]]) -> bool:
    """Whether there is an input whose bits have these values."""
    for part in inputs.parts:
        there = np.ones(len(part.patterns), dtype=np.bool_)
        for bit, value in tests:
            there &= ((part.patterns == bool(value)) | (part.places != bit)).all(axis=1)
        if not there.any():
            return False
    return True
