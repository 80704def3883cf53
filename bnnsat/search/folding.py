"""Learned thresholds are the weights of constant inputs while they are searched for; here they become thresholds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bnnsat.network import Network


def folded(network: Network) -> Network:
    """The same function without constants: those whose weight is 1 lower the neuron's threshold.

    Args:
        network: with or without constants.
    """
    shape = network.shape
    if not any(shape.constants):
        return replace(network, shape=replace(shape, constants=()))
    matrices, thresholds = [], []
    for index, matrix in enumerate(network.matrices()):
        kept = shape.sources(index) >= 0
        matrices.append(matrix[:, kept])
        lowered = np.array(shape.thresholds[index], dtype=np.int64) - matrix[:, ~kept].sum(axis=1)
        thresholds.append(lowered.tolist())
    return Network.of(replace(shape, constants=()).with_thresholds(thresholds), matrices)
