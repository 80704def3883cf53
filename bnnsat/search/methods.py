"""The methods that `--method` names, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace

from bnnsat.errors import InputError
from bnnsat.search.beside import alongside
from bnnsat.search.context import MEGABYTE, Search, Written
from bnnsat.search.half import chain, copies, deep, dynamic, lists, rests
from bnnsat.search.half.differences import Trie
from bnnsat.search.half.listed import listed
from bnnsat.search.half.traceback import best_network
from bnnsat.search.halfspace import halfspace
from bnnsat.search.halfspace.neuron import branch
from bnnsat.search.local.descents import local, start
from bnnsat.search.local.improving import Turns
from bnnsat.search.sat.cores import core
from bnnsat.search.sat.incremental import sat
from bnnsat.search.sat.lazy import lazy
from bnnsat.search.sat.lns import lns
from bnnsat.search.sat.rising import rising
from bnnsat.search.tables import tables
from bnnsat.shape import Shape

Method = Callable[[Search], None]
"""Returns once the optimum is proved; raises TimeoutError at the deadline."""

START_SECONDS, START_PRODUCTS = 10.0, 50_000
"""A first good network may take a second for so many products of weights and rows, and that long at most.

A small problem is solved before a local search has warmed up.
"""
START_SHARE = 0.4
"""Of the time that is left, at most; a start takes twice as long in all."""
WRITTEN_PRODUCTS, BRANCHED_PRODUCTS = 250_000, 10_000_000
"""Products of weights and rows of which a formula is written in a second, and a few nodes looked at, about."""
SHARED_PRODUCTS = 200_000_000
"""Products of weights and rows beyond which a second local search would only take the first one's memory bandwidth."""
FEW_INPUTS = 16
"""Inputs up to which all pairs of neurons are looked at without a start."""
MOST_SOLVED_WEIGHTS = 40
"""Weights of a single popcount up to which the SAT loop may be the first to end: 31 take it 20 s, 48 over a minute."""
HALF_SECONDS = 2.0
"""Of the start before a long dynamic programming."""
RETRY_SECONDS, RETRY_SHARE = 2.0, 0.1
"""Of a search for a better network where there were too many neurons to be paired; of the time left, at most."""
QUICK_STATES = 50_000_000
"""States that the dynamic programming looks at up to which it is the quickest in any case."""
MOST_CLASSES, DEEP_STATES = 250, 10_000_000
"""Functions of four bits that two layers make, but for exchanges; and states that are looked at in a second."""
LAYERED_SECONDS, LAYERED_SHARE = 300.0, 0.5
"""What trying them all may take; of the time left, at most."""
CHAIN_PRODUCTS, CHAIN_SHARE = 5_000_000, 0.1
"""Products of rows and inputs through which a chain of half-comparisons goes in a second; of the time left, at most."""
SLICE_CONFLICTS = 5_000
"""Conflicts after which the solver takes up what the local search has found meanwhile."""


def auto(search: Search) -> None:
    """By shape and size: all networks where that is quick, decision lists for the half-comparison, else everything."""
    if chain.fits(search.shape):
        exhaustive(search)
    elif dynamic.fits(search.shape):
        comparisons(search)
    elif rests.fits(search.shape) and layered(search):
        return
    elif tables.fits(search.shape, search.problem.total_cost):
        paired(search)
    else:
        copied(search)
        quick(search)
        together(search)


def layered(search: Search) -> bool:
    """Dynamic programming for each function of the first layer's bits; whether there is time and memory for it."""
    copied(search)
    if search.run.done:
        return True
    trie = Trie.of(search.problem, search.check)
    states = deep.states(trie, search.shape)
    limit = LAYERED_SECONDS if search.left is None else search.left * LAYERED_SHARE
    if states * MOST_CLASSES > DEEP_STATES * min(limit, LAYERED_SECONDS):
        return False
    made = rests.Rests.of(search.shape, search.check)
    found = deep.fewest(search.problem, trie, made, search.check)
    search.run.offer(deep.network(search.problem, trie, made, found), found.errors, "layers")
    search.run.bound(found.errors, "layers")
    return True


def paired(search: Search) -> None:
    """From tables where that can be; a better network leaves fewer neurons to be paired, so they may be tried again."""
    seconds = RETRY_SECONDS
    while True:
        before = search.run.errors
        try:
            tabled(search)
            return
        except tables.TooManyError:
            start(search, seconds if search.left is None else min(seconds, search.left * RETRY_SHARE))
        if search.run.done or search.run.errors == before:
            break
        seconds *= 2
    together(search)


def exhaustive(search: Search) -> None:
    """All networks, by dynamic programming or from tables of all neurons."""
    run = search.run
    if dynamic.fits(search.shape):
        trie = Trie.of(search.problem, search.check)
        if (needed := dynamic.memory(search.problem, trie, search.shape)) > search.memory:
            raise InputError(
                f"method exhaustive would need {needed / MEGABYTE:,.0f} MB of memory, and the memory limit is "
                f"{search.memory // MEGABYTE:,} MB; use auto, or raise the memory limit"
            )
        along(search, trie)
        return
    if chain.fits(search.shape):
        network, fewest = chain.best_neuron(search.problem, search.shape)
        run.offer(network, fewest, "chain")
        run.bound(fewest, "chain")
        return
    try:
        tabled(search)
    except tables.TooManyError:
        raise InputError(
            f"method exhaustive would have to pair more than {tables.MOST_VOTERS} neurons and complements; use auto"
        ) from None


def tabled(search: Search) -> None:
    """From tables of all neurons; where there are many pairs, after a quick start that leaves few of them."""
    run, shape = search.run, search.shape
    if shape.layers == 2 and shape.sizes[0] > FEW_INPUTS:
        quick(search)
    if not run.done and search.follow(
        tables.enumerate_networks(search.problem, shape, run.errors, search.jobs), "tables"
    ):
        run.bound(run.errors, "tables")


def along(search: Search, trie: Trie) -> None:
    """Dynamic programming along a problem's trie.

    Args:
        search: the run.
        trie: of its problem.
    """
    run, problem, shape = search.run, search.problem, search.shape
    fewest = dynamic.fewest(problem, shape, trie, search.check, lambda errors: run.bound(errors, "trie"))
    run.offer(best_network(problem, shape, fewest), fewest.errors, "trie")


def comparisons(search: Search) -> None:
    """Dynamic programming where it is feasible, and decision lists beside it if it takes long."""
    trie = Trie.of(search.problem, search.check)
    count = dynamic.work(trie, search.shape)
    if dynamic.memory(search.problem, trie, search.shape) > search.memory:
        copied(search)
        listed(search)
        return
    if count > QUICK_STATES:
        copied(search)
        start(search, HALF_SECONDS if search.left is None else min(HALF_SECONDS, search.left / 4))
        if search.run.done:
            return
    if count > QUICK_STATES and search.jobs > 1:
        with alongside(search, lambda search: along(search, trie)):
            listed(replace(search, jobs=1))
        return
    with suppress(MemoryError):
        along(search, trie)
        return
    # There is less memory than was thought. (A thread that ends so leaves the lists to go on by themselves.)
    listed(search)


def copied(search: Search) -> None:
    """The best half-comparison, as copies of it; where it is to be had in a small part of the time."""
    problem, shape = search.problem, search.shape
    seconds = len(problem.labels) * shape.sizes[0] / CHAIN_PRODUCTS
    if copies.fits(shape) and (search.left is None or seconds < CHAIN_SHARE * search.left):
        search.run.offer(*copies.best_copies(problem, shape), "chain")


def quick(search: Search) -> None:
    """A good network in no more time than the size is worth."""
    seconds = min(START_SECONDS, search.products / START_PRODUCTS)
    start(search, seconds if search.left is None else min(seconds, search.left * START_SHARE))


def together(search: Search) -> None:
    """The SAT loop, and beside it other methods, one for each processor that there is for them.

    With one processor they take turns. A single neuron with many inputs is for branch and bound alone.
    """
    if search.run.done:
        return
    single, products = halfspace.fits(search.shape), search.products
    if single and search.left is not None and products > BRANCHED_PRODUCTS * search.left:
        local(search)
        return
    if single and search.shape.weight_bits > MOST_SOLVED_WEIGHTS:
        branch(search)
        return
    if not single and search.left is not None and products > WRITTEN_PRODUCTS * search.left / 2:
        # The formula would not be written in time, or be of use when it is.
        if search.jobs < 2 or products > SHARED_PRODUCTS:
            local(search)
            return
        with alongside(replace(search, seed=search.seed + 1), local):
            local(search)
        return
    if search.jobs < 2:
        sat(search, conflicts=SLICE_CONFLICTS, assisted=True, between=Turns(search).take)
        return
    with ExitStack() as stack:
        beside = (branch if single else local, lns, core)[: search.jobs - 1]
        # What is left for branch and bound, which takes as many as there are.
        jobs = search.jobs - len(beside)
        for method in beside:
            # Told of is the formula of the SAT loop.
            stack.enter_context(alongside(replace(search, written=Written(), jobs=jobs), method))
        sat(search, conflicts=SLICE_CONFLICTS, assisted=True)


METHODS: dict[str, Method] = {
    "auto": auto,
    "sat": sat,
    "lists": listed,
    "core": core,
    "local": local,
    "lns": lns,
    "rising": rising,
    "lazy": lazy,
    "exhaustive": exhaustive,
    "branch": branch,
}


def checked(name: str, shape: Shape, examples: int) -> Method:
    """The method of that name.

    Args:
        name: one of METHODS.
        shape: of the network.
        examples: how many there are, counted with their costs.

    Raises:
        InputError: there is none of that name, or it does not take the shape.
    """
    if name not in METHODS:
        raise InputError(f"unknown method {name!r}; there are {', '.join(METHODS)}")
    if name == "lists" and not lists.fits(shape):
        raise InputError("method lists takes half-comparison shapes n-1 and n-m-1 with head bit; use auto for others")
    if name == "exhaustive" and not (chain.fits(shape) or dynamic.fits(shape) or tables.fits(shape, examples)):
        raise InputError(
            "method exhaustive takes half-comparisons n-1 and n-m-1, and popcount shapes n-1 up to 22 inputs, "
            "n-2-1 up to 22 inputs and 2000 examples, n-3-1 up to 16 inputs and 1000 examples (counted with their "
            "costs); use auto for others"
        )
    if name == "branch" and not halfspace.fits(shape):
        raise InputError("method branch takes single popcount neurons, n-1 with head bit; use auto for others")
    return METHODS[name]
