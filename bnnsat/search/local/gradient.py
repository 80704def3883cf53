"""Gradient descent through the sign function: good networks of popcounts in a fraction of a second.

The straight-through estimator (Hubara et al., "Binarized neural networks", NeurIPS 2016): each weight
has a latent value in [-1, 1] whose sign is the weight; gradients pass a neuron unchanged where its
scaled count is near the threshold, and reach the latent values as if these were the weights. The
forward pass is the network's own, so every step knows its exact errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.readings.forward import wanted_bits
from bnnsat.search.found import Found
from bnnsat.search.variants import Variants
from bnnsat.shape import Shape
from bnnsat.types import Bits, Floats, Integers

BETAS = 0.9, 0.999
LONGER = 3
"""Times as many steps for learning from variants, of which there are more to see."""
LOOK_STEPS = 10
"""Steps after which the errors are counted where a step does not see all examples."""


@dataclass(frozen=True)
class Recipe:
    """`window` is the distance from the threshold, in units of sqrt(fan-in), within which gradients pass.

    `rate` is Adam's; it falls to zero like a cosine over `steps` where `cosine` is set, and else the descent
    ends as soon as there are no errors. Where there are variants, it takes `LONGER` times as many steps, each of which
    looks at `batch` examples, half of them variants. Without variants a step looks at all examples, and, asked to,
    leaves out a share `drop` of their inputs (dropout: Srivastava et al., JMLR 2014), which makes for networks
    that are right about more new examples.
    """

    loss: str
    window: float
    rate: float
    steps: int
    batch: int
    cosine: bool
    drop: float

    @classmethod
    def of(cls, shape: Shape) -> Recipe:
        """What worked best for each head."""
        if shape.head == "bit":
            return cls("hinge", 0.6, 0.03, 800, 500, cosine=True, drop=0.1)
        if shape.head == "onehot":
            return cls("logistic", 1.5, 0.01, 1500, 250, cosine=False, drop=0.0)
        return cls("cross-entropy", 1.2, 0.03, 800, 100, cosine=True, drop=0.1)


def descend(
    problem: Problem,
    shape: Shape,
    rng: np.random.Generator,
    variants: Variants | None = None,
    *,
    dropout: bool = False,
) -> Iterator[Found | None]:
    """One descent; each step gives a network with fewer errors than before, or None.

    In the end comes the last network that made the fewest errors: the later, the surer of its examples.
    """
    recipe = Recipe.of(shape)
    latent = [rng.uniform(-0.5, 0.5, size=size).astype(np.float32) for size in shape.matrices]
    adam = Adam(latent)
    x, labels = _signs(problem.inputs), problem.labels
    share = (problem.costs / problem.total_cost).astype(np.float32)[:, np.newaxis]
    best, fewest = None, problem.total_cost + 1
    drop = recipe.drop if dropout else 0.0
    steps = recipe.steps * (1 if variants is None else LONGER)
    for step in range(steps):
        matrices = [_signs(values >= 0) for values in latent]
        found: Found | None = None
        if variants is None or step % LOOK_STEPS == 0 or step == steps - 1:
            activations, scores = forward(shape, matrices, x)
            errors = int(problem.costs[_wrong(shape, scores[-1], labels, problem.margin)].sum())
            if errors <= fewest:
                best = [values >= 0 for values in latent]
            if errors < fewest:
                fewest = errors
                found = Network.of(shape, [values >= 0 for values in latent]), errors
        yield found
        if fewest == 0 and not recipe.cosine:
            return
        if variants is None:
            if drop:
                activations, scores = forward(shape, matrices, _dropped(x, drop, rng))
            top = share * _slope(recipe.loss, shape, _narrowed(shape, scores[-1], labels, problem.margin), labels)
        else:
            own = rng.choice(len(labels), recipe.batch // 2, p=share[:, 0] / share.sum())
            other = rng.integers(len(variants.labels), size=recipe.batch - recipe.batch // 2)
            batch = np.concatenate([x[own], _signs(variants.inputs[other])])
            activations, scores = forward(shape, matrices, batch)
            wanted = np.concatenate([labels[own], variants.labels[other]])
            seen = _narrowed(shape, scores[-1], wanted, problem.margin)
            top = _slope(recipe.loss, shape, seen, wanted) / np.float32(recipe.batch)
        rate = recipe.rate * (np.cos(np.pi * step / steps) + 1) / 2 if recipe.cosine else recipe.rate
        adam.step(latent, backward(shape, recipe.window, matrices, activations, scores, top), rate)
    if best is not None:
        yield Network.of(shape, best), fewest


def forward(shape: Shape, matrices: list[Floats], inputs: Floats) -> tuple[list[Floats], list[Floats]]:
    """What each layer reads (rows, fan-in), as signs, and its scores (rows, neurons).

    A score is the distance of the count from half-way below the threshold, times 2 / sqrt(fan-in): its
    sign is the output.
    """
    activations, scores = [], []
    for index, matrix in enumerate(matrices):
        n = matrix.shape[1]
        inputs = shape.read(index, inputs, 1)
        activations.append(inputs)
        centre = 2 * np.array(shape.thresholds[index], dtype=np.float32) - n - 1
        if shape.head == "argmax" and index == shape.layers - 1:
            centre = np.zeros_like(centre)
        # OpenBLAS computes with unused lanes too, whatever is in them, and numpy would warn of their NaNs.
        with np.errstate(invalid="ignore"):
            counted = inputs @ matrix.T
        scores.append(((counted - centre) / np.sqrt(n)).astype(np.float32))
        inputs = _signs(scores[-1] >= 0)
    return activations, scores


def backward(
    shape: Shape, window: float, matrices: list[Floats], activations: list[Floats], scores: list[Floats], slope: Floats
) -> list[Floats]:
    """The gradient of each matrix, from the loss's slope (rows, outputs) in the last scores."""
    gradients = []
    for index in reversed(range(len(matrices))):
        slope = slope / np.float32(np.sqrt(matrices[index].shape[1]))
        gradients.append(slope.T @ activations[index])
        if index:
            pull = slope @ matrices[index]
            if not shape.reads_once:
                # An input that is read twice is pulled twice; constants give way to nobody.
                n = shape.sizes[index]
                pull = pull[:, : n * shape.repeat].reshape(len(pull), shape.repeat, n).sum(axis=1)
            slope = pull * (np.abs(scores[index - 1]) < window)
    return gradients[::-1]


class Adam:
    """Kingma and Ba, "Adam", ICLR 2015, with values clipped to [-1, 1]."""

    def __init__(self, values: list[Floats]) -> None:
        self._mean = [np.zeros_like(value) for value in values]
        self._square = [np.zeros_like(value) for value in values]
        self._steps = 0

    def step(self, values: list[Floats], gradients: list[Floats], rate: float) -> None:
        """Change the values in place."""
        self._steps += 1
        a, b = BETAS
        scale = np.float32(rate * np.sqrt(1 - b**self._steps) / (1 - a**self._steps))
        for value, gradient, mean, square in zip(values, gradients, self._mean, self._square, strict=True):
            mean += np.float32(1 - a) * (gradient - mean)
            square += np.float32(1 - b) * (gradient * gradient - square)
            value -= scale * mean / (np.sqrt(square) + np.float32(1e-8))
            np.clip(value, -1, 1, out=value)


def _dropped(inputs: Floats, drop: float, rng: np.random.Generator) -> Floats:
    """Signs (rows, n), some of them 0."""
    return inputs * (rng.random(inputs.shape, dtype=np.float32) >= drop) if drop else inputs


def _slope(loss: str, shape: Shape, scores: Floats, labels: Integers) -> Floats:
    """The derivative of the loss in the scores (rows, outputs)."""
    if loss == "cross-entropy":
        powers = np.exp(scores * 2 - (scores * 2).max(axis=1, keepdims=True))
        powers /= powers.sum(axis=1, keepdims=True)
        powers[np.arange(len(labels)), labels] -= 1
        return np.asarray(powers, dtype=np.float32)
    signs = _signs(wanted_bits(shape, labels))
    if loss == "hinge":
        return np.asarray(-signs * (signs * scores < 1), dtype=np.float32)
    return np.asarray(-signs / (1 + np.exp(2 * signs * scores)), dtype=np.float32)


def _narrowed(shape: Shape, scores: Floats, labels: Integers, margin: int) -> Floats:
    """The scores less a margin of counts: what is still on the right side is right with that margin."""
    if not margin:
        return scores
    return scores - np.float32(2 * margin / np.sqrt(shape.matrices[-1][1])) * _helped(shape, labels)


def _helped(shape: Shape, labels: Integers) -> Floats:
    """The scores that a label wants high, 1, or low, -1; for argmax only its own is taken to task."""
    wanted = wanted_bits(shape, labels)
    return wanted.astype(np.float32) if shape.head == "argmax" else _signs(wanted)


def _wrong(shape: Shape, scores: Floats, labels: Integers, margin: int) -> Bits:
    # Whole numbers again, so that ties are ties.
    whole = np.rint(scores * np.sqrt(shape.matrices[-1][1])) - 2 * margin * _helped(shape, labels)
    if shape.head == "argmax":
        return np.asarray(whole.argmax(axis=1) != labels)
    return np.asarray(((whole >= 0) != wanted_bits(shape, labels)).any(axis=1))


def _signs(bits: Bits) -> Floats:
    return 2 * bits.astype(np.float32) - 1
