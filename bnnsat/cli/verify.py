"""`bnnsat verify`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bnnsat.cli.facts import FACTS, Other, Where, asked, told
from bnnsat.cli.models import AnyModel, InputScale
from bnnsat.cli.options import AsJson, seconds
from bnnsat.cli.verifying import batch
from bnnsat.errors import InputError
from bnnsat.foreign.imported import opened
from bnnsat.verify.facts import AUTO, METHODS
from bnnsat.verify.flips import NORMS
from bnnsat.verify.minimum import CHANGES, KEEPS, Minimum, minimum
from bnnsat.verify.rows import row_of

ROBUST = "robust"
PROPERTIES = ROBUST, *FACTS


def verify_command(
    model: AnyModel,
    property_: Annotated[str, typer.Argument(help=f"What is asked: {', '.join(PROPERTIES)}.", metavar="PROPERTY")],
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
    input_: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            help="ignores, monotone: a column's name, or a raw input's number from 0; of ignores as often as needed.",
            show_default=False,
        ),
    ] = None,
    label: Annotated[str | None, typer.Option(help="reach: the label.", show_default=False)] = None,
    falling: Annotated[bool, typer.Option("--falling", help="monotone: the label never rises.")] = False,
    other: Other = None,
    where: Where = None,
    method: Annotated[str, typer.Option(help="Of properties of all inputs: " + ", ".join(METHODS) + ".")] = AUTO,
    time_limit: Annotated[float | None, typer.Option(help="Seconds. (default: none)", show_default=False)] = None,
    input_scale: InputScale = None,
    as_json: AsJson = False,
) -> None:
    """Prove what a network does, or refute it.

    robust: no change of an example's values (grey levels, or bits) makes the network say something else, within a
    radius; or the least change that does. Each answer is replayed; at the time limit a proved bound is left.

    Of all inputs: reach: no input gets a label. ignores: the label does not depend on some inputs. monotone: where the
    value of an input goes up, the label (as labels are listed) never goes down. equal: another network says the same.
    """
    if property_ not in PROPERTIES:
        raise InputError(f"unknown property {property_!r}; there are {', '.join(PROPERTIES)}")
    if property_ != ROBUST:
        network = opened(model, input_scale)
        if stray := [
            name for name, there in (("--data", data), ("--radius", radius), ("--minimum", minimum_)) if there
        ]:
            raise InputError(f"{property_} is about all inputs and takes no {stray[0]}; leave it out")
        claim = asked(network, property_, input_ or [], label, other, where or [], falling, input_scale)
        told(network, property_, claim, method, time_limit, as_json)
        return
    _only_robust(input_, label, other, where, falling)
    if data is None:
        raise InputError("robust needs --data, where the example is")
    if minimum_ and radius is not None:
        raise InputError("--minimum and --radius are two questions; ask one of them")
    if radius is not None and radius < 0:
        raise InputError(f"--radius {radius} is negative; give a whole number from 0")
    limit = seconds(time_limit)
    if norm not in NORMS:
        raise InputError(f"unknown norm {norm!r}; there are {', '.join(NORMS)}")
    if examples is not None:
        part = {"norm": norm, "radius": radius, "tied": tied, "seconds_limit": limit}
        batch(model, input_scale, data, examples, part, jobs, dask, out, as_json)
        return
    if stray := [name for name, there in (("--dask", dask), ("--out", out), ("--jobs", jobs > 1)) if there]:
        raise InputError(f"{stray[0]} is for many examples; say which with --examples")
    network = opened(model, input_scale)
    found = minimum(network, row_of(network, data, example), norm, radius=radius, tied=tied, seconds=limit)
    if as_json:
        raw = None if found.counterexample is None else found.counterexample.tolist()
        print(
            json.dumps(
                {
                    "status": found.status,
                    "value": found.value,
                    "lower_bound": found.lower_bound,
                    "label": found.label,
                    "new_label": found.new_label,
                    "counterexample": raw,
                    "changed": list(found.changed),
                    "seconds": round(found.seconds, 3),
                    "method": found.method,
                }
            )
        )
        return
    print("\n".join(_words(found, norm, radius)))


def _only_robust(*options: object) -> None:
    """InputError for an option that is about all inputs."""
    names = ("--input", "--label", "--other", "--where", "--falling")
    if stray := [name for name, there in zip(names, options, strict=True) if there]:
        raise InputError(f"robust takes no {stray[0]}; leave it out")


def _words(found: Minimum, norm: str, radius: int | None) -> list[str]:
    """What was found, in lines."""
    if found.value is None:
        proved = f"no change of {norm} below {found.lower_bound} makes the network say another label than {found.label}"
        if found.status == "PROVED":
            what = f"within {radius}" if radius is not None else "at all"
            proved = f"no change {what} ({norm}) makes the network say another label than {found.label}"
        return [f"{found.status}: {proved}; {found.seconds:.2f} s, {found.method}"]
    label = "none" if found.new_label == -1 else found.new_label
    bound = "" if radius is not None else f", at least {found.lower_bound} proved"
    return [
        f"{found.status}: {norm} {found.value}{bound}: label {found.label} becomes {label}; "
        f"{found.seconds:.2f} s, {found.method}",
        f"changed values: {', '.join(map(str, found.changed)) or 'none'}",
    ]
