"""Several score cards: found by training on many inputs, refuted by a proof on few.

With many inputs the cards behind the labels are what training ends at; with few there is much that fits nearly. A
proof gets harder with each input, and what no cards say of some inputs they do not say of all: it begins with some,
and those join of which its answer is wrong.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bnnsat.distilling.manner import Fit, Manner, trained
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

TURN_SECONDS, TURN_GROWTH, PROOF_SHARE = 6.0, 3, 2
"""Of the first training, each next one, and of the proof that follows it."""
FEW = 20
"""Inputs that a proof begins with, and that join it at most, for each input of the network."""


def several(shape: Shape, rows: Bits, labels: Integers, manner: Manner) -> Fit:
    """A network without errors, or a bound above 0; without either the best one when the time was over.

    Args:
        shape: of popcounts, with a hidden layer.
        rows: (examples, n) bits.
        labels: (examples,) of 0 and 1.
        manner: how they are searched for.

    Raises:
        TimeoutError: there was no time for anything.
        KeyboardInterrupt: it was interrupted.
    """
    few, seconds = FEW * rows.shape[1], TURN_SECONDS
    proving = np.arange(len(rows)) < few
    best = trained("auto", shape, rows, labels, manner.within(seconds))
    try:
        while best.errors and not best.lower and manner.left != 0.0:
            turn = manner.within(seconds * PROOF_SHARE)
            while best.errors and turn.left != 0.0:
                found = trained("core", shape, rows[proving], labels[proving], turn)
                if found.lower:
                    return replace(best, lower=found.lower)
                if found.errors:
                    break
                wrong = np.flatnonzero(~found.network.right(rows, labels))
                best = min(best, replace(found, errors=len(wrong)), key=lambda fit: fit.errors)
                proving[wrong[:few]] = True
            seconds *= TURN_GROWTH
            if best.errors and manner.left != 0.0:
                again = trained("auto", shape, rows, labels, manner.within(seconds))
                best = min(again, best, key=lambda fit: (-fit.lower, fit.errors))
    except TimeoutError:
        # The time was over between two looks at the clock.
        pass
    return best
