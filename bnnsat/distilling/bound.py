"""How many random queries are enough, and what they say.

A program that is wrong about more than a share epsilon of the inputs agrees with m random queries with a probability
of less than (1 - epsilon)^m < e^(-epsilon m). Of H programs one does with less than H e^(-epsilon m), which is at
most delta where m >= (ln H + ln(1/delta)) / epsilon (Blumer, Ehrenfeucht, Haussler, Warmuth, "Occam's razor",
Information Processing Letters 24, 1987); with b bits of holes ln H is b ln 2. Of several shapes, tried one after the
other, each has its part of delta.
"""

from __future__ import annotations

from math import ceil, log, sqrt

from bnnsat.errors import InputError


def checked(epsilon: float, delta: float) -> None:
    """Raise InputError for shares that are none.

    Args:
        epsilon: disagreement that is allowed.
        delta: the probability that the claim is wrong.
    """
    for name, share in (("epsilon", epsilon), ("delta", delta)):
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
            raise InputError(f"{name} {share!r} is none; give a number above 0 and below 1")


def queries(programs: int, epsilon: float, delta: float, shapes: int = 1) -> int:
    """So many queries are enough for a program that agrees with all of them.

    Args:
        programs: of the shape.
        epsilon: disagreement that is allowed.
        delta: the probability that the claim is wrong.
        shapes: that are tried.

    >>> queries(2**64, 0.05, 0.05)  # (64 ln 2 + ln 20) / 0.05 = (44.361 + 2.996) / 0.05
    948
    """
    return ceil((log(programs) + log(shapes / delta)) / epsilon)


def reached(programs: int, asked: int, delta: float, shapes: int = 1) -> float:
    """The epsilon for which so many queries are enough; at most 1.

    Args:
        programs: of the shape.
        asked: queries.
        delta: the probability that the claim is wrong.
        shapes: that are tried.
    """
    return min(1.0, (log(programs) + log(shapes / delta)) / max(1, asked))


def fresh(epsilon: float, delta: float) -> int:
    """So many queries that a program was not chosen by tell its disagreement to within epsilon.

    Args:
        epsilon: to either side.
        delta: the probability that the interval is wrong.

    >>> fresh(0.05, 0.05)  # ln 40 / (2 * 0.0025) = 3.6889 / 0.005
    738
    """
    return ceil(log(2 / delta) / (2 * epsilon**2))


def interval(wrong: int, asked: int, delta: float) -> tuple[float, float]:
    """Where the disagreement lies, with probability 1 - delta, by Hoeffding's inequality.

    Args:
        wrong: queries of which the program says something else.
        asked: all of them, by none of which it was chosen.
        delta: the probability that the interval is wrong.
    """
    share, width = wrong / asked, sqrt(log(2 / delta) / (2 * asked))
    return max(0.0, share - width), min(1.0, share + width)
