"""A network over numbers with steep curves in place of its steps: which way its scores move with its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnnsat.foreign.linear import Places
from bnnsat.foreign.stack import Stack

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Step:
    """A layer in floats."""

    windows: Places
    kernels: Floats
    pooled: Places | None
    least: Floats
    values: int


class Smooth:
    """Scores and their slopes.

    Attributes:
        sizes: (depth,) how many values a sum of each layer adds.
    """

    def __init__(self, stack: Stack, first: NDArray[np.float64]) -> None:
        """first: (outputs,) sums from which on a bit of the first layer is 1, in the units of its inputs."""
        behind = [np.array([float(one) for one in layer.least]) for layer in stack.layers[1:]]
        # The sign changes half a step below the least sum; sums of numbers have no steps.
        edges = [first - (stack.first is not None), *(least - 1 for least in behind)]
        self._steps = [
            _Step(
                layer.linear.windows,
                layer.linear.kernels.astype(np.float32),
                layer.linear.pooled,
                least.astype(np.float32),
                layer.linear.values,
            )
            for layer, least in zip(stack.layers, edges, strict=True)
        ]
        self._last = stack.last.kernels[:, np.argsort(stack.last.windows[0])].astype(np.float64)
        self._scale, self._shift = (np.array([float(x) for x in part]) for part in (stack.scale, stack.shift))
        self.sizes = [step.windows.shape[1] for step in self._steps]

    def scores(
        self, inputs: Floats, temperatures: Sequence[float]
    ) -> tuple[NDArray[np.float64], list[NDArray[np.float32]]]:
        """Smoothed scores, (classes,), and what `slopes` needs.

        Args:
            inputs: (n,) what the first layer adds.
            temperatures: (depth,) how far from its threshold a sum counts as undecided.
        """
        values, tape = inputs.astype(np.float32), []
        for step, heat in zip(self._steps, temperatures, strict=True):
            sums = np.append(values, np.float32(0))[step.windows] @ step.kernels.T
            if step.pooled is not None:
                sums = sums[step.pooled].max(axis=1)
            values = np.tanh((sums.ravel() - step.least) / np.float32(heat))
            tape.append(values)
        return self._scale * (self._last @ values) + self._shift, tape

    def slopes(
        self, inputs: Floats, weights: NDArray[np.float64], temperatures: Sequence[float], tape: Sequence[Floats]
    ) -> Floats:
        """How a weighted sum of the scores moves with each input, (n,).

        Args:
            inputs: (n,) as above.
            weights: (classes,) of the scores.
            temperatures: as above.
            tape: what `scores` returned.
        """
        slope = ((weights * self._scale) @ self._last).astype(np.float32)
        below = [inputs.astype(np.float32), *tape[:-1]]
        for step, heat, values, before in zip(
            self._steps[::-1], list(temperatures)[::-1], list(tape)[::-1], below[::-1], strict=True
        ):
            slope = (slope * (1 - values * values) / np.float32(heat)).reshape(-1, len(step.kernels))
            if step.pooled is not None:
                slope = _unpooled(step, slope, before)
            each = (slope @ step.kernels).ravel()
            slope = np.bincount(step.windows.ravel(), each, minlength=step.values + 1)[: step.values]
            slope = slope.astype(np.float32)
        return np.asarray(slope, dtype=np.float32)


def _unpooled(step: _Step, slope: Floats, before: Floats) -> Floats:
    """The slopes of maxima as those of the sums that are the largest."""
    assert step.pooled is not None
    channels = len(step.kernels)
    sums = np.append(before, np.float32(0))[step.windows] @ step.kernels.T
    largest = np.take_along_axis(step.pooled, sums[step.pooled].argmax(axis=1), axis=1)
    places = (largest * channels + np.arange(channels)).ravel()
    spread = np.bincount(places, slope.ravel(), minlength=sums.size)
    return np.asarray(spread.reshape(-1, channels), dtype=np.float32)
