"""Orders of inputs, which half-comparisons depend on."""

from __future__ import annotations

import numpy as np

from bnnsat.tables.alike import repeated
from bnnsat.types import Bits, Integers

ORDERS = ("raw", "informative")


def informative_order(inputs: Bits, labels: Integers, even: bool = False) -> tuple[int, ...]:
    """Inputs by how much they say of the label, the 1st, 3rd, ... to the upper half, the others below.

    Half-comparisons compare input i with input n/2 + i, the first pairs first: so the two most informative inputs make
    the deciding pair. By absolute correlation with the label (of more than two, the largest); ties keep their order.
    Inputs that are equal or complementary to one before them come last.

    Args:
        inputs: (examples, n) bits.
        labels: (examples,), from 0.
        even: an odd number of inputs is made even by the first of them.
    """
    wanted = np.unique(labels) if labels.max() > 1 else np.array([1])
    x = inputs - inputs.mean(axis=0)
    best = np.zeros(inputs.shape[1])
    for label in wanted:
        y = (labels == label) - (labels == label).mean()
        scale = np.sqrt((x**2).sum(axis=0) * (y**2).sum())
        best = np.maximum(best, np.abs(x.T @ y) / np.where(scale > 0, scale, 1))
    # Rounded, so that equal correlations stay ties whatever the machine's last digit.
    ranks = np.argsort(-np.round(best, 9), kind="stable")
    # A pair of inputs that say the same parts no examples.
    again = repeated(inputs[:, ranks])
    ranks = np.concatenate([ranks[~again], ranks[again], ranks[:even]])
    return tuple(np.concatenate([ranks[0::2], ranks[1::2]]).tolist())
