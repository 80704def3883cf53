"""What each operation of ONNX makes of the values that it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bnnsat.errors import InputError
from bnnsat.foreign.constants import ARITHMETIC, constant
from bnnsat.foreign.graph import Node
from bnnsat.foreign.maps import arithmetic, normalised
from bnnsat.foreign.products import pooled, product
from bnnsat.foreign.signs import quantised, sign
from bnnsat.foreign.values import Known, Mapped, Raw, Signs, Sums, Value
from bnnsat.foreign.walk import Walk

ORDERED = ("Softmax", "LogSoftmax", "ArgMax")
"""They keep the order of the classes, and stand at the end."""
LAST = (-1, 1)
"""The axis of the classes."""
SAME = ("Identity", "Cast", "Dropout")
"""They keep the values."""
RESHAPED = ("Reshape", "Flatten", "Squeeze", "Unsqueeze")
"""They keep the values in their order."""
FLOATS = (1, 11)
"""Single and double precision, as ONNX numbers them."""


def done(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    """What a node makes.

    Args:
        walk: what has been read before.
        node: the operation.
        values: what it reads; None for what is left out.

    Raises:
        InputError: the operation is not one of those that are read, or not with such values.
    """
    kept = (*SAME, *RESHAPED, *ORDERED)
    if node.kind not in OPERATIONS and node.kind not in kept:
        raise InputError(f"{node.told}: not supported; {', '.join(sorted((*OPERATIONS, *kept)))} are")
    if all(value is None or isinstance(value, Known) for value in values):
        return Known(constant(node, [None if v is None else v.array for v in values if isinstance(v, Known | None)]))
    value = values[0] if values else None
    if node.kind in kept and isinstance(value, Raw | Signs | Sums):
        return _same(walk, node, value, values[1:])
    if walk.ended:
        raise InputError(f"{node.told}: stands behind the comparison of the classes, which is the end")
    if node.kind not in OPERATIONS:
        raise InputError(f"{node.told}: not supported on what depends on the input")
    return OPERATIONS[node.kind](walk, node, values)


def _same(walk: Walk, node: Node, value: Raw | Signs | Sums, more: Sequence[Value | None]) -> Value:
    """Values that stay what they are, in their order."""
    if node.kind in ORDERED:
        attributes = node.attributes
        axis = attributes.get("axis", 0 if node.kind == "ArgMax" else -1)
        if axis not in LAST or attributes.get("select_last_index", 0) or "ArgMax" in walk.ended:
            raise InputError(f"{node.told}: compares something else than the classes, the lowest of equals first")
        walk.ended = (*walk.ended, node.kind)
    elif node.kind == "Cast" and not walk.ended and node.attributes.get("to") not in FLOATS:
        raise InputError(f"{node.told}: to other types than single or double precision is not supported")
    return replace(value, dims=_dims(node, value, more)) if node.kind in RESHAPED else value


def _dims(node: Node, value: Mapped, more: Sequence[Value | None]) -> tuple[int, ...]:
    """The dimensions that a reshaping says; one row where it says none that fit one example."""
    given = more[0] if more else None
    said = (
        given.array.tolist() if isinstance(given, Known) else node.attributes.get("shape", node.attributes.get("axes"))
    )
    shape, n = list(value.dims), len(value)
    match node.kind:
        case "Flatten":
            axis = node.attributes.get("axis", 1) % (len(shape) + 1)
            return int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))
        case "Squeeze":
            places = range(len(shape)) if said is None else [place % len(shape) for place in said]
            return tuple(size for i, size in enumerate(shape) if not (i in places and size == 1))
        case "Unsqueeze":
            for place in sorted(place % (len(shape) + len(said or ())) for place in said or ()):
                shape.insert(place, 1)
            return tuple(shape)
    sizes = [shape[i] if size == 0 and i < len(shape) else size for i, size in enumerate(said or ())]
    known = int(np.prod([size for size in sizes if size != -1]))
    sizes = [n // known if size == -1 and known else size for size in sizes]
    return tuple(sizes) if sizes and int(np.prod(sizes)) == n else (1, n)


def _shape(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    value = values[0]
    assert isinstance(value, Raw | Signs | Sums)
    return Known(np.array(value.dims, dtype=np.int64))


def _transpose(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    value = values[0]
    assert isinstance(value, Raw | Signs | Sums)
    axes = tuple(node.attributes.get("perm", range(len(value.dims))[::-1]))
    if sorted(axes) != list(range(len(value.dims))):
        raise InputError(f"{node.told}: exchanges {len(axes)} dimensions of {len(value.dims)}")
    return value.moved(axes)


def _mapped(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    return (normalised if node.kind == "BatchNormalization" else arithmetic)(node, values)


def _only_constants(walk: Walk, node: Node, values: Sequence[Value | None]) -> Value:
    raise InputError(f"{node.told}: not supported on what depends on the input")


Operation = Callable[[Walk, Node, Sequence["Value | None"]], Value]

OPERATIONS: dict[str, Operation] = {
    "Shape": _shape,
    "Transpose": _transpose,
    **dict.fromkeys((*ARITHMETIC, "BatchNormalization"), _mapped),
    **dict.fromkeys(("Gemm", "MatMul", "Conv"), product),
    "MaxPool": pooled,
    **dict.fromkeys(("Sign", "BipolarQuant"), sign),
    "Quant": quantised,
    **dict.fromkeys(("Constant", "Concat", "Gather", "Sqrt"), _only_constants),
}
"""By ONNX's name; those of other domains have names of their own."""
