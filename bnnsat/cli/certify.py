"""`bnnsat certify` and `bnnsat check`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat.certificates.certificate import Prover, certify
from bnnsat.certificates.claim import CLAIM, Claim, thresholds_of
from bnnsat.cli.models import ModelFile, load
from bnnsat.data.chosen import TaskOptions
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.shape import LEARNED, WEIGHTS


def certify_command(
    model: ModelFile,
    out: Annotated[Path, typer.Option(help="Folder of the certificate.", show_default=False)],
    bound: Annotated[
        int | None,
        typer.Option(
            help="Claim that no network makes fewer errors than this. [default: what training proved]",
            show_default=False,
        ),
    ] = None,
    impossible: Annotated[
        list[str] | None,
        typer.Option("--not", help="Claim, too, that no network of this topology is as good.", show_default=False),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Where the data set is. [default: where it was]", show_default=False)
    ] = None,
    solver: Annotated[str, typer.Option(help="The PySAT solver that writes the proofs.")] = "glucose4",
    prover: Annotated[
        str | None,
        typer.Option(help="Another program for proofs: PROVER FORMULA PROOF, like cadical.", show_default=False),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds for all proofs. [default: none]", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the claim as one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Write a certificate: model, training examples, formulas and proofs that others can check.

    MODEL is what `bnnsat train --out` wrote. Everything that training proved is claimed: the fewest errors (or the
    lower bound), and what --then reached. The formulas are those of a small plain encoder, proved anew.
    """
    if bound is not None and bound < 0:
        raise InputError(f"--bound {bound} is below 0; no network makes fewer errors than none")
    loaded = load(model)
    about = loaded.about
    claim = _claim(loaded, about, bound, tuple(impossible or ()))
    if data is not None:
        claim.task["data"] = TaskOptions(**{**claim.task, "data": data}).noted()["data"]
    task = TaskOptions(**claim.task).task(loaded.network.shape.sizes[-1])
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"time limit {time_limit:g} is not above 0; give seconds")
    deadline = None if time_limit is None else time.monotonic() + time_limit
    made = certify(
        claim, loaded, task.inputs, task.labels, out, Prover(solver, prover, deadline), _silent if quiet else _note
    )
    if as_json:
        print(json.dumps({"certificate": str(out), **json.loads(made.dumps())}))
        return
    proofs = len(made.trees)
    print(f"{out / CLAIM}: {made.errors} errors, at least {made.lower_bound}, {proofs or 'no'} proofs needed")


def check_command(
    folder: Annotated[Path, typer.Argument(help="A folder that `bnnsat certify` wrote.", metavar="DIR")],
    checker: Annotated[
        str | None,
        typer.Option(
            help="Another program to check proofs: CHECKER FORMULA PROOF has to say VERIFIED, like drat-trim.",
            show_default=False,
        ),
    ] = None,
    proof: Annotated[
        list[str] | None,
        typer.Option(help="Another proof of a formula there, like errors=FILE.", show_default=False),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Where the data set is, if not where the certificate says.", show_default=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Check a certificate, in a process without any of the search. Exit code 0: VERIFIED; 1: what failed.

    The network is replayed, each formula written anew and compared byte by byte, and each proof checked.
    """
    # -P keeps what lies in the current folder from being imported.
    command = [sys.executable, "-P", "-m", "bnnsat.certificates.check"]
    command += [] if checker is None else ["--checker", checker]
    command += [part for given in proof or () for part in ("--proof", given)]
    command += ["--data", data] if data else []
    command += ["--quiet"] if quiet else []
    command += ["--", str(folder)]
    sys.stdout.flush()
    if code := subprocess.run(command, check=False).returncode:
        raise typer.Exit(code)


def _claim(model: Model, about: dict[str, Any], bound: int | None, impossible: tuple[str, ...]) -> Claim:
    if not {"task", "errors", "lower_bound", "status", "then", "class_weights", "threshold"} <= about.keys():
        raise InputError("the model does not say what it was trained on; certify what `bnnsat train --out` wrote")
    shape = model.network.shape
    best = about["status"] == "OPTIMAL" and bound in (None, about["errors"])
    reached: dict[str, int] = {}
    for level in about["then"]:
        if not best or level["status"] != "OPTIMAL":
            break
        reached[level["objective"]] = level["value"]
    return Claim(
        shape.topology,
        shape.activation,
        shape.head,
        about["errors"],
        about["lower_bound"] if bound is None else bound,
        margin=reached.get("margin"),
        nonzero=reached.get("sparse"),
        impossible=impossible,
        thresholds=thresholds_of(shape, learned=about["threshold"] == LEARNED),
        kind=WEIGHTS[shape.repeat - 1],
        class_weights=tuple(about["class_weights"] or ()),
        task=dict(about["task"]),
    )


def _note(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _silent(words: str) -> None:
    pass
