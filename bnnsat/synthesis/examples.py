"""Examples for a sketch: inputs and labels in the forms that people have them, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.sketch.expression import Expression, whole
from bnnsat.sketch.language import INPUT
from bnnsat.types import Integers

LABEL = "label"
"""The name of the variable that an example's label is."""


def arrays(examples: Any, names: Sequence[str]) -> tuple[dict[str, Integers], Integers]:
    """The inputs by name, each (examples, *shape), and the labels, (examples, *shape).

    Args:
        examples: pairs of an input and its label, where several inputs are a tuple; or a tuple of two arrays, all
            inputs and all labels.
        names: of the sketch's inputs.

    Raises:
        InputError: they are no examples of such a sketch.
    """
    if isinstance(examples, tuple) and len(examples) == 2 and any(isinstance(part, np.ndarray) for part in examples):
        inputs, labels = examples
        columns: Sequence[Any] = [inputs]
    else:
        pairs = _pairs(examples)
        labels = [label for _, label in pairs]
        columns = [[x for x, _ in pairs]] if len(names) == 1 else _apart([x for x, _ in pairs], len(names))
    if len(columns) != len(names):
        raise InputError(f"the sketch takes {len(names)} inputs ({', '.join(names)}), and there are {len(columns)}")
    told = numbers(labels, "the labels")
    if told.ndim == 0 or not len(told):
        raise InputError("there are no examples; give one or more")
    made = {name: numbers(column, f"input {name!r}") for name, column in zip(names, columns, strict=True)}
    if any(values.ndim == 0 or len(values) != len(told) for values in made.values()):
        raise InputError(f"there are {len(told)} labels for {[len(v) for v in made.values()]} inputs; one each is due")
    return made, told


def numbers(values: Any, what: str) -> Integers:
    """Whole numbers as an array; InputError where they are none.

    Args:
        values: in any form that numpy takes.
        what: names them in errors.
    """
    return whole(values, what)


def described(name: str, values: Integers) -> Expression:
    """An input that is as examples are.

    Args:
        name: of the input.
        values: (examples, *shape).
    """
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    return Expression.of("variable", data=(INPUT, values.shape[1:], min(low, 0), max(high, 1)))


def fixed(found: Mapping[str, Any], holes: Mapping[str, Expression]) -> dict[str, Integers]:
    """Numbers for the holes of a sketch, each (1, *shape).

    Args:
        found: by name.
        holes: the sketch's.

    Raises:
        InputError: they are not those of the sketch.
    """
    if not isinstance(found, Mapping):
        raise InputError(f"numbers for holes come by their names, in a dictionary, not as {type(found).__name__}")
    if found.keys() != holes.keys():
        raise InputError(
            f"the sketch has the holes {', '.join(holes) or 'none'}; there are numbers for {', '.join(found) or 'none'}"
        )
    made = {}
    for name, hole in holes.items():
        values = numbers(found[name], f"hole {name!r}")
        if values.shape != hole.shape:
            raise InputError(f"hole {name!r} has shape {hole.shape}, and its numbers have {values.shape}")
        made[name] = values[np.newaxis]
    return made


def _pairs(examples: Any) -> list[tuple[Any, Any]]:
    """Inputs with their labels."""
    try:
        rows = [(len(pair), pair) for pair in examples]
        pairs = [(pair[0], pair[1]) for parts, pair in rows if parts == 2]
    except (TypeError, IndexError, KeyError):
        raise InputError("examples are pairs of an input and its label, or two arrays of these") from None
    if wrong := [(number, parts) for number, (parts, _) in enumerate(rows) if parts != 2]:
        number, parts = wrong[0]
        raise InputError(
            f"example {number} has {parts} parts; each is a pair of an input, or a tuple of several, and its label"
        )
    return pairs


def _apart(inputs: Sequence[Any], count: int) -> list[Any]:
    try:
        rows = [tuple(x) for x in inputs]
    except TypeError:
        raise InputError(f"the sketch takes {count} inputs; give them as a tuple in each example") from None
    if wrong := [row for row in rows if len(row) != count]:
        raise InputError(f"the sketch takes {count} inputs, and an example has {len(wrong[0])}")
    return [list(column) for column in zip(*rows, strict=True)]
