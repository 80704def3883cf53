"""The loop from above: ask for less and less until the answer is "impossible"."""

from __future__ import annotations

from collections.abc import Callable

from bnnsat.solvers.solver import Answer


def descend(
    solve: Callable[[int], Answer],
    wanted: Callable[[], int | None],
    found: Callable[[Answer, int], object],
    refuted: Callable[[Answer, int], object],
    undecided: Callable[[], object],
) -> None:
    """Ask for a sum of at most `wanted()`, until that is None.

    Args:
        solve: decides whether the sum can be at most so large.
        wanted: the next bound; None once there is nothing left to be asked.
        found: takes a model with a sum of at most the bound; from then on less is wanted.
        refuted: takes note that there is none; whoever wants nothing more says so next.
        undecided: is called where the answer is unknown: a limit, which it may raise.
    """
    while (bound := wanted()) is not None:
        answer = solve(bound)
        if answer.status:
            found(answer, bound)
        elif answer.status is False:
            refuted(answer, bound)
        else:
            undecided()
