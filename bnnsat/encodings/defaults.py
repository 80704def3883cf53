"""What `auto` means for the plain formula, from the measurements in docs/encodings.md."""

from __future__ import annotations

from bnnsat.shape import Shape


def encoding_for(shape: Shape) -> str:
    """The encoding for a shape.

    Args:
        shape: of the network.
    """
    return "muxchain" if shape.activation == "half" else "hybrid"


def solver_for(encoding: str) -> str:
    """The solver for formulas of an encoding.

    Args:
        encoding: its name.
    """
    return "minicard" if encoding in ("muxchain", "ripple", "native") else "glucose42"
