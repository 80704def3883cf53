"""What sketches are written with, beside the operators of `Expression`."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.sketch.expression import Expression, apply, expression
from bnnsat.sketch.rules import MOST_BITS

HOLE, INPUT = "hole", "input"
"""What a variable is: to be found, or given."""


@dataclass
class Notes:
    """What a sketch does beside computing its result, while it is read.

    Attributes:
        required: conditions.
        variables: holes and inputs as they are made, with the names they are given.
    """

    required: list[Expression] = field(default_factory=list)
    variables: list[tuple[Expression, str | None]] = field(default_factory=list)


NOTES: ContextVar[Notes | None] = ContextVar("notes", default=None)
"""Of the sketch that is being read."""


def Hole(  # noqa: N802 (it stands where a class would)
    *shape: int,
    bits: int = 1,
    signed: bool = False,
    low: int | None = None,
    high: int | None = None,
    name: str | None = None,
) -> Expression:
    """Numbers that are to be found.

    Args:
        shape: sizes of the array's axes; a single number without.
        bits: of each, two's complement where they are signed.
        signed: whether they may be below 0.
        low: the least, in place of bits.
        high: the most, in place of bits.
        name: of the variable; that of the parameter, or a number, without.

    Raises:
        InputError: there are no such numbers.
    """
    return _variable(HOLE, shape, bits, signed, low, high, name)


def Input(  # noqa: N802
    *shape: int,
    bits: int = 1,
    signed: bool = False,
    low: int | None = None,
    high: int | None = None,
    name: str | None = None,
) -> Expression:
    """Numbers that are given by each example, or that stand for all there are.

    Args:
        shape: sizes of the array's axes; a single number without.
        bits: of each, two's complement where they are signed.
        signed: whether they may be below 0.
        low: the least, in place of bits.
        high: the most, in place of bits.
        name: of the variable; that of the parameter, or a number, without.

    Raises:
        InputError: there are no such numbers.
    """
    return _variable(INPUT, shape, bits, signed, low, high, name)


def choose(*options: Any) -> Expression:
    """One of several, each time it is called: which one is to be found.

    Args:
        options: expressions or numbers, of shapes that broadcast.

    Raises:
        InputError: there are none.
    """
    if not options:
        raise InputError("choose takes what there is to choose from")
    which = Hole(low=0, high=len(options) - 1)
    made = expression(options[0])
    for number, option in enumerate(options[1:], start=1):
        made = if_(which == number, option, made)
    return made


def require(condition: Any) -> None:
    """Demand that bits are 1, of the sketch in which this is called.

    Args:
        condition: bits, all of which have to be 1, for each example.

    Raises:
        InputError: no sketch is being read, or they are no bits.
    """
    notes = NOTES.get()
    if notes is None:
        raise InputError("require belongs into a sketch that is given to solve, minimize, maximize or synthesize")
    notes.required.append(expression(condition).all())


def if_(condition: Any, a: Any, b: Any) -> Expression:
    """a where a condition is 1, else b.

    Args:
        condition: bits.
        a: expressions or numbers.
        b: the same.
    """
    return apply("where", condition, a, b)


def relu(a: Any) -> Expression:
    """Numbers that are not below 0: 0 in place of those that are.

    Args:
        a: expressions or numbers.
    """
    return apply("maximum", a, 0)


def maximum(a: Any, b: Any) -> Expression:
    """The larger of two.

    Args:
        a: expressions or numbers.
        b: the same.
    """
    return apply("maximum", a, b)


def minimum(a: Any, b: Any) -> Expression:
    """The smaller of two.

    Args:
        a: expressions or numbers.
        b: the same.
    """
    return -apply("maximum", -expression(a), -expression(b))


def xnor(a: Any, b: Any) -> Expression:
    """1 where bits agree.

    Args:
        a: bits.
        b: bits.
    """
    return expression(a) ^ ~expression(b)


def popcount(a: Any, axis: int = -1) -> Expression:
    """How many bits are 1.

    Args:
        a: bits.
        axis: along which.
    """
    # Of bits alone, which invert sees to.
    return (~~expression(a)).sum(axis)


def at_least(a: Any, least: int, axis: int = -1) -> Expression:
    """Whether at least so many bits are 1: what a popcount neuron is made of, by an encoding of counts.

    Args:
        a: bits.
        least: so many.
        axis: along which.
    """
    bits = expression(a).last(axis)
    # More than all is as much as one more than all.
    least = min(max(least, 0), bits.shape[-1] + 1) if type(least) is int and bits.ndim else least
    return Expression.of("at_least", bits, data=least)


def greater(a: Any, b: Any) -> Expression:
    """Whether bits are a larger number than others: what a half-comparison is made of.

    Args:
        a: (..., n) bits, the most significant first.
        b: the same.
    """
    return Expression.of("greater", expression(a), expression(b).spread(expression(a).shape))


def concatenate(parts: Sequence[Any]) -> Expression:
    """Vectors one behind the other.

    Args:
        parts: vectors, or single numbers.
    """
    made = [expression(part) for part in parts]
    return Expression.of("gather", *made, data=np.arange(sum(part.form.size for part in made)))


def _variable(
    role: str, shape: tuple[int, ...], bits: int, signed: bool, low: int | None, high: int | None, name: str | None
) -> Expression:
    if not all(type(size) is int and size >= 1 for size in shape):
        raise InputError(f"sizes are whole numbers from 1, not {', '.join(map(repr, shape))}")
    if type(bits) is not int or not 1 + signed <= bits <= MOST_BITS:
        raise InputError(f"bits {bits!r} are none; give a whole number from {1 + signed} to {MOST_BITS}")
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    ends = least if low is None else low, most if high is None else high
    if any(type(end) is not int for end in ends):
        raise InputError(f"{ends[0]!r} to {ends[1]!r} are no whole numbers")
    made = Expression.of("variable", data=(role, shape, *ends))
    notes = NOTES.get()
    if notes is not None:
        notes.variables.append((made, name))
    return made
