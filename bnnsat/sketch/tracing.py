"""From a Python function to expressions: it is called once, with expressions in place of inputs and holes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from traceback import extract_tb
from typing import Any

from bnnsat.errors import InputError
from bnnsat.sketch.expression import Expression, expression
from bnnsat.sketch.language import HOLE, INPUT, NOTES, Notes
from bnnsat.sketch.program import ordered

Sketch = Callable[..., Any]
"""A function of inputs and holes: parameters without a default, or with an `Input`, are inputs, those with a `Hole` are
holes; holes may be made in its body, too."""


@dataclass(frozen=True, eq=False)
class Traced:
    """A sketch that was read.

    Attributes:
        sketch: the function.
        output: what it returns.
        required: its conditions.
        inputs: by name, in the order of the parameters.
        holes: by name.
    """

    sketch: Sketch
    output: Expression
    required: tuple[Expression, ...]
    inputs: dict[str, Expression]
    holes: dict[str, Expression]

    @property
    def name(self) -> str:
        """Of the function."""
        return str(getattr(self.sketch, "__name__", "sketch"))


def called(function: Callable[..., Any], *inputs: Any, **named: Any) -> Any:
    """What a user's function returns.

    Args:
        function: the function.
        inputs: its arguments.
        named: those by name.

    Raises:
        InputError: whatever went wrong in it.
    """
    if not callable(function):
        raise InputError(f"a function is due, not {function!r}")
    try:
        return function(*inputs, **named)
    except Exception as error:
        said, place = str(error), _place(error, function)
        if isinstance(error, InputError):
            if said.endswith(place):
                # One function called another, which has said so.
                raise
            raise InputError(said + place) from error
        name = getattr(function, "__name__", "a function")
        raise InputError(f"{name} cannot be read: {type(error).__name__}: {said}{place}") from error


def _place(error: Exception, function: Callable[..., Any]) -> str:
    """Where in a user's function an error is: its last line outside this package and the libraries that it called."""
    own = str(Path(__file__).parents[1])
    frames = [frame for frame in extract_tb(error.__traceback__) if not frame.filename.startswith(own)]
    theirs = [frame for frame in frames if "site-packages" not in frame.filename]
    if theirs:
        return f" ({theirs[-1].filename}, line {theirs[-1].lineno})"
    code = getattr(function, "__code__", None)
    return "" if code is None else f" ({code.co_filename}, line {code.co_firstlineno})"


def inputs_of(sketch: Sketch) -> dict[str, Expression | None]:
    """The inputs of a sketch by name; None where it does not say what they can be.

    Args:
        sketch: the function.

    Raises:
        InputError: it is none, or takes any number of arguments.
    """
    return {name: made for name, made in _parameters(sketch).items() if made is None or made.data[0] == INPUT}


def traced(sketch: Sketch, given: Mapping[str, Expression] | None = None) -> Traced:
    """Read a sketch.

    Args:
        sketch: the function.
        given: inputs that it does not describe, by name.

    Raises:
        InputError: it cannot be read.
    """
    described = _parameters(sketch)
    parameters = {name: (given or {}).get(name) if made is None else made for name, made in described.items()}
    if unknown := [name for name, made in parameters.items() if made is None]:
        raise InputError(
            f"what input {unknown[0]!r} can be is not known; give {unknown[0]}=Input(...) in the sketch's parameters"
        )
    arguments = {name: made for name, made in parameters.items() if made is not None}
    notes = Notes()
    token = NOTES.set(notes)
    try:
        output = expression(called(sketch, **arguments))
    finally:
        NOTES.reset(token)
    inputs = {name: made for name, made in arguments.items() if made.data[0] == INPUT}
    holes = {name: made for name, made in arguments.items() if made.data[0] == HOLE}
    own = {*arguments.values()}
    for made, name in notes.variables:
        if made.data[0] == INPUT:
            raise InputError("inputs are parameters of a sketch; make holes alone in its body")
        own.add(made)
        name = name or next(f"hole{n}" for n in count(len(holes)) if f"hole{n}" not in holes)
        if name in holes or name in inputs:
            raise InputError(f"two variables of the sketch are called {name!r}; give them different names")
        holes[name] = made
    for node in ordered((output, *notes.required)):
        if node.op == "variable" and node not in own:
            raise InputError("a hole was made outside the sketch: make it in the body, or as a parameter's default")
    return Traced(sketch, output, tuple(notes.required), inputs, holes)


def _parameters(sketch: Sketch) -> dict[str, Expression | None]:
    """Holes and inputs by name; None for inputs that are not described."""
    if not callable(sketch):
        raise InputError(f"a sketch is a function, not {sketch!r}")
    found: dict[str, Expression | None] = {}
    for name, parameter in inspect.signature(sketch).parameters.items():
        default = parameter.default
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise InputError(f"parameter {name!r} of a sketch has no name of its own; name each input and hole")
        if isinstance(default, Expression) and default.op == "variable":
            found[name] = default
        elif default is parameter.empty:
            found[name] = None
    return found
