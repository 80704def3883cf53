"""`bnnsat import`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bnnsat import files
from bnnsat.cli.options import AsJson
from bnnsat.drawing.show import title
from bnnsat.errors import InputError
from bnnsat.foreign.imported import divisor_of, imported
from bnnsat.plural import counted
from bnnsat.verification.rows import rows_of

REPLAYED = 1_000
"""Random examples, unless something else is said."""


def import_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="An .onnx file (also QONNX), .npz or .safetensors of a state dict, or a folder of blocks.",
            metavar="FILE",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the model.", show_default=False)],
    input_scale: Annotated[
        int | None,
        typer.Option(
            help="What a grey level is divided by before it comes in; 255 for inputs from 0 to 1. (default: 1)",
            show_default=False,
        ),
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(
            help="Of a state dict: its layers in their order, separated by commas. (default: as they stand there)",
            show_default=False,
        ),
    ] = None,
    epsilon: Annotated[
        float | None,
        typer.Option(help="Of a state dict's normalisations. (default: 1e-5, PyTorch's)", show_default=False),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Examples to replay. (default: random ones)", show_default=False),
    ] = None,
    replay: Annotated[
        int | None,
        typer.Option(help=f"Examples to replay. (default: {REPLAYED}, or all of the data)", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of random examples.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Read a binary network of another program, and hold it against that program, layer by layer.

    Normalisations are folded into thresholds by exact arithmetic. What is replayed has to have the same bits behind
    each layer and the same label; ONNX files are run by onnxruntime (extra onnx), state dicts in single precision.
    """
    if replay is not None and replay < 0:
        raise InputError(f"--replay {replay} is negative; give a number of examples, or 0 for none")
    if seed < 0:
        raise InputError(f"--seed {seed} is negative; give 0 or more")
    names = tuple(name.strip() for name in layers.split(",")) if layers is not None else ()
    found = imported(file, divisor_of(input_scale), names, epsilon)
    if data is None:
        inputs = found.random(REPLAYED if replay is None else replay, seed)
    else:
        inputs = rows_of(data, None)[:replay]
    if len(inputs):
        found.replay(inputs)
    files.folder(out)
    found.model.save(out / "model.json")
    if as_json:
        print(json.dumps({"topology": found.model.network.shape.topology, "replayed": len(inputs), "out": str(out)}))
        return
    print(f"{out}: {title(found.model)}")
    domain = found.walk.domain
    what = "grey levels, each compared first" if domain is None else f"bits, {domain[0]} and {domain[1]} in the file"
    print(f"its inputs are {what}", file=sys.stderr)
    if input_scale is None and found.doubt:
        print(found.doubt, file=sys.stderr)
    equal = (
        "nothing was replayed"
        if not len(inputs)
        else f"{counted(len(inputs), 'example')} replayed: all bits and labels are equal"
    )
    print(equal, file=sys.stderr)
