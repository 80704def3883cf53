"""Exact moves: one weight takes the best of its values after the other, as all examples see it.

What is made small is how far outputs are from right, cut off at a distance that shrinks: first nearly all of it counts,
at last the number of errors alone. Then some weights are disturbed, and it begins anew.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bnnsat.integers import forward
from bnnsat.integers.forward import Parameters
from bnnsat.integers.shape import IntegerShape
from bnnsat.search.integers.judged import missed
from bnnsat.types import Doubles, Integers

CUTS = (1.0, 0.25, 0.06, 0.0)
"""Distances, as shares of the outputs' size; at 0 errors count, each as much."""
MOST_VALUES = 32
"""Of a weight that are tried at once; of more bits near ones and some far ones."""
DISTURBED = 0.08
"""The share of weights that take another value."""


def moves(
    shape: IntegerShape,
    inputs: Integers,
    labels: Integers,
    costs: Integers,
    start: Parameters,
    rng: np.random.Generator,
) -> Iterator[tuple[Parameters, int] | None]:
    """Networks with fewer errors than those before, for ever; None to look at the clock.

    Args:
        shape: of the networks.
        inputs: (examples, n).
        labels: (examples,).
        costs: (examples,) how often each counts.
        start: weights to begin with.
        rng: of orders and disturbances.
    """
    state = _State(shape, inputs.astype(np.float64), labels, costs, [p.astype(np.float64) for p in start])
    best, kept = state.errors, [p.copy() for p in state.parameters]
    yield [p.astype(np.int64) for p in kept], best
    while True:
        for cut in CUTS:
            better = True
            while better:
                better = False
                for place, index in _coordinates(state.parameters, rng):
                    better |= state.move(place, index, cut, rng)
                    yield None
        if state.errors <= best:
            if state.errors < best:
                best = state.errors
                yield [p.astype(np.int64) for p in state.parameters], best
            kept = [p.copy() for p in state.parameters]
        state.parameters = [_disturbed(p, state.ends[place], rng) for place, p in enumerate(kept)]
        state.see()


class _State:
    """A network and what it computes on all examples."""

    def __init__(
        self, shape: IntegerShape, x: Doubles, labels: Integers, costs: Integers, parameters: list[Doubles]
    ) -> None:
        self.shape, self.x, self.labels, self.costs, self.parameters = shape, x, labels, costs, parameters
        most = 1 << shape.bias_bits - 1
        self.ends = [(-most, most - 1) if shape.bias and place % 2 else shape.ends for place in range(len(parameters))]
        self.see()

    def see(self) -> None:
        """Compute all layers anew."""
        step = 2 if self.shape.bias else 1
        self.read, self.sums, x = [], list[Doubles](), self.x
        for layer in range(self.shape.layers):
            self.read.append(x)
            x = x @ self.parameters[layer * step].T
            if self.shape.bias:
                x = x + self.parameters[layer * step + 1]
            self.sums.append(x)
            x = np.maximum(x, 0)

    @property
    def errors(self) -> int:
        """The cost of wrong examples."""
        return int(((missed(self.shape, self.sums[-1], self.labels) > 0) * self.costs).sum())

    def move(self, place: int, index: tuple[int, ...], cut: float, rng: np.random.Generator) -> bool:
        """Give one number the best of its values; whether that is better than before."""
        step = 2 if self.shape.bias else 1
        layer, old = place // step, float(self.parameters[place][index])
        values = _values(old, self.ends[place], rng)
        seen = np.ones(len(self.x)) if len(index) == 1 else self.read[layer][:, index[1]]
        change = (values - old)[:, np.newaxis] * seen
        outs = self._outputs(layer, index[0], change)
        size = max(1.0, float(np.abs(self.sums[-1]).mean()) * cut)
        # Cut off at a distance of one, every error counts the same.
        losses = (np.minimum(missed(self.shape, outs, self.labels) / size, 1) * self.costs).sum(axis=-1)
        now = losses[values == old][0]
        least = losses.min()
        chosen = values[rng.choice(np.flatnonzero(losses <= least))]
        if chosen == old or least > now:
            return False
        self.parameters[place][index] = chosen
        self._see_from(layer, index[0], (chosen - old) * seen)
        return bool(least < now - 1e-9)

    def _outputs(self, layer: int, neuron: int, change: Doubles) -> Doubles:
        """The outputs (values, examples, outputs) where sums of a neuron change by (values, examples)."""
        step = 2 if self.shape.bias else 1
        own = self.sums[layer][:, neuron] + change
        if layer == self.shape.layers - 1:
            out = np.repeat(self.sums[-1][np.newaxis], len(change), axis=0)
            out[..., neuron] = own
            return out
        turned = np.maximum(own, 0) - np.maximum(self.sums[layer][:, neuron], 0)
        x = self.sums[layer + 1] + turned[..., np.newaxis] * self.parameters[(layer + 1) * step][:, neuron]
        for deeper in range(layer + 2, self.shape.layers):
            x = np.maximum(x, 0) @ self.parameters[deeper * step].T
            if self.shape.bias:
                x = x + self.parameters[deeper * step + 1]
        return np.asarray(x)

    def _see_from(self, layer: int, neuron: int, change: Doubles) -> None:
        if layer == self.shape.layers - 1:
            self.sums[-1][:, neuron] += change
        else:
            self.see()


def _values(old: float, ends: tuple[int, int], rng: np.random.Generator) -> Doubles:
    """Values to be tried, the old one among them."""
    low, high = ends
    if high - low < MOST_VALUES:
        return np.arange(low, high + 1, dtype=np.float64)
    steps = np.concatenate([np.arange(-4, 5), [-16, -8, 8, 16]])
    far = rng.integers(low, high + 1, MOST_VALUES // 2)
    return np.unique(np.clip(np.concatenate([old + steps, far]), low, high))


def _coordinates(parameters: list[Doubles], rng: np.random.Generator) -> list[tuple[int, tuple[int, ...]]]:
    found = [(place, index) for place, p in enumerate(parameters) for index in np.ndindex(*p.shape)]
    return [found[i] for i in rng.permutation(len(found))]


def _disturbed(p: Doubles, ends: tuple[int, int], rng: np.random.Generator) -> Doubles:
    there = rng.random(p.shape) < max(DISTURBED, 1 / p.size)
    return np.where(there, rng.integers(ends[0], ends[1] + 1, p.shape), p)


def errors(shape: IntegerShape, parameters: Parameters, inputs: Integers, labels: Integers, costs: Integers) -> int:
    """The cost of wrong examples, in whole numbers.

    Args:
        shape: of the network.
        parameters: its weights.
        inputs: (examples, n).
        labels: (examples,).
        costs: (examples,) how often each counts.
    """
    return int(((~forward.agree(shape, parameters, inputs, labels)) * costs).sum())
