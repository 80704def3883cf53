"""What `auto` means, from the measurements in docs/choices.md."""

from __future__ import annotations

from bnnsat.shape import Shape

LARGE = 5_000_000
"""Clauses of totalizers beyond which adders, which need far fewer, are taken."""


def encoding_for(shape: Shape, rows: int) -> str:
    """The encoding for a shape over so many distinct examples."""
    if shape.activation == "half":
        return "muxchain"
    # A two-sided totalizer of n literals has about n^2 clauses.
    clauses = rows * sum(m * n**2 for n, m in zip(shape.sizes, shape.sizes[1:], strict=False))
    return "totalizer" if clauses <= LARGE else "adder"


def solver_for(encoding: str) -> str:
    """The solver for formulas of an encoding."""
    return {"muxchain": "minicard", "ripple": "minicard", "totalizer": "minisat22", "native": "minicard"}.get(
        encoding, "glucose42"
    )
