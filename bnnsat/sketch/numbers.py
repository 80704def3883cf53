"""The judge of sketches: what they compute with known numbers, by numpy's own arithmetic of integers.

It shares nothing with the reading in bits: no adders, no widths.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bnnsat.sketch.expression import Expression
from bnnsat.types import Integers


class Numbers:
    """The values of expressions, each (examples, *shape); one row where they are the same for all examples.

    Args:
        given: of variables that are known, by the variable, (examples or 1, *shape).
    """

    def __init__(self, given: Mapping[Expression, Integers]) -> None:
        self._known: dict[Expression, Integers | None] = {n: np.asarray(v, dtype=np.int64) for n, v in given.items()}

    def value(self, node: Expression) -> Integers | None:
        """The numbers, None where a variable is not known.

        Args:
            node: any expression, all of whose arguments have been asked for before, or are few.
        """
        if node not in self._known:
            args = [self.value(arg) for arg in node.args]
            known = [arg for arg in args if arg is not None]
            self._known[node] = self._made(node, known) if len(known) == len(args) else None
        return self._known[node]

    @staticmethod
    def _made(node: Expression, args: list[Integers]) -> Integers | None:
        match node.op, args:
            case "variable", _:
                return None
            case "constant", _:
                made = node.data[np.newaxis]
            case "add", [a, b]:
                made = a + b
            case "negative", [a]:
                made = -a
            case "multiply", [a, b]:
                made = a * b
            case "total", [a]:
                made = a.sum(axis=-1)
            case "shift", [a]:
                made = a >> node.data
            case "maximum", [a, b]:
                made = np.maximum(a, b)
            case "less", [a, b]:
                made = a < b
            case "equal", [a, b]:
                made = a == b
            case "where", [condition, a, b]:
                made = np.where(condition == 1, a, b)
            case "invert", [a]:
                made = 1 - a
            case "every", [a]:
                made = a.all(axis=-1)
            case "at_least", [a]:
                made = a.sum(axis=-1) >= node.data
            case "greater", [a, b]:
                made = _greater(a, b)
            case "gather", _:
                made = _gathered(args, node.data)
            case _:
                raise ValueError(f"operation {node.op} has no numbers")
        return np.asarray(made, dtype=np.int64)


def _greater(a: Integers, b: Integers) -> Integers:
    """Bit by bit from the last: a larger one decides over all behind it."""
    result = np.zeros(np.broadcast_shapes(a.shape, b.shape)[:-1], dtype=np.int64)
    for place in reversed(range(a.shape[-1])):
        result = np.where(a[..., place] == b[..., place], result, a[..., place] > b[..., place])
    return result


def _gathered(args: list[Integers], places: Integers) -> Integers:
    rows = max(len(arg) for arg in args)
    flat = [np.broadcast_to(arg.reshape(len(arg), -1), (rows, arg[0].size)) for arg in args]
    return np.concatenate(flat, axis=1)[:, places]
