"""Facts about a network of whole numbers: the least change of an example, and whether any input gets a label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.integers import forward
from bnnsat.integers.network import IntegerNetwork, checked
from bnnsat.questions.sketch import NEAREST, VERIFY, SketchQuestion
from bnnsat.sketch.expression import Expression, expression
from bnnsat.sketch.language import maximum
from bnnsat.sketch.program import Program
from bnnsat.sketch.tracing import traced
from bnnsat.synthesis.found import Found
from bnnsat.synthesis.solve import answered
from bnnsat.types import Integers

NORMS: dict[str, Callable[[Expression, Expression], Expression]] = {
    "l0": lambda a, b: (a != b).sum(),
    "l1": lambda a, b: abs(a - b).sum(),
    "l2": lambda a, b: ((a - b) * (a - b)).sum(),
    "linf": lambda a, b: _largest(abs(a - b)),
}
"""How far an input is from another one: values that differ, the sum of differences, of their squares, the largest."""


def changed(
    network: IntegerNetwork,
    example: Any,
    norm: str = "l1",
    *,
    radius: int | None = None,
    time_limit: float | None = None,
    most: Sequence[int] = (),
    apart: Sequence[Sequence[int]] = (),
) -> Found:
    """The least change of an example after which a network says something else.

    Args:
        network: of whole numbers.
        example: (n,) whole numbers.
        norm: l0, l1, l2 (squared) or linf.
        radius: whether a change of at most so much does it (PROVED: none does), in place of the least one.
        time_limit: seconds; None for none.
        most: the highest value of each input; as the shape has it without.
        apart: places of inputs of which at most one is above 0, as of bits for texts.

    Raises:
        InputError: they do not fit.
    """
    if norm not in NORMS:
        raise InputError(f"networks with relu are asked for changes by {', '.join(NORMS)}, not {norm}")
    if radius is not None and radius < 0:
        raise InputError(f"radius {radius} is negative; give a whole number from 0")
    row = checked(network.shape, np.asarray(example)[np.newaxis])[0]
    label = int(network.predict(row[np.newaxis])[0])
    x, kept = _named(network, label)
    there = _possible(network, x, most, apart)
    distance = NORMS[norm](x, expression(row))
    if radius is None:
        return _asked(network, x, (~kept, *there), distance, NEAREST, "change", time_limit)
    return _asked(network, x, (~kept, distance <= radius, *there), None, VERIFY, "change", time_limit)


def distance(a: Integers, b: Integers, norm: str) -> int:
    """How far an input is from another one.

    Args:
        a: (n,) whole numbers.
        b: (n,).
        norm: of `NORMS`.
    """
    apart = np.abs(np.asarray(a, dtype=np.int64) - np.asarray(b, dtype=np.int64))
    return int({"l0": (apart > 0).sum(), "l1": apart.sum(), "l2": (apart * apart).sum(), "linf": apart.max()}[norm])


def reached(
    network: IntegerNetwork,
    label: int,
    *,
    time_limit: float | None = None,
    most: Sequence[int] = (),
    apart: Sequence[Sequence[int]] = (),
) -> Found:
    """Whether any input gets a label: REFUTED by one that does, or PROVED that none does.

    Args:
        network: of whole numbers.
        label: a number that the head can name.
        time_limit: seconds; None for none.
        most: the highest value of each input; as the shape has it without.
        apart: places of inputs of which at most one is above 0, as of bits for texts.

    Raises:
        InputError: there is no such label.
    """
    classes = network.shape.classes
    if type(label) is not int or (classes and not 0 <= label < classes):
        raise InputError(f"there is no label {label!r}; they are 0 to {classes - 1}")
    x, got = _named(network, label)
    return _asked(network, x, (got, *_possible(network, x, most, apart)), None, VERIFY, "reach", time_limit)


def _named(network: IntegerNetwork, label: int) -> tuple[Expression, Expression]:
    """The inputs, and whether the head names a label for them."""
    shape = network.shape
    x = forward.inputs(shape)
    out = forward.output(shape, [expression(w) for w in network.parameters()], x)
    return x, forward.right(shape, out, expression(label))


def _possible(
    network: IntegerNetwork, x: Expression, most: Sequence[int], apart: Sequence[Sequence[int]]
) -> list[Expression]:
    """What holds of inputs beside what the shape says."""
    every = (1 << network.shape.input_bits) - 1
    limits = [x[place] <= limit for place, limit in enumerate(most) if limit < every]
    alone = [sum((x[place] > 0 for place in places), expression(0)) <= 1 for places in apart if len(places) > 1]
    return limits + alone


def _asked(
    network: IntegerNetwork,
    x: Expression,
    required: tuple[Expression, ...],
    objective: Expression | None,
    goal: str,
    what: str,
    time_limit: float | None,
) -> Found:
    question = SketchQuestion(Program({"x": x}, required, objective), {}, goal, f"{what} of {network.shape.words}")
    return answered(question, traced(lambda x=x: x), time_limit)


def _largest(values: Expression) -> Expression:
    made = values[0]
    for value in list(values)[1:]:
        made = maximum(made, value)
    return made
