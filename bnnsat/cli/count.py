"""`bnnsat count`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bnnsat.cli.facts import Other, Where
from bnnsat.cli.models import AnyModel, InputScale
from bnnsat.cli.networks import network_of
from bnnsat.cli.options import AsJson, seconds
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.questions.inputs import Inputs
from bnnsat.verification import counts
from bnnsat.verification.counts import Ball, count
from bnnsat.verification.outside import DELTA, EPSILON
from bnnsat.verification.rows import bits_of


def count_command(
    model: AnyModel,
    where: Where = None,
    other: Other = None,
    data: Annotated[
        str | None, typer.Option(help="Where the example is, near which inputs are counted.", show_default=False)
    ] = None,
    example: Annotated[int, typer.Option(help="Which example, from 0.")] = 0,
    radius: Annotated[
        int | None, typer.Option(help="Bits by which an input may differ from the example.", show_default=False)
    ] = None,
    method: Annotated[str, typer.Option(help=", ".join(counts.METHODS) + ".")] = counts.AUTO,
    time_limit: Annotated[float | None, typer.Option(help="Seconds. (default: none)", show_default=False)] = None,
    input_scale: InputScale = None,
    as_json: AsJson = False,
) -> None:
    """Count exactly how many inputs get each label, or on how many two networks differ.

    --method approxmc counts nearly, where nothing else goes.

    Inputs are counted by the network's own bits: of a column those patterns that a value can have, also one that was
    not there in training.
    """
    network = network_of(model, input_scale)
    if (data is None) != (radius is None):
        raise InputError("inputs near an example need both --data and --radius")
    ball = None
    if data is not None and radius is not None:
        if radius < 0:
            raise InputError(f"--radius {radius} is negative; give a whole number from 0")
        ball = Ball(bits_of(network, data, example)[Inputs.of(network).read], radius)
    found = count(
        network,
        where=where or (),
        other=None if other is None else network_of(other, input_scale),
        ball=ball,
        method=method,
        seconds=seconds(time_limit),
    )
    total = sum(found.by_label) + found.none
    if as_json:
        shown = {"counts": list(found.by_label), "none": found.none, "differing": found.differing, "exact": found.exact}
        shown |= {} if found.exact else {"epsilon": EPSILON, "delta": DELTA}
        labels = list(network.labels or range(len(found.by_label)))
        print(json.dumps({"labels": labels, **shown, "seconds": round(found.seconds, 3), "method": found.method}))
        return
    names = [*map(str, network.labels or range(len(found.by_label))), *(["none"] if found.none else [])]
    numbers = [*found.by_label, *([found.none] if found.none else [])]
    width, digits = max(map(len, names)), max(len(f"{number:,}") for number in numbers)
    for label, number in zip(names, numbers, strict=True):
        print(f"{label:{width}}  {number:>{digits},}  {number / max(1, total):.2%}")
    if found.differing is not None:
        print(f"the networks differ on {found.differing:,} of {counted(total, 'input')}")
    sure = "exact" if found.exact else f"within a factor of {1 + EPSILON:g} with a probability of {1 - DELTA:g} each"
    print(f"{sure}, of {total:,} inputs; {found.seconds:.2f} s, {found.method}")
