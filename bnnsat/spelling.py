"""Shapes as users write them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from bnnsat.errors import InputError
from bnnsat.plural import counted

ACTIVATIONS = ("popcount", "half")
WEIGHTS = ("binary", "ternary")
GIVEN, LEARNED = "given", "learned"
"""Whether the thresholds of popcounts are part of a shape, or found by training."""

Spelled = tuple[tuple[int, ...], str, str, tuple[tuple[int, ...], ...], int, tuple[int, ...]]
"""The fields of a shape: sizes, activation, head, thresholds, repeat, constants."""


def spelled(topology: str, activation: str, head: str | None, thresholds: Sequence[int] | str, weights: str) -> Spelled:
    """What is meant; see `Shape.parse`.

    Args:
        topology: the sizes, as "64-32-10".
        activation: popcount or half.
        head: bit, onehot or argmax; None for bit with one output, onehot with more.
        thresholds: one per layer, "learned", or none for the default.
        weights: binary or ternary.

    Raises:
        InputError: the parts do not fit.
    """
    try:
        sizes = tuple(int(part) for part in topology.split("-"))
    except (AttributeError, ValueError):
        sizes = ()
    if len(sizes) < 2 or min(sizes) < 1:
        raise InputError(
            f"topology {topology!r} is not a list of layer sizes; write inputs-neurons-...-outputs, like 64-2-1"
        )
    if head is None:
        head = "bit" if sizes[-1] == 1 else "onehot"
    if activation == "relu":
        raise InputError("relu is for networks of whole numbers; take bnnsat.IntegerShape, or train and shapes")
    if activation not in ACTIVATIONS:
        raise InputError(f"unknown activation {activation!r}; there are {', '.join(ACTIVATIONS)}, relu")
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
    fan_in = [n + c for n, c in zip_longest(read, constants, fillvalue=0)]
    return sizes, activation, head, _rows(sizes, fan_in, activation, thresholds), repeat, tuple(constants)


def _rows(
    sizes: tuple[int, ...], read: Sequence[int], activation: str, given: Sequence[int]
) -> tuple[tuple[int, ...], ...]:
    """A threshold for each neuron, from one for each layer."""
    if activation == "half":
        if given:
            raise InputError("the half-comparison has no thresholds; leave them out or use activation popcount")
        return ((),) * (len(sizes) - 1)
    if not given:
        given = [(n + 1) // 2 for n in read]
    if len(given) != len(sizes) - 1:
        raise InputError(
            f"{counted(len(given), 'threshold')} for {counted(len(sizes) - 1, 'layer')}; give one per layer"
        )
    return tuple((t,) * m for t, m in zip(given, sizes[1:], strict=True))
