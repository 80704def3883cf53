"""A network over numbers as a text that says all of it exactly, and is read without the program that it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, prod
from typing import Any

import numpy as np

from bnnsat.documents import Format
from bnnsat.errors import InputError
from bnnsat.foreign.fold import Compared, Layer
from bnnsat.foreign.linear import Linear, Places, Signed
from bnnsat.foreign.stack import Stack
from bnnsat.types import Bits

FORMAT = Format("bnnsat-network-over-numbers", 1, "a network over numbers")
FRACTION = re.compile(r"-?[0-9]{1,2000}(/[1-9][0-9]{0,1999})?")
MOST_PLACES, MOST_ADDED, MOST_BITS = 1 << 27, 1 << 22, 1 << 18
"""Numbers in all windows of a layer; values that a sum adds, which single precision holds exactly; and digits of what
all factors of the scores are multiples of."""
ENDS = "Softmax", "LogSoftmax"


@dataclass(frozen=True, eq=False)
class Written:
    """A network as it was read from another program's file.

    Attributes:
        stack: the network.
        ended: what the file does with the scores, which leaves only their order; empty where they come out.
        sha256: of the file.
    """

    stack: Stack
    ended: tuple[str, ...]
    sha256: str

    def dumps(self) -> bytes:
        """The text: always the same for the same network."""
        stack, first = self.stack, self.stack.first
        compared = first and {
            "turned": _signs(first.turned),
            "edges": [None if edge is None else str(edge) for edge in first.edges],
            "always": _signs(2 * first.always.astype(np.int8) - 1),
            "vague": _signs(2 * first.vague.astype(np.int8) - 1),
        }
        content = {
            "sha256": self.sha256,
            "ended": list(self.ended),
            "dims": list(stack.dims),
            "compared": compared,
            "layers": [_layer(layer) for layer in stack.layers],
            "last": _linear(stack.last),
            "scale": list(map(str, stack.scale)),
            "shift": list(map(str, stack.shift)),
        }
        return FORMAT.dumps(content)

    @classmethod
    def loads(cls, text: bytes, name: str) -> Written:
        """The network of a text; InputError, KeyError, TypeError or ValueError for anything else.

        Args:
            text: as `dumps` writes it.
            name: of its file, for errors.
        """
        content = FORMAT.loads(text, name)
        dims, ended, digest = tuple(content["dims"]), tuple(content["ended"]), content["sha256"]
        if not all(type(size) is int and size >= 1 for size in dims) or prod(dims) > MOST_PLACES:
            raise InputError(f"{name}: its inputs are no shape")
        inputs = prod(dims)
        if not {*ended} <= {*ENDS} or not re.fullmatch("[0-9a-f]{64}", digest):
            raise InputError(f"{name}: ends with something else than {' or '.join(ENDS)}, or has no digest")
        first = None if content["compared"] is None else _compared(content["compared"], inputs, name)
        layers, values = list[Layer](), inputs
        for place, noted in enumerate(content["layers"]):
            layers.append(_read_layer(noted, values, numbers=first is None and not place, name=name))
            values = layers[-1].linear.outputs
        last = _read_linear(content["last"], values, name)
        scale, shift = (tuple(map(fraction, content[which])) for which in ("scale", "shift"))
        if not layers or not last.dense or not len(scale) == len(shift) == len(last.kernels):
            raise InputError(f"{name}: does not end with the counts of classes behind a layer of signs")
        unit = 1
        for one in {*scale, *shift}:
            unit = lcm(unit, one.denominator)
            if unit.bit_length() > MOST_BITS:
                raise InputError(f"{name}: its scores have too many digits")
        return cls(Stack(inputs, dims, first, tuple(layers), last, scale, shift), ended, digest)


def fraction(text: str) -> Fraction:
    """The number that a text like -3/4 says.

    Args:
        text: a whole number, or two.

    Raises:
        InputError: it is none, or has too many digits.
    """
    if not FRACTION.fullmatch(text):
        raise InputError(f"{text[:40]!r} is no fraction")
    return Fraction(text)


def _layer(layer: Layer) -> dict[str, Any]:
    # Most neurons of a channel have the same threshold.
    known: dict[Fraction, int] = {}
    which = [known.setdefault(one, len(known)) for one in layer.least]
    vague = np.flatnonzero(layer.vague).tolist()
    return {**_linear(layer.linear), "thresholds": list(map(str, known)), "least": _row(which), "vague": _row(vague)}


def _linear(linear: Linear) -> dict[str, Any]:
    pooled = None if linear.pooled is None else list(map(_row, linear.pooled.tolist()))
    return {
        "values": linear.values,
        "windows": list(map(_row, linear.windows.tolist())),
        "kernels": list(map(_signs, linear.kernels)),
        "pooled": pooled,
    }


def _row(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))


def _signs(signs: Signed) -> str:
    return "".join("+" if sign > 0 else "-" for sign in signs.tolist())


def _compared(noted: dict[str, Any], inputs: int, name: str) -> Compared:
    edges = [None if edge is None else fraction(edge) for edge in noted["edges"]]
    turned, always, vague = (_read_signs(noted[name]) for name in ("turned", "always", "vague"))
    if not len(edges) == len(turned) == len(always) == len(vague) == inputs:
        raise InputError(f"{name}: does not compare each input once")
    # Grey levels are asked of models only.
    return Compared(turned, [], edges, always > 0, np.zeros(inputs, dtype=np.bool_), vague > 0)


def _read_layer(noted: dict[str, Any], values: int, *, numbers: bool, name: str) -> Layer:
    linear = _read_linear(noted, values, name)
    known, which = list(map(fraction, noted["thresholds"])), _read_row(noted["least"])
    if len(which) != linear.outputs or which.min() < 0:
        raise InputError(f"{name}: a layer does not have a threshold for each sum")
    most = linear.windows.shape[1] + 1
    if not numbers and not all(one.denominator == 1 and -most <= one <= most for one in known):
        raise InputError(f"{name}: a sum of signs is compared with something that it never is")
    vague: Bits = np.zeros(linear.outputs, dtype=np.bool_)
    if noted["vague"]:
        vague[_read_row(noted["vague"])] = True
    return Layer(linear, [known[place] for place in which.tolist()], vague, np.zeros(linear.outputs, dtype=np.bool_))


def _read_linear(noted: dict[str, Any], values: int, name: str) -> Linear:
    windows = np.stack([_read_row(row) for row in noted["windows"]])
    kernels = np.stack([_read_signs(row) for row in noted["kernels"]])
    pooled = None if noted["pooled"] is None else np.stack([_read_row(row) for row in noted["pooled"]])
    sizes = windows.size, windows.shape[0] * len(kernels), 0 if pooled is None else pooled.size * len(kernels)
    if max(sizes) > MOST_PLACES or not kernels.shape[1] == windows.shape[1] <= MOST_ADDED:
        raise InputError(f"{name}: a layer's windows and weights do not fit each other")
    if noted["values"] != values or windows.min() < 0 or windows.max() > values:
        raise InputError(f"{name}: a layer adds values that are not there")
    if pooled is not None and (pooled.min() < 0 or pooled.max() >= len(windows)):
        raise InputError(f"{name}: a maximum is of sums that are not there")
    return Linear(windows, kernels, pooled, values)


def _read_row(text: str) -> Places:
    return np.array([int(part) for part in text.split()], dtype=np.int64)


def _read_signs(text: str) -> Signed:
    if {*text} - {"+", "-"}:
        raise InputError("signs are written as + and -")
    return np.array([1 if sign == "+" else -1 for sign in text], dtype=np.int8)
