"""A network that was read, as a model."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import AS_BITS, Preprocessing
from bnnsat.errors import InputError
from bnnsat.foreign.fold import offsets
from bnnsat.foreign.graph import Graph
from bnnsat.foreign.operators import done
from bnnsat.foreign.rows import affordable, as_rows, weights
from bnnsat.foreign.values import Known, Raw, Signs, Sums, Value, unit
from bnnsat.foreign.walk import Walk
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.offsets import nearer
from bnnsat.shape import Shape
from bnnsat.types import Integers


def walked(graph: Graph, divisor: Fraction, numbers: bool = False) -> tuple[Walk, Signs | Sums]:
    """All layers of a graph, and its result.

    Args:
        graph: that was read.
        divisor: what a grey level is divided by before it comes in.
        numbers: whether an input that is not compared first is numbers, instead of bits.

    Raises:
        InputError: a node is not supported.
    """
    walk = Walk(divisor, numbers)
    values: dict[str, Value | None] = {name: Known(array) for name, array in graph.constants.items()}
    raw = Raw(*unit(graph.dims))
    # Numbers are divided exactly; grey levels as the program does it, where they are compared.
    raw = raw.times(np.full(len(raw), 1 / divisor)) if numbers else raw
    values |= {"": None, graph.source: raw}
    for node in graph.needed():
        if missing := [name for name in node.inputs if name not in values]:
            raise InputError(f"{node.told}: reads {missing[0]!r}, an output that is not supported")
        values[node.outputs[0]] = done(walk, node, [values[name] for name in node.inputs])
    result = values.get(graph.result)
    if result is None:
        raise InputError(f"the output {graph.result!r} is made by no node that is supported")
    if not isinstance(result, Signs | Sums) or result.layer != len(walk.layers):
        raise InputError(
            f"the output {graph.result!r} does not come from the last layer; layers in one row are supported"
        )
    return walk, result


def assembled(walk: Walk, result: Signs | Sums, name: str) -> Model:
    """The model of layers that were read; where they are convolutional, of weights that may be 0.

    Args:
        walk: the layers, of an input that is bits or compared.
        result: the network's output.
        name: of the file, for errors.

    Raises:
        InputError: the output is neither counts of classes nor one bit, or convolutions are large.
    """
    if isinstance(result, Signs) and len(result) == 1 and walk.layers:
        if result.zeros.any() or result.scale[0] <= 0 or result.shift[0] != 0:
            raise InputError(f"{name}: its last Sign can be 0, or is changed afterwards, which is not supported")
        last, head = None, "bit"
    elif isinstance(result, Sums) and len(result) > 1:
        last, head = result, "argmax"
    else:
        raise InputError(f"{name}: ends with neither the counts of two classes or more nor one sign")
    linears = [layer.linear for layer in walk.layers] + ([] if last is None else [last.linear])
    affordable(linears, name)
    rows = [one for layer in walk.layers for one in as_rows(layer)]
    if last is not None:
        if last.linear.pooled is not None:
            raise InputError(f"{name}: its classes are maxima of sums, which is not supported")
        if not np.array_equal(last.order, np.arange(len(last))):
            raise InputError(f"{name}: its classes are put into another order, which is not supported")
        matrix = weights(last.linear)
        if last.scale[0] < 0:
            # Negative factors turn the weights: what is added stays as it is.
            matrix, last = -matrix, replace(last, scale=-last.scale)
        rows.append((matrix, np.zeros(len(last), dtype=np.int64)))
    # What some neuron does not read is a weight 0, which takes two bits.
    repeat = 1 if all(matrix.all() for matrix, _ in rows) else 2
    added: tuple[Fraction, ...] = ()
    if last is not None:
        found = [repeat * one for one in offsets(last, name)]
        # Only their differences matter.
        added = nearer(found, repeat * rows[-1][0].shape[1]) if len(set(found)) > 1 else ()
    preprocessing = AS_BITS
    if walk.first is not None:
        # A bit that is the other way round has its weights the other way round.
        rows[0] = rows[0][0] * walk.first.turned, rows[0][1]
        preprocessing = Preprocessing(Binarizer("pixel-mean", tuple(least - 0.5 for least in walk.first.least)))
    sizes = (rows[0][0].shape[1], *(len(matrix) for matrix, _ in rows))
    thresholds = tuple(_agreements(least, repeat, matrix.shape[1]) for matrix, least in rows)
    shape = Shape(sizes, "popcount", head, thresholds, repeat, offsets=added).checked()
    bits = [matrix > 0 if repeat == 1 else np.concatenate([matrix > 0, matrix >= 0], axis=1) for matrix, _ in rows]
    return Model(Network.of(shape, bits), preprocessing)


def _agreements(least: Integers, repeat: int, n: int) -> tuple[int, ...]:
    """How many bits have to agree with the weights for sums of signs to be so large; of 0 one of two bits agrees."""
    enough = -(-repeat * (least + n) // 2)
    return tuple(np.clip(enough, 0, repeat * n + 1).tolist())
