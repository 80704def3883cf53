"""`bnnsat verify`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bnnsat.cli.models import AnyModel, InputScale
from bnnsat.cli.options import AsJson, seconds
from bnnsat.errors import InputError
from bnnsat.foreign.imported import opened
from bnnsat.verify.flips import NORMS
from bnnsat.verify.minimum import CHANGES, KEEPS, Minimum, minimum
from bnnsat.verify.rows import row_of

PROPERTIES = ("robust",)


def verify_command(
    model: AnyModel,
    property_: Annotated[str, typer.Argument(help=f"What is asked: {', '.join(PROPERTIES)}.", metavar="PROPERTY")],
    data: Annotated[
        str,
        typer.Option(
            help="Where the example is: a data set, a file (of .npz X is enough) or a folder.", show_default=False
        ),
    ],
    example: Annotated[int, typer.Option(help="Which example, from 0.")] = 0,
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
    time_limit: Annotated[float | None, typer.Option(help="Seconds. (default: none)", show_default=False)] = None,
    input_scale: InputScale = None,
    as_json: AsJson = False,
) -> None:
    """Prove what a network does, or refute it.

    robust: no change of an example's values (grey levels, or bits) makes the network say something else, within a
    radius; or the least change that does. Each answer is replayed; at the time limit a proved bound is left.
    """
    if property_ not in PROPERTIES:
        raise InputError(f"unknown property {property_!r}; there are {', '.join(PROPERTIES)}")
    if minimum_ and radius is not None:
        raise InputError("--minimum and --radius are two questions; ask one of them")
    if radius is not None and radius < 0:
        raise InputError(f"--radius {radius} is negative; give a whole number from 0")
    network = opened(model, input_scale)
    found = minimum(
        network, row_of(network, data, example), norm, radius=radius, tied=tied, seconds=seconds(time_limit)
    )
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
