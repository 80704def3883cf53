"""Weighted sums as they are in a file: the same weights at many places, dense or convolutional, and maxima of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from bnnsat.errors import InputError

Places = NDArray[np.int64]
Signed = NDArray[np.int8]
"""Weights -1 and +1."""


@dataclass(frozen=True, eq=False)
class Linear:
    """Sums of weight times value; sum number position * channels + channel has a channel's weights at a position.

    Attributes:
        windows: (positions, k) which values are added; the number of values stands for a 0 (padding).
        kernels: (channels, k) their weights.
        pooled: (places, s) positions of which the largest sum is taken; None where each position has its own.
        values: how many values there are to be added.
    """

    windows: Places
    kernels: Signed
    pooled: Places | None
    values: int

    @property
    def outputs(self) -> int:
        """How many sums there are."""
        return len(self.windows if self.pooled is None else self.pooled) * len(self.kernels)

    @property
    def dense(self) -> bool:
        """Whether all sums are over all values."""
        all_ = len(self.windows) == 1 and np.array_equal(np.sort(self.windows[0]), np.arange(self.values))
        return all_ and self.pooled is None

    @property
    def padded(self) -> bool:
        """Whether some sums add fewer values."""
        return bool((self.windows == self.values).any())

    @property
    def channel(self) -> Places:
        """(outputs,) whose weights each sum has."""
        return np.arange(self.outputs) % len(self.kernels)

    def turned(self, channels: NDArray[np.bool_]) -> Linear:
        """The same with the weights of some channels the other way round.

        Args:
            channels: (channels,) which.

        Raises:
            ValueError: there are maxima, which become minima.
        """
        if self.pooled is not None and channels.any():
            raise ValueError("maxima are no minima")
        return replace(self, kernels=np.where(channels[:, np.newaxis], -self.kernels, self.kernels))

    def sums(self, values: NDArray[Any]) -> NDArray[Any]:
        """The sums, (rows, outputs).

        Args:
            values: (rows, values) whole numbers, or floats.
        """
        spread = np.concatenate([values, np.zeros((len(values), 1), dtype=values.dtype)], axis=1)
        # Sums of few small numbers are exact in floats, whose products are fast.
        found = spread[:, self.windows] @ self.kernels.T.astype(values.dtype)
        if self.pooled is not None:
            found = found[:, self.pooled].max(axis=2)
        return np.asarray(found.reshape(len(values), -1))


def slides(
    grid: Places, size: Sequence[int], attributes: Mapping[str, Any], outside: int, name: str
) -> tuple[Places, tuple[int, ...]]:
    """What a window sees wherever it stands, and the shape of where it stands.

    Args:
        grid: (channels, ...) numbers of values.
        size: of the window, without the channels.
        attributes: of the node, as ONNX has them.
        outside: the number of what is not there.
        name: of the node, for errors.

    Returns (positions, channels, cells of the window) and the shape of the positions.

    Raises:
        InputError: the window does not fit, or the attributes say something that is not supported.
    """
    space = grid.shape[1:]
    steps, holes = (list(attributes.get(key, [1] * len(size))) for key in ("strides", "dilations"))
    reach = [1 + (cells - 1) * hole for cells, hole in zip(size, holes, strict=False)]
    pads = list(attributes.get("pads", [0] * 2 * len(size)))
    match attributes.get("auto_pad", "NOTSET"):
        case "SAME_UPPER" | "SAME_LOWER" if max(holes) > 1:
            raise InputError(f"{name}: auto_pad with dilations is not supported; write pads")
        case "SAME_UPPER" | "SAME_LOWER" as how:
            more = [max((-(-s // t) - 1) * t + r - s, 0) for s, t, r in zip(space, steps, reach, strict=False)]
            less = [m // 2 if how == "SAME_UPPER" else m - m // 2 for m in more]
            pads = [*less, *(m - part for m, part in zip(more, less, strict=True))]
        case "VALID":
            pads = [0] * 2 * len(size)
    fits = len(space) == len(size) == len(steps) == len(holes) and len(pads) == 2 * len(size)
    if not fits or min([*size, *steps, *holes]) < 1 or min(pads) < 0 or attributes.get("ceil_mode", 0):
        raise InputError(f"{name}: a window {tuple(size)} over {space} with its attributes is not supported")
    around = [(0, 0), *zip(pads[: len(size)], pads[len(size) :], strict=True)]
    wide = np.pad(grid, around, constant_values=outside)
    if any(cells > there for cells, there in zip(reach, wide.shape[1:], strict=True)):
        raise InputError(f"{name}: a window {tuple(size)} is larger than what it is moved over, {space}")
    seen = sliding_window_view(wide, reach, axis=tuple(range(1, wide.ndim)))
    seen = seen[(slice(None), *(slice(None, None, s) for s in steps), *(slice(None, None, h) for h in holes))]
    where = seen.shape[1 : 1 + len(size)]
    return np.moveaxis(seen, 0, len(size)).reshape(int(np.prod(where)), len(grid), -1), where
