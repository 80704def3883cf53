"""What a sketch computes with: arrays of whole numbers that are not known yet. A bit is a number from 0 to 1.

An expression is an operation with its arguments; nothing is computed when it is made. Operators work element by
element and broadcast, as numpy's do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.sketch.rules import MOST_BITS, RULES, Form
from bnnsat.types import Integers


@dataclass(frozen=True, eq=False, repr=False)
class Expression:
    """An array of numbers that depend on holes and inputs.

    Attributes:
        op: the operation, a name of `bnnsat.sketch.rules.RULES`.
        args: what it works on.
        form: the array's shape, and between what its elements are.
        data: what else the operation takes.
    """

    op: str
    args: tuple[Expression, ...]
    form: Form
    data: Any = None

    # Arrays leave operators to this class.
    __array_ufunc__ = None
    __hash__ = object.__hash__

    @classmethod
    def of(cls, op: str, *args: Expression, data: Any = None) -> Expression:
        """An operation on expressions of the same shape.

        Args:
            op: its name.
            args: what it works on.
            data: what else it takes.

        Raises:
            InputError: they do not fit.
        """
        return cls(op, args, RULES[op](*(arg.form for arg in args), data) if args else RULES[op](data), data)

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return self.form.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def T(self) -> Expression:  # noqa: N802 (numpy's name)
        """The axes the other way round."""
        return self.moved(self.places().T)

    def reshape(self, *shape: Any) -> Expression:
        """The same elements in another shape.

        Args:
            shape: sizes, or one tuple of them; one may be -1.
        """
        return self.moved(self.places().reshape(*shape))

    def sum(self, axis: int | None = None) -> Expression:
        """The sum along an axis, or of all elements.

        Args:
            axis: which; None for all.
        """
        return Expression.of("total", self.last(axis))

    def all(self, axis: int | None = None) -> Expression:
        """Whether all bits along an axis are 1, or all of them.

        Args:
            axis: which; None for all.
        """
        return Expression.of("every", self.last(axis))

    def any(self, axis: int | None = None) -> Expression:
        """Whether some bit along an axis is 1, or any of them.

        Args:
            axis: which; None for all.
        """
        return ~(~self).all(axis)

    def last(self, axis: int | None) -> Expression:
        """The same with one axis at the end; or all elements in a row.

        Args:
            axis: which; None for the row.

        Raises:
            InputError: there is none.
        """
        if axis is None:
            return self.reshape(-1)
        if not isinstance(axis, int) or not -self.ndim <= axis < self.ndim:
            raise InputError(f"there is no axis {axis} in an array of shape {self.shape}")
        return self if axis in (-1, self.ndim - 1) else self.moved(np.moveaxis(self.places(), axis, -1))

    def spread(self, shape: Sequence[int]) -> Expression:
        """Broadcast to another shape.

        Args:
            shape: sizes.
        """
        return self if tuple(shape) == self.shape else self.moved(np.broadcast_to(self.places(), tuple(shape)))

    def places(self) -> Any:
        """The number of each element, in the array's shape: what index arithmetic is done with."""
        return np.arange(self.form.size, dtype=np.int64).reshape(self.shape)

    def moved(self, places: Any) -> Expression:
        """The elements of those numbers.

        Args:
            places: numbers of elements, of any shape.
        """
        return Expression.of("gather", self, data=np.array(places, dtype=np.int64))

    def __getitem__(self, key: Any) -> Expression:
        for part in key if isinstance(key, tuple) else (key,):
            if isinstance(part, Expression):
                raise InputError("an array cannot be read at a place that is not known; use choose, or if_")
        return self.moved(self.places()[key])

    def __len__(self) -> int:
        if not self.shape:
            raise InputError("a single number has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Expression]:
        return (self[place] for place in range(len(self)))

    def __bool__(self) -> bool:
        raise InputError(
            "what a sketch computes is not known yet, so Python cannot branch on it; use if_(condition, a, b), and "
            "&, | and ~ in place of and, or and not"
        )

    def __index__(self) -> int:
        raise InputError("what a sketch computes is not known yet: it is no index and no count; use choose, or if_")

    def __repr__(self) -> str:
        return f"<{self.op} of shape {self.shape}, from {self.form.low} to {self.form.high}>"

    def __add__(self, other: Any) -> Expression:
        return apply("add", self, other)

    __radd__ = __add__

    def __neg__(self) -> Expression:
        return apply("negative", self)

    def __sub__(self, other: Any) -> Expression:
        return apply("add", self, apply("negative", other))

    def __rsub__(self, other: Any) -> Expression:
        return apply("add", apply("negative", self), other)

    def __mul__(self, other: Any) -> Expression:
        return apply("multiply", self, other)

    __rmul__ = __mul__

    def __abs__(self) -> Expression:
        # By way of 0, so that it is known to be no less.
        return apply("maximum", apply("maximum", self, 0), -self)

    def __pow__(self, power: int) -> Expression:
        if not isinstance(power, int) or power < 1:
            raise InputError(f"numbers are raised to known powers from 1, not {power!r}")
        made = self
        for _ in range(power - 1):
            made = made * self
        return made

    def __floordiv__(self, other: Any) -> Expression:
        return self >> _exponent(other)

    def __mod__(self, other: Any) -> Expression:
        return self - apply("multiply", self // other, other)

    def __matmul__(self, other: Any) -> Expression:
        return matmul(self, expression(other))

    def __rmatmul__(self, other: Any) -> Expression:
        return matmul(expression(other), self)

    def __lshift__(self, places: Any) -> Expression:
        return self._shifted(places, lambda a, k: apply("multiply", a, 1 << k))

    def __rshift__(self, places: Any) -> Expression:
        return self._shifted(places, lambda a, k: Expression.of("shift", a, data=k))

    def _shifted(self, places: Any, by: Callable[[Expression, int], Expression]) -> Expression:
        """Shifted by a known number, or by one that is to be found: one of all that it can be."""
        if not isinstance(places, Expression):
            if not isinstance(places, int | np.integer) or places < 0:
                raise InputError(f"numbers are shifted by whole numbers from 0, not {places!r}")
            return by(self, int(places))
        if places.form.signed:
            raise InputError(f"numbers are shifted by 0 places or more, and these can be {places.form.low}")
        spread = self.spread(_common([self, places]))
        made = by(spread, places.form.low)
        for k in range(places.form.low + 1, places.form.high + 1):
            made = apply("where", places == k, by(spread, k), made)
        return made

    def __lt__(self, other: Any) -> Expression:
        return apply("less", self, other)

    def __gt__(self, other: Any) -> Expression:
        return apply("less", other, self)

    def __le__(self, other: Any) -> Expression:
        return ~apply("less", other, self)

    def __ge__(self, other: Any) -> Expression:
        return ~apply("less", self, other)

    def __eq__(self, other: Any) -> Expression:  # type: ignore[override]
        return apply("equal", self, other)

    def __ne__(self, other: Any) -> Expression:  # type: ignore[override]
        return ~apply("equal", self, other)

    def __invert__(self) -> Expression:
        return Expression.of("invert", self)

    def __and__(self, other: Any) -> Expression:
        return Expression.of("every", stack([self, expression(other)]))

    __rand__ = __and__

    def __or__(self, other: Any) -> Expression:
        return ~(~self & ~expression(other))

    __ror__ = __or__

    def __xor__(self, other: Any) -> Expression:
        # Of bits alone, which invert sees to.
        return apply("equal", ~self, ~~expression(other))

    __rxor__ = __xor__


def _exponent(number: Any) -> int:
    """The exponent of a power of two, the only numbers that can be divided by."""
    if isinstance(number, int | np.integer) and number > 0 and not number & (number - 1):
        return int(number).bit_length() - 1
    raise InputError(f"numbers are divided by known powers of two, not by {number!r}; look for a quotient with a Hole")


def expression(value: Any) -> Expression:
    """Numbers as an expression, an expression as it is.

    Args:
        value: whole numbers or truth values in any form that numpy takes; or several expressions in a list.

    Raises:
        InputError: they are no whole numbers.
    """
    if isinstance(value, Expression):
        return value
    if isinstance(value, list | tuple) and any(isinstance(part, Expression | list | tuple) for part in value):
        return stack(value, axis=0)
    return Expression.of("constant", data=whole(value, repr(value)[:60]))


def whole(values: Any, what: str) -> Integers:
    """Whole numbers, or truth values, as an array; doubles that are whole numbers, too.

    Args:
        values: in any form that numpy takes.
        what: names them in errors.

    Raises:
        InputError: they are others, or take more bits than numbers of sketches have.
    """
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):
        raise InputError(f"{what} are not all of one shape") from None
    if array.dtype.kind == "f" and bool(np.all(np.abs(array) < 1 << 53)) and bool(np.all(array == np.floor(array))):
        array = array.astype(np.int64)
    if array.dtype.kind not in "biu" and array.size:
        raise InputError(f"{what}: no whole number and no truth value, nor an array of them")
    if array.dtype.kind == "u" and array.size and int(array.max()) >> MOST_BITS:
        raise InputError(f"{what}: a number takes more than {MOST_BITS} bits; use smaller ones")
    return array.astype(np.int64)


def apply(op: str, *args: Any) -> Expression:
    """An operation element by element, on what is broadcast to one shape.

    Args:
        op: its name.
        args: expressions, or numbers.

    Raises:
        InputError: they do not fit.
    """
    made = [expression(arg) for arg in args]
    shape = _common(made)
    return Expression.of(op, *(arg.spread(shape) for arg in made))


def _common(made: Sequence[Expression]) -> tuple[int, ...]:
    """The shape that all are broadcast to."""
    if not made:
        raise InputError("there is nothing to be put together")
    try:
        return np.broadcast_shapes(*(arg.shape for arg in made))
    except ValueError:
        shapes = " and ".join(str(arg.shape) for arg in made)
        raise InputError(f"arrays of shapes {shapes} do not fit each other") from None


def stack(parts: Sequence[Any], axis: int = -1) -> Expression:
    """Arrays as one, along a new axis.

    Args:
        parts: expressions or numbers, which are broadcast to one shape.
        axis: where the new axis is; the last without.
    """
    made = [expression(part) for part in parts]
    shape = _common(made)
    starts = np.cumsum([0, *(part.form.size for part in made)])[:-1]
    places = [np.broadcast_to(p.places() + start, shape) for p, start in zip(made, starts, strict=True)]
    return Expression.of("gather", *made, data=np.stack(places, axis=axis))


def matmul(a: Expression, b: Expression) -> Expression:
    """The product of vectors and matrices, as numpy's `@`.

    Args:
        a: (..., n).
        b: (n,), or (..., n, m).

    Raises:
        InputError: they do not fit.
    """
    if not a.ndim or not b.ndim or a.shape[-1] != b.shape[max(b.ndim - 2, 0)]:
        raise InputError(f"{a.shape} @ {b.shape} do not fit: as many columns as the other has rows are due")
    rows = a if b.ndim == 1 else a.reshape(*a.shape[:-1], 1, a.shape[-1])
    columns = b if b.ndim == 1 else b.moved(np.swapaxes(b.places(), -1, -2))
    return (rows * columns).sum(-1)
