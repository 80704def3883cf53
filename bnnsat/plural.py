"""Counts with what they count."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number and a noun, given as one or as many, which has an s unless there is one of it.

    >>> counted(1, "errors"), counted(0, "error")
    ('1 error', '0 errors')
    """
    return f"{number} {noun.removesuffix('s')}{'' if number == 1 else 's'}"
