"""What may be required of a network without loss: of all that make as many errors by an exchange, one meets it.

A popcount, or a sum, depends neither on the order of what it counts nor on that of the neurons below, and a sum of
errors not on the order of the examples. So

1. weights of a popcount's neuron that read the same input (of ternary weights, the first and the second reading; of
   learned thresholds, the constants) may be sorted: as many agree as before;
2. a hidden neuron that counts an odd number of bits, from more than half on, says the opposite with all its weights
   inverted, and so it does not matter if those are inverted, too, that read it: its first weight is 0 then (of several
   that read the same input, sorted again: one of the neuron's is 0, or one of its opposite's);
3. two hidden neurons of a layer with equal thresholds may be exchanged, with all weights that read them: the rows of
   their own weights ascend then;
4. two inputs that the examples do not tell apart (`bnnsat.exchanges`) may be exchanged, with all weights that read
   them: these ascend then, read neuron by neuron;
5. two inputs that may be inverted together, of a popcount, are so with all weights that read them: of the first
   neuron's the first is 0 then.

Take all weights as one row of bits, layer by layer, neuron by neuron, each in the order of what it reads. Each of these
makes one such row of another, forth and back. The first row in lexicographic order of all that come about is at most
what any single one makes of it: that is all that is required. Nothing changes how many errors there are, or how many
weights are other than 0.

6. A hidden neuron with ReLU whose own weights are doubled, with what it adds, and those that read it halved, does the
   same; and halving all weights of the last layer changes neither the sign of an output nor which is the largest. Of
   networks that come about so, take one whose numbers in the last layer, also what it adds, are the smallest by the sum
   of their magnitudes, then those of the layer before, and so on: nothing in it can be halved any more. That is so in
   whatever order neurons and inputs are, and is required beside the above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    # A check loads the kind of question that it is about, and no other.
    from collections.abc import Sequence

    from bnnsat.exchanges import Pairs
    from bnnsat.questions.integers import IntegersQuestion
    from bnnsat.questions.question import Holes, Question
    from bnnsat.questions.training import TrainingQuestion
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.shape import Shape


def normal(question: Question, algebra: Algebra, holes: Holes) -> Value:
    """Bits (conditions,) that some solution meets whenever there is one with such sums; none but of training.

    Args:
        question: what is asked.
        algebra: the reading.
        holes: the free bits, in that algebra.
    """
    found = [np.broadcast_to(algebra.constant(True), (0,))]
    if question.KIND == "integers":
        found += _of_sums(algebra, cast("IntegersQuestion", question), holes)
    elif question.KIND == "training":
        found += _of_popcounts(algebra, cast("TrainingQuestion", question), holes)
    return np.concatenate(found)


def _of_sums(algebra: Algebra, question: IntegersQuestion, holes: Holes) -> list[Value]:
    """The conditions on networks of whole numbers, whose weights are (neurons, inputs, bits)."""
    shape = question.shape
    found: list[Value] = []
    for layer, (neurons, _) in enumerate(shape.matrices):
        weights, added = holes[f"weights.{layer}"], holes.get(f"bias.{layer}")
        if layer < shape.layers - 1:
            found.append(_ascending(algebra, weights.reshape(neurons, -1)))
            readers = holes[f"weights.{layer + 1}"].swapaxes(0, 1)
            own = [weights] if added is None else [weights, added[:, np.newaxis]]
            found.append(_some_odd(algebra, [readers], own))
        elif shape.head != "exact":
            # Taken together, whatever reads the outputs.
            every = [weights.reshape(1, -1, shape.weight_bits)]
            every += [] if added is None else [added.reshape(1, -1, shape.bias_bits)]
            found.append(_some_odd(algebra, every))
    found.append(_in_order(algebra, holes["weights.0"], question.exchanges))
    return found


def _of_popcounts(algebra: Algebra, question: TrainingQuestion, holes: Holes) -> list[Value]:
    """The conditions layer by layer; none of half-comparisons."""
    shape = question.shape
    found: list[Value] = []
    for layer, (_, fan_in) in enumerate(shape.matrices if shape.activation == "popcount" else ()):
        rows, thresholds = holes[f"weights.{layer}"], set(shape.thresholds[layer])
        found.append(_sorted(algebra, shape, layer, rows))
        if not layer:
            # All that one input is read by: (neurons, inputs, readings).
            read = rows[:, : shape.repeat * shape.sizes[0]].reshape(len(rows), shape.repeat, -1).swapaxes(1, 2)
            found.append(_in_order(algebra, read, question.problem.exchanges))
            found.append(algebra.negated(rows[0, [i for i, _ in question.problem.inversions]]))
        if layer < shape.layers - 1 and len(thresholds) == 1:
            if fan_in % 2 and thresholds == {(fan_in + 1) // 2}:
                found.append(algebra.negated(rows[:, 0]))
            found.append(_ascending(algebra, rows))
    return found


def _ascending(algebra: Algebra, rows: Value) -> Value:
    """Each row (neurons, bits) is lexicographically at most the next."""
    return algebra.negated(algebra.greater(rows[:-1], rows[1:]))


def _in_order(algebra: Algebra, read: Value, pairs: Pairs) -> Value:
    """What reads an input, of (neurons, inputs, bits), is lexicographically at most what reads another."""
    bits = read.shape[0] * read.shape[2]
    first, second = (read[:, [pair[side] for pair in pairs]].swapaxes(0, 1).reshape(-1, bits) for side in (0, 1))
    return algebra.negated(algebra.greater(first, second))


def _some_odd(algebra: Algebra, numbers: list[Value], doubled: Sequence[Value] = ()) -> Value:
    """Of numbers (rows, n, bits) from place 0 up some is odd, or all are 0, or one of the others cannot be doubled."""
    even = [algebra.negated(bits[..., 0]) for bits in numbers]
    nothing = [algebra.negated(bits.reshape(len(bits), -1)) for bits in numbers]
    small = [algebra.xnor(bits[..., -1], bits[..., -2]) for bits in doubled]
    halved = [
        algebra.conj(np.concatenate([*even, *small], axis=1)),
        algebra.negated(algebra.conj(np.concatenate(nothing, axis=1))),
    ]
    return algebra.negated(algebra.conj(np.stack(halved, axis=-1)))


def _sorted(algebra: Algebra, shape: Shape, layer: int, rows: Value) -> Value:
    """Of the weights (neurons, fan-in) that read the same, none is above the next."""
    sources = shape.sources(layer)
    groups = [np.flatnonzero(sources == source) for source in np.unique(sources)]
    pairs = [pair for group in groups for pair in zip(group[:-1].tolist(), group[1:].tolist(), strict=True)]
    first, second = (rows[:, [pair[side] for pair in pairs]] for side in (0, 1))
    both = algebra.conj(np.stack([first, algebra.negated(second)], axis=-1))
    return algebra.negated(both).reshape(-1)
