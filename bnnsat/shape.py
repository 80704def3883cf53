"""The shape of a network: everything about it but its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bnnsat.errors import InputError

ACTIVATIONS = ("popcount", "half")
HEADS = ("bit", "onehot", "argmax")
MAX_SIZE = 1_000_000
"""The largest layer: beyond it a formula is out of any machine's reach."""


@dataclass(frozen=True)
class Shape:
    """Layer sizes, activation, head, and one threshold per popcount neuron.

    `sizes` counts the inputs and then each layer's neurons: (64, 2, 1) is written 64-2-1.
    `thresholds[l][j]` is T of neuron j in layer l (empty tuples for the half-comparison).
    """

    sizes: tuple[int, ...]
    activation: str = "popcount"
    head: str = "bit"
    thresholds: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def parse(
        cls, topology: str, activation: str = "popcount", head: str | None = None, thresholds: Sequence[int] = ()
    ) -> Shape:
        """A shape from "64-32-10"; without a head: bit for one output, onehot for more.

        `thresholds` gives one T per layer; without any, T = ceil(fan-in / 2), so that a tie is 1.
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
        return cls(sizes, activation, head, _thresholds(sizes, activation, thresholds))._checked()

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
        return [(m, n) for n, m in pairwise(self.sizes)]

    @property
    def classes(self) -> int:
        """The number of labels that the head can name: 0..classes-1."""
        return 2 if self.head == "bit" else self.sizes[-1]

    @property
    def weights(self) -> int:
        """The number of weight bits."""
        return sum(a * b for a, b in zip(self.sizes, self.sizes[1:], strict=False))

    def with_thresholds(self, thresholds: Sequence[Sequence[int]]) -> Shape:
        """The same shape with one threshold per neuron; InputError where they do not fit."""
        rows = tuple(tuple(row) for row in thresholds)
        wanted = [m if self.activation == "popcount" else 0 for m in self.sizes[1:]]
        if [len(row) for row in rows] != wanted or not all(type(t) is int for row in rows for t in row):
            raise InputError(f"the thresholds do not fit topology {self.topology}; whole numbers, {wanted} per layer")
        for n, row in zip(self.sizes, rows, strict=False):
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


def _thresholds(sizes: tuple[int, ...], activation: str, given: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    if activation == "half":
        if given:
            raise InputError("the half-comparison has no thresholds; leave them out or use activation popcount")
        return ((),) * (len(sizes) - 1)
    if not given:
        given = [(n + 1) // 2 for n in sizes[:-1]]
    if len(given) != len(sizes) - 1:
        raise InputError(f"{len(given)} thresholds for {len(sizes) - 1} layers; give one per layer")
    for n, t in zip(sizes, given, strict=False):
        _check_threshold(t, n)
    return tuple((t,) * m for t, m in zip(given, sizes[1:], strict=True))


def _check_threshold(t: int, n: int) -> None:
    if not 0 <= t <= n + 1:
        raise InputError(f"threshold {t} does not fit {n} inputs; it is from 0 (always 1) to {n + 1} (always 0)")
