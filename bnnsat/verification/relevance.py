"""Which inputs matter to what a network says of an example, by the reasons that there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any


def relevance(reasons: Sequence[Collection[int]], inputs: int, complete: bool) -> dict[str, Any]:
    """Inputs in all reasons, in some and in none, and the share of them that each is in, as JSON.

    Args:
        reasons: AXps.
        inputs: how many there are.
        complete: whether these are all reasons; if not, nothing is known to be in all or in none.
    """
    share = {
        place: sum(place in reason for reason in reasons) / len(reasons)
        for place in range(inputs)
        if any(place in reason for reason in reasons)
    }
    necessary = [place for place, part in share.items() if part == 1] if complete else None
    irrelevant = [place for place in range(inputs) if place not in share] if complete else None
    ranked = sorted(share, key=lambda place: (-share[place], place))
    return {
        "necessary": necessary,
        "relevant": sorted(share),
        "irrelevant": irrelevant,
        "attribution": {str(place): round(share[place], 4) for place in ranked},
    }
