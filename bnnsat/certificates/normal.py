"""What may be required of a network without loss: of all that do the same by an exchange, one meets it.

A popcount, or a sum, depends neither on the order of what it counts nor on that of the neurons below. So

1. weights of a popcount's neuron that read the same input (of ternary weights, the first and the second reading; of
   learned thresholds, the constants) may be sorted: as many agree as before;
2. a hidden neuron that counts an odd number of bits, from more than half on, says the opposite with all its weights
   inverted, and so it does not matter if those are inverted, too, that read it: its first weight is 0 then (of several
   that read the same input, sorted again: one of the neuron's is 0, or one of its opposite's);
3. two hidden neurons of a layer with equal thresholds may be exchanged, with all weights that read them: the rows of
   their own weights ascend then.

All of it is done layer by layer from the inputs on, 1 before 2 before 3. What is sorted by 1 stays so, for all readings
of a neuron move with it. Nothing changes what the network says of any example, or how many weights are other than 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    # A check loads the kind of question that it is about, and no other.
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
        for layer, (neurons, _) in enumerate(cast("IntegersQuestion", question).shape.matrices[:-1]):
            found.append(_ascending(algebra, holes[f"weights.{layer}"].reshape(neurons, -1)))
    elif question.KIND == "training":
        found += _of_popcounts(algebra, cast("TrainingQuestion", question).shape, holes)
    return np.concatenate(found)


def _of_popcounts(algebra: Algebra, shape: Shape, holes: Holes) -> list[Value]:
    """The conditions layer by layer; none of half-comparisons."""
    found: list[Value] = []
    for layer, (_, fan_in) in enumerate(shape.matrices if shape.activation == "popcount" else ()):
        rows, thresholds = holes[f"weights.{layer}"], set(shape.thresholds[layer])
        found.append(_sorted(algebra, shape, layer, rows))
        if layer < shape.layers - 1 and len(thresholds) == 1:
            if fan_in % 2 and thresholds == {(fan_in + 1) // 2}:
                found.append(algebra.negated(rows[:, 0]))
            found.append(_ascending(algebra, rows))
    return found


def _ascending(algebra: Algebra, rows: Value) -> Value:
    """Each row (neurons, bits) is lexicographically at most the next."""
    return algebra.negated(algebra.greater(rows[:-1], rows[1:]))


def _sorted(algebra: Algebra, shape: Shape, layer: int, rows: Value) -> Value:
    """Of the weights (neurons, fan-in) that read the same, none is above the next."""
    sources = shape.sources(layer)
    groups = [np.flatnonzero(sources == source) for source in np.unique(sources)]
    pairs = [pair for group in groups for pair in zip(group[:-1].tolist(), group[1:].tolist(), strict=True)]
    first, second = (rows[:, [pair[side] for pair in pairs]] for side in (0, 1))
    both = algebra.conj(np.stack([first, algebra.negated(second)], axis=-1))
    return algebra.negated(both).reshape(-1)
