"""Networks without hidden neurons that they do not need: each that may be constant, for all inputs, is left out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from bnnsat import limits
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.properties import equal
from bnnsat.verification.answer import PROVED, UNKNOWN
from bnnsat.verification.facts import decided
from bnnsat.verification.ignored import ignored

SAMPLES = 4096
"""Random inputs by which it is seen, most of the time, that a neuron is needed."""


@dataclass(frozen=True, eq=False)
class Simplified:
    """A network that says the same.

    Attributes:
        model: without what was left out.
        removed: (layer, neuron) of hidden neurons, from 0, that are proved to be needed for no input.
        open: those for which there was no time.
        ignored: names of inputs that no label depends on, together.
        unsure: those for which there was no time.
        seconds: that it took.
    """

    model: Model
    removed: tuple[tuple[int, int], ...]
    open: tuple[tuple[int, int], ...]
    ignored: tuple[str, ...]
    unsure: tuple[str, ...]
    seconds: float


def simplified(model: Model, seconds: float | None = None) -> Simplified:
    """A network with fewer hidden neurons, proved to say the same of all inputs.

    A neuron is left out if the network says the same with it being 0, or 1, whatever it reads. One after the other is
    tried, the last layer's first, and each network is held against the one that was given.

    Args:
        model: of popcounts.
        seconds: the time there is; None for no limit.

    Raises:
        InputError: the network is one of half-comparisons, whose halves are pairs.
    """
    began, deadline = time.monotonic(), limits.deadline(seconds)
    if model.network.shape.activation != "popcount":
        raise InputError("neurons are left out of popcounts; a half-comparison compares pairs of them")
    inputs = Inputs.of(model)
    rows = inputs.drawn(SAMPLES, np.random.default_rng(0))
    wanted = model.codes(rows[:, inputs.order])
    here, removed, unknown = model, list[tuple[int, int]](), list[tuple[int, int]]()
    for layer in reversed(range(model.network.shape.layers - 1)):
        there = list(range(model.network.shape.sizes[layer + 1]))
        for neuron in list(there):
            if len(there) == 1:
                break
            statuses = []
            for value in (False, True):
                tried = replace(here, network=without(here.network, layer, there.index(neuron), value))
                if (tried.codes(rows[:, inputs.order]) != wanted).any():
                    continue
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                statuses.append(decided(equal(model, tried), seconds=left).status)
                if statuses[-1] == PROVED:
                    here = tried
                    there.remove(neuron)
                    removed.append((layer, neuron))
                    break
            if PROVED not in statuses and UNKNOWN in statuses:
                unknown.append((layer, neuron))
    # What was proved about networks of the former shape says nothing of this one.
    origin = replace(model.origin, status=None, errors=None, lower_bound=None, then=(), thresholds=None)
    made = replace(here, origin=origin) if removed else model
    nothing, unsure = ignored(made, deadline)
    found = tuple(sorted(removed)), tuple(sorted(unknown))
    return Simplified(made, *found, nothing, unsure, time.monotonic() - began)


def without(network: Network, layer: int, neuron: int, value: bool) -> Network:
    """The network in which a hidden neuron is constant, and left out.

    Args:
        network: of popcounts.
        layer: of the neuron, from 0.
        neuron: its place there.
        value: what it always is.
    """
    shape, matrices = network.shape, network.matrices()
    reads = shape.sources(layer + 1) == neuron
    # Each weight that agrees with the constant counts one, whatever the input.
    agree = (matrices[layer + 1][:, reads] == value).sum(axis=1)
    matrices[layer] = np.delete(matrices[layer], neuron, axis=0)
    matrices[layer + 1] = matrices[layer + 1][:, ~reads]
    fan_in = matrices[layer + 1].shape[1]
    rows = [list(row) for row in shape.thresholds]
    del rows[layer][neuron]
    rows[layer + 1] = [min(max(0, t - int(a)), fan_in + 1) for t, a in zip(rows[layer + 1], agree, strict=True)]
    sizes, offsets = list(shape.sizes), shape.offsets
    sizes[layer + 1] -= 1
    if shape.head == "argmax" and layer + 1 == shape.layers - 1 and len(set(agree.tolist())) > 1:
        known = offsets or (Fraction(0),) * shape.classes
        offsets = tuple(offset + int(a) for offset, a in zip(known, agree, strict=True))
    made = replace(shape, sizes=tuple(sizes), thresholds=(), constants=(), offsets=offsets)
    return Network.of(made.with_thresholds(rows).checked(), matrices)
