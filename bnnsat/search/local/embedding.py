"""Networks of simpler shapes among those of richer ones: the same function, so that no richer shape does worse.

A threshold that is given is one of those that can be learned; weights +1 and -1 are ternary ones; one neuron is a
layer of copies of it, which all vote alike; and so is an output that another layer is put in front of.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bnnsat.network import Network
from bnnsat.shape import Shape
from bnnsat.types import Bits


def simpler(shape: Shape) -> Shape | None:
    """The next simpler shape of which `embedded` knows; None where there is none.

    Args:
        shape: of popcounts.
    """
    if shape.activation != "popcount":
        return None
    if any(shape.constants):
        return _default(shape, shape.sizes, shape.repeat, given=tuple(map(bool, shape.constants)))
    if shape != _default(shape, shape.sizes, shape.repeat):
        return None
    if shape.repeat == 2:
        return _default(shape, shape.sizes, 1)
    if shape.head == "bit" and shape.layers > 1:
        return _default(shape, (*shape.sizes[:-2], 1), 1)
    return None


def chain(shape: Shape) -> list[Shape]:
    """The shape and all simpler ones, the simplest first.

    Args:
        shape: any.
    """
    shapes = [shape]
    while (next_ := simpler(shapes[-1])) is not None:
        shapes.append(next_)
    return shapes[::-1]


def embedded(network: Network, shape: Shape) -> Network:
    """The network of a shape that computes the same.

    Args:
        network: of one of the shapes in the `chain` of the other.
        shape: the other.

    Raises:
        ValueError: it is of another shape.
    """
    shapes = chain(shape)
    if network.shape not in shapes:
        raise ValueError(f"{network.shape.words} is not among the simpler shapes of {shape.words}")
    for richer in shapes[shapes.index(network.shape) + 1 :]:
        network = _step(network, richer)
    return network


def _default(shape: Shape, sizes: tuple[int, ...], repeat: int, given: tuple[bool, ...] = ()) -> Shape:
    """A shape with thresholds of half the inputs, rounded up; where `given` says no, with those of `shape`."""
    fan_in = [n * repeat for n in sizes[:-1]]
    rows = [((n + 1) // 2,) * m for n, m in zip(fan_in, sizes[1:], strict=True)]
    if given:
        rows = [row if free else own for row, own, free in zip(rows, shape.thresholds, given, strict=True)]
    return replace(shape, sizes=sizes, repeat=repeat, thresholds=tuple(rows), constants=())


def _step(network: Network, richer: Shape) -> Network:
    matrices, shape = network.matrices(), network.shape
    if any(richer.constants):
        return lifted(network, richer)
    if richer.repeat > shape.repeat:
        return Network.of(richer, [np.concatenate([matrix] * 2, axis=1) for matrix in matrices])
    copies = np.repeat(matrices[-1], richer.sizes[-2], axis=0)
    return Network.of(richer, [*matrices[:-1], copies, np.ones((1, len(copies)), dtype=np.bool_)])


def lifted(network: Network, shape: Shape) -> Network:
    """The network of a shape whose thresholds are learned that has the same thresholds.

    Args:
        network: with thresholds of its own.
        shape: with constants.
    """
    parts = zip(network.matrices(), network.shape.thresholds, shape.constants, strict=True)
    return Network.of(shape, [_raised(*part) for part in parts])


def _raised(matrix: Bits, thresholds: tuple[int, ...], constants: int) -> Bits:
    # So many constants with weight 1 lower the threshold to the one that was given.
    ones = np.arange(constants) < constants - np.array(thresholds)[:, np.newaxis]
    return np.concatenate([matrix, ones], axis=1)
