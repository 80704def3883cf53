"""What each operation of ONNX makes of the values that it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.constants import ARITHMETIC, constant
from bnnsat.foreign.exact import Fractions, fractions, is_square, root
from bnnsat.foreign.fold import Folded, compared, folded
from bnnsat.foreign.graph import Node
from bnnsat.foreign.values import Known, Mapped, Raw, Signs, Sums, Value, unit, weighted

ORDERED = ("Softmax", "LogSoftmax", "ArgMax")
"""They keep the order of the classes, and stand at the end."""
LAST = (-1, 1)
"""The axis of the classes."""
SAME = ("Identity", "Cast", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze")
"""They keep the values in their order."""
MOVED = ("Reshape", "Flatten", "Squeeze", "Unsqueeze")
FLOATS = (1, 11)
"""Single and double precision, as ONNX numbers them."""


@dataclass(eq=False)
class Walk:
    """A network as far as it has been read.

    Attributes:
        divisor: what a grey level is divided by before it comes in.
        first: the comparisons of the input; None where it is bits.
        layers: popcounts, one after the other.
        domain: where the input is bits, what stands for 0 and for 1 in the file.
        signs: names of the values that are the bits of the input and of each layer, in their order.
        ended: how the classes have been compared, if they have.
        reshaped: whether values behind the input have got other dimensions.
    """

    divisor: Fraction
    first: Folded | None = None
    layers: list[Folded] = field(default_factory=list)
    domain: tuple[int, int] | None = None
    signs: list[str] = field(default_factory=list)
    ended: tuple[str, ...] = ()
    reshaped: bool = False

    def done(self, node: Node, values: Sequence[Value | None]) -> Value:
        """What a node makes.

        Args:
            node: the operation.
            values: what it reads; None for what is left out.

        Raises:
            InputError: the operation is not one of those that are read, or not with such values.
        """
        if node.kind not in OPERATIONS and node.kind not in (*ORDERED, *SAME):
            raise InputError(f"{node.told}: not supported; {', '.join(sorted((*OPERATIONS, *ORDERED, *SAME)))} are")
        if all(value is None or isinstance(value, Known) for value in values):
            return Known(
                constant(node, [None if v is None else v.array for v in values if isinstance(v, Known | None)])
            )
        value = values[0] if values else None
        if node.kind in (*SAME, *ORDERED) and isinstance(value, Mapped):
            same: Value = self._same(node, value)
            return same
        if self.ended:
            raise InputError(f"{node.told}: stands behind the comparison of the classes, which is the end")
        return OPERATIONS[node.kind](self, node, values)

    def _same(self, node: Node, value: Mapped) -> Any:
        """Values that stay what they are, in their order."""
        if node.kind in ORDERED:
            attributes = node.attributes
            axis = attributes.get("axis", 0 if node.kind == "ArgMax" else -1)
            if axis not in LAST or attributes.get("select_last_index", 0) or "ArgMax" in self.ended:
                raise InputError(f"{node.told}: compares something else than the classes, the lowest of equals first")
            self.ended = (*self.ended, node.kind)
        elif node.kind == "Cast" and not self.ended and node.attributes.get("to") not in FLOATS:
            raise InputError(f"{node.told}: to other types than single or double precision is not supported")
        if node.kind in MOVED:
            self.reshaped = self.reshaped or not isinstance(value, Raw)
            return replace(value, dims=(1, len(value))) if isinstance(value, Raw) else value
        return value

    def bits(self, value: Value, node: Node) -> Signs:
        """Signs that can be added; an input that is not compared with anything is bits."""
        if isinstance(value, Signs):
            return value
        if not isinstance(value, Raw) or self.first is not None:
            raise InputError(f"{node.told}: reads sums that no Sign has made bits (was one lost on export?)")
        half = value.scale / 2
        if all(value.shift == 0):
            self.domain, scale = (-1, 1), value.scale
        elif all(value.shift == -half):
            self.domain, scale = (0, 1), half
        else:
            raise InputError(f"{node.told}: the input is neither compared (Sign) nor -1 and +1, nor 0 and 1 made so")
        if self.signs:
            raise InputError(f"{node.told}: the input is read twice, which is not supported")
        self.signs.append("")
        no = np.zeros(len(scale), dtype=np.bool_)
        return Signs(scale, unit(len(scale))[1], value.rounded, value.vague, 0, no)


def _shape(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    value = values[0]
    if isinstance(value, Raw):
        return Known(np.array(value.dims, dtype=np.int64))
    assert isinstance(value, Mapped)
    return Known(np.array([1, len(value)], dtype=np.int64))


def _transpose(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    value = values[0]
    assert isinstance(value, Mapped)
    dims = value.dims if isinstance(value, Raw) else (1, len(value))
    if len(node.attributes.get("perm", dims)) != len(dims) or (not isinstance(value, Raw) and walk.reshaped):
        raise InputError(f"{node.told}: behind a reshaping it is not supported")
    order = list(node.attributes.get("perm", range(len(dims))[::-1]))
    moved = [axis for axis in order if axis < len(dims) and dims[axis] > 1]
    if moved != sorted(moved):
        raise InputError(f"{node.told}: puts values into another order, which is not supported")
    return replace(value, dims=tuple(dims[axis] for axis in order)) if isinstance(value, Raw) else value


def _arithmetic(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    if len(values) != 2:
        raise InputError(f"{node.told}: reads {len(values)} values where 2 are due")
    a, b = values
    value, other = (a, b) if isinstance(a, Mapped) else (b, a)
    if not isinstance(value, Mapped) or not isinstance(other, Known):
        raise InputError(f"{node.told}: joins two parts of the network, which is not supported")
    more = _spread(other.array, len(value), node)
    backwards = value is b
    match node.kind:
        case "Add":
            return value.plus(more)
        case "Mul":
            return value.times(more)
        case "Sub":
            return value.times(-unit(len(value))[0]).plus(more) if backwards else value.plus(-more)
        case "Div" if not backwards:
            if not all(more):
                raise InputError(f"{node.told}: divides by 0")
            return value.times(1 / more)
    raise InputError(f"{node.told}: not supported on what depends on the input")


def _spread(array: NDArray[Any], n: int, node: Node) -> Fractions:
    """A constant for each of n values, which may stand along any one axis."""
    flat = fractions(array, node.told).ravel()
    if flat.size not in (1, n) or (flat.size == n > 1 and array.shape[-1] != n and array.shape[:1] == (n,)):
        raise InputError(f"{node.told}: a constant of shape {array.shape} does not fit {n} values")
    return np.broadcast_to(flat, (n,))


def _normalised(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    value, *known = values
    if not isinstance(value, Mapped) or len(known) != 4 or not all(isinstance(one, Known) for one in known):
        raise InputError(f"{node.told}: takes a value and four constants")
    names = ("scale", "bias", "mean", "variance")
    parts = [
        fractions(one.array, f"{node.told}: {what}").ravel()
        for one, what in zip(known, names, strict=True)
        if isinstance(one, Known)
    ]
    if any(len(part) != len(value) for part in parts):
        raise InputError(f"{node.told}: its constants, {len(parts[0])} of them, do not fit {len(value)} values")
    scale, bias, mean, variance = parts
    if node.attributes.get("training_mode", 0):
        raise InputError(f"{node.told}: is in training, and takes its mean from the examples")
    spread = variance + fractions(node.attributes.get("epsilon", 1e-5), f"{node.told}: epsilon").item()
    if bad := [i for i, one in enumerate(spread) if one <= 0]:
        raise InputError(
            f"{node.told}: the variance of value {bad[0] + 1} is {float(variance[bad[0]]):g}, so it has no scale"
        )
    roots = np.array([root(one) for one in spread], dtype=object)
    rounded = np.array([not is_square(one) for one in spread])
    return value.plus(-mean).times(scale / roots, rounded).plus(bias)


def _product(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    if len(values) < 2:
        raise InputError(f"{node.told}: reads {len(values)} values where 2 are due")
    value, factor, *more = values
    if not isinstance(value, Mapped) or not isinstance(factor, Known):
        raise InputError(f"{node.told}: multiplies with what is no constant, which is not supported")
    attributes, matrix = node.attributes, fractions(factor.array, f"{node.told}: weights")
    if node.kind == "MatMul" or not attributes.get("transB", 0):
        matrix = matrix.T
    if attributes.get("transA", 0):
        raise InputError(f"{node.told}: transA is not supported")
    sums = weighted(matrix, walk.bits(value, node), node.told)
    if node.kind == "Gemm":
        sums = sums.times(_spread(np.array(attributes.get("alpha", 1.0)), len(sums), node))
        if more and more[0] is not None:
            if not isinstance(more[0], Known):
                raise InputError(f"{node.told}: adds what is no constant")
            beta = fractions(attributes.get("beta", 1.0), f"{node.told}: beta").item()
            sums = sums.plus(beta * _spread(more[0].array, len(sums), node))
    return sums


def _sign(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    value, sure, factor = values[0], node.kind == "BipolarQuant", None
    if sure and len(values) > 1:
        other = values[1]
        if not isinstance(other, Known) or other.array.size != 1 or not other.array.ravel()[0] > 0:
            raise InputError(f"{node.told}: its scale is not one number above 0")
        factor = other.array
    if not isinstance(value, Mapped):
        raise InputError(f"{node.told}: the sign of a constant under another scale is not supported")
    if isinstance(value, Signs):
        made = _again(walk, node, value, sure)
    elif isinstance(value, Raw):
        if walk.signs:
            raise InputError(f"{node.told}: the input is read twice, which is not supported")
        walk.first = compared(value, walk.divisor, node.told)
        made = Signs(*unit(len(value)), 0, walk.first.zeros & (not sure))
    else:
        assert isinstance(value, Sums)
        if value.layer != len(walk.layers):
            raise InputError(f"{node.told}: does not follow the layer before it; layers in one row are supported")
        walk.layers.append(folded(value, node.told))
        made = Signs(*unit(len(value)), len(walk.layers), walk.layers[-1].zeros & (not sure))
    if not isinstance(value, Signs):
        walk.signs.append(node.outputs[0])
    return made if factor is None else made.times(_spread(factor, len(made), node))


def _again(walk: Walk, node: Node, value: Signs, sure: bool) -> Signs:
    """The signs of signs, under a map that leaves them what they are; and what becomes of 0."""
    if value.rounded.any() or not all(value.scale > abs(value.shift)):
        raise InputError(f"{node.told}: the sign of signs is not these signs, which is not supported")
    down = value.zeros & np.array([shift < 0 for shift in value.shift])
    left = value.zeros & np.array([shift == 0 for shift in value.shift]) & (not sure)
    made = walk.first if value.layer == 0 else walk.layers[value.layer - 1]
    assert made is not None
    walk.signs[value.layer] = node.outputs[0]
    # What is 0 becomes -1: it has to be above, or below where an input's bit is the other way round.
    steps = made.weights.tolist() if value.layer == 0 else [1] * len(down)
    moved = [least + step * int(one) for least, step, one in zip(made.least, steps, down, strict=True)]
    changed = replace(made, least=moved)
    if value.layer == 0:
        walk.first = changed
    else:
        walk.layers[value.layer - 1] = changed
    return Signs(*unit(len(value)), value.layer, left)


Operation = Callable[[Walk, Node, Sequence["Value | None"]], Value]


def _only_constants(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    raise InputError(f"{node.told}: not supported on what depends on the input")


OPERATIONS: dict[str, Operation] = {
    "Shape": _shape,
    "Transpose": _transpose,
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    "BatchNormalization": _normalised,
    "Gemm": _product,
    "MatMul": _product,
    "Sign": _sign,
    "BipolarQuant": _sign,
    **dict.fromkeys(("Constant", "Concat", "Gather", "Sqrt"), _only_constants),
}
"""By ONNX's name; those of other domains have names of their own."""
