"""`bnnsat explain`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from math import isqrt
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from bnnsat.cli.facts import certified
from bnnsat.cli.models import AnyModel, InputScale
from bnnsat.cli.networks import network_of
from bnnsat.cli.options import AsJson, seconds
from bnnsat.drawing.pictures import picture
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.plural import counted
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.property import KEEPS, PropertyQuestion
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.types import Bits
from bnnsat.verification.oracle import Oracle, asked
from bnnsat.verification.ranges import ranges
from bnnsat.verification.reasons import axp, cxp, every, smallest_axp, smallest_cxp
from bnnsat.verification.relevance import relevance
from bnnsat.verification.rows import bits_of

KINDS = ("axp", "smallest-axp", "cxp", "smallest-cxp", "all")
MOST = 100
LEAST_SQUARE = 9
"""Inputs from which a square number of them is drawn as an image."""


def explain_command(
    model: AnyModel,
    data: Annotated[
        str,
        typer.Option(
            help="Where the example is: a data set, a file (of .npz X is enough) or a folder.", show_default=False
        ),
    ],
    example: Annotated[int, typer.Option(help="Which example, from 0.")] = 0,
    kind: Annotated[str, typer.Option(help=f"{', '.join(KINDS)}; see below.")] = "axp",
    most: Annotated[int, typer.Option(help="Of all: at most so many.")] = MOST,
    certificate: Annotated[
        Path | None,
        typer.Option(
            help="Of axp, smallest-axp: folder for a certificate that the reason forces the label (`bnnsat check`).",
            show_default=False,
        ),
    ] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds. (default: none)", show_default=False)] = None,
    input_scale: InputScale = None,
    as_json: AsJson = False,
) -> None:
    """Say why a network says what it says of an example, provably, and with nothing that is not needed.

    axp: inputs that force it, whatever the others are, and no proper part of which does (an abductive explanation);
    smallest-axp: the fewest. cxp: inputs by whose change it can become something else, and no proper part of which can
    do that (a contrastive one); smallest-cxp: the fewest. all: all of both, by their duality.
    """
    if kind not in KINDS:
        raise InputError(f"unknown kind {kind!r}; there are {', '.join(KINDS)}")
    if certificate is not None and not kind.endswith("axp"):
        raise InputError(f"a certificate is of a reason that forces the label, not of --kind {kind}; leave it out")
    if most < 1:
        raise InputError(f"--most {most} is none; give a number from 1")
    network, began = network_of(model, input_scale), time.monotonic()
    question = RobustnessQuestion.on(network, bits_of(network, data, example))
    _ = question.label
    try:
        with asked(question, seconds(time_limit)) as oracle:
            facts = _found(oracle, kind, most)
    except TimeoutError:
        if kind != "axp" or oracle.forcing is None:
            raise ResourceError("there was no time for an explanation; give more") from None
        # A reason all the same, but perhaps with more than is needed.
        facts = {"reason": sorted(oracle.forcing), "minimal": False}
    facts = {
        **facts,
        "label": network.label(question.label),
        "kind": kind,
        "seconds": round(time.monotonic() - began, 3),
    }
    try:
        if certificate is not None:
            certified(_forces(network, question, facts["reason"]), None, certificate, time_limit)
    finally:
        # The answer is printed even if it cannot be certified.
        _told(network, question, facts, as_json)


def _told(network: Model, question: RobustnessQuestion, facts: dict[str, Any], as_json: bool) -> None:
    terms = network.preprocessing.terms(len(question.example))
    said = [
        (terms[place][0 if bit else 1] if terms is not None else f"input {number} = {int(bit)}")
        for place, (number, bit) in enumerate(zip(Inputs.of(network).order, question.example, strict=True))
    ]
    if as_json:
        values = question.example.astype(int).tolist()
        if "reason" in facts:
            reason = facts["reason"]
            facts["values"] = None if reason is None else [values[place] for place in reason]
            facts["terms"] = None if reason is None else [said[place] for place in reason]
            facts["ranges"] = ranges(network, question.example, reason or ())
        else:
            facts["terms"] = said
        print(json.dumps(facts))
        return
    print("\n".join(_words(facts, said)))
    if terms is None and facts.get("reason") is not None:
        print("\n".join(_picture(network, question.example, facts["reason"])), end="")


def _forces(network: Model, question: RobustnessQuestion, reason: list[int]) -> PropertyQuestion:
    """That all inputs that agree with the example on some places get its label."""
    there = Inputs.of(network)
    said = [("" if question.example[place] else "not ") + there.terms[there.order[place]][0] for place in reason]
    return PropertyQuestion.on(network, KEEPS, label=network.label(question.label), where=said)


def _found(oracle: Oracle, kind: str, most: int) -> dict[str, Any]:
    if kind == "all":
        reasons, changes, whole = every(oracle, most)
        both = {
            "axps": [sorted(one) for one in reasons],
            "cxps": [sorted(one) for one in changes],
            "complete": whole,
        }
        return {**both, **relevance(reasons, oracle.inputs, whole)}
    ways: dict[str, Callable[[Oracle], set[int] | None]] = {
        "axp": axp,
        "smallest-axp": smallest_axp,
        "cxp": cxp,
        "smallest-cxp": smallest_cxp,
    }
    found = ways[kind](oracle)
    return {"reason": None if found is None else sorted(found), "minimal": True}


def _picture(network: Model, example: Bits, reason: list[int]) -> list[str]:
    """The inputs of a reason among all of an image; nothing where they are no square."""
    inputs = Inputs.of(network)
    if (
        network.preprocessing.binarizer.levels > 1
        or isqrt(inputs.bits) ** 2 != inputs.bits
        or inputs.bits < LEAST_SQUARE
    ):
        return []
    signs = np.ones(inputs.bits, dtype=np.int64)
    signs[inputs.order[reason]] = np.where(example[reason], 2, 0)
    one, rest, zero = (picture(np.array([sign]))[0].strip() for sign in (2, 1, 0))
    return ["", f"{one} is 1, {zero} is 0, {rest} may be anything", *picture(signs), ""]


def _words(facts: dict[str, Any], said: list[str]) -> list[str]:
    """What was found, in lines."""
    label, kind = facts["label"], str(facts["kind"])

    def joined(places: list[int]) -> str:
        return ", ".join(said[place] for place in places) or "nothing: it is always so"

    if kind == "all":
        reasons, changes = facts["axps"], facts["cxps"]
        needed = ", ".join(said[place] for place in facts["necessary"] or ())
        more = "" if facts["complete"] else ", and more"
        return [
            f"label {label}: {counted(len(reasons), 'reason')} and {counted(len(changes), 'contrast')}{more}",
            *(f"it is forced by {joined(one)}" for one in reasons),
            *(f"it can change with {joined(one)}" for one in changes),
            *([f"in all reasons: {needed or 'none'}"] if facts["complete"] else []),
            *(f"in {share:.0%} of the reasons: {said[int(p)]}" for p, share in facts["attribution"].items()),
        ]
    reason = facts["reason"]
    if reason is None:
        return [f"label {label}: no input makes the network say another one"]
    verb = "is forced by" if kind.endswith("axp") else "can become another one by a change of"
    fewest = "the fewest, " if kind.startswith("smallest") else ""
    late = "" if facts["minimal"] else "; there was no time to see whether all of them are needed"
    return [f"label {label} {verb} ({fewest}{len(reason)} of {len(said)}{late}):", joined(reason)]
