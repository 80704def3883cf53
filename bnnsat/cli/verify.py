"""`bnnsat verify`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from bnnsat.cli import integer_facts
from bnnsat.cli.batch import batch
from bnnsat.cli.boxes import box
from bnnsat.cli.facts import FACTS, REDUNDANT, Other, Where, asked, left_out, told
from bnnsat.cli.models import AnyModel, InputScale
from bnnsat.cli.networks import network_of
from bnnsat.cli.options import AsJson, seconds
from bnnsat.cli.properties import ask_all
from bnnsat.cli.robust import answered, certified, places_of, words
from bnnsat.cli.standing import standing
from bnnsat.errors import InputError
from bnnsat.foreign.imported import divisor_of, imported, is_foreign
from bnnsat.integers.model import is_integers
from bnnsat.verification.answer import CHANGES, KEEPS
from bnnsat.verification.facts import AUTO, METHODS
from bnnsat.verification.flips import NORMS
from bnnsat.verification.minimum import WAYS

ROBUST, TOML = "robust", ".toml"
PROPERTIES = ROBUST, *FACTS, REDUNDANT


def verify_command(
    model: AnyModel,
    property_: Annotated[
        str | None,
        typer.Argument(
            help=f"What is asked: {', '.join(PROPERTIES)}, or a FILE.toml.", metavar="PROPERTY", show_default=False
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="robust: where the example is: a data set, a file (of .npz X is enough) or a folder.",
            show_default=False,
        ),
    ] = None,
    example: Annotated[int, typer.Option(help="Which example, from 0.")] = 0,
    examples: Annotated[
        str | None,
        typer.Option(help="robust: many examples, like 0-99, or all, each with the time limit.", show_default=False),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Of many examples: parts of 20 at a time.")] = 1,
    dask: Annotated[
        str | None, typer.Option(help="Of many examples: address of a Dask scheduler (extra dask).", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Of many examples: folder of results; a stopped run there goes on.", show_default=False),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a certificate of the answer, which `bnnsat check` verifies.",
            show_default=False,
        ),
    ] = None,
    norm: Annotated[
        str,
        typer.Option(help=f"{', '.join(NORMS)}: values that change, their sum, their sum of squares, the largest."),
    ] = "l0",
    minimum_: Annotated[bool, typer.Option("--minimum", help="The least change that does it. (default)")] = False,
    radius: Annotated[
        int | None,
        typer.Option(help="Whether a change of at most this does it, instead of the least one.", show_default=False),
    ] = None,
    tied: Annotated[
        str, typer.Option(help=f"{KEEPS} or {CHANGES}: whether a class with as many points as the label's is a change.")
    ] = CHANGES,
    within: Annotated[
        str | None,
        typer.Option(help="robust: raw inputs that may change, like 0-27,100. (default: all)", show_default=False),
    ] = None,
    input_: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            help="ignores, monotone: a column's name, or a raw input's number from 0; of ignores as often as needed.",
            show_default=False,
        ),
    ] = None,
    label: Annotated[str | None, typer.Option(help="reach, keeps: the label.", show_default=False)] = None,
    falling: Annotated[bool, typer.Option("--falling", help="monotone: the label never rises.")] = False,
    other: Other = None,
    simplify: Annotated[
        Path | None,
        typer.Option(help="redundant: the file for the network without such neurons.", show_default=False),
    ] = None,
    where: Where = None,
    vnnlib: Annotated[
        Path | None,
        typer.Option(
            help="In place of PROPERTY: a VNN-LIB file (also .gz) about an ONNX network over numbers, also with "
            "convolutions.",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(help=f"Of properties of all inputs: {', '.join(METHODS)}. Of robust: {', '.join(WAYS)}."),
    ] = AUTO,
    time_limit: Annotated[float | None, typer.Option(help="Seconds. (default: none)", show_default=False)] = None,
    input_scale: InputScale = None,
    as_json: AsJson = False,
) -> None:
    """Prove what a network does, or refute it.

    robust: no change of an example's values (grey levels, levels of columns, or bits) makes the network say something
    else, within a radius; or the least change that does. Each answer is replayed; at the time limit a proved bound is
    left.

    Of all inputs: reach: no input gets a label; keeps: all get it. ignores: the label does not depend on some inputs.
    monotone: where the value of an input goes up, the label (as labels are listed) never goes down.
    equal: another network says the same.
    redundant: hidden neurons that no input needs, one after the other; they can be left out.
    FILE.toml: several of these.

    --vnnlib: whether a violation that the file describes can occur, within its bounds of the inputs.
    """
    given = (
        ("--data", data),
        ("--examples", examples),
        ("--out", out),
        ("--certificate", certificate if property_ not in (*FACTS, REDUNDANT) else None),
        ("--radius", radius is not None),
        ("--minimum", minimum_),
        ("--within", within),
    )
    if vnnlib is not None:
        _without(input_, label, other, where, falling, simplify, what="--vnnlib")
        if property_ is not None or method != AUTO or any(there for name, there in given if name != "--certificate"):
            raise InputError("--vnnlib says all that is asked; leave PROPERTY and the other options out")
        box(model, vnnlib, input_scale, time_limit, certificate, as_json)
        return
    if property_ is None:
        raise InputError(f"say what is asked: {', '.join(PROPERTIES)}, a FILE.toml, or --vnnlib FILE")
    if is_integers(model):
        _without(input_, None, other, where, falling, simplify, what="a network with relu")
        more = (("--jobs", jobs > 1), ("--dask", dask), ("--method", method != AUTO), ("--tied", tied != CHANGES))
        others, taken = (
            (*given, *more, ("--input-scale", input_scale)),
            ("--data", "--certificate", "--radius", "--minimum"),
        )
        if stray := [name for name, there in others if there and name not in taken]:
            raise InputError(f"networks with relu take no {stray[0]}; leave it out")
        integer_facts.verified(
            model,
            property_,
            data=data,
            example=example,
            norm=norm,
            radius=radius,
            label=label,
            certificate=certificate,
            time_limit=seconds(time_limit),
            as_json=as_json,
        )
        return
    if property_ != ROBUST and (stray := [name for name, there in given if there]):
        raise InputError(f"{property_} is about all inputs and takes no {stray[0]}; leave it out")
    if property_.endswith(TOML):
        _without(input_, label, other, where, falling, simplify, what=property_)
        ask_all(network_of(model, input_scale), Path(property_), method, time_limit, input_scale, as_json)
        return
    if property_ not in PROPERTIES:
        raise InputError(f"unknown property {property_!r}; there are {', '.join(PROPERTIES)}")
    if property_ != ROBUST:
        network = network_of(model, input_scale)
        if property_ == REDUNDANT:
            _without(input_, label, other, where, falling, what=REDUNDANT)
            left_out(network, simplify, time_limit, certificate, as_json)
            return
        if simplify is not None:
            raise InputError(f"{property_} takes no --simplify; leave it out")
        question = asked(network, property_, input_ or [], label, other, where or [], falling, input_scale)
        told(network, question, method, time_limit, certificate, as_json)
        return
    _without(input_, label, other, where, falling, simplify, what=ROBUST)
    if method not in WAYS:
        raise InputError(f"unknown method {method!r}; of robust there are {', '.join(WAYS)}")
    if method != AUTO and examples is not None:
        raise InputError("--method is for one example; many take what fits the network")
    if tied not in (KEEPS, CHANGES):
        raise InputError(f"ties are said by {KEEPS} or {CHANGES}, not {tied!r}")
    if data is None:
        raise InputError("robust needs --data, where the example is")
    if minimum_ and radius is not None:
        raise InputError("--minimum and --radius are two questions; ask one of them")
    if radius is not None and radius < 0:
        raise InputError(f"--radius {radius} is negative; give a whole number from 0")
    limit = seconds(time_limit)
    if norm not in NORMS:
        raise InputError(f"unknown norm {norm!r}; there are {', '.join(NORMS)}")
    places = None if within is None else places_of(within)
    if certificate is not None and examples is not None:
        raise InputError("a certificate is of one example; say which with --example")
    if examples is not None:
        part = {"norm": norm, "radius": radius, "tied": tied, "within": places, "seconds_limit": limit}
        batch(model, input_scale, data, examples, part, jobs, dask, out, as_json)
        return
    if stray := [name for name, there in (("--dask", dask), ("--out", out), ("--jobs", jobs > 1)) if there]:
        raise InputError(f"{stray[0]} is for many examples; say which with --examples")
    network = network_of(model, input_scale)
    found = answered(network, data, example, norm, radius, tied, places, limit, method)
    if is_foreign(model) and found.counterexample is not None:
        # What the file's own program says of it.
        imported(model, divisor_of(input_scale)).replay(found.counterexample[np.newaxis])
    try:
        if certificate is not None:
            with standing():
                certified(network, data, example, found, norm, tied, places, certificate, limit)
    finally:
        # The answer is printed even if it cannot be certified.
        print(json.dumps(found.noted(network)) if as_json else "\n".join(words(network, found, norm, radius, within)))


def _without(*options: object, what: str) -> None:
    """InputError for an option of another property."""
    names = ("--input", "--label", "--other", "--where", "--falling", "--simplify")
    if stray := [name for name, there in zip(names, options, strict=False) if there]:
        raise InputError(f"{what} takes no {stray[0]}; leave it out")
