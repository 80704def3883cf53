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
from bnnsat.foreign.linear import Linear, Signed
from bnnsat.foreign.operators import done
from bnnsat.foreign.values import Known, Raw, Signs, Sums, Value, unit
from bnnsat.foreign.walk import Walk
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.offsets import nearer
from bnnsat.shape import Shape


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
    """The model of layers that were read.

    Args:
        walk: the layers, of an input that is bits or compared.
        result: the network's output.
        name: of the file, for errors.

    Raises:
        InputError: the output is neither counts of classes nor one bit, or layers are not dense.
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
    if sparse := [place for place, linear in enumerate(linears) if not linear.dense]:
        raise InputError(
            f"{name}: layer {sparse[0] + 1} is convolutional; such networks are read for boxes of inputs "
            "(bnnsat verify FILE --vnnlib PROPERTY), and are no models"
        )
    matrices = [_matrix(linear) for linear in linears]
    thresholds = [tuple(layer.agreements) for layer in walk.layers]
    added: tuple[Fraction, ...] = ()
    if last is not None:
        if not np.array_equal(last.order, np.arange(len(last))):
            raise InputError(f"{name}: its classes are put into another order, which is not supported")
        scale = last.scale[0]
        thresholds.append(((matrices[-1].shape[1] + 1) // 2,) * len(last))
        if scale < 0:
            # Negative factors turn the weights: what is added stays as it is.
            matrices[-1], last = -matrices[-1], replace(last, scale=-last.scale)
        found = offsets(last, name)
        # Only their differences matter.
        added = nearer(found, matrices[-1].shape[1]) if len(set(found)) > 1 else ()
    preprocessing = AS_BITS
    if walk.first is not None:
        # A bit that is the other way round has its weights the other way round.
        matrices[0] = matrices[0] * walk.first.turned
        preprocessing = Preprocessing(Binarizer("pixel-mean", tuple(least - 0.5 for least in walk.first.least)))
    sizes = (matrices[0].shape[1], *(len(matrix) for matrix in matrices))
    shape = Shape(sizes, "popcount", head, tuple(thresholds), offsets=added).checked()
    return Model(Network.of(shape, [matrix > 0 for matrix in matrices]), preprocessing)


def _matrix(linear: Linear) -> Signed:
    """The weights of a dense layer, in the order of what it adds."""
    weights = np.empty_like(linear.kernels)
    weights[:, linear.windows[0]] = linear.kernels
    return weights
