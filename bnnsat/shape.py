"""The shape of a network: everything about it but its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.types import Integers

ACTIVATIONS = ("popcount", "half")
HEADS = ("bit", "onehot", "argmax")
WEIGHTS = ("binary", "ternary")
GIVEN, LEARNED = "given", "learned"
"""Whether the thresholds of popcounts are part of a shape, or found by training."""
MAX_SIZE = 1_000_000
"""The largest layer: beyond it a formula is out of any machine's reach."""


@dataclass(frozen=True)
class Shape:
    """Layer sizes, activation, head, one threshold per popcount neuron, and what a neuron's weights are for.

    `sizes` counts the inputs and then each layer's neurons: (64, 2, 1) is written 64-2-1.
    `thresholds[l][j]` is T of neuron j in layer l (empty tuples for the half-comparison).

    Two richer kinds of popcount network are plain ones on more inputs. With `repeat` = 2 every neuron
    reads each of its inputs twice: equal weights are +1 or -1, and unequal ones are 0, since one of them always
    agrees. And a layer with constants reads so many bits 1 behind its inputs, whose weights lower the
    threshold by as many as are 1: that is how thresholds are learned.
    """

    sizes: tuple[int, ...]
    activation: str = "popcount"
    head: str = "bit"
    thresholds: tuple[tuple[int, ...], ...] = ()
    repeat: int = 1
    constants: tuple[int, ...] = ()

    @classmethod
    def parse(
        cls,
        topology: str,
        activation: str = "popcount",
        head: str | None = None,
        thresholds: Sequence[int] | str = (),
        weights: str = "binary",
    ) -> Shape:
        """A shape from "64-32-10"; without a head: bit for one output, onehot for more.

        `thresholds` gives one T per layer; without any, T = ceil(fan-in / 2), so that a tie is 1. With "learned"
        the constants are there from which training finds each neuron's own. `weights` "ternary" allows
        0 beside +1 and -1; counts and thresholds are then of twice as many inputs.
        Raises InputError where the parts do not fit.
        """
        try:
            sizes = tuple(int(part) for part in topology.split("-"))
        except ValueError:
            sizes = ()
        if len(sizes) < 2 or min(sizes) < 1 or max(sizes) > MAX_SIZE:
            raise InputError(
                f"topology {topology!r} is not a list of layer sizes; write inputs-neurons-...-outputs, "
                f"like 64-2-1, each from 1 to {MAX_SIZE}"
            )
        if activation not in ACTIVATIONS:
            raise InputError(f"unknown activation {activation!r}; there are {', '.join(ACTIVATIONS)}")
        if head is None:
            head = "bit" if sizes[-1] == 1 else "onehot"
        if weights not in WEIGHTS:
            raise InputError(f"unknown weights {weights!r}; there are {', '.join(WEIGHTS)}")
        if activation == "half" and weights != "binary":
            raise InputError("the half-comparison has no ternary weights; leave them binary or use activation popcount")
        repeat = 1 + WEIGHTS.index(weights)
        read = [n * repeat for n in sizes[:-1]]
        constants: list[int] = []
        if thresholds == LEARNED and activation == "popcount":
            constants = [n + 1 for n in read]
            thresholds = list(constants)
            if head == "argmax" and len(sizes) == 2:
                raise InputError(
                    f"topology {topology} has no thresholds to be learned: argmax compares its counts with each other"
                )
            if head == "argmax":
                # It compares the last layer's counts with each other, not with a threshold.
                constants[-1], thresholds[-1] = 0, (read[-1] + 1) // 2
        if isinstance(thresholds, str):
            raise InputError(
                "the half-comparison has no thresholds to be learned; use activation popcount"
                if thresholds == LEARNED
                else f"unknown thresholds {thresholds!r}; give whole numbers, or {LEARNED}"
            )
        rows = _thresholds(sizes, [n + c for n, c in zip_longest(read, constants, fillvalue=0)], activation, thresholds)
        return cls(sizes, activation, head, rows, repeat, tuple(constants))._checked()

    @property
    def topology(self) -> str:
        """The sizes as users write them."""
        return "-".join(map(str, self.sizes))

    @property
    def layers(self) -> int:
        """The number of layers that have weights."""
        return len(self.sizes) - 1

    @property
    def matrices(self) -> list[tuple[int, int]]:
        """The size (neurons, fan-in) of each layer's weights."""
        constants = self.constants or (0,) * self.layers
        return [(m, n * self.repeat + c) for (n, m), c in zip(pairwise(self.sizes), constants, strict=True)]

    def sources(self, layer: int) -> Integers:
        """Which input of a layer each of a neuron's weights reads, (fan-in,); -1 is the constant 1."""
        n, fan_in = self.sizes[layer], self.matrices[layer][1]
        return np.concatenate([np.tile(np.arange(n), self.repeat), np.full(fan_in - n * self.repeat, -1)])

    def read(self, layer: int, inputs: NDArray[Any], one: Any) -> NDArray[Any]:
        """What a neuron of a layer reads, (rows, fan-in), of its inputs (rows, n) and the constant `one`."""
        if self.reads_once:
            return inputs
        ones = np.full((len(inputs), 1), one, dtype=inputs.dtype)
        return np.concatenate([inputs, ones], axis=1)[:, self.sources(layer)]

    @property
    def words(self) -> str:
        """The kind of network, without its topology."""
        default = Shape.parse(self.topology, self.activation, self.head, weights=WEIGHTS[self.repeat - 1])
        given = "" if self.thresholds == default.thresholds else ", these thresholds"
        thresholds = ", any thresholds" if any(self.constants) else given
        return f"{self.activation}{thresholds}{', ternary weights' if self.repeat == 2 else ''}, head {self.head}"

    def admits(self, other: Shape) -> bool:
        """Whether all networks of another shape, whose thresholds are not free, are among those of this one."""
        if len(other.sizes) != len(self.sizes):
            return False
        free = self.constants or (0,) * self.layers
        rows = zip(other.thresholds, self.thresholds, free, strict=True)
        mine = tuple(theirs if constants else own for theirs, own, constants in rows)
        return other == replace(self, thresholds=mine, constants=())

    def noted(self) -> dict[str, Any]:
        """The shape as JSON."""
        even = [row[0] for row in self.thresholds if row]
        given: object = even if all(len(set(row)) < 2 for row in self.thresholds) else self.thresholds
        return {
            "topology": self.topology,
            "activation": self.activation,
            "head": self.head,
            "thresholds": LEARNED if any(self.constants) else given,
            "weights": WEIGHTS[self.repeat - 1],
        }

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> Shape:
        """The shape that was noted; InputError, KeyError or TypeError for anything else."""
        given = noted["thresholds"]
        nested = type(given) is list and any(type(row) is list for row in given)
        topology, activation, head, weights = (noted[key] for key in ("topology", "activation", "head", "weights"))
        if not all(type(name) is str for name in (topology, activation, head, weights)):
            raise InputError("the shape is not described by texts")
        if type(given) is list and not nested and not all(type(t) is int for t in given):
            raise InputError("the thresholds are not whole numbers")
        shape = cls.parse(topology, activation, head, () if nested else given, weights)
        return shape.with_thresholds(given) if nested else shape

    @property
    def reads_once(self) -> bool:
        """Whether each neuron reads each of its inputs once, and nothing else."""
        return self.repeat == 1 and not any(self.constants)

    @property
    def classes(self) -> int:
        """The number of labels that the head can name: 0..classes-1."""
        return 2 if self.head == "bit" else self.sizes[-1]

    @property
    def weight_bits(self) -> int:
        """The number of weight bits."""
        return sum(m * n for m, n in self.matrices)

    def with_thresholds(self, thresholds: Sequence[Sequence[int]]) -> Shape:
        """The same shape with one threshold per neuron; InputError where they do not fit."""
        rows = tuple(tuple(row) for row in thresholds)
        wanted = [m if self.activation == "popcount" else 0 for m in self.sizes[1:]]
        if [len(row) for row in rows] != wanted or not all(type(t) is int for row in rows for t in row):
            raise InputError(f"the thresholds do not fit topology {self.topology}; whole numbers, {wanted} per layer")
        for (_, n), row in zip(self.matrices, rows, strict=True):
            for t in row:
                _check_threshold(t, n)
        return replace(self, thresholds=rows)

    def _checked(self) -> Shape:
        if self.head not in HEADS:
            raise InputError(f"unknown head {self.head!r}; there are {', '.join(HEADS)}")
        if (self.head == "bit") != (self.sizes[-1] == 1):
            outputs = self.sizes[-1]
            right = "--head bit" if outputs == 1 else "--head onehot or argmax"
            raise InputError(f"head {self.head} does not fit {outputs} outputs; take {right}, or change the topology")
        if self.activation == "half":
            if self.head == "argmax":
                raise InputError("head argmax compares popcounts; with the half-comparison take --head onehot")
            for n in self.sizes[:-1]:
                if n % 2:
                    raise InputError(
                        f"the half-comparison splits its inputs in two halves, and {n} is odd; "
                        f"use an even number in topology {self.topology}"
                    )
        return self


def _thresholds(
    sizes: tuple[int, ...], read: Sequence[int], activation: str, given: Sequence[int]
) -> tuple[tuple[int, ...], ...]:
    if activation == "half":
        if given:
            raise InputError("the half-comparison has no thresholds; leave them out or use activation popcount")
        return ((),) * (len(sizes) - 1)
    if not given:
        given = [(n + 1) // 2 for n in read]
    if len(given) != len(sizes) - 1:
        raise InputError(f"{len(given)} thresholds for {len(sizes) - 1} layers; give one per layer")
    for n, t in zip(read, given, strict=True):
        _check_threshold(t, n)
    return tuple((t,) * m for t, m in zip(given, sizes[1:], strict=True))


def _check_threshold(t: int, n: int) -> None:
    if not 0 <= t <= n + 1:
        raise InputError(f"threshold {t} does not fit {n} inputs; it is from 0 (always 1) to {n + 1} (always 0)")
