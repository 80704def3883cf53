"""How good predictions are."""

from __future__ import annotations

import numpy as np

from bnnsat.types import Bits, Integers


def accuracy(predicted: Integers, labels: Integers) -> float | None:
    """The share of right labels, 0 to 1; None without examples.

    Args:
        predicted: labels (examples,).
        labels: the right ones.
    """
    return float((predicted == labels).mean()) if len(labels) else None


def balanced_accuracy(predicted: Integers, labels: Integers) -> float | None:
    """The mean over the classes that occur of the share of each that is right; None without examples.

    Args:
        predicted: labels (examples,).
        labels: the right ones.
    """
    shares = [(predicted[labels == label] == label).mean() for label in np.unique(labels)]
    return float(np.mean(shares)) if shares else None


def unseen(inputs: Bits, seen: Bits) -> Bits:
    """Which rows do not occur among others, (examples,).

    Args:
        inputs: (examples, n) bits.
        seen: (others, n) bits.
    """
    known = {row.tobytes() for row in np.packbits(seen, axis=1)}
    return np.array([row.tobytes() not in known for row in np.packbits(inputs, axis=1)], dtype=np.bool_)
