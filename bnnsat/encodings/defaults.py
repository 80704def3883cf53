"""What `auto` means for the plain formula, from the measurements in docs/encodings.md."""

from __future__ import annotations


def encoding_for(activation: str) -> str:
    """The encoding for an activation.

    Args:
        activation: of the neurons, popcount or half.
    """
    return "muxchain" if activation == "half" else "hybrid"


def solver_for(encoding: str) -> str:
    """The solver for formulas of an encoding.

    Args:
        encoding: its name.
    """
    return "minicard" if encoding in ("muxchain", "ripple", "native") else "glucose42"
