"""Gradient descent through the sign function: good networks of popcounts in a fraction of a second.

The straight-through estimator (Hubara et al., "Binarized neural networks", NeurIPS 2016): each weight
has a latent value in [-1, 1] whose sign is the weight; gradients pass a neuron unchanged where its
scaled count is near the threshold, and reach the latent values as if these were the weights. The
forward pass is the network's own, so the errors that a descent counts are exact.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bnnsat.problem import Problem
from bnnsat.readings.forward import wanted_bits
from bnnsat.search.found import Found
from bnnsat.search.local.latent import ONE, Latent, Layer
from bnnsat.search.variants import Flips, Noise, Variants
from bnnsat.shape import Shape
from bnnsat.types import Bits, Floats, Integers

BETAS = 0.9, 0.999
VARIED_BATCH = {"hinge": 500}
"""Rows of a step with variants, by loss, where they are not those of any other step."""
LONGER = 3
"""Times as many steps for learning from variants, of which there are more to see."""
WHOLE_ROWS = 512
"""Rows up to which each step looks at all of them."""
LOOKS = 4
"""The errors on all rows are counted after steps that looked at so many times their number."""


@dataclass(frozen=True)
class Recipe:
    """How a descent is done.

    Attributes:
        loss: hinge, logistic or cross-entropy.
        window: the distance from the threshold, in units of sqrt(fan-in), within which gradients pass.
        rate: Adam's, falling to 0 like a cosine if `cosine`.
        steps: at most, if there is time for them.
        batch: rows of a step where not all are looked at.
        cosine: without, the descent ends as soon as there are no errors.
        drop: the share of inputs left out in each step (dropout: Srivastava et al., JMLR 2014).
        flip: the share of inputs inverted in each step.
        swap: the share of inputs that are those of another row of the step.
        whole: rows up to which each step looks at all of them.
    """

    loss: str
    window: float
    rate: float
    steps: int
    batch: int
    cosine: bool
    drop: float = 0.0
    flip: float = 0.0
    swap: float = 0.0
    whole: int = WHOLE_ROWS

    @classmethod
    def of(cls, shape: Shape) -> Recipe:
        """What worked best for each head; dropout makes for networks that are right about more new examples."""
        if shape.head == "bit":
            return cls("hinge", 0.4 if shape.repeat == 2 else 0.6, 0.03, 800, 128, cosine=True, drop=0.1)
        if shape.head == "onehot":
            return cls("logistic", 1.5, 0.01, 1500, 250, cosine=False)
        return cls("cross-entropy", 1.2, 0.03, 800, 100, cosine=True, drop=0.1)

    @property
    def noisy(self) -> bool:
        """Whether steps look at other inputs than the examples'."""
        return any((self.drop, self.flip, self.swap))

    def with_noise(self, noise: Noise) -> Recipe:
        """The same with inputs that are inverted, or others'.

        Args:
            noise: which of both, and how many.
        """
        return replace(self, flip=noise.share) if isinstance(noise, Flips) else replace(self, swap=noise.share)

    def with_variants(self) -> Recipe:
        """The same for learning from variants, which need no dropout: see docs/search.md."""
        return replace(self, steps=LONGER * self.steps, batch=VARIED_BATCH.get(self.loss, self.batch), drop=0.0)


def descend(
    problem: Problem,
    latent: Latent,
    recipe: Recipe,
    rng: np.random.Generator,
    variants: Variants | None = None,
    seconds: float | None = None,
) -> Iterator[Found | None]:
    """One descent; each step gives a network with fewer errors than before, or None.

    In the end comes the last network that made the fewest errors: the later, the surer of its examples.

    Args:
        problem: the training examples.
        latent: where it begins; changed in place.
        recipe: how it is done.
        rng: of what is random.
        variants: further examples, of which half of each batch is made.
        seconds: the time there is for it; None for all of the recipe's steps.
    """
    shape, began = latent.shape, time.monotonic()
    adam = Adam(latent.every)
    x, labels = _signs(problem.inputs), problem.labels
    rows = len(labels)
    share = (problem.costs / problem.costs.mean()).astype(np.float32)[:, np.newaxis]
    counts = np.maximum(1, np.bincount(labels, minlength=shape.classes))
    means = np.bincount(labels, weights=share[:, 0], minlength=shape.classes) / counts
    typical = means.astype(np.float32)[:, np.newaxis]
    whole = variants is None and rows <= recipe.whole
    look = 1 if whole else max(10, LOOKS * rows // recipe.batch)
    best, fewest = list[Layer](), problem.total_cost + 1
    order, at = rng.permutation(rows), 0
    progress, step = 0.0, 0
    while progress < 1:
        layers = [latent.layer(index) for index in range(shape.layers)]
        found: Found | None = None
        progress = step / recipe.steps
        if seconds is not None:
            progress = max(progress, (time.monotonic() - began) / seconds)
        if step % look == 0 or progress >= 1:
            activations, scores = forward(shape, layers, x)
            errors = int(problem.costs[_wrong(shape, scores[-1], labels, problem.margin)].sum())
            if errors <= fewest:
                best = layers
            if errors < fewest:
                fewest = errors
                found = latent.network(layers), errors
        yield found
        if fewest == 0 and not recipe.cosine:
            return
        if whole:
            if recipe.noisy:
                activations, scores = forward(shape, layers, _disturbed(x, recipe, rng))
            seen, weight = labels, share
        else:
            own = recipe.batch if variants is None else recipe.batch // 2
            if at + own > rows:
                order, at = rng.permutation(rows), 0
            chosen = order[at : at + own]
            at += own
            inputs, seen, weight = x[chosen], labels[chosen], share[chosen]
            if variants is not None:
                other = rng.integers(len(variants.labels), size=recipe.batch - own)
                inputs = np.concatenate([inputs, _signs(variants.inputs[other])])
                seen = np.concatenate([seen, variants.labels[other]])
                weight = np.concatenate([weight, typical[variants.labels[other]]])
            activations, scores = forward(shape, layers, _disturbed(inputs, recipe, rng))
        slope = weight * _slope(recipe.loss, shape, _narrowed(shape, scores[-1], seen, problem.margin), seen)
        slope /= np.float32(len(seen))
        rate = recipe.rate * (np.cos(np.pi * min(1.0, progress)) + 1) / 2 if recipe.cosine else recipe.rate
        adam.step(backward(latent, recipe.window, layers, activations, scores, slope), rate)
        step += 1
    if best:
        # Of those with as few errors the last is right by most.
        yield latent.network(best), fewest


def forward(shape: Shape, layers: list[Layer], inputs: Floats) -> tuple[list[Floats], list[Floats]]:
    """What each layer reads (rows, n), as signs, and its scores (rows, neurons).

    A score is the distance of a sum of signs from the layer's centre, over sqrt(n): its sign is the output.
    """
    activations, scores = [], []
    for layer in layers:
        activations.append(inputs)
        # OpenBLAS computes with unused lanes too, whatever is in them, and numpy would warn of their NaNs.
        with np.errstate(invalid="ignore"):
            score = inputs @ layer.weights.T
        score -= layer.centre
        score /= np.float32(np.sqrt(inputs.shape[1]))
        scores.append(score)
        # No sum is just at the centre of a layer that others read.
        inputs = np.copysign(ONE, score)
    return activations, scores


def backward(
    latent: Latent, window: float, layers: list[Layer], activations: list[Floats], scores: list[Floats], slope: Floats
) -> list[Floats]:
    """The gradient of each parameter, from the loss's slope (rows, outputs) in the last scores."""
    values, biases = [], []
    for index in reversed(range(len(layers))):
        # A bias is in units of what the score is in.
        biases.append(slope.sum(axis=0) if len(latent.biases[index]) else latent.biases[index])
        slope = slope / np.float32(np.sqrt(layers[index].weights.shape[1]))
        values.append(slope.T @ activations[index])
        if index:
            slope = (slope @ layers[index].weights) * (np.abs(scores[index - 1]) < window)
    return values[::-1] + biases[::-1]


class Adam:
    """Kingma and Ba, "Adam", ICLR 2015, with values clipped to [-1, 1]."""

    def __init__(self, values: Floats) -> None:
        """values: (n,), which the steps change in place."""
        self._values = values
        self._mean, self._square = np.zeros_like(values), np.zeros_like(values)
        self._steps = 0

    def step(self, gradients: list[Floats], rate: float) -> None:
        """Change the values; the gradients are those of parts of them, one behind the other."""
        self._steps += 1
        a, b = BETAS
        scale = np.float32(rate * np.sqrt(1 - b**self._steps) / (1 - a**self._steps))
        gradient, mean, square = np.concatenate([part.ravel() for part in gradients]), self._mean, self._square
        mean += np.float32(1 - a) * (gradient - mean)
        square += np.float32(1 - b) * (gradient * gradient - square)
        self._values -= scale * mean / (np.sqrt(square) + np.float32(1e-8))
        np.minimum(np.maximum(self._values, -1, out=self._values), 1, out=self._values)


def _disturbed(inputs: Floats, recipe: Recipe, rng: np.random.Generator) -> Floats:
    """Signs (rows, n), some of them inverted or those of other rows, and some 0."""
    if recipe.swap:
        rows, n = inputs.shape
        taken = np.flatnonzero(rng.random(inputs.size, dtype=np.float32) < recipe.swap)
        others = rng.integers(rows, size=len(taken), dtype=np.int32) * n + taken % n
        swapped = inputs.ravel().copy()
        swapped[taken] = inputs.ravel()[others]
        inputs = swapped.reshape(rows, n)
    if recipe.flip:
        inputs = inputs * _signs(rng.random(inputs.shape, dtype=np.float32) >= recipe.flip)
    if recipe.drop:
        inputs = inputs * (rng.random(inputs.shape, dtype=np.float32) >= recipe.drop)
    return inputs


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
    return scores - np.float32(_step(shape) * margin / np.sqrt(shape.sizes[-2])) * _helped(shape, labels)


def _step(shape: Shape) -> int:
    """What one count is in sums of signs."""
    return 2 // shape.repeat


def _helped(shape: Shape, labels: Integers) -> Floats:
    """The scores that a label wants high, 1, or low, -1; for argmax only its own is taken to task."""
    wanted = wanted_bits(shape, labels)
    return wanted.astype(np.float32) if shape.head == "argmax" else _signs(wanted)


def _wrong(shape: Shape, scores: Floats, labels: Integers, margin: int) -> Bits:
    sums = scores * np.float32(np.sqrt(shape.sizes[-2])) - _step(shape) * margin * _helped(shape, labels)
    if shape.head == "argmax":
        # Whole numbers again, so that ties are ties.
        return np.asarray(np.rint(sums).argmax(axis=1) != labels)
    return np.asarray(((sums >= 0) != wanted_bits(shape, labels)).any(axis=1))


def _signs(bits: Bits) -> Floats:
    return 2 * bits.astype(np.float32) - 1
