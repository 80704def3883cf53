"""Networks that vote with the sum of their popcounts: one wider network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.shape import Shape
from bnnsat.spelling import WEIGHTS


def member(shape: Shape, members: int) -> Shape:
    """The shape of one of the members whose hidden layers side by side are that of `shape` (n-m-k)."""
    n, m, k = shape.sizes
    m //= members
    half = (m * shape.repeat + 1) // 2
    return replace(shape, sizes=(n, m, k), thresholds=(shape.thresholds[0][:m], (half,) * k))


def widened(shape: Shape, members: int) -> Shape:
    """The one network (n-m-k) that an ensemble of so many networks of a shape is; InputError where it is none."""
    if members == 1:
        return shape
    if members < 1 or shape.layers != 2 or shape.activation != "popcount" or len(set(shape.thresholds[0])) > 1:
        raise InputError("an ensemble is made of popcount networks n-m-k; give ensemble 1 or more, and such a topology")
    if any(shape.constants):
        raise InputError("an ensemble votes with sums, not with learned thresholds; leave one of the two out")
    n, m, k = shape.sizes
    given, kind = [shape.thresholds[0][0], (m * members * shape.repeat + 1) // 2], WEIGHTS[shape.repeat - 1]
    return Shape.parse(f"{n}-{m * members}-{k}", head=shape.head, thresholds=given, weights=kind)


def joined(members: Sequence[Network], shape: Shape) -> Network:
    """Members put together: the sum of their popcounts is one popcount.

    Args:
        members: of the shape `member(shape, len(members))`; one of them several times is that one.
        shape: of the whole.
    """
    layers = [network.matrices() for network in members]
    hidden = np.concatenate([matrices[0] for matrices in layers])
    # Where neurons are read twice, first come all that read them first.
    parts = [matrices[1].reshape(len(matrices[1]), shape.repeat, -1) for matrices in layers]
    return Network.of(shape, [hidden, np.concatenate(parts, axis=2).reshape(len(parts[0]), -1)])
