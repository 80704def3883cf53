"""Whether a violation that a VNN-LIB file describes can occur."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from bnnsat import limits
from bnnsat.boxes.blocks import least_sums
from bnnsat.boxes.box import Box
from bnnsat.boxes.falsify import met
from bnnsat.boxes.solved import MOST_TERMS, Undecided, terms
from bnnsat.foreign.stack import Stack
from bnnsat.foreign.vnnlib import Case

PROVED, REFUTED, UNKNOWN = "PROVED", "REFUTED", "UNKNOWN"
WIDTHS = (1, 8, 11, 14, 16)
"""Undecided bits whose patterns are tried together, more and more."""
LAST_STARTS = 100
"""Of the last search for a violation of each box, where it does not go on until the time limit."""


@dataclass(frozen=True)
class Shown:
    """A case that was shown to be impossible, block by block.

    Attributes:
        case: its number.
        condition: of the case, which no input meets.
        width: of how many undecided bits all patterns were tried together.
    """

    case: int
    condition: int
    width: int


@dataclass(frozen=True)
class Decision:
    """An answer.

    Attributes:
        status: REFUTED where a case occurs, PROVED where none does, UNKNOWN at the time limit.
        counterexample: (inputs,) that make it occur; none else.
        scores: (classes,) what the network says there.
        method: that found it.
        open: how many cases are undecided.
        seconds: it took.
        shown: cases that are impossible block by block; of the others a solver has said it.
    """

    status: str
    counterexample: tuple[Fraction, ...]
    scores: tuple[Fraction, ...]
    method: str
    open: int
    seconds: float
    shown: tuple[Shown, ...] = ()


def decide(stack: Stack, cases: Sequence[Case], seconds: float | None = None, seed: int = 0) -> Decision:
    """Whether one of several cases occurs.

    Args:
        stack: the network.
        cases: bounds of inputs with conditions on outputs.
        seconds: the time limit.
        seed: of the search for a violation.

    Raises:
        InputError: cases and network do not fit.
    """
    began = time.monotonic()
    deadline = limits.deadline(seconds)
    left, seeds, shown = _grouped(stack, cases), itertools.count(seed), list[Shown]()

    def answer(status: str, method: str, at: tuple[Fraction, ...] = ()) -> Decision:
        scores = tuple(stack.scores(stack.bits(at)[-1])) if at else ()
        return Decision(status, at, scores, method, sum(map(len, left)), time.monotonic() - began, tuple(shown))

    if free := [box for group in left for box in group if not box.case.conditions]:
        # Without a condition any of its inputs will do.
        return answer(REFUTED, "descent", free[0].case.lower)
    for place, width in enumerate(WIDTHS):
        for group in left:
            if at := _searched(group, next(seeds), 1 << place, deadline):
                return answer(REFUTED, "descent", at)
        try:
            found = [_impossible(group, width, deadline) for group in left]
        except TimeoutError:
            return answer(UNKNOWN, "blocks")
        shown += [one for group in found for one in group]
        gone = {one.case for one in shown}
        left = [still for group in left if (still := [box for box in group if box.number not in gone])]
        if not left:
            return answer(PROVED, "blocks")
    try:
        for group in [group for group in left if terms(group[0]) <= MOST_TERMS]:
            formula, still = Undecided(group[0], deadline), list[Box]()
            for box in group:
                point = formula.met(box.case.conditions)
                if point is None:
                    continue
                still.append(box)
                if stack.first is not None and occurs(stack, box.case, at := tuple(box.inputs(point))):
                    return answer(REFUTED, "sat", at)
            left = [still if other is group else other for other in left if still or other is not group]
    except TimeoutError:
        return answer(UNKNOWN, "sat")
    if not left:
        return answer(PROVED, "sat")
    for group in left:
        if at := _searched(group, next(seeds), LAST_STARTS if deadline is None or len(left) > 1 else None, deadline):
            return answer(REFUTED, "descent", at)
    return answer(UNKNOWN, "descent")


def _searched(group: Sequence[Box], seed: int, starts: int | None, deadline: float | None) -> tuple[Fraction, ...]:
    """An input that makes one of several cases occur; nothing where none was found."""
    for box, point in met(group, seed, starts, deadline):
        if occurs(box.stack, box.case, at := tuple(box.inputs(point))):
            return at
    return ()


def _grouped(stack: Stack, cases: Sequence[Case]) -> list[list[Box]]:
    """The cases as boxes, those of the same bounds together."""
    groups = dict[tuple[int, int], list[Box]]()
    for number, case in enumerate(cases):
        # Bounds that are the same object; to compare them takes longer than to have two boxes.
        same = groups.setdefault((id(case.lower), id(case.upper)), [])
        same.append(replace(same[0], case=case, number=number) if same else Box.of(stack, case, number))
    return list(groups.values())


def occurs(stack: Stack, case: Case, inputs: Sequence[Fraction]) -> bool:
    """Whether an input makes a case occur, by the plain reading.

    Args:
        stack: the network.
        case: bounds and conditions.
        inputs: (n,) numbers.
    """
    if not all(a <= x <= b for a, x, b in zip(case.lower, inputs, case.upper, strict=True)):
        return False
    scores = stack.scores(stack.bits(inputs)[-1])
    return all(
        sum((w * s for w, s in zip(one.weights, scores, strict=True)), Fraction(0)) <= one.most
        for one in case.conditions
    )


def _impossible(group: Sequence[Box], width: int, deadline: float | None) -> list[Shown]:
    """The cases of one box of which a condition is shown to be impossible."""
    stack = group[0].stack
    conditions = [(box, place, one) for box in group for place, one in enumerate(box.case.conditions)]
    parts = [stack.margins(one.weights) for _, _, one in conditions]
    gains = np.array([gain for gain, _, _ in parts]).T
    sums = least_sums(group[0], gains, width, deadline).tolist()
    found = {
        box.number: Shown(box.number, place, width)
        for (box, place, one), (_, start, unit), least in zip(conditions, parts, sums, strict=True)
        if least + start > one.most * unit
    }
    return list(found.values())
