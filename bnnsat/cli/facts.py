"""Properties of all inputs, for `bnnsat verify`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from bnnsat import limits
from bnnsat.certificates.certify import certify_property
from bnnsat.certificates.prover import Prover
from bnnsat.cli.networks import network_of
from bnnsat.cli.options import seconds
from bnnsat.cli.standing import standing
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.properties import Property
from bnnsat.questions.property import EQUAL, IGNORES, KEEPS, MONOTONE, REACH, PropertyQuestion
from bnnsat.types import Bits
from bnnsat.verification.answer import PROVED, REFUTED, UNKNOWN
from bnnsat.verification.facts import SAT, Fact, decided
from bnnsat.verification.simplify import Simplified, simplified

FACTS = REACH, KEEPS, IGNORES, MONOTONE, EQUAL
REDUNDANT = "redundant"
Where = Annotated[
    list[str] | None,
    typer.Option(
        help="A condition on the inputs, such as `age <= 30`, `not colour = red` or `input 3`; as often as needed.",
        show_default=False,
    ),
]
Other = Annotated[Path | None, typer.Option(help="Another network, which reads the same inputs.", show_default=False)]


def asked(
    model: Model,
    name: str,
    inputs: list[str],
    label: str | None,
    other: Path | None,
    where: list[str],
    falling: bool,
    scale: int | None,
) -> PropertyQuestion:
    """The property of that name; InputError for options that it does not take, or that are missing.

    Args:
        model: the network.
        name: one of FACTS.
        inputs: which ones, by name.
        label: which one.
        other: another network's file.
        where: conditions.
        falling: the label is to fall, not to rise.
        scale: what grey levels of the other network's file are divided by.
    """
    takes = {REACH: "--label", KEEPS: "--label", IGNORES: "--input", MONOTONE: "--input", EQUAL: "--other"}
    given = {"--label": label is not None, "--input": bool(inputs), "--other": other is not None}
    if not given[takes[name]]:
        raise InputError(f"{name} needs {takes[name]}")
    if stray := [option for option, there in given.items() if there and option != takes[name]]:
        raise InputError(f"{name} takes no {stray[0]}; leave it out")
    if falling and name != MONOTONE:
        raise InputError(f"{name} takes no --falling; leave it out")
    if name == MONOTONE and len(inputs) > 1:
        raise InputError("monotone is asked of one --input at a time")
    against = None if other is None else network_of(other, scale)
    return PropertyQuestion.on(model, name, label=label, inputs=inputs, falling=falling, other=against, where=where)


def told(
    model: Model,
    question: PropertyQuestion,
    method: str,
    limit: float | None,
    certificate: Path | None,
    as_json: bool,
) -> None:
    """Decide a property and print the answer.

    Args:
        model: the network.
        question: the property.
        method: how it is decided.
        limit: seconds, as users give them.
        certificate: folder for a certificate of the answer; None for none.
        as_json: print JSON.

    Raises:
        ResourceError: there is nothing to be certified.
    """
    claim, name = question.claim, question.asked["ask"]
    found = decided(claim, method, seconds(limit))
    try:
        if certificate is not None:
            if found.status == UNKNOWN:
                raise ResourceError("UNKNOWN: there is nothing to be certified; give more time")
            refuting = (found.inputs[0], found.inputs[1]) if found.inputs else None
            certified(question, refuting, certificate, limit)
    finally:
        # The answer is printed even if it cannot be certified.
        print(json.dumps(answer(model, name, found)) if as_json else "\n".join(words(model, claim, name, found)))


def certified(question: PropertyQuestion, refuting: tuple[Bits, Bits] | None, out: Path, limit: float | None) -> None:
    """Write a certificate of a property, or of what refutes it.

    Args:
        question: the property.
        refuting: the inputs that refute it; None where it is proved.
        out: the certificate's folder.
        limit: seconds, as users give them.
    """
    with standing():
        certify_property(question, refuting, out, prover=Prover(deadline=limits.deadline(seconds(limit))))
    print(f"wrote {out}", file=sys.stderr)


def answer(model: Model, name: str, found: Fact) -> dict[str, Any]:
    """An answer as JSON.

    Args:
        model: the network.
        name: of the property.
        found: the answer.
    """
    return {
        "property": name,
        "status": found.status,
        "counterexample": [bits.astype(int).tolist() for bits in found.inputs] or None,
        "labels": _labels(model, found),
        "seconds": round(found.seconds, 3),
        "method": found.method,
    }


def _labels(model: Model, found: Fact) -> list[Any]:
    """The labels of a counterexample as they are called."""
    called: list[Any] = model.called(np.array(found.labels, dtype=np.int64)).tolist()
    return called


def words(model: Model, claim: Property, name: str, found: Fact) -> list[str]:
    """An answer in lines.

    Args:
        model: the network.
        claim: the property in full.
        name: of the property.
        found: the answer.
    """
    labels = _labels(model, found)
    among = f"{claim.inputs.total:,} inputs; {found.seconds:.2f} s, {found.method}"
    if name == REACH:
        # What is proved is that it cannot be.
        verdict = {PROVED: "no input gets this label", REFUTED: "an input gets this label"}
    elif name == KEEPS:
        verdict = {PROVED: "all inputs get this label", REFUTED: "an input gets another one"}
    else:
        verdict = {PROVED: f"{name} holds", REFUTED: f"{name} does not hold"}
    lines = [f"{found.status}: {verdict.get(found.status, 'there was no time to tell')} ({among})"]
    if not found.inputs:
        return lines
    first, second = found.inputs
    lines.append(f"label {labels[0]}: {', '.join(claim.inputs.said(first))}")
    if name == EQUAL:
        lines.append(f"label {labels[1]} by the other network")
    elif name not in (REACH, KEEPS):
        changed = claim.inputs.parts[len(claim.inputs.parts) - claim.changing :]
        part = Inputs(changed, claim.inputs.order, claim.inputs.terms)
        lines.append(f"label {labels[1]} with {', '.join(part.said(second))}")
    return lines


def left_out(model: Model, out: Path | None, limit: float | None, certificate: Path | None, as_json: bool) -> None:
    """Leave out hidden neurons that are needed for no input, and print which.

    Args:
        model: the network.
        out: where the network without them goes; None for nowhere.
        limit: seconds, as users give them.
        certificate: folder for a certificate that both networks say the same; None for none.
        as_json: print JSON.

    Raises:
        ResourceError: there is nothing to be certified.
    """
    found = simplified(model, seconds(limit))
    try:
        if certificate is not None:
            if not found.removed:
                raise ResourceError("no neurons are left out: there is nothing to be certified")
            certified(PropertyQuestion.on(model, EQUAL, other=found.model), None, certificate, limit)
    finally:
        # What was found is told even if it cannot be certified.
        _told_left_out(found, out, as_json)


def _told_left_out(found: Simplified, out: Path | None, as_json: bool) -> None:
    if out is not None:
        found.model.save(out)
    shape, removed, unknown = (
        found.model.network.shape,
        [f"{layer + 1}.{neuron + 1}" for layer, neuron in found.removed],
        [f"{layer + 1}.{neuron + 1}" for layer, neuron in found.open],
    )
    status = UNKNOWN if unknown and not removed else PROVED
    if as_json:
        shown = {"property": REDUNDANT, "status": status, "removed": removed, "open": unknown}
        shown |= {"ignored": list(found.ignored), "unsure": list(found.unsure)}
        print(json.dumps({**shown, "topology": shape.topology, "seconds": round(found.seconds, 3), "method": SAT}))
        return
    neurons = f"neuron{'s' if len(removed) > 1 else ''} {', '.join(removed)} left out" if removed else "none left out"
    print(f"{status}: {neurons}: {shape.words} says the same of all inputs; {found.seconds:.2f} s")
    if unknown:
        print(f"no time to tell: {', '.join(unknown)}")
    if found.ignored:
        print(f"inputs that no label depends on: {', '.join(found.ignored)}")
    if found.unsure:
        print(f"no time to tell of inputs: {', '.join(found.unsure)}")
    if out is not None:
        print(f"wrote {out}")
