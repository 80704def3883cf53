"""`bnnsat distill`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat import limits
from bnnsat.certificates.prover import Prover
from bnnsat.cli.models import InputScale
from bnnsat.cli.networks import network_of
from bnnsat.cli.options import AsJson, Quiet, seconds
from bnnsat.cli.signals import signals
from bnnsat.cli.standing import standing
from bnnsat.data.read import found
from bnnsat.distilling.distill import DELTA, EPSILON, distill
from bnnsat.distilling.families import DEPTH, FAMILIES, LIST
from bnnsat.distilling.families import TREE as TREES
from bnnsat.errors import InputError
from bnnsat.integers.model import is_integers
from bnnsat.model import Model
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.source import is_table, read_table
from bnnsat.verification.rows import every_row

QUERIES = ("--epsilon", "--delta", "--max-queries", "--data")


def distill_command(
    model: Annotated[
        Path,
        typer.Argument(
            help="A model.json, its folder, or a file that `bnnsat import` takes; none with relu (these in Python).",
            metavar="MODEL",
        ),
    ],
    family: Annotated[str, typer.Option(help=", ".join(FAMILIES) + ".")] = LIST,
    depth: Annotated[
        int | None, typer.Option(help=f"{TREES}: of the deepest. (default: {DEPTH})", show_default=False)
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="The one that is told from the rest, of more than two.", show_default=False)
    ] = None,
    closest: Annotated[
        bool,
        typer.Option(
            "--closest",
            help="Where no program equals the network: also the best on a sample, and on how many inputs it differs. "
            "(Single lists and trees: always.)",
        ),
    ] = False,
    black_box: Annotated[
        bool, typer.Option("--black-box", help="Ask by random queries only, as if the weights were not known.")
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(help="--black-box: rows from which queries are drawn. (default: any inputs)", show_default=False),
    ] = None,
    epsilon: Annotated[float, typer.Option(help="--black-box: disagreement that is allowed.")] = EPSILON,
    delta: Annotated[float, typer.Option(help="--black-box: probability that the claim is wrong.")] = DELTA,
    max_queries: Annotated[
        int | None,
        typer.Option(help="--black-box: at most. (default: as epsilon and delta ask for)", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of what is random.")] = 0,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="Processors. (default: all)", show_default=False)
    ] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds. (default: none)", show_default=False)] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for model.json, the program, and result.json.", show_default=False)
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a certificate, which `bnnsat check` verifies: of equality, or that no program equals "
            "the network; where it was proved.",
            show_default=False,
        ),
    ] = None,
    input_scale: InputScale = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say what a network does by the smallest program of a family: lists of decisions, score cards, a tree.

    EQUAL: the program says the same of all inputs, proved. IMPOSSIBLE: no program of the family does, proved.

    --black-box: CONSISTENT: the program agrees with as many random queries as are needed for the claim that it
    differs on at most a share epsilon of the inputs, with a probability of 1 - delta.
    """
    limit = seconds(time_limit)
    given = epsilon != EPSILON, delta != DELTA, max_queries is not None, data is not None
    if (stray := [name for name, there in zip(QUERIES, given, strict=True) if there]) and not black_box:
        raise InputError(f"{stray[0]} is for random queries; add --black-box, or leave it out")
    if black_box and certificate is not None:
        raise InputError("a certificate is of what is proved, not of random queries; leave --black-box out")
    if is_integers(model):
        raise InputError(
            f"{model}: networks of whole numbers (relu) are distilled in Python, as functions of bits (docs/distill.md)"
        )
    network = network_of(model, input_scale)
    with signals():
        made = distill(
            network,
            family,
            depth=depth,
            data=None if data is None else _rows(network, data),
            label=label,
            black_box=black_box,
            epsilon=epsilon,
            delta=delta,
            max_queries=max_queries,
            closest=closest,
            seed=seed,
            jobs=jobs,
            time_limit=limit,
            keep_interrupted=True,
            on_step=(lambda _: None) if quiet else _note,
        )
    try:
        if out is not None:
            made.save(out)
            _note(f"wrote {out}", not quiet)
        if certificate is not None:
            with standing():
                made.certify(certificate, prover=Prover(deadline=limits.deadline(limit)))
            _note(f"wrote {certificate}", not quiet)
    finally:
        # The answer is printed even if it cannot be written or certified.
        print(json.dumps(made.noted()) if as_json else f"{made}\n{made.seconds:.2f} s", flush=True)


def _rows(model: Model, data: str) -> Any:
    """Examples, as the model takes them."""
    if is_table(data) and isinstance(model.preprocessing.binarizer, TableBinarizer):
        found(data)
        return read_table(data)
    return every_row(model, data)


def _note(step: str, told: bool = True) -> None:
    if told:
        print(step, file=sys.stderr, flush=True)
