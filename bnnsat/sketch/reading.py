"""The reading of sketches in an algebra of bits: a formula, or the same computed with booleans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bnnsat.sketch import words
from bnnsat.sketch.expression import Expression
from bnnsat.sketch.numbers import Numbers
from bnnsat.sketch.program import ordered
from bnnsat.sketch.words import Linear

if TYPE_CHECKING:
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.sketch.program import Program
    from bnnsat.types import Integers

SUMS = ("add", "negative", "total", "multiply")
"""Operations that are sums of terms."""


class Reading:
    """Expressions in an algebra.

    What only known numbers go into is computed with these. A sum that is needed in another sum alone is not written
    as a word: its terms are.

    Args:
        algebra: the reading.
        program: that they belong to.
        roots: the expressions, of the program.
        given: numbers of variables, (examples or 1, *shape), by name.
        holes: bits of the others, (*shape, width), by name.
    """

    def __init__(
        self,
        algebra: Algebra,
        program: Program,
        roots: tuple[Expression, ...],
        given: Mapping[str, Integers],
        holes: Mapping[str, Value],
    ) -> None:
        self.algebra = algebra
        self._numbers = Numbers({program.variables[name]: numbers for name, numbers in given.items()})
        self._words: dict[Expression, Value] = {
            program.variables[name]: bits[np.newaxis] for name, bits in holes.items()
        }
        nodes = ordered(roots)
        users: dict[Expression, list[str]] = {node: [] for node in nodes}
        for node in nodes:
            self._numbers.value(node)
            for arg in node.args:
                users[arg].append(node.op)
        for node in nodes:
            inside = node.op in SUMS and users[node] in (["add"], ["negative"], ["total"], [])
            if node not in self._words and not (inside and self._numbers.value(node) is None):
                self._words[node] = self._made(node)

    def bits(self, node: Expression) -> Value:
        """The bits of an expression that is written, (examples or 1, *shape).

        Args:
            node: a bit, of the program.
        """
        return self._words[node][..., 0]

    def linear(self, node: Expression) -> Linear:
        """An expression as a sum of terms.

        Args:
            node: of the program.
        """
        known = self._numbers.value(node)
        if known is not None:
            return Linear((), known)
        if node in self._words:
            return words.linear(self._words[node], node.form)
        return self._sum(node)

    def _sum(self, node: Expression) -> Linear:
        if node.op in ("add", "negative"):
            return self._added(node)
        if node.op == "total":
            return self.linear(node.args[0]).summed(node.args[0].shape[-1])
        first, second = node.args
        for factor, other in ((first, second), (second, first)):
            known = self._numbers.value(factor)
            if known is not None:
                return words.times_known(self._words[other], other.form, known)
        return words.product(self.algebra, self.linear(first), self.linear(second))

    def _added(self, node: Expression) -> Linear:
        """Sums of sums, which may be long ones, without recursion."""
        found = Linear((), np.zeros((1,) * (node.ndim + 1), dtype=np.int64))
        todo = [(arg, node.op == "negative") for arg in node.args]
        while todo:
            part, negative = todo.pop()
            if part.op in ("add", "negative") and part not in self._words and self._numbers.value(part) is None:
                todo += [(arg, negative != (part.op == "negative")) for arg in part.args]
            else:
                number = self.linear(part)
                found = found.plus(number.negated() if negative else number)
        return found

    def _made(self, node: Expression) -> Value:
        algebra, form, args = self.algebra, node.form, node.args
        known = self._numbers.value(node)
        if known is not None:
            return algebra.constant(words.digits(known, form.width))
        if node.op in SUMS:
            return words.compressed(algebra, self._sum(node), form.width, form.shape)
        made, forms = [self._words[arg] for arg in args], [arg.form for arg in args]
        match node.op, made:
            case "shift", [a]:
                kept = a[..., node.data :] if node.data < a.shape[-1] else a[..., -1:]
                if node.data >= a.shape[-1] and not forms[0].signed:
                    return np.broadcast_to(algebra.constant(False), (*a.shape[:-1], form.width))
                return words.extended(algebra, kept, forms[0].signed, form.width)
            case "maximum", [a, b]:
                less = words.below(algebra, a, b, forms)
                a, b = (words.extended(algebra, w, f.signed, form.width) for w, f in zip(made, forms, strict=True))
                return words.selected(algebra, less, b, a)
            case "less", [a, b]:
                return words.below(algebra, a, b, forms)[..., np.newaxis]
            case "equal", [a, b]:
                return words.same(algebra, a, b, forms)[..., np.newaxis]
            case "where", [condition, a, b]:
                a, b = (words.extended(algebra, w, f.signed, form.width) for w, f in ((a, forms[1]), (b, forms[2])))
                return words.selected(algebra, condition[..., 0], a, b)
            case "invert", [a]:
                return algebra.negated(a)
            case "every", [a]:
                return algebra.conj(a[..., 0])[..., np.newaxis]
            case "at_least", [a]:
                return algebra.at_least(a[..., 0], node.data)[..., np.newaxis]
            case "greater", [a, b]:
                return algebra.greater(a[..., 0], b[..., 0])[..., np.newaxis]
            case "gather", _:
                return self._gathered(node, made)
            case _:
                raise ValueError(f"operation {node.op} has no bits")

    def _gathered(self, node: Expression, made: list[Value]) -> Value:
        width, rows = node.form.width, max(len(word) for word in made)
        flat = [
            np.broadcast_to(
                words.extended(self.algebra, word, arg.form.signed, width).reshape(len(word), -1, width),
                (rows, arg.form.size, width),
            )
            for word, arg in zip(made, node.args, strict=True)
        ]
        return np.concatenate(flat, axis=1)[:, node.data]
