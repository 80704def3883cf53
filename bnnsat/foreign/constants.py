"""Operations of ONNX on constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.graph import Node

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Pow": np.power,
}


def constant(node: Node, arrays: list[NDArray[Any] | None]) -> NDArray[Any]:
    """What a node makes of constants, as the program that reads the file does it.

    Args:
        node: the operation.
        arrays: what it reads; None for what is left out.

    Raises:
        InputError: it is not one that is read, or does not take them.
    """
    kind, attributes = node.kind, node.attributes
    if kind == "Constant":
        if "value" not in attributes:
            raise InputError(f"{node.told}: holds no tensor; constants of other kinds are not supported")
        return np.asarray(attributes["value"])
    a = arrays[0] if arrays else None
    b = arrays[1] if len(arrays) > 1 else None
    if a is None:
        raise InputError(f"{node.told}: reads nothing")
    with np.errstate(all="ignore"):
        # What is no number is refused where it is used.
        return _computed(node, kind, attributes, a, b, arrays)


def _computed(
    node: Node,
    kind: str,
    attributes: Mapping[str, Any],
    a: NDArray[Any],
    b: NDArray[Any] | None,
    arrays: list[NDArray[Any] | None],
) -> NDArray[Any]:
    try:
        if kind == "BipolarQuant":
            return np.asarray(np.where(a >= 0, np.float32(1), np.float32(-1)) * (np.float32(1) if b is None else b))
        if kind == "Quant" and b is not None:
            return _quantised(attributes, a, b, arrays)
        if kind == "Sign":
            return np.asarray(np.sign(a))
        if kind == "Transpose":
            return np.transpose(a, attributes.get("perm"))
        if kind == "Concat":
            return np.concatenate([one for one in arrays if one is not None], axis=attributes["axis"])
        if kind == "Gather" and b is not None:
            return np.asarray(np.take(a, b, axis=attributes.get("axis", 0)))
        if kind == "Unsqueeze":
            axes = attributes.get("axes", b if b is None else b.tolist())
            return np.expand_dims(a, tuple(axes))
        if kind in ("Identity", "Dropout"):
            return a
        if kind == "Cast":
            import onnx

            return a.astype(onnx.helper.tensor_dtype_to_np_dtype(attributes["to"]))
        if kind == "Reshape" and b is not None:
            return a.reshape(b.tolist())
        if kind == "Sqrt":
            return np.asarray(np.sqrt(a))
        if kind in ARITHMETIC and b is not None and not (kind == "Div" and a.dtype.kind in "iu"):
            return np.asarray(ARITHMETIC[kind](a, b))
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise InputError(f"{node.told}: its constants do not fit ({error})") from None
    raise InputError(f"{node.told}: not supported on constants")


def _quantised(
    attributes: Mapping[str, Any], a: NDArray[Any], scale: NDArray[Any], arrays: list[NDArray[Any] | None]
) -> NDArray[Any]:
    """QONNX's Quant: whole multiples of a scale, as many as the width allows."""
    zero, width = arrays[2], arrays[3]
    if zero is None or width is None:
        raise ValueError("a zero point and a width are due")
    signed, narrow = bool(attributes.get("signed", 1)), int(attributes.get("narrow", 0))
    rounding: dict[str, Callable[[Any], Any]] = {"ROUND": np.round, "FLOOR": np.floor, "CEIL": np.ceil}
    mode = attributes.get("rounding_mode", "ROUND")
    mode = (mode.decode() if isinstance(mode, bytes) else str(mode)).upper()
    if mode not in rounding:
        raise ValueError(f"rounding {mode}; {', '.join(rounding)} are supported")
    levels = 2.0**width
    least, most = (-levels / 2 + narrow, levels / 2 - 1) if signed else (0.0 * levels, levels - 1 - narrow)
    return np.asarray((np.clip(rounding[mode](a / scale + zero), least, most) - zero) * scale)
