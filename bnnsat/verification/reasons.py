"""Why a network says what it says: inputs that force it (AXp), and inputs by whose change it says something else (CXp).

Sets are of the network's own input bits. After Ignatiev, Narodytska and Marques-Silva: "Abduction-based explanations
for machine learning models" (AAAI 2019) and "From contrastive to abductive explanations and back again" (AIxIA 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from pysat.examples.hitman import Hitman
from pysat.solvers import Solver as PysatSolver

from bnnsat.errors import SoundnessError
from bnnsat.verification.oracle import Oracle


def axp(oracle: Oracle, order: Sequence[int] | None = None) -> set[int]:
    """Inputs that force what the network says, and no proper part of which does.

    Args:
        oracle: of the network and the example.
        order: in which inputs are tried to be left out; what says more of a column first without.

    Raises:
        TimeoutError: the deadline is past.
    """
    found, forcing = oracle.escaped(range(oracle.inputs))
    if found is not None:
        raise SoundnessError("the example itself makes the network say something else")
    needed = set[int]()
    if order is None:
        forcing, needed = oracle.brink() or (forcing, needed)
    return _shrunk(oracle, forcing, order, needed)


def _shrunk(
    oracle: Oracle, forcing: set[int], order: Sequence[int] | None = None, known: Collection[int] = ()
) -> set[int]:
    """Of inputs that force it some no proper part of which does; of some it is known that they are needed."""
    places = set(range(oracle.inputs))
    needed = oracle.needed(places - forcing, forcing - set(known)) | set(known)
    order = oracle.order if order is None else order
    for place in order:
        if place in forcing - needed:
            found, core = oracle.escaped(forcing - {place})
            # What could not be left out of more cannot be left out of less.
            if found is None:
                forcing = core
                needed |= oracle.needed(places - forcing, forcing - needed)
    return forcing


def cxp(oracle: Oracle, order: Sequence[int] | None = None, within: Collection[int] | None = None) -> set[int] | None:
    """Inputs by whose change the network says something else, and no proper part of which does; None if none does.

    Args:
        oracle: of the network and the example.
        order: in which inputs are tried to be kept; as they are without.
        within: of which inputs; of all without.

    Raises:
        TimeoutError: the deadline is past.
    """
    every = set(range(oracle.inputs))
    found, _ = oracle.escaped(every - (every if within is None else set(within)))
    if found is None:
        return None
    changing = oracle.differing(found)
    for place in order if order is not None else range(oracle.inputs):
        if place in changing:
            found, _ = oracle.escaped(every - changing | {place})
            changing = changing if found is None else oracle.differing(found)
    return changing


def smallest_axp(oracle: Oracle) -> set[int]:
    """Fewest inputs that force what the network says: a least set that hits every CXp.

    Args:
        oracle: of the network and the example.

    Raises:
        TimeoutError: the deadline is past.
    """
    places = set(range(oracle.inputs))

    def missed(tried: set[int]) -> set[int] | None:
        if oracle.escaped(tried)[0] is None:
            return None
        return cxp(oracle, within=places - tried)

    return _least_hitting(missed)


def smallest_cxp(oracle: Oracle) -> set[int] | None:
    """Fewest inputs by whose change the network says something else: a least set that hits every AXp; None if none.

    Args:
        oracle: of the network and the example.

    Raises:
        TimeoutError: the deadline is past.
    """
    places = set(range(oracle.inputs))
    if oracle.escaped(())[0] is None:
        return None

    def missed(tried: set[int]) -> set[int] | None:
        found, core = oracle.escaped(places - tried)
        return None if found is not None else _shrunk(oracle, core)

    return _least_hitting(missed)


def _least_hitting(missed: Callable[[set[int]], set[int] | None]) -> set[int]:
    """A least set that hits all others, which are told one by one: `missed` names one that a set does not hit."""
    with Hitman(solver="g4", htype="sorted") as hitting:
        while True:
            tried = set(hitting.get() or ())
            if (other := missed(tried)) is None:
                return tried
            hitting.hit(sorted(other))


def every(oracle: Oracle, most: int) -> tuple[list[set[int]], list[set[int]], bool]:
    """AXps and CXps, up to so many of both together, and whether these are all (by their duality, as MARCO does).

    Args:
        oracle: of the network and the example.
        most: at most so many.

    Raises:
        TimeoutError: the deadline is past.
    """
    places, reasons, changes = range(oracle.inputs), list[set[int]](), list[set[int]]()
    # Variable i + 1 says that input i is kept. What is above an AXp, or below the rest of a CXp, is known.
    with PysatSolver(name="g4", bootstrap_with=[[place + 1, -place - 1] for place in places]) as seeds:
        while seeds.solve():
            if len(reasons) + len(changes) >= most:
                return reasons, changes, False
            seed = {v - 1 for v in seeds.get_model() or [] if v > 0}
            found, core = oracle.escaped(seed)
            if found is None:
                reasons.append(_shrunk(oracle, core, places))
                seeds.add_clause([-place - 1 for place in sorted(reasons[-1])])
            else:
                part = cxp(oracle, within=set(places) - seed)
                assert part is not None
                changes.append(part)
                seeds.add_clause([place + 1 for place in sorted(part)])
    return reasons, changes, True
