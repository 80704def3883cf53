"""How robust a network is on one example: asking, and what is said of the answer."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from bnnsat import limits
from bnnsat.certificates.certify import certify_change, certify_robustness
from bnnsat.certificates.prover import Prover
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.questions.change import ChangeQuestion
from bnnsat.questions.inputs import Inputs
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.verification.answer import CHANGES, OPTIMAL, PROVED, Minimum
from bnnsat.verification.facts import AUTO, SAT
from bnnsat.verification.fewest import fewest
from bnnsat.verification.minimum import each_alone, minimum
from bnnsat.verification.rows import bits_of, row_of

MOST_PLACES = 1 << 24


def answered(
    network: Model,
    data: str,
    example: int,
    norm: str,
    radius: int | None,
    tied: str,
    places: list[int] | None,
    limit: float | None,
    method: str,
) -> Minimum:
    """The least change of an example, or whether one within a radius does it.

    Args:
        network: that is asked.
        data: where the example is.
        example: which one.
        norm: l0, l1, l2 or linf.
        radius: None for the least change.
        tied: keeps or changes.
        places: of raw inputs, or a table's bits, that may change; None for all.
        limit: seconds; None for none.
        method: auto, counting or sat.
    """
    if not isinstance(network.preprocessing.binarizer, TableBinarizer):
        row = row_of(network, data, example)
        return minimum(network, row, norm, radius=radius, tied=tied, within=places, seconds=limit, method=method)
    if method not in (AUTO, SAT):
        raise InputError(f"of a table's columns changed bits are counted by a solver (sat); {method} is not for them")
    if norm != "l0":
        raise InputError(f"of a table's columns changed bits are counted (l0); {norm} is not")
    bits = bits_of(network, data, example)
    return fewest(network, bits, radius=radius, tied=tied, within=places, seconds=limit)


def certified(
    network: Model,
    data: str,
    example: int,
    found: Minimum,
    norm: str,
    tied: str,
    places: list[int] | None,
    certificate: Path,
    limit: float | None,
) -> None:
    """Write a certificate of what was proved.

    Args:
        network: that was asked.
        data: where the example is.
        example: which one.
        found: the answer.
        norm: that was asked for.
        tied: keeps or changes.
        places: of raw inputs that might change; None for all.
        certificate: the folder.
        limit: seconds; None for none.

    Raises:
        InputError: there are no certificates of such a change.
        ResourceError: nothing was proved, or the time is over.
    """
    if found.value is None and not found.lower_bound:
        raise ResourceError(f"{found.status}: there is nothing to be certified; give more time, or a smaller radius")
    prover = Prover(deadline=limits.deadline(limit))
    if each_alone(network):
        row = row_of(network, data, example)
        question = ChangeQuestion.on(network, row.astype(np.int64), norm, tied, places)
        # Where nothing changes the label, all that there is was looked at.
        bound = found.lower_bound if found.status != PROVED else max(found.lower_bound, 1)
        changed = None if found.counterexample is None else found.counterexample.tolist()
        certify_change(question, bound, changed, certificate, prover=prover)
    elif norm != "l0" or places is not None:
        raise InputError(
            f"of inputs with several bits certificates are of any changed bits (l0), not of {norm} or some"
        )
    elif network.network.shape.head == "argmax" and tied == CHANGES:
        raise InputError("of inputs with several bits a certificate is about labels that are named; say --tied keeps")
    elif found.status not in (OPTIMAL, PROVED):
        raise ResourceError(f"{found.status}: there is nothing to be certified; give more time, or a smaller radius")
    else:
        # The fewest are found again, and stand in the certificate.
        bits = bits_of(network, data, example)
        radius = None if found.status == OPTIMAL else min(found.lower_bound, len(bits) + 1)
        certify_robustness(network, bits, certificate, radius=radius, prover=prover)
    print(f"wrote {certificate}", file=sys.stderr)


def places_of(within: str) -> list[int]:
    """Places of raw inputs.

    Args:
        within: such as 0-27,100.

    Raises:
        InputError: it says none.
    """
    if not re.fullmatch(r"[0-9]{1,9}(-[0-9]{1,9})?(,[0-9]{1,9}(-[0-9]{1,9})?)*", within):
        raise InputError(f"--within {within!r} names no inputs; write their numbers like 0-27,100")
    ends = [list(map(int, part.split("-"))) for part in within.split(",")]
    if max(map(max, ends)) >= MOST_PLACES:
        raise InputError(f"--within {within!r} names inputs that no network has")
    return sorted({place for part in ends for place in range(part[0], part[-1] + 1)})


def words(network: Model, found: Minimum, norm: str, radius: int | None, within: str | None) -> list[str]:
    """An answer in lines.

    Args:
        network: that was asked.
        found: the answer.
        norm: that was asked for.
        radius: None for the least change.
        within: what might change, as users say it.
    """
    label = network.label(found.label)
    if found.value is None:
        proved = f"no change of {norm} below {found.lower_bound} makes the network say another label than {label}"
        if found.status == PROVED:
            what = f"within {radius}" if radius is not None else "at all"
            where = "" if within is None else f", of inputs {within} alone,"
            proved = f"no change {what} ({norm}){where} makes the network say another label than {label}"
        return [f"{found.status}: {proved}; {found.seconds:.2f} s, {found.method}"]
    assert found.new_label is not None
    new = "none" if found.new_label == -1 else network.label(found.new_label)
    bound = "" if radius is not None else f", at least {found.lower_bound} proved"
    first = (
        f"{found.status}: {norm} {found.value}{bound}: label {label} becomes {new}; "
        f"{found.seconds:.2f} s, {found.method}"
    )
    if isinstance(network.preprocessing.binarizer, TableBinarizer) and found.counterexample is not None:
        inputs = Inputs.of(network)
        parts = tuple(part for part in inputs.parts if np.isin(part.places, found.changed).any())
        said = replace(inputs, parts=parts).said(found.counterexample.astype(np.bool_))
        return [first, f"with {', '.join(said) or 'no change'}"]
    values = [] if found.counterexample is None else found.counterexample.tolist()
    # Of grey levels with several bits what changes are bits.
    alone = each_alone(network)
    moved = [f"{place} becomes {values[place]}" if alone else str(place) for place in found.changed]
    return [first, f"changed values: {', '.join(moved) or 'none'}"]
