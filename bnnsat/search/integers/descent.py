"""Quantised gradient descent: many networks at a time, whose weights are rounded in the forward pass.

The gradient goes to the weights as if they were not rounded (Bengio, Leonard, Courville, "Estimating or propagating
gradients through stochastic neurons", 2013), by the steps of Adam (Kingma, Ba, ICLR 2015).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bnnsat.integers.forward import Parameters
from bnnsat.integers.shape import IntegerShape
from bnnsat.search.integers.judged import missed, slopes
from bnnsat.types import Doubles, Integers

NETWORKS = 16
"""At a time."""
STEPS = 250
RATE = 0.04
"""Of the range of a weight, a step."""
FIRST, SECOND = 0.9, 0.99
"""How much Adam keeps of its moments."""


def descents(
    shape: IntegerShape, inputs: Integers, labels: Integers, costs: Integers, rng: np.random.Generator
) -> Iterator[tuple[Parameters, int] | None]:
    """Networks with fewer errors than those before, over and over from new beginnings; None to look at the clock.

    Args:
        shape: of the networks.
        inputs: (examples, n).
        labels: (examples,).
        costs: (examples,) how often each counts.
        rng: of the beginnings.
    """
    x, best = inputs.astype(np.float64), int(costs.sum()) + 1
    ends = [_ends(shape, place) for place in range(shape.layers * (1 + shape.bias))]
    while True:
        latent = [_begun(end, size, rng) for end, size in zip(ends, shape.parameters, strict=True)]
        moments = [(np.zeros_like(w), np.zeros_like(w)) for w in latent]
        for step in range(1, STEPS + 1):
            rounded = [np.clip(np.rint(w), *end) for w, end in zip(latent, ends, strict=True)]
            out, seen = _forward(shape, rounded, x)
            errors = ((missed(shape, out, labels) > 0) * costs).sum(axis=-1)
            place = int(errors.argmin())
            if errors[place] < best:
                best = int(errors[place])
                yield [w[place].astype(np.int64) for w in rounded], best
            yield None
            gradients = _backward(shape, rounded, seen, slopes(shape, out, labels) * costs[:, np.newaxis])
            for w, g, (m, v), (low, high) in zip(latent, gradients, moments, ends, strict=True):
                m += (1 - FIRST) * (g - m)
                v += (1 - SECOND) * (g * g - v)
                rate = RATE * (high - low) / 2 * (1 - step / STEPS) + 0.01
                w -= rate * (m / (1 - FIRST**step)) / (np.sqrt(v / (1 - SECOND**step)) + 1e-12)
                np.clip(w, low - 0.4, high + 0.4, out=w)


def _begun(ends: tuple[int, int], size: tuple[int, ...], rng: np.random.Generator) -> Doubles:
    """Weights to begin with: those of a neuron cancel out, so that it is above 0 on some examples, not on all."""
    most = ends[1] + 0.4
    if len(size) == 1:
        return rng.uniform(-0.02, 0.02, (NETWORKS, *size)) * most
    made = rng.uniform(-most, most, (NETWORKS, *size))
    return made - made.mean(axis=-1, keepdims=True) if size[1] > 2 else made


def _ends(shape: IntegerShape, place: int) -> tuple[int, int]:
    """Between what the parameters of a place are."""
    if shape.bias and place % 2:
        return -(1 << shape.bias_bits - 1), (1 << shape.bias_bits - 1) - 1
    return shape.ends


def _forward(shape: IntegerShape, parameters: list[Doubles], x: Doubles) -> tuple[Doubles, list[Doubles]]:
    """The outputs (networks, examples, outputs), and what each layer reads."""
    step, seen = (2 if shape.bias else 1), []
    for layer in range(shape.layers):
        seen.append(x)
        x = x @ parameters[layer * step].swapaxes(-1, -2)
        if shape.bias:
            x = x + parameters[layer * step + 1][:, np.newaxis]
        if layer < shape.layers - 1:
            x = np.maximum(x, 0)
    return x, seen


def _backward(shape: IntegerShape, parameters: list[Doubles], seen: list[Doubles], slope: Doubles) -> list[Doubles]:
    """The gradient at each parameter."""
    step, found = (2 if shape.bias else 1), list[Doubles]()
    for layer in reversed(range(shape.layers)):
        here = [slope.swapaxes(-1, -2) @ seen[layer]] + [slope.sum(axis=1)] * shape.bias
        found = here + found
        if layer:
            slope = (slope @ parameters[layer * step]) * (seen[layer] > 0)
    return found
