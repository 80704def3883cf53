"""Hypothesis strategies that several test modules share."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from bnnsat.network import Network
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers


def often(usual: int) -> settings:
    """So many examples of a hundred that the profile in use has."""
    return settings(max_examples=usual * settings().max_examples // 100)


@st.composite
def shapes(draw: st.DrawFn, most_weights: int = 9, most_layers: int = 2) -> Shape:
    """Small shapes of every kind, with default or any other thresholds."""
    activation = draw(st.sampled_from(("popcount", "half")))
    step = 2 if activation == "half" else 1
    layers = draw(st.integers(1, most_layers))
    while True:
        sizes = [draw(st.integers(1, 4)) * step for _ in range(layers)]
        outputs = draw(st.integers(1, 3))
        if sum(a * b for a, b in zip(sizes, [*sizes[1:], outputs], strict=True)) <= most_weights:
            break
        if layers > 1:
            layers -= 1
    head = (
        "bit"
        if outputs == 1
        else draw(st.sampled_from(("onehot", "argmax") if activation == "popcount" else ("onehot",)))
    )
    topology, thresholds, weights = "-".join(map(str, [*sizes, outputs])), list[int](), "binary"
    if activation == "popcount":
        kind = draw(st.sampled_from(("default", "any", "learned", "ternary", "both")))
        weights = "ternary" if kind in ("ternary", "both") else "binary"
        if kind in ("learned", "both") and not (head == "argmax" and layers == 1):
            learned = Shape.parse(topology, activation, head, "learned", weights)
            # As rich as that only where it stays small.
            return learned if learned.weight_bits <= most_weights else Shape.parse(topology, activation, head)
        if kind == "any":
            thresholds = [draw(st.integers(0, n + 1)) for n in sizes]
    shape = Shape.parse(topology, activation, head, thresholds, weights)
    return shape if shape.weight_bits <= most_weights else Shape.parse(topology, activation, head)


@st.composite
def examples(draw: st.DrawFn, shape: Shape, most: int = 6) -> tuple[Bits, Integers]:
    """Some inputs, repeats likely, and labels that the shape can name."""
    count = draw(st.integers(1, most))
    rows = [[draw(st.booleans()) for _ in range(shape.sizes[0])] for _ in range(count)]
    labels = [draw(st.integers(0, shape.classes - 1)) for _ in range(count)]
    return np.array(rows, dtype=np.bool_), np.array(labels, dtype=np.int64)


@st.composite
def networks(draw: st.DrawFn, most_weights: int = 60) -> Network:
    """A small shape with random weights."""
    shape = draw(shapes(most_weights, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
