"""Operations that add: matrix products and convolutions; and the maxima that follow them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.exact import finite, fractions
from bnnsat.foreign.fold import Layer
from bnnsat.foreign.graph import Node
from bnnsat.foreign.linear import Linear, Places, slides
from bnnsat.foreign.maps import spread
from bnnsat.foreign.values import Known, Mapped, Raw, Signs, Sums, Value
from bnnsat.foreign.walk import Made, Walk


def product(walk: Walk, node: Node, values: Sequence[Value | None]) -> Sums:
    """Gemm, MatMul or Conv.

    Args:
        walk: what has been read.
        node: the operation.
        values: what it reads.

    Raises:
        InputError: it multiplies other things than values with weights -a and +a, or they do not fit.
    """
    if len(values) < 2:
        raise InputError(f"{node.told}: reads {len(values)} values where 2 are due")
    value, factor, *more = values
    if not isinstance(value, Mapped) or not isinstance(factor, Known):
        raise InputError(f"{node.told}: multiplies with what is no constant, which is not supported")
    added = walk.added(value, node)
    sums = (_convolved if node.kind == "Conv" else _multiplied)(node, added, factor.array)
    if node.kind == "MatMul":
        return sums
    attributes, told = node.attributes, f"{node.told}: beta"
    sums = sums.times(spread(np.array(attributes.get("alpha", 1.0)), sums, node)[1])
    if not more or more[0] is None:
        return sums
    if not isinstance(more[0], Known):
        raise InputError(f"{node.told}: adds what is no constant")
    bias = more[0].array
    if node.kind == "Conv":
        bias = bias.reshape(-1, *[1] * (len(sums.dims) - 2))
    return sums.plus(fractions(attributes.get("beta", 1.0), told).item() * spread(bias, sums, node)[1])


def _multiplied(node: Node, value: Raw | Signs, matrix: NDArray[Any]) -> Sums:
    attributes = node.attributes
    if node.kind == "MatMul" or not attributes.get("transB", 0):
        matrix = matrix.T
    if attributes.get("transA", 0):
        raise InputError(f"{node.told}: transA is not supported")
    if matrix.ndim != 2 or matrix.shape[1] != (value.dims[-1] if node.kind == "MatMul" else len(value)):
        raise InputError(f"{node.told}: weights of shape {matrix.shape} do not fit {len(value)} values")
    places = np.arange(len(value)).reshape(-1, matrix.shape[1])
    dims = (1, len(matrix)) if node.kind == "Gemm" else (*value.dims[:-1], len(matrix))
    return weighted(matrix, value, places, np.arange(len(places) * len(matrix)), dims, node.told)


def _convolved(node: Node, value: Raw | Signs, tensor: NDArray[Any]) -> Sums:
    if node.attributes.get("group", 1) != 1:
        raise InputError(f"{node.told}: convolutions in groups are not supported")
    if tensor.ndim != len(value.dims) or value.dims[:2] != (1, tensor.shape[1]):
        raise InputError(f"{node.told}: weights of shape {tensor.shape} do not fit values of shape {value.dims}")
    grid = np.arange(len(value)).reshape(value.dims[1:])
    seen, where = slides(grid, tensor.shape[2:], node.attributes, len(value), node.told)
    order = np.arange(len(seen) * len(tensor)).reshape(len(seen), len(tensor)).T.ravel()
    matrix = tensor.reshape(len(tensor), -1)
    return weighted(matrix, value, seen.reshape(len(seen), -1), order, (1, len(tensor), *where), node.told)


def weighted(
    matrix: NDArray[Any], value: Raw | Signs, places: Places, order: Places, dims: tuple[int, ...], name: str
) -> Sums:
    """Values times weights.

    Args:
        matrix: (channels, k); each row has weights -a and +a.
        value: what is added.
        places: (positions, k) which elements, or their number for a 0.
        order: which sum each element of the result is.
        dims: of the result.
        name: of the node, for errors.

    Raises:
        InputError: the weights are others, or a sign may be 0.
    """
    if isinstance(value, Signs) and value.zeros.any():
        neuron = int(value.order[np.argmax(value.zeros)])
        raise InputError(
            f"{name}: neuron {neuron + 1} of layer {value.layer} can be exactly 0, whose Sign is 0 and no bit; "
            "a Sign that says +1 there is due"
        )
    if value.rounded.any():
        raise InputError(f"{name}: signs are multiplied by roots before they are added, which is not supported")
    finite(matrix, f"{name}: weights")
    if value.alike:
        # Floats are compared as they are: a whole row has the same size.
        scale, shift = value.scale[0], value.shift[0]
        factors, sizes = np.asarray(matrix) * (1 if scale > 0 else -1 if scale < 0 else 0), np.abs(matrix)
        _even(sizes, matrix, name)
        steps = np.array([Fraction(size) * abs(scale) for size in sizes[:, 0].tolist()], dtype=object)
        each = np.sign(matrix).sum(axis=1).tolist()
        starts = np.array([Fraction(s) * shift * int(n) for s, n in zip(sizes[:, 0].tolist(), each, strict=True)])
        if shift != 0 and (places == len(value)).any():
            raise InputError(f"{name}: a padding with 0 is not the 0 of what is added, which is not supported")
    elif len(places) == 1 and not isinstance(value, Raw):
        exact = fractions(matrix, name)
        factors = exact * value.scale
        _even(np.abs(factors), matrix, name)
        steps, starts = np.abs(factors[:, 0]), exact @ value.shift
    else:
        raise InputError(f"{name}: its values are multiplied by different numbers first, which is not supported")
    if not all(steps > 0):
        raise InputError(f"{name}: its values are multiplied by 0")
    windows = np.append(value.order, len(value))[places]
    linear = Linear(windows, np.where(factors > 0, 1, -1).astype(np.int8), None, len(value))
    no, channel = np.zeros(len(order), dtype=np.bool_), linear.channel[order]
    layer = value.layer if isinstance(value, Signs) else 0
    return Sums(steps[channel], starts[channel], no, no, order, dims, linear, layer, isinstance(value, Raw))


def _even(sizes: NDArray[Any], matrix: NDArray[Any], name: str) -> None:
    bad = np.argwhere((sizes != sizes[:, :1]) | (sizes == 0))
    if len(bad):
        j, i = bad[0].tolist()
        raise InputError(
            f"{name}: weight {float(matrix[j, i]):g} of input {i + 1} in neuron {j + 1} is not as large as its first; "
            "the weights of a binary network are -1 and +1 (of latent ones take the signs before export)"
        )


def pooled(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    """MaxPool, of sums or of the last layer's signs.

    Args:
        walk: what has been read; where it is of signs, the layer becomes one of maxima.
        node: the operation.
        values: what it reads.

    Raises:
        InputError: it takes maxima of something else.
    """
    value = values[0]
    if isinstance(value, Sums):
        linear = value.linear
    elif isinstance(value, Signs) and 0 < value.layer == len(walk.layers):
        linear = walk.layers[walk.current(value, node).layer - 1].linear
    else:
        raise InputError(f"{node.told}: takes maxima of neither sums nor the last layer's signs")
    channels = len(linear.kernels)
    if len(value.dims) < 3 or value.dims[:2] != (1, channels):
        raise InputError(f"{node.told}: does not stand behind a convolution")
    ordered = value.order.reshape(channels, -1)
    astray = (ordered % channels != np.arange(channels)[:, np.newaxis]) | (
        ordered // channels != ordered[0] // channels
    )
    if astray.any() or any(
        len({*row.tolist()}) > 1 for part in (value.scale, value.shift) for row in part.reshape(channels, -1)
    ):
        raise InputError(f"{node.told}: takes maxima of what is not mapped alike, which is not supported")
    falling = np.array([row[0] < 0 for row in value.scale.reshape(channels, -1)])
    if not all(value.scale):
        raise InputError(f"{node.told}: takes maxima of what is multiplied by 0")
    size = node.attributes.get("kernel_shape", ())
    positions = (ordered[0] // channels).reshape(1, *value.dims[2:])
    seen, where = slides(positions, size, node.attributes, -1, node.told)
    seen = seen[:, 0]
    # The largest of what is there; nothing but padding is refused.
    first = seen[np.arange(len(seen)), np.argmax(seen >= 0, axis=1)]
    if (first < 0).any():
        raise InputError(f"{node.told}: a window sees nothing but padding")
    seen = np.where(seen < 0, first[:, np.newaxis], seen)
    order = np.arange(len(seen) * channels).reshape(len(seen), channels).T.ravel()
    dims = (1, channels, *where)
    kept = np.argsort(value.order).reshape(-1, channels)[0][order % channels]
    parts = value.scale[kept], value.shift[kept], value.rounded[kept], value.vague[kept], order, dims
    if isinstance(value, Sums):
        try:
            linear = linear.turned(falling)
        except ValueError:
            raise InputError(f"{node.told}: a maximum is multiplied by a negative number") from None
        linear = replace(linear, pooled=_composed(linear, seen))
        turned = np.array([abs(one) for one in parts[0]], dtype=object)
        return Sums(turned, *parts[1:], linear, value.layer, value.numbers)
    layer = walk.layers[-1]
    of = [layer.least[place::channels] for place in range(channels)]
    if falling.any() or any(len({*least}) > 1 for least in of):
        raise InputError(f"{node.told}: takes maxima of what is compared in different ways, which is not supported")
    places = order % channels
    back = np.argsort(order)
    made = replace(linear, pooled=_composed(linear, seen))
    vague, zeros = (
        np.any(part.reshape(-1, channels), axis=0, keepdims=True)[0, places[back]]
        for part in (layer.vague, layer.zeros)
    )
    walk.layers[-1] = Layer(made, [of[c][0] for c in places[back].tolist()], vague, zeros)
    walk.signs[-1] = Made(node.outputs[0], order)
    unsure = np.any(value.zeros.reshape(channels, -1), axis=1, keepdims=True)
    return Signs(*parts, value.layer, unsure[places, 0], walk.changed(value))


def _composed(linear: Linear, seen: Places) -> Places:
    """Maxima of maxima."""
    return seen if linear.pooled is None else linear.pooled[seen].reshape(len(seen), -1)
