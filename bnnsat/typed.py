"""What Python callers give, held against the types that are due."""

from __future__ import annotations

from bnnsat.errors import InputError


def typed(value: object, kind: type, name: str) -> None:
    """Raise InputError for a value of another type; `name` is that of the parameter."""
    if not isinstance(value, kind):
        raise InputError(f"{name} is of type {type(value).__name__}; give a bnnsat.{kind.__name__}")
