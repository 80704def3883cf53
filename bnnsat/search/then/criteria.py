"""The objectives after the fewest errors, in their order, each with its share of the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from bnnsat.criterion import Criterion
from bnnsat.errors import InputError
from bnnsat.search.context import Search
from bnnsat.search.then import margin, sparse
from bnnsat.shape import Shape

CRITERIA = {margin.NAME: margin.widen, sparse.NAME: sparse.thin}
"""What may be asked for after the fewest errors."""


def check(then: Sequence[str], shape: Shape) -> None:
    """Raise InputError for objectives that there are not, or that do not fit the shape."""
    for name in then:
        if name not in CRITERIA:
            raise InputError(f"unknown objective {name!r}; after the errors there are {', '.join(CRITERIA)}")
    if len(set(then)) < len(then):
        raise InputError("an objective is named twice; name each once")
    if margin.NAME in then and shape.activation != "popcount":
        raise InputError("a margin is one of popcounts; use activation popcount")
    if sparse.NAME in then and shape.repeat != 2:
        raise InputError("objective sparse counts weights other than 0; allow 0 with ternary weights")
    if list(then) == [sparse.NAME, margin.NAME]:
        raise InputError("the margin comes before sparse; name them in that order")


def further(search: Search, then: Sequence[str], known: dict[str, Criterion]) -> str | None:
    """The further objectives, once more from the first whenever a network with fewer errors turns up."""
    run, errors, stopped = search.run, -1, None
    while then and run.errors != errors:
        errors, among = run.errors, search
        for more, name in zip(reversed(range(len(then))), then, strict=True):
            stopped = until_timeout(partial(CRITERIA[name], known=known.get(name)), share(among, more)) or stopped
            if run.errors != errors and name == sparse.NAME:
                break
            if name == margin.NAME:
                errors = run.errors
                among = replace(search, problem=replace(search.problem, margin=run.then[-1].value))
    return stopped


def until_timeout(method: Callable[[Search], object], search: Search) -> str | None:
    """Run a method; why it stopped if it did not end by itself."""
    try:
        method(search)
    except TimeoutError:
        return "time limit"
    return None


def share(search: Search, more: int) -> Search:
    """The search for one of several objectives: its part of the time that is left, if so many more are to follow."""
    stop = threading.Event()
    if search.left is None:
        return replace(search, stop=stop)
    return replace(search, stop=stop, deadline=time.monotonic() + max(0.0, search.left) / (1 + more))
