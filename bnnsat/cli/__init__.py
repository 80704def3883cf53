"""The command line: words and options only; what they stand for is in the other rooms.

`bnnsat train`, `certify`, `check`, `export`, `import`, `import-model`, `submission`, `compare`, `predict`, `show`,
`verify`, `explain`, `count`, `distill`, `solve`, `shapes`, `conquer`, `data`.

Results go to standard output, progress and complaints to standard error. Exit code 0 with a
result, 2 for bad input (one line says what), 3 when a resource ran out before any result.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import warnings
from pathlib import Path

import typer
from typer.exceptions import Abort, Exit, TyperException

from bnnsat.cli.arguments import grouped
from bnnsat.cli.certify import certify_command, check_command
from bnnsat.cli.compare import compare_command
from bnnsat.cli.conquer import conquer_command
from bnnsat.cli.count import count_command
from bnnsat.cli.data import app as data_app
from bnnsat.cli.distill import distill_command
from bnnsat.cli.explain import explain_command
from bnnsat.cli.export import export_command
from bnnsat.cli.former import renamed
from bnnsat.cli.imports import import_command as import_network_command
from bnnsat.cli.models import predict_command, show_command
from bnnsat.cli.shapes import shapes_command
from bnnsat.cli.solution import import_command
from bnnsat.cli.solve import solve_command
from bnnsat.cli.submission import submission_command
from bnnsat.cli.train import train_command
from bnnsat.cli.verify import verify_command
from bnnsat.errors import BnnsatError, InputError, ResourceError
from bnnsat.version import __version__

SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""Errors of the operating system that no file or stream is to blame for."""

app = typer.Typer(
    name="bnnsat",
    help="Exact training of binary neural networks by SAT: the best weights, with a proof.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.command("train")(grouped(train_command))
app.command("certify")(certify_command)
app.command("check")(check_command)
app.command("export")(grouped(export_command))
app.command("submission")(submission_command)
app.command("import")(import_network_command)
app.command("import-model")(import_command)
app.command("compare")(compare_command)
app.command("predict")(predict_command)
app.command("show")(show_command)
app.command("verify")(verify_command)
app.command("explain")(explain_command)
app.command("count")(count_command)
app.command("distill")(distill_command)
app.command("solve")(solve_command)
app.command("conquer")(conquer_command)
app.command("shapes")(grouped(shapes_command))
app.add_typer(data_app, name="data")


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(f"bnnsat {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line and exit."""
    # A stream that is closed would be None, and print would send errors to the other one.
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names that the terminal's encoding lacks are no reason to lose a result.
            stream.reconfigure(errors="backslashreplace")
    # A line like any other, not one of our code.
    warnings.formatwarning = lambda message, *_, **__: f"bnnsat: {message}\n"
    code = _run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _lost(error)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    try:
        code = app(renamed(arguments), prog_name="bnnsat", standalone_mode=False)
    except TyperException as error:
        # Typer's own complaints come with a usage text; one line is enough.
        return _complain(error.format_message(), error.exit_code)
    except BnnsatError as error:
        return _complain(str(error), error.exit_code)
    except MemoryError as error:
        return _complain(f"memory ran out before there was any result {error}".strip(), ResourceError.exit_code)
    except (KeyboardInterrupt, Abort):
        return _interrupted()
    except Exit as stop:
        return _interrupted() if stop.exit_code == 130 else stop.exit_code
    except OSError as error:
        if error.errno in SHORT:
            return _complain(f"{error.strerror}; there was no result yet", ResourceError.exit_code)
        return _lost(error)
    if code == 130:
        return _interrupted()
    return code if isinstance(code, int) else 0


def _interrupted() -> int:
    return _complain("interrupted before there was any result", 130)


def _lost(error: OSError) -> int:
    """Standard output cannot be written: whoever read it has gone, or its disk is full."""
    # Python would complain once more while it exits.
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
    if isinstance(error, BrokenPipeError):
        return 0
    return _complain(f"cannot write to standard output: {error.strerror or error}", InputError.exit_code)


def _complain(message: str, code: int) -> int:
    try:
        print(f"bnnsat: {' '.join(message.split())}", file=sys.stderr, flush=True)
    except OSError:
        # Standard error cannot be written either; the exit code still says it.
        return code
    return code
