"""What is known of a program, in words."""

from __future__ import annotations

from bnnsat.distilling import bound
from bnnsat.distilling.differing import Disagreement
from bnnsat.distilling.equality import CONSISTENT, EQUAL, IMPOSSIBLE, UNKNOWN, Progress
from bnnsat.distilling.families import Member
from bnnsat.distilling.sampling import Sampled
from bnnsat.plural import counted


def proved(
    progress: Progress, shapes: list[Member], total: int, errors: int | None, differ: Disagreement | None
) -> str:
    """Of a network all of whose inputs were asked about.

    Args:
        progress: of the search.
        shapes: of the family.
        total: inputs that there are.
        errors: of the best program on the inputs that were looked at; None without one.
        differ: of the closest program, where there is one.
    """
    every = f"all {number(total)} inputs"
    if progress.status == EQUAL and progress.member is not None:
        return (
            f"the program ({progress.member.words}) and the network say the same of {every}, proved{_smaller(progress)}"
        )
    if progress.status == IMPOSSIBLE:
        said = f"no {' and no '.join(shape.words for shape in shapes)} says the same as the network of {every}, proved"
        return said if differ is None else f"{said}; the closest that was found {differing(differ)}"
    said = f"whether a program equals the network was not found out in time{_smaller(progress)}"
    if errors is None:
        return said
    seen = counted(len(progress.rows), "input")
    said += f"; the best so far makes {counted(errors, 'error')} on the {seen} that were looked at"
    return said if differ is None else f"{said}, and {differing(differ)}"


def probable(
    what: str,
    progress: Progress,
    shapes: list[Member],
    said: Sampled | None,
    errors: int | None,
    drawn: str,
    delta: float,
) -> str:
    """Of what was asked by queries only.

    Args:
        what: was asked: a network or a black box.
        progress: of the search.
        shapes: of the family.
        said: what the queries say; None where the time was over before.
        errors: of the best program on these queries; None without one.
        drawn: what queries are.
        delta: the probability that the claim is wrong.
    """
    queries, sure = f"{len(progress.rows):,} queries", f"with a probability of {1 - delta:g}"
    if errors is None or progress.member is None:
        return f"no program was found in time{_smaller(progress)}"
    if said is None:
        return f"the program errs on {errors} of {queries}; there was no time to say how it does on others"
    if progress.status == CONSISTENT and said.epsilon is not None:
        return (
            f"the program ({progress.member.words}) and the {what} say the same of {queries}, {drawn}; {sure} (of the "
            f"queries) they differ on at most {said.epsilon:.4f} of such inputs (Occam bound for consistent learners)"
        )
    if said.due:
        return (
            f"the program ({progress.member.words}) and the {what} say the same of {queries}, {drawn}, which are too "
            f"few to claim anything of others; {said.due:,} are due"
        )
    start = (
        f"no {' and no '.join(shape.words for shape in shapes)} says the same as the {what} of all {queries}, proved; "
        if progress.status == IMPOSSIBLE
        else f"no program that says the same of all {queries} was found in time{_smaller(progress)}; "
    )
    start += f"the best that was found errs on {errors} of these"
    if not said.fresh:
        return f"{start}, and there were no queries left to tell how it does on others"
    share, (low, high) = said.wrong / said.fresh, bound.interval(said.wrong, said.fresh, delta)
    return (
        f"{start}, and on {said.wrong} of {said.fresh} other queries ({share:.2%}), {drawn}; {sure} they differ on "
        f"{low:.2%} to {high:.2%} of such inputs (Hoeffding)"
    )


def differing(found: Disagreement) -> str:
    """How often a program differs.

    Args:
        found: what is known of it.
    """
    if found.differing is not None:
        none = "; no other of its shape differs on fewer, proved" if found.fewest else ""
        of = f"{number(found.differing)} of {number(found.total)} inputs"
        return f"differs on {of} ({found.share:.4%}), counted exactly{none}"
    return (
        f"differs on about {found.share:.2%} of all inputs: an estimate from random ones, from {found.low:.2%} to "
        f"{found.high:.2%} with a probability of {1 - found.delta:g}"
    )


def number(value: int) -> str:
    """A whole number as people read it; large powers of two as such.

    Args:
        value: from 0.

    >>> number(2**64), number(65536), number(12345)
    ('2^64', '2^16', '12,345')
    """
    bits = value.bit_length() - 1
    return f"2^{bits}" if value >= 1 << 10 and value == 1 << bits else f"{value:,}"


def _smaller(progress: Progress) -> str:
    """What is proved of shapes that came before."""
    none = [attempt.topology for attempt in progress.attempts if attempt.status == IMPOSSIBLE]
    said = f"; none of {', '.join(none)} does, proved" if none else ""
    left = [attempt.topology for attempt in progress.attempts if attempt.status == UNKNOWN]
    return f"{said}; whether one of {', '.join(left)} does is not known" if left and progress.status == EQUAL else said
