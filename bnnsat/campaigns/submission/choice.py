"""Which of the measured candidates go into a package.

The rules of the SAT Competition: 20 instances, of which at least half are interesting, which is that MiniSat does not
solve them within a minute, and the submitter's own solver does within an hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, zip_longest

from bnnsat.campaigns.jobs.store import Result


def usable(results: Sequence[Result]) -> list[Result]:
    """Those whose answer is known."""
    return [r for r in results if r["status"] == "measured" and r["answer"] != "UNKNOWN"]


def interesting(results: Sequence[Result]) -> list[Result]:
    """Those that the reference did not solve within its limit, and the own solver did."""
    return [r for r in usable(results) if r["interesting"]]


def enough(results: Sequence[Result], count: int) -> bool:
    """Whether a good package of so many can be made: half of it interesting, and a quarter of each answer there is."""
    hard, answers = interesting(results), Counter(r["answer"] for r in usable(results))
    mixed = answers.keys() == {"OPTIMUM"} or min(answers["SAT"], answers["UNSAT"]) >= count // 4
    return len(usable(results)) >= count and 2 * len(hard) >= count and mixed


def choose(results: Sequence[Result], count: int) -> list[Result]:
    """So many of the measured, in their order: half are interesting, and the others range from hard to easy.

    More are interesting where there are too few others, and fewer where there are not as many. Both halves take
    the answers by turns.
    """
    hard = _by_turns(interesting(results))
    others = [r for r in usable(results) if not r["interesting"]]
    # Without an answer of the reference it is hard indeed, though nobody may call it interesting.
    easy = _by_turns(sorted(others, key=lambda r: -(r["reference_seconds"] or r["reference_limit"])))
    half = max((count + 1) // 2, count - len(easy))
    taken = hard[:half]
    taken += easy[: count - len(taken)]
    return [r for r in results if any(r is other for other in taken)]


def _by_turns(results: Sequence[Result]) -> list[Result]:
    groups = [[r for r in results if r["answer"] == answer] for answer in dict.fromkeys(r["answer"] for r in results)]
    return [r for r in chain.from_iterable(zip_longest(*groups)) if r is not None]
