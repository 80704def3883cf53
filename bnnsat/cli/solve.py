"""`bnnsat solve`."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat import files, limits
from bnnsat.archives import read_arrays
from bnnsat.certificates.certificate import replaceable
from bnnsat.certificates.prover import Prover
from bnnsat.cli.options import AsJson, seconds
from bnnsat.cli.signals import signals
from bnnsat.cli.standing import standing
from bnnsat.errors import InputError
from bnnsat.exports.export import kind_of
from bnnsat.synthesis.forall import synthesize
from bnnsat.synthesis.found import Found, Step
from bnnsat.synthesis.solve import maximize, minimize, solve

GOALS = {"spec": "synthesize", "loss": "minimize", "gain": "maximize"}
"""Names in the file, and what they ask for."""
RESULT = "result.json"


def solve_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="A Python file with a function `sketch`, and `examples`, `loss`, `gain` or `spec` as far as they are "
            "needed.",
            metavar="FILE.py",
        ),
    ],
    trust: Annotated[
        bool, typer.Option("--trust", help="Run the file: it is code, and can do anything. Needed.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            help="The examples: an .npz file with X and y, in place of those in the file.", show_default=False
        ),
    ] = None,
    goal: Annotated[
        str | None,
        typer.Option(
            help="solve, minimize, maximize or synthesize. (default: by what the file has, else solve)",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help=f"Folder for {RESULT}.", show_default=False)] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a certificate, which `bnnsat check` verifies; its proof has the time limit for itself.",
            show_default=False,
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            help="Write the question as a formula: .wcnf, .opb; .cnf only of solve and synthesize.", show_default=False
        ),
    ] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds. (default: none)", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Find the holes of a sketch, a Python function of inputs and holes, or prove that there are none.

    solve: right on all examples. minimize, maximize: with the least or most of what the sketch (or `loss`, `gain` of it
    and the label) says. synthesize: `spec` holds for all inputs. docs/sketches.md says how sketches are written.
    """
    _is_python(file)
    if not trust:
        raise InputError(f"{file} is Python code, which can do anything; read it, and say --trust to run it")
    limit = seconds(time_limit)
    kind = None if export is None else kind_of(export)
    for folder in (out, certificate):
        # A place that takes no files must not cost a search.
        if folder is not None:
            files.folder(folder.parent if folder == certificate else folder)
    if certificate is not None:
        replaceable(certificate)
    names = _run(file)
    if "sketch" not in names:
        raise InputError(f"{file} has no function `sketch`; name it so")
    given = [name for name in GOALS if name in names]
    goal = goal or (GOALS[given[0]] if given else "solve")
    if goal not in ("solve", *GOALS.values()):
        raise InputError(f"unknown goal {goal!r}; there are solve, {', '.join(GOALS.values())}")
    examples: Any = names.get("examples")
    if data is not None:
        examples = tuple(read_arrays(data, ("X", "y")))
    if goal == "synthesize" and "spec" in names and examples is not None:
        raise InputError("to synthesize is about all inputs; leave --data and examples out")
    if goal in ("solve", "synthesize") and (idle := [n for n in ("loss", "gain") if n in names]):
        raise InputError(f"{file} has a function `{idle[0]}`, which {goal} does not ask for; leave it out")
    if "loss" in names and "gain" in names:
        raise InputError(f"{file} has a `loss` and a `gain`; keep one of them")
    wrong = {"maximize": "loss", "minimize": "gain"}.get(goal, "")
    if wrong in names:
        raise InputError(f"{file} has a function `{wrong}`, which {goal} does not ask for; leave it out, or rename it")
    if goal in ("minimize", "maximize") and kind not in (None, "optimisation"):
        raise InputError(f"{export}: its format has no sum, which {goal} asks for; end the file with .wcnf or .opb")
    with signals():
        answer = _answer(names, goal, examples, limit)
    result = answer.noted()
    try:
        if out is not None:
            files.write(out / RESULT, (json.dumps(result, indent=1) + "\n").encode())
        if export is not None:
            answer.export(export)
        if certificate is not None:
            with standing():
                answer.certify(certificate, prover=Prover(deadline=limits.deadline(limit)))
    finally:
        # The answer is printed even if it cannot be written.
        print(json.dumps(result) if as_json else _words(answer), flush=True)


def _is_python(file: Path) -> None:
    """Raise InputError for what cannot be a sketch's file."""
    if file.is_dir():
        raise InputError(f"{file} is a folder; give a Python file with a function `sketch`")
    if not file.is_file():
        raise InputError(f"cannot read {file}: there is no such file")
    if file.suffix != ".py":
        raise InputError(
            f"{file} is no Python file, whose name ends with .py; give one with a function `sketch` (--data takes "
            "examples)"
        )


def _run(file: Path) -> dict[str, Any]:
    sys.path.insert(0, str(file.resolve().parent))
    try:
        return runpy.run_path(str(file))
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(f"{file} cannot be run: {type(error).__name__}: {error}") from None
    finally:
        sys.path.pop(0)


def _answer(names: dict[str, Any], goal: str, examples: Any, limit: float | None) -> Found:
    sketch = names["sketch"]
    if goal == "synthesize":
        if "spec" not in names:
            raise InputError("to synthesize needs a function `spec` of the inputs and what the sketch returns")
        return synthesize(sketch, names["spec"], time_limit=limit, on_step=_note)
    if goal == "solve":
        return solve(sketch, examples, time_limit=limit)
    if goal == "minimize":
        return minimize(
            sketch, names.get("loss"), examples=examples, time_limit=limit, on_step=_note, keep_interrupted=True
        )
    return maximize(
        sketch, names.get("gain"), examples=examples, time_limit=limit, on_step=_note, keep_interrupted=True
    )


def _note(step: Step) -> None:
    said = "another input" if step.value is None else f"{step.value} (bound {step.bound})"
    print(f"{step.seconds:.1f} s: {said}", file=sys.stderr, flush=True)


def _words(answer: Found) -> str:
    lines = [f"{answer.status}, {answer.seconds:.2f} s"]
    if answer.value is not None:
        lines[0] += f": {answer.value}" + ("" if answer.value == answer.bound else f", bound {answer.bound}")
    lines += [f"{name} = {json.dumps(values)}" for name, values in answer.noted()["holes"].items()]
    return "\n".join(lines)
