"""Options that have no effect on the way in which a network is trained: a word on each that was given."""

from __future__ import annotations

from bnnsat.options import ACCURACY, Options
from bnnsat.shape import Shape

FORMULA = ("encoding", "solver", "literal_order", "symmetry")
WITHOUT_FORMULA = ("local", "exhaustive", "lists")
"""Methods that write none."""
DESCENDING = ("auto", "local")
"""Methods that begin with gradient descents."""


def idle(options: Options, shape: Shape, augmented: str | None) -> list[str]:
    """Words on options that have no effect.

    Args:
        options: of the training.
        shape: of the network.
        augmented: what --augment says.
    """
    usual, words = Options(), []
    given = [name for name in FORMULA if getattr(options, name) != getattr(usual, name)]
    why = "goal accuracy" if options.goal == ACCURACY else f"method {options.method}"
    if options.method == "branch":
        given = [name for name in given if name != "symmetry"]
    # Fewest weights and largest margins are found by formulas, whatever the method.
    if given and not options.then and (options.goal == ACCURACY or options.method in (*WITHOUT_FORMULA, "branch")):
        words += [f"--{_spelled(name)} has no effect: {why} writes no formula" for name in given]
    if augmented is not None and options.goal != ACCURACY and options.method not in DESCENDING:
        words.append(f"--augment has no effect: {why} begins with no gradient descent")
    if options.memory_limit != usual.memory_limit and shape.activation != "half":
        words.append("--memory-limit has no effect: it is of half-comparisons")
    return words


def _spelled(name: str) -> str:
    """An option as it is written."""
    return "no-symmetry" if name == "symmetry" else name.replace("_", "-")
