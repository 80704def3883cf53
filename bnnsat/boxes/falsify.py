"""Looking for an input that meets the conditions of a case: downhill on a smoothed network, from several starts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from bnnsat import limits
from bnnsat.boxes.box import Box, Whole
from bnnsat.boxes.smooth import Smooth

STEPS = 40
"""From a start, with falling temperatures."""
FIRST_HEAT, HEAT, STRIDE, MEMORY = (0.4, 6.4), 1.0, 0.3, 0.9
"""Temperatures of the first layer at the end and what is added at the start, in ranges of an input; of the others at
the end (at the start the root of what they add comes on top); the first step's length in ranges; what is kept of the
last direction."""


def met(boxes: Sequence[Box], seed: int, starts: int | None, deadline: float | None) -> Iterator[tuple[Box, Whole]]:
    """Points that meet all conditions of one of several cases, by exact sums.

    Args:
        boxes: cases of one network with the same bounds.
        seed: of the starts.
        starts: how many, the middle first; None until the deadline.
        deadline: a `time.monotonic` value.
    """
    box, rng = boxes[0], np.random.default_rng(seed)
    ranges = box.upper - box.lower
    # Temperatures are in ranges of what is added.
    widest = max(float(ranges.max()), 1.0)
    stack, smooth = box.stack, Smooth(box.stack, box.least / widest)
    weights = np.array([[float(w) for w in one.weights] for each in boxes for one in each.case.conditions])
    most = np.array([float(one.most) for each in boxes for one in each.case.conditions])
    owner = np.repeat(np.arange(len(boxes)), [len(each.case.conditions) for each in boxes])
    part = np.full(len(ranges), 0.5)
    for _ in itertools.count() if starts is None else range(starts):
        direction = np.zeros(len(ranges))
        for step in range(STEPS):
            try:
                limits.check(deadline)
            except TimeoutError:
                return
            left = 1 - step / STEPS
            heats = [FIRST_HEAT[0] + left * FIRST_HEAT[1], *(HEAT + left * size**0.5 for size in smooth.sizes[1:])]
            values = (box.lower + part * ranges) / widest
            scores, tape = smooth.scores(values.astype(np.float32), heats)
            over = weights @ scores - most
            # Of each case the condition that is farthest from holding, and the case where that is nearest.
            worst = np.full(len(boxes), -np.inf)
            np.maximum.at(worst, owner, over)
            nearest = int(np.argmin(worst))
            place = int(np.flatnonzero((owner == nearest) & (over == worst[nearest]))[0])
            slope = smooth.slopes(values.astype(np.float32), weights[place], heats, tape)
            largest = float(np.abs(slope).max())
            direction = MEMORY * direction - slope / (largest or 1.0)
            part = np.clip(part + STRIDE * left * np.sign(direction), 0, 1)
            point = box.at(part)
            reached = stack.scores(box.layers(point)[-1])
            for each in boxes:
                if all(
                    sum(w * s for w, s in zip(one.weights, reached, strict=True) if w) <= one.most
                    for one in each.case.conditions
                ):
                    yield each, point
        part = rng.random(len(ranges))
