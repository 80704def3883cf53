"""Whole numbers as bits of an algebra: sums by full adders, products as sums of their parts, comparisons by carries.

A word is an array of bits (..., width), the last axis from place 0 up, in two's complement where it can be negative.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bnnsat.sketch.rules import Form
from bnnsat.types import Bits, Integers

if TYPE_CHECKING:
    from bnnsat.readings.algebra import Algebra, Value


@dataclass(frozen=True, eq=False)
class Term:
    """Bits that count for a power of two, or for its negative.

    Attributes:
        bits: (...).
        place: the exponent.
        negative: whether they are subtracted.
        there: (...) of which elements the term counts at all; None for all.
    """

    bits: Value
    place: int
    negative: bool = False
    there: Bits | None = None


@dataclass(frozen=True, eq=False)
class Linear:
    """A sum of terms and known numbers.

    Attributes:
        terms: of one shape but for axes of size 1.
        known: numbers, (...).
    """

    terms: tuple[Term, ...]
    known: Integers

    def negated(self) -> Linear:
        """Its negative."""
        turned = tuple(Term(t.bits, t.place, not t.negative, t.there) for t in self.terms)
        return Linear(turned, -self.known)

    def plus(self, other: Linear) -> Linear:
        """The sum of two."""
        return Linear((*self.terms, *other.terms), self.known + other.known)

    def summed(self, n: int) -> Linear:
        """The sum along the last axis, of size n."""
        if any(t.bits.shape[-1] != n for t in self.terms):
            raise ValueError("a term lacks the axis of a sum")
        terms = [
            Term(t.bits[..., i], t.place, t.negative, None if t.there is None else t.there[..., i])
            for t in self.terms
            for i in range(n)
        ]
        known = np.broadcast_to(self.known, (*self.known.shape[:-1], n)).sum(axis=-1)
        return Linear(tuple(t for t in terms if t.there is None or t.there.any()), known)

    def positive(self, algebra: Algebra) -> tuple[list[Term], Integers]:
        """The same with nothing subtracted, and what is known.

        Minus a bit is its negation, minus one.
        """
        found, known = [], self.known
        for t in self.terms:
            if t.negative:
                known = known - (np.int64(1) << t.place) * (1 if t.there is None else t.there)
                t = Term(algebra.negated(t.bits), t.place, False, t.there)
            found.append(t)
        return found, known


def linear(word: Value, form: Form) -> Linear:
    """A word as a sum of its bits: the sign bit of two's complement counts negatively."""
    width = word.shape[-1]
    terms = [Term(word[..., i], i, form.signed and i == width - 1) for i in range(width)]
    return Linear(tuple(terms), np.zeros((1,) * (word.ndim - 1), dtype=np.int64))


def times_known(word: Value, form: Form, known: Integers) -> Linear:
    """The product of a word and known numbers: its bits where theirs are 1, of negative ones subtracted."""
    terms = []
    for t in linear(word, form).terms:
        for negative in (False, True):
            size = np.maximum(-known if negative else known, 0)
            for i in range(int(size.max()).bit_length()):
                there = np.asarray((size >> i) & 1, dtype=np.bool_)
                if there.any():
                    there = np.broadcast_to(there, np.broadcast_shapes(there.shape, t.bits.shape))
                    bits = np.broadcast_to(t.bits, there.shape)
                    terms.append(Term(bits, t.place + i, t.negative != negative, there))
    return Linear(tuple(terms), np.zeros((1,) * (word.ndim - 1), dtype=np.int64))


def product(algebra: Algebra, a: Linear, b: Linear) -> Linear:
    """The product of two words as they are in `linear`: of each pair of their bits."""
    terms = [
        Term(both(algebra, x.bits, y.bits), x.place + y.place, x.negative != y.negative)
        for x in a.terms
        for y in b.terms
    ]
    return Linear(tuple(terms), a.known * 0 + b.known * 0)


def compressed(algebra: Algebra, number: Linear, width: int, shape: tuple[int, ...]) -> Value:
    """The word of that many bits that is the sum, which fits into it: place by place, three bits to two.

    Args:
        algebra: the reading.
        number: the sum.
        width: of the word.
        shape: of the result, but for the first axis and the bits.
    """
    found, known = number.positive(algebra)
    columns: dict[int, deque[Value]] = defaultdict(deque)
    for t in found:
        columns[t.place].append(t.bits if t.there is None else np.where(t.there, t.bits, algebra.constant(False)))
    for place in range(width):
        if (digit := np.asarray((known >> place) & 1, dtype=np.bool_)).any():
            columns[place].append(algebra.constant(digit))
    zero = algebra.constant(np.zeros((1,) * (len(shape) + 1), dtype=np.bool_))
    digits = []
    for place in range(width):
        column = columns[place]
        while len(column) > 1:
            a, b = column.popleft(), column.popleft()
            c = column.popleft() if column else zero
            column.append(algebra.parity(a, b, c))
            if place + 1 < width:
                columns[place + 1].append(algebra.majority(a, b, c))
        digits.append(column[0] if column else zero)
    rows = max(len(digit) for digit in digits)
    return np.stack([np.broadcast_to(digit, (rows, *shape)) for digit in digits], axis=-1)


def extended(algebra: Algebra, word: Value, signed: bool, width: int) -> Value:
    """The word with more places, or the lower ones of it."""
    more = width - word.shape[-1]
    if more <= 0:
        return word[..., :width]
    if signed:
        return np.concatenate([word, np.repeat(word[..., -1:], more, axis=-1)], axis=-1)
    zeros = np.broadcast_to(algebra.constant(False), (*word.shape[:-1], more))
    return np.concatenate([word, zeros], axis=-1)


def below(algebra: Algebra, a: Value, b: Value, forms: Sequence[Form]) -> Value:
    """Whether a < b: no carry comes out of a + not b + 1."""
    a, b = _aligned(algebra, a, b, forms)
    if forms[0].signed or forms[1].signed:
        # With the sign bits turned, two's complement is in the order of unsigned numbers.
        a, b = (np.concatenate([w[..., :-1], algebra.negated(w[..., -1:])], axis=-1) for w in (a, b))
    carry = algebra.constant(np.ones((1,) * (a.ndim - 1), dtype=np.bool_))
    for place in range(a.shape[-1]):
        carry = algebra.majority(a[..., place], algebra.negated(b[..., place]), carry)
    return algebra.negated(carry)


def same(algebra: Algebra, a: Value, b: Value, forms: Sequence[Form]) -> Value:
    """Whether a = b."""
    a, b = _aligned(algebra, a, b, forms)
    agree = algebra.xnor(a, b)
    return agree[..., 0] if agree.shape[-1] == 1 else algebra.conj(agree)


def within(algebra: Algebra, word: Value, low: int, high: int, signed: bool) -> list[Value]:
    """Conditions that words (..., width) are between two numbers, where their bits could say something else."""
    width, shape, found = word.shape[-1], word.shape[:-1], []
    least, most = (-(1 << width - 1), (1 << width - 1) - 1) if signed else (0, (1 << width) - 1)
    forms = (Form(shape, least, most),) * 2
    for end, above in ((low, True), (high, False)):
        if end != (least if above else most):
            fixed = algebra.constant(digits(np.full(shape, end, dtype=np.int64), width))
            pair = (word, fixed) if above else (fixed, word)
            found.append(algebra.negated(below(algebra, *pair, forms)).reshape(-1))
    return found


def selected(algebra: Algebra, condition: Value, a: Value, b: Value) -> Value:
    """a where the condition (...) is 1, else b, both (..., width)."""
    condition = condition[..., np.newaxis]
    first, second = both(algebra, condition, a), both(algebra, algebra.negated(condition), b)
    return algebra.negated(both(algebra, algebra.negated(first), algebra.negated(second)))


def both(algebra: Algebra, a: Value, b: Value) -> Value:
    """Whether two bits are 1."""
    return algebra.conj(np.stack(np.broadcast_arrays(a, b), axis=-1))


def digits(values: Integers, width: int) -> Bits:
    """The bits (..., width) of numbers, from place 0 up, in two's complement."""
    return np.asarray((values[..., np.newaxis] >> np.arange(width)) & 1, dtype=np.bool_)


def numbers(bits: Bits, signed: bool) -> Integers:
    """The numbers (...) of bits (..., width)."""
    weights = np.int64(1) << np.arange(bits.shape[-1], dtype=np.int64)
    if signed:
        weights[-1] = -weights[-1]
    return np.asarray(bits.astype(np.int64) @ weights, dtype=np.int64)


def _aligned(algebra: Algebra, a: Value, b: Value, forms: Sequence[Form]) -> tuple[Value, Value]:
    """Both with as many places, and a sign where either has one."""
    signed = forms[0].signed or forms[1].signed
    width = max(form.width + (signed and not form.signed) for form in forms)
    return extended(algebra, a, forms[0].signed, width), extended(algebra, b, forms[1].signed, width)
