"""One half-comparison as a network of many, so that no wider or deeper one does worse.

Each layer says the same as the first neuron: where all inputs of a layer are the same bit, a neuron that agrees with
the first of its upper half where it is 1, disagrees with that of its lower half, and takes all other pairs alike, is
that bit.
"""

from __future__ import annotations

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.found import Found
from bnnsat.search.half import chain
from bnnsat.shape import Shape


def fits(shape: Shape) -> bool:
    """Whether a shape is one of several half-comparisons with one output."""
    return shape.activation == "half" and shape.head == "bit" and shape.layers > 1


def best_copies(problem: Problem, shape: Shape) -> Found:
    """The best single neuron as a network of a shape, and its errors.

    Args:
        problem: the training examples.
        shape: that fits.
    """
    network, errors = chain.best_neuron(problem, Shape.parse(f"{shape.sizes[0]}-1", "half"))
    return copies(network, shape), errors


def copies(network: Network, shape: Shape) -> Network:
    """A single neuron as a network of a shape.

    Args:
        network: n-1.
        shape: that fits, with as many inputs.
    """
    matrices = [np.repeat(network.matrices()[0], shape.sizes[1], axis=0)]
    for neurons, read in shape.matrices[1:]:
        weights = np.zeros((neurons, read), dtype=np.bool_)
        weights[:, 0] = True
        matrices.append(weights)
    return Network.of(shape, matrices)
