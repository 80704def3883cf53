"""A sketch once it has been read: what is free or given, what has to hold, and what is to be small; also as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.sketch.expression import Expression
from bnnsat.sketch.rules import MOST_BITS, RULES
from bnnsat.types import Integers

MOST_NODES = 1_000_000
"""Of a program that is read from a file."""
NUMBERS = {"gather", "constant"}
"""Operations whose data are arrays."""


@dataclass(frozen=True, eq=False)
class Program:
    """Conditions and a sum over variables.

    Attributes:
        variables: holes and inputs, by name.
        required: bits, (), that have to be 1 for each example.
        objective: a number, (), whose sum over the examples is to be small; None where there is none.
    """

    variables: Mapping[str, Expression]
    required: tuple[Expression, ...]
    objective: Expression | None = None

    @cached_property
    def roots(self) -> tuple[Expression, ...]:
        """What has to be computed."""
        return (*self.required, *(() if self.objective is None else (self.objective,)))

    @cached_property
    def nodes(self) -> list[Expression]:
        """All expressions, arguments first."""
        return ordered((*self.variables.values(), *self.roots))

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        number = {node: place for place, node in enumerate(self.nodes)}
        nodes = [[n.op, [number[arg] for arg in n.args], _plain(n)] for n in self.nodes]
        return {
            "variables": {name: number[node] for name, node in self.variables.items()},
            "required": [number[node] for node in self.required],
            "objective": None if self.objective is None else number[self.objective],
            "nodes": nodes,
        }

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> Program:
        """The program that was noted.

        Args:
            noted: what `noted` returned.

        Raises:
            InputError: it is none; KeyError, TypeError and ValueError may be raised, too.
        """
        if len(noted["nodes"]) > MOST_NODES:
            raise InputError(f"a program has at most {MOST_NODES} operations")
        nodes: list[Expression] = []
        for op, args, data in noted["nodes"]:
            if op not in RULES or not all(type(arg) is int and 0 <= arg < len(nodes) for arg in args):
                raise InputError(f"operation {op!r} of a sketch, or what it works on, is unknown")
            if (op in ("constant", "variable")) == bool(args):
                raise InputError(f"operation {op!r} of a sketch has the wrong arguments")
            nodes.append(Expression.of(op, *(nodes[arg] for arg in args), data=_read(op, data)))

        def at(place: Any) -> Expression:
            if type(place) is not int or not 0 <= place < len(nodes):
                raise InputError(f"there is no operation {place!r} in the sketch")
            return nodes[place]

        variables = {str(name): at(place) for name, place in noted["variables"].items()}
        required = tuple(map(at, noted["required"]))
        made = cls(variables, required, None if noted["objective"] is None else at(noted["objective"]))
        made.check()
        return made

    def check(self) -> None:
        """Raise InputError for a program with other variables than its own, or roots that are no single numbers."""
        found = [node for node in self.nodes if node.op == "variable"]
        if {*found} != {*self.variables.values()} or len(found) != len(self.variables):
            raise InputError("the variables of a sketch are not those that it names")
        if any(node.shape != () for node in self.roots) or not all(node.form.bits for node in self.required):
            raise InputError("a condition of a sketch is no single bit, or what is to be small no single number")


def ordered(roots: tuple[Expression, ...]) -> list[Expression]:
    """Expressions and all they are made of, arguments first, each once.

    Args:
        roots: the expressions.
    """
    found: dict[Expression, None] = {}
    todo = [(root, False) for root in reversed(roots)]
    while todo:
        node, ready = todo.pop()
        if node in found:
            continue
        if ready:
            found[node] = None
        else:
            todo.append((node, True))
            todo += [(arg, False) for arg in reversed(node.args)]
    return list(found)


def listed(values: Integers) -> list[str]:
    """An array as two texts: its shape, and its numbers.

    Args:
        values: whole numbers.
    """
    return [" ".join(map(str, values.shape)), " ".join(map(str, values.ravel().tolist()))]


def array(texts: Any) -> Integers:
    """The array that was listed.

    Args:
        texts: what `listed` returned.

    Raises:
        InputError: they are none; TypeError and ValueError may be raised, too.
    """
    shape, numbers = ([int(word) for word in text.split()] for text in texts)
    if any(abs(number) >> MOST_BITS for number in numbers):
        raise InputError(f"a number takes more than {MOST_BITS} bits")
    return np.array(numbers, dtype=np.int64).reshape(shape)


def _plain(node: Expression) -> Any:
    """The data of an operation as JSON."""
    if node.op in NUMBERS:
        return listed(node.data)
    return list(node.data) if isinstance(node.data, tuple) else node.data


def _read(op: str, data: Any) -> Any:
    """The data of an operation from JSON; some exception for what are none."""
    if op in NUMBERS:
        return array(data)
    if op == "variable":
        role, shape, low, high = data
        if not all(type(number) is int for number in (*shape, low, high)):
            raise InputError("a variable of a sketch has no whole numbers for its shape and ends")
        return (str(role), tuple(shape), low, high)
    return data
