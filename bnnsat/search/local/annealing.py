"""One popcount neuron by simulated annealing without rejections.

Kirkpatrick et al., "Optimization by simulated annealing", Science 1983; a flip is drawn among all by its weight at the
temperature, as in Bortz et al., "A new algorithm for Monte Carlo simulation", J. Comp. Physics 1975: with noise of
Gumbel's distribution the least is such a draw. A flip moves each row's count by one, so it only matters to the rows
that are right or wrong by one: they are few, and the gains of all flips are one product with them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bnnsat.search.local.pace import Pace
from bnnsat.shape import Shape
from bnnsat.types import Bits, Floats, Integers

HOT = 0.3
"""The first temperature, in units of the root of what all rows cost together, for rows that cost 1."""
COLD = 0.05
"""The last temperature, as a share of the first, for rows that cost 1."""
TINY = np.float32(1e-30)
"""Keeps a logarithm from being that of 0."""
FLIPS = 50
"""Flips between two looks at the clock."""


@dataclass(frozen=True, eq=False)
class Neuron:
    """A popcount neuron as a sum of signs.

    Attributes:
        weights: (n,) of -1 and 1, or, if ternary, of -1, 0 and 1.
        least: it is 1 from so many steps above a sum of -n; a step is what a change of one weight makes.
    """

    weights: Integers
    least: int

    @classmethod
    def of(cls, bits: Bits, shape: Shape, index: int, threshold: int) -> Neuron:
        """A neuron of a network.

        Args:
            bits: its weights, (fan-in,).
            shape: of the network.
            index: of its layer.
            threshold: its own.
        """
        n, repeat = shape.sizes[index], shape.repeat
        parts = bits[: n * repeat].reshape(repeat, n).sum(axis=0, dtype=np.int64)
        return cls(2 * parts // repeat - 1, threshold - int(bits[n * repeat :].sum()))

    def bits(self, shape: Shape, index: int) -> Bits:
        """Its weights in a network, (fan-in,).

        Args:
            shape: of the network.
            index: of its layer.
        """
        parts = [self.weights > 0, self.weights >= 0][: shape.repeat]
        if constants := shape.matrices[index][1] - shape.sizes[index] * shape.repeat:
            # So many constants with weight 1 lower the threshold to that which it has.
            parts.append(np.arange(constants) < constants - self.least)
        return np.concatenate(parts)


@dataclass(frozen=True, eq=False)
class Duty:
    """What a neuron is to say.

    Attributes:
        inputs: (rows, n) signs.
        wanted: (rows,) bits.
        costs: (rows,) of being wrong.
        margin: a row is right only if its count of steps is so far from saying anything else.
        ternary: weights may be 0.
        free: any threshold may be had.
    """

    inputs: Floats
    wanted: Bits
    costs: Integers
    margin: int = 0
    ternary: bool = False
    free: bool = False

    @property
    def most(self) -> int:
        """The threshold above all counts of steps."""
        return int(self.inputs.shape[1]) * (1 + self.ternary) + 1


class Annealing:
    """A neuron that changes flip by flip, and what its rows cost.

    Args:
        duty: what it is to say.
        start: where it begins.
        rng: of what is random.
    """

    def __init__(self, duty: Duty, start: Neuron, rng: np.random.Generator) -> None:
        self._duty, self._rng, n = duty, rng, duty.inputs.shape[1]
        right = _signs(duty.wanted)
        levels = 1 + duty.ternary
        # Rows for the products, columns for the flips; behind the inputs a constant 1, whose weight is the threshold.
        self._towards = duty.inputs * right[:, np.newaxis]
        # Each value from its least, 0, to its most, in steps.
        self._value, self._most = (start.weights + 1) * levels // 2, np.full(n, levels)
        self._least = start.least
        if duty.free:
            self._towards = np.concatenate([self._towards, right[:, np.newaxis]], axis=1)
            self._value = np.append(self._value, duty.most - start.least)
            self._most = np.append(self._most, duty.most)
        self._columns = np.ascontiguousarray(self._towards.T)
        self._price = duty.costs.astype(np.float32)
        counts = (duty.inputs @ start.weights.astype(np.float32) + n) * levels / 2
        # Above 0 where a row is right.
        self._sure = (counts - np.float32(start.least - 0.5)) * right - np.float32(duty.margin)
        self.cost = self.exact

    @property
    def exact(self) -> int:
        """What the rows cost; `cost` sums it up in single precision, which may be off by a little."""
        return int(self._duty.costs[self._sure < 0].sum())

    @property
    def neuron(self) -> Neuron:
        """The neuron as it is now."""
        n, most = self._duty.inputs.shape[1], self._duty.most
        least = int(most - self._value[n]) if self._duty.free else self._least
        return Neuron(self._value[:n] * 2 // (1 + self._duty.ternary) - 1, least)

    def flip(self, temperature: float) -> None:
        """Change one weight by a step, or the threshold if it is free.

        Args:
            temperature: in units of costs.
        """
        near = np.flatnonzero(np.abs(self._sure) < 1)
        here = self._price[near]
        pull, even = here @ self._towards[near], here @ np.sign(self._sure[near])
        # A step down of a value, then a step up; there is none beyond the least and the most.
        down = np.where(self._value > 0, even + pull, np.inf)
        up = np.where(self._value < self._most, even - pull, np.inf)
        gains = np.concatenate([down, up])
        noise = self._rng.standard_exponential(len(gains), dtype=np.float32)
        # The minus logarithm of what is exponential is Gumbel's.
        choice = int(np.argmin(gains + np.float32(2 * temperature) * np.log(noise + TINY)))
        place, step = choice % len(self._value), 1 if choice >= len(self._value) else -1
        self._value[place] += step
        self._sure += np.float32(step) * self._columns[place]
        self.cost += round(float(gains[choice]) / 2)


def anneal(
    duty: Duty, start: Neuron, rng: np.random.Generator, budget: int, seconds: float | None = None, *, hot: float = 1.0
) -> Iterator[tuple[Neuron, int] | None]:
    """Neurons that cost less than those before them, with what they cost, or None; ends with its time or at cost 0.

    Not each of them is told of: see `pace`. The last is the best.

    Args:
        duty: what the neuron is to say.
        start: where it begins.
        rng: of what is random.
        budget: flips, at most.
        seconds: the time there is; None for that of all flips.
        hot: the first temperature, as a share of that at which anything goes.
    """
    began, here, pace = time.monotonic(), Annealing(duty, start, rng), Pace()
    fewest, best = here.cost, start
    told = fewest + 1
    first, last, flips, temperature = hot * heat(duty.costs), cold(duty.costs), 0, 0.0
    while fewest > 0:
        if flips % FLIPS == 0:
            progress = flips / budget
            if seconds is not None:
                progress = max(progress, (time.monotonic() - began) / seconds)
            if progress >= 1:
                break
            temperature = first * last**progress
            if fewest < told and pace.due:
                pace.begin()
                told = fewest
                yield best, fewest
                pace.end()
            else:
                yield None
        flips += 1
        here.flip(temperature)
        if here.cost < fewest and (exact := here.exact) < fewest:
            here.cost = fewest = exact
            best = here.neuron
    if fewest < told:
        yield best, fewest


def heat(costs: Integers) -> float:
    """The first temperature for rows of such costs, (rows,)."""
    return HOT * float(np.sqrt((costs.astype(np.float64) ** 2).sum()))


def cold(costs: Integers) -> float:
    """The last temperature for rows of such costs, (rows,), as a share of the first.

    Where costs differ it is so much lower that the cheaper rows count in the end, too.
    """
    prices = costs.astype(np.float64)
    return COLD * float(np.exp(np.log(prices).mean()) / np.sqrt((prices**2).mean()))


def _signs(bits: Bits) -> Floats:
    return 2 * bits.astype(np.float32) - 1
