"""A network or another black box, answered by the smallest program of a family."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bnnsat import limits
from bnnsat.distilling import bound, claims
from bnnsat.distilling.differing import Disagreement, disagreement
from bnnsat.distilling.distilled import Distilled
from bnnsat.distilling.equality import EQUAL, IMPOSSIBLE, UNKNOWN, Progress, searched
from bnnsat.distilling.families import LIST, TREE, Member, members
from bnnsat.distilling.manner import Manner
from bnnsat.distilling.sampling import Draw, Sampled, Terms, best, sampled
from bnnsat.distilling.source import Source
from bnnsat.errors import InputError
from bnnsat.options import Options
from bnnsat.tables.table import Label
from bnnsat.types import Bits

EPSILON, DELTA = 0.05, 0.05
SAMPLE = 5_000
"""Random inputs on which the closest member has the fewest errors."""
TELLING = 0.1
"""Of the time, for telling how often a program differs that was not proved equal."""
QUICK = LIST, TREE
"""Families whose closest member is found at once."""


def distill(
    source: Any,
    family: str = LIST,
    *,
    depth: int | None = None,
    inputs: int | None = None,
    data: Any = None,
    label: Label | None = None,
    black_box: bool = False,
    epsilon: float = EPSILON,
    delta: float = DELTA,
    max_queries: int | None = None,
    closest: bool = False,
    seed: int = 0,
    jobs: int | None = None,
    time_limit: float | None = None,
    keep_interrupted: bool = False,
    on_step: Callable[[str], object] = lambda _: None,
) -> Distilled:
    """The smallest program of a family that says what a network says, proved of all inputs; or what random queries say.

    Args:
        source: a Model, Network or Training; an estimator with `predict`; or a function that takes bits (rows, n) and
            returns labels 0 and 1, (rows,).
        family: decision-list, decision-lists, score-card, score-cards or tree.
        depth: of the deepest trees; None for 3.
        inputs: how many bits a function takes; of networks, estimators and data it is known.
        data: rows from which queries are drawn: bits (rows, n), a data frame of bits, or what the network takes;
            without, they are any inputs that there are.
        label: the one that is 1, where there are more than two.
        black_box: ask a network, too, only by queries.
        epsilon: of queries, the disagreement that is allowed.
        delta: of queries, the probability that the claim is wrong.
        max_queries: at most; None for as many as epsilon and delta ask for.
        closest: of a network that no program equals, look for the closest (lists and trees: always).
        seed: of what is random.
        jobs: processors; None for all there are.
        time_limit: seconds; None for none.
        keep_interrupted: on Ctrl-C return what there is; without, KeyboardInterrupt is raised.
        on_step: is told of each step, in words.

    Raises:
        InputError: the parts do not fit, or the black box says something else than labels.
        KeyboardInterrupt: it was interrupted.

    >>> found = distill(lambda rows: rows[:, 1] & rows[:, 2], "tree", inputs=4)
    >>> found.status, found.rules
    ('CONSISTENT', ['if input 1:', '    if input 2: 1', '    otherwise: 0', 'otherwise: 0'])
    """
    began = time.monotonic()
    Options(seed=seed, jobs=jobs)
    manner = Manner(seed, jobs, limits.deadline(time_limit))
    bound.checked(epsilon, delta)
    if max_queries is not None and not (type(max_queries) is int and max_queries >= 1):
        raise InputError(f"max queries {max_queries!r} are none; give a whole number from 1, or None for no limit")
    asked = Source.of(source, inputs, label, data)
    shapes = members(family, asked.bits, depth)
    white = asked.model is not None and not black_box
    if white and data is not None:
        raise InputError("what is proved of a network is proved of all inputs; leave data out, or ask a black box")
    nothing = np.zeros((0, asked.inputs.bits), dtype=np.bool_), np.zeros(0, dtype=np.int64)
    progress, said, differ = Progress(*nothing, on_step=on_step), None, None
    refuting = None
    try:
        if white:
            # What there is at the end is held against all inputs, too.
            searching = manner if manner.left is None else manner.within(manner.left * (1 - TELLING))
            searched(asked, shapes, searching, progress)
            if progress.status == IMPOSSIBLE:
                refuting = progress.rows
                differ = _closest(asked, shapes, manner, progress, closest or family in QUICK)
            elif progress.status == UNKNOWN:
                differ = _held(asked, manner, progress, np.random.default_rng(manner.seed + 1))
        else:
            draw = _draws(asked, data, seed)
            said = sampled(asked, shapes, draw, Terms(epsilon, delta, max_queries), manner, progress)
    except KeyboardInterrupt:
        if not keep_interrupted:
            raise
    made = _made(asked, family, shapes, progress, said, differ, delta, began, white, data is not None)
    return replace(made, refuting=refuting, members=tuple(shapes))


def _closest(
    source: Source, shapes: list[Member], manner: Manner, progress: Progress, wanted: bool
) -> Disagreement | None:
    """The best member on a sample, and on how many inputs it differs."""
    if not wanted:
        return None
    rng = np.random.default_rng(manner.seed + 1)
    progress.rows = source.some(SAMPLE, rng)
    progress.labels = source.ask(progress.rows)
    best(shapes[-1], progress, manner)
    found = _held(source, manner, progress, rng)
    if found is None or progress.fit is None:
        return None
    everything = len(progress.rows) == source.inputs.total and progress.fit.errors == progress.fit.lower
    return replace(found, fewest=everything)


def _held(source: Source, manner: Manner, progress: Progress, rng: np.random.Generator) -> Disagreement | None:
    """On how many inputs the best program differs; None without one."""
    if progress.fit is None or progress.member is None:
        return None
    program = source.program(progress.fit.network, progress.member.order)
    return disagreement(source, program, progress.fit.tree, manner, rng)


def _draws(source: Source, data: Any, seed: int) -> Draw:
    """Random queries: rows of data, or any inputs that there are."""
    rng = np.random.default_rng(seed)
    if data is None:
        return lambda count: source.inputs.drawn(count, rng)
    rows = source.like.bits(data)[:, source.inputs.read]
    if not len(rows):
        raise InputError("the data have no rows; one or more are due")

    def drawn(count: int) -> Bits:
        return np.asarray(rows[rng.integers(len(rows), size=count)])

    return drawn


def _made(
    source: Source,
    family: str,
    shapes: list[Member],
    progress: Progress,
    said: Sampled | None,
    differ: Disagreement | None,
    delta: float,
    began: float,
    white: bool,
    rows: bool,
) -> Distilled:
    fit, member, total = progress.fit, progress.member, source.inputs.total
    program = None if fit is None or member is None else source.program(fit.network, member.order)
    errors = progress.errors(source)
    if white and progress.status == EQUAL:
        differ = Disagreement.exact(0, total)
    if said is not None and said.fresh:
        low, high = bound.interval(said.wrong, said.fresh, delta)
        differ = Disagreement(total, None, said.wrong / said.fresh, low, high, delta)
    if white:
        claim = claims.proved(progress, shapes, total, errors, differ)
    else:
        what = "black box" if source.model is None else "network"
        drawn = "rows drawn from the data" if rows else "inputs drawn uniformly"
        claim = claims.probable(what, progress, shapes, said, errors, drawn, delta)
    return Distilled(
        status=progress.status,
        family=family,
        topology=None if program is None or member is None else member.topology,
        model=program,
        errors=errors,
        queries=len(progress.rows),
        claim=claim,
        disagreement=differ,
        epsilon=None if said is None else said.epsilon,
        delta=None if said is None else delta,
        total=total,
        shapes=progress.attempts,
        seconds=time.monotonic() - began,
        source=source,
        tree=None if fit is None else fit.tree,
    )
