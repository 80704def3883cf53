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
from bnnsat.foreign.operators import Walk
from bnnsat.foreign.values import Known, Raw, Signs, Sums, Value, unit
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.offsets import nearer
from bnnsat.shape import Shape


def walked(graph: Graph, divisor: Fraction) -> tuple[Walk, Value]:
    """All layers of a graph, and its result.

    Args:
        graph: that was read.
        divisor: what a grey level is divided by before it comes in.

    Raises:
        InputError: a node is not supported.
    """
    walk, n = Walk(divisor), int(np.prod(graph.dims))
    values: dict[str, Value | None] = {name: Known(array) for name, array in graph.constants.items()}
    values |= {"": None, graph.source: Raw(*unit(n), graph.dims)}
    for node in graph.needed():
        if missing := [name for name in node.inputs if name not in values]:
            raise InputError(f"{node.told}: reads {missing[0]!r}, an output that is not supported")
        values[node.outputs[0]] = walk.done(node, [values[name] for name in node.inputs])
    result = values.get(graph.result)
    if result is None:
        raise InputError(f"the output {graph.result!r} is made by no node that is supported")
    return walk, result


def assembled(walk: Walk, result: Value, name: str) -> Model:
    """The model of layers that were read.

    Args:
        walk: the layers.
        result: the network's output.
        name: of the file, for errors.

    Raises:
        InputError: the output is neither counts of classes nor one bit.
    """
    if isinstance(result, Signs) and len(result) == 1 and walk.layers:
        if result.zeros.any() or result.scale[0] <= 0 or result.shift[0] != 0:
            raise InputError(f"{name}: its last Sign can be 0, or is changed afterwards, which is not supported")
        layers, last, head = walk.layers, None, "bit"
    elif isinstance(result, Sums) and len(result) > 1:
        layers, last, head = walk.layers, result, "argmax"
    else:
        raise InputError(f"{name}: ends with neither the counts of two classes or more nor one sign")
    if result.layer != len(walk.layers):
        raise InputError(f"{name}: its output does not come from its last layer; layers in one row are supported")
    matrices = [layer.weights for layer in layers]
    thresholds = [tuple(layer.least) for layer in layers]
    added: tuple[Fraction, ...] = ()
    if last is not None:
        scale = last.scale[0]
        matrices.append(last.weights if scale > 0 else -last.weights)
        thresholds.append(((last.weights.shape[1] + 1) // 2,) * len(last))
        # Negative factors have turned the weights: what is added stays as it is.
        found = offsets(last if scale > 0 else replace(last, scale=-last.scale), name)
        # Only their differences matter.
        added = nearer(found, last.weights.shape[1]) if len(set(found)) > 1 else ()
    preprocessing = AS_BITS
    if walk.first is not None:
        # A bit that is the other way round has its weights the other way round.
        matrices[0] = matrices[0] * walk.first.weights
        preprocessing = Preprocessing(Binarizer("pixel-mean", tuple(least - 0.5 for least in walk.first.least)))
    sizes = (matrices[0].shape[1], *(len(matrix) for matrix in matrices))
    shape = Shape(sizes, "popcount", head, tuple(thresholds), offsets=added).checked()
    return Model(Network.of(shape, [matrix > 0 for matrix in matrices]), preprocessing)
