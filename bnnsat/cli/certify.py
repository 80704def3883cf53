"""`bnnsat certify` and `bnnsat check`."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from bnnsat.campaigns.asked import ASKED
from bnnsat.campaigns.shapes.certificate import CERTIFICATE
from bnnsat.certificates.certify import certify, certify_robustness
from bnnsat.certificates.claim import CLAIM, Statement
from bnnsat.certificates.prover import Prover, program
from bnnsat.cli import integer_models
from bnnsat.cli.models import ModelFile
from bnnsat.cli.options import Quiet, seconds
from bnnsat.cli.shapes import RESULTS
from bnnsat.cli.signals import signals
from bnnsat.data.read import found
from bnnsat.errors import InputError, ResourceError
from bnnsat.integers.model import is_integers
from bnnsat.model import Model
from bnnsat.plural import counted

PATIENCE_SECONDS = 5
"""What a process that is interrupted has to end in good order."""
KNOWN = 0, 1, 2, 3, 130
"""What the process that checks ends with: VERIFIED or not, a fault of the input, of another program, Ctrl-C."""


def certify_command(
    model: ModelFile,
    out: Annotated[Path, typer.Option(help="Folder of the certificate.", show_default=False)],
    bound: Annotated[
        int | None,
        typer.Option(
            "--bound",
            "--radius",
            help="Claim that no network makes fewer errors than this (default: what training proved), or that no "
            "change of fewer bits of --example does it (default: the fewest that do, found first).",
            show_default=False,
        ),
    ] = None,
    impossible: Annotated[
        list[str] | None,
        typer.Option("--not", help="Claim, too, that no network of this topology is as good.", show_default=False),
    ] = None,
    example: Annotated[
        int | None,
        typer.Option(
            help="Certify the network's answer for this training example (from 0) instead: how few of its bits have to "
            "change until the network names another label (or none)?",
            rich_help_panel="Robustness",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Where the data set is. (default: where it was)", show_default=False)
    ] = None,
    solver: Annotated[str, typer.Option(help="The PySAT solver that writes the proofs.")] = "cadical195",
    prover: Annotated[
        str | None,
        typer.Option(help="Another program for proofs: PROVER FORMULA PROOF, like cadical.", show_default=False),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds for all proofs. (default: none)", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the claim as one JSON object.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write a certificate: a claim about a model, its data, formulas and proofs that others can check.

    MODEL is what `bnnsat train --out` wrote. Everything that training proved is claimed: the fewest errors (or the
    lower bound), and what --then reached; or, with --example, how robust its answer for an example is. The formulas
    are written by a small plain encoder, and proved anew.
    """
    if bound is not None and bound < 0:
        raise InputError(f"--bound {bound} is below 0; nothing is fewer than none")
    if example is not None and bound == 0:
        raise InputError("--radius 0 says nothing: the example itself keeps its label; give 1 or more")
    if example is not None and impossible:
        raise InputError("--not is about training, and --example about one network; leave one out")
    limit = seconds(time_limit)
    proving = Prover(solver, prover, None if limit is None else time.monotonic() + limit)
    if is_integers(model):
        if stray := [name for name, there in (("--example", example is not None), ("--json", as_json)) if there]:
            raise InputError(f"networks with relu take no {stray[0]}; leave it out")
        note = _silent if quiet else _note
        print(integer_models.certified(model, out, bound, impossible or [], data, proving, note))
        return
    loaded = Model.load(model)
    note = _silent if quiet else _note
    if example is None:
        made = certify(loaded, out, bound=bound, impossible=impossible or (), data=data, prover=proving, note=note)
    else:
        made = certify_robustness(loaded, example, out, radius=bound, data=data, prover=proving, note=note)
    if as_json:
        print(json.dumps({"certificate": str(out), **json.loads(made.dumps())}))
        return
    proofs = sum(statement.trees is not None for statement in made.impossible)
    attained = ", ".join(_attained(statement) for statement in made.attained)
    needed = f"{counted(proofs, 'proof') if proofs else 'no proofs'} needed"
    if not made.impossible and not any(statement.sums.get("errors") == 0 for statement in made.attained):
        needed = "and no claim that fewer are impossible (no lower bound was proved; --bound asks for one)"
    print(f"{out / CLAIM}: {attained or 'a bound'}, {needed}")


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
        typer.Option(
            help="Where the data set is, if not where the certificate says; of --vnnlib the ONNX file.",
            show_default=False,
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Check a certificate, in a process without any of the search. Exit code 0: VERIFIED; 1: what failed.

    Solutions are replayed, each formula is written anew and compared byte by byte, and each proof is checked.
    """
    _there(checker, proof or (), data)
    folder = _certificate(folder)
    # -P keeps what lies in the current folder from being imported.
    command = [sys.executable, "-P", "-m", "bnnsat.certificates.check"]
    command += [] if checker is None else ["--checker", checker]
    command += [part for given in proof or () for part in ("--proof", given)]
    command += ["--data", data] if data else []
    command += ["--quiet"] if quiet else []
    command += ["--", str(folder)]
    if checker is None and not quiet and find_spec("cdclkit_native") is None:
        _note("without the extra proofs (pip install 'bnnsat[proofs]') checking takes some fifteen times as long")
    sys.stdout.flush()
    code = _to_end(command)
    if code not in KNOWN:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        raise ResourceError(f"the process that checks {how}; nothing is known of the certificate")
    if code:
        raise typer.Exit(code)


def _certificate(folder: Path) -> Path:
    """The folder that holds the claim; InputError where there is none: no fault of a certificate."""
    for place in (folder, folder / CERTIFICATE):
        if (place / CLAIM).exists():
            return place
    which = "say which folder `certify`, `--certificate` or `--out` wrote"
    if not folder.is_dir():
        raise InputError(f"{folder} {'is no folder' if folder.exists() else 'is not there'}; {which}")
    if (folder / ASKED).exists() and (folder / RESULTS).exists():
        raise InputError(
            f"{folder} holds shapes, and no certificate: some are unfinished, or there was no time for it, or it was "
            "left out; the same `shapes` command with a longer --time-limit or --proof-limit, and without "
            "--no-certificate, writes it"
        )
    raise InputError(f"{folder} holds no certificate (there is no {CLAIM}); {which}")


def _to_end(command: list[str]) -> int:
    """The code of a program; what interrupts this process interrupts it, too, and any that it has started."""
    with signals(), subprocess.Popen(command) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_SECONDS)
            process.kill()
            raise


def _there(checker: str | None, proofs: Sequence[str], data: str | None) -> None:
    """Raise InputError for what is not there: no fault of the certificate."""
    if checker is not None and shutil.which(name := program(checker, "the checker")[0]) is None:
        raise InputError(f"the checker {name} is no program that can be run; name one, like drat-trim")
    for given in proofs:
        if not Path(given.partition("=")[2]).is_file():
            raise InputError(f"--proof {given} names no file; write it like errors=FILE")
    if data is not None:
        found(data)


def _attained(statement: Statement) -> str:
    """What a solution attains; a margin has its errors in a statement before."""
    if "margin" in statement.changes:
        return f"margin {statement.changes['margin']}"
    return ", ".join(
        f"{value} nonzero" if name == "nonzero" else counted(value, name) for name, value in statement.sums.items()
    )


def _note(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _silent(words: str) -> None:
    pass
