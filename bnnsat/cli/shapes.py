"""`bnnsat shapes`."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from bnnsat import files, limits
from bnnsat.campaigns.asked import same_question
from bnnsat.campaigns.jobs.store import Store
from bnnsat.campaigns.shapes.certificate import CERTIFICATE, certify_shapes
from bnnsat.campaigns.shapes.plot import picture
from bnnsat.campaigns.shapes.search import UNFINISHED, Goal, Known, Shapes
from bnnsat.campaigns.shapes.space import Family, ranged, space
from bnnsat.campaigns.shapes.trial import Trial, question_of
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.space import ERRORS_FIRST, WEIGHTS_FIRST, noted
from bnnsat.cli.executors import executor
from bnnsat.cli.options import DataOptions, NetworkOptions, Quiet, seconds
from bnnsat.cli.signals import signals
from bnnsat.data.task import Task
from bnnsat.data.whole import WholeTask
from bnnsat.errors import HaltedError, InputError, ResourceError
from bnnsat.integers.shape import EXACT, RELU
from bnnsat.integers.shape import HEADS as INTEGER_HEADS
from bnnsat.plural import counted
from bnnsat.shape import ACTIVATIONS, HEADS

RESULTS, RESULT, FILE = "results.jsonl", "result.json", "model.json"
MOST_ROWS = 25
"""Of the live table."""


@dataclass(frozen=True)
class FamilyOptions(NetworkOptions):
    """What is the same for all shapes; options of a single shape are not listed, and refused."""

    hidden: Annotated[str | None, typer.Option(hidden=True)] = None
    topology: Annotated[str | None, typer.Option(hidden=True)] = None
    activation: Annotated[
        str | None,
        typer.Option(
            help=f"{', '.join(ACTIVATIONS)}, or {RELU}: weights are whole numbers. (default: popcount)",
            show_default=False,
        ),
    ] = None
    head: Annotated[
        str | None,
        typer.Option(
            help=f"{', '.join(HEADS)}; of {RELU} {', '.join(INTEGER_HEADS)} ({EXACT}: the output is the label). "
            "(default: bit for one output, else onehot; of relu argmax)",
            show_default=False,
        ),
    ] = None
    thresholds: Annotated[
        str | None,
        typer.Option(
            help="Popcount thresholds. learned: each neuron's own; given: half the inputs, rounded up. "
            "(default: given)",
            show_default=False,
        ),
    ] = None
    weights: Annotated[
        str | None,
        typer.Option(help="binary: +1 and -1. ternary: 0, too (popcount). (default: binary)", show_default=False),
    ] = None
    costs: Annotated[str | None, typer.Option(hidden=True)] = None


def shapes_command(
    data: DataOptions,
    network: FamilyOptions,
    hidden_layers: Annotated[str, typer.Option(help="How many hidden layers: 1, or from FIRST..LAST.")] = "0..1",
    width: Annotated[str, typer.Option(help="Neurons of each hidden layer: 4, or from FIRST..LAST.")] = "1..4",
    prefer: Annotated[
        str,
        typer.Option(
            help=f"{ERRORS_FIRST}: the fewest errors, of these the fewest weights. {WEIGHTS_FIRST}: the fewest weights "
            "with at most --errors errors."
        ),
    ] = ERRORS_FIRST,
    errors: Annotated[int, typer.Option(help=f"Of --prefer {WEIGHTS_FIRST}: errors that are allowed.")] = 0,
    time_limit: Annotated[
        float | None,
        typer.Option(
            help="Seconds of training for each shape, of all its trials together. (default: until proved)",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Shapes that are trained at a time.")] = 1,
    dask: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler (extra dask).", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for results, from which a stopped run goes on, a picture, the best model and a certificate.",
            show_default=False,
        ),
    ] = None,
    certificate: Annotated[
        bool, typer.Option("--certificate/--no-certificate", help="With --out: prove it so that others can check it.")
    ] = True,
    proof_limit: Annotated[
        float | None,
        typer.Option(help="Seconds for all proofs of the certificate. (default: none)", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    quiet: Quiet = False,
) -> None:
    """Find the best shape of a space, with a proof for every other shape that it is not better.

    Shapes with fewer weights come first, each for a short time, then for longer. What is found for one is used for
    others: a shape is not trained once it cannot be better than the best.
    """
    if prefer not in (ERRORS_FIRST, WEIGHTS_FIRST):
        raise InputError(f"unknown preference {prefer!r}; there are {ERRORS_FIRST} and {WEIGHTS_FIRST}")
    if errors < 0 or (errors and prefer != WEIGHTS_FIRST):
        raise InputError(f"--errors {errors} goes with --prefer {WEIGHTS_FIRST}, and is 0 or more")
    if jobs < 1:
        raise InputError(f"--jobs {jobs} is none; give 1 or more")
    if network.topology is not None or network.hidden is not None or network.costs is not None:
        raise InputError("shapes has --hidden-layers and --width; leave --topology, --hidden and --costs out")
    limit, proving = seconds(time_limit), seconds(proof_limit)
    layers, widths = ranged(hidden_layers, "--hidden-layers", 0), ranged(width, "--width", 1)
    task, family = _family(data, network)
    found = space(family, layers, widths)
    if family.activation == "half" and (odd := [str(width) for width in widths if width % 2]) and not quiet:
        print(f"half-comparisons have layers of an even number of neurons; left out: {', '.join(odd)}", file=sys.stderr)
    digest = str(question_of(task, family, found[0].topology)[0].noted()["digest"])
    search = Shapes(found, family, task, digest, Goal(prefer, errors), limit, data.seed)
    with tempfile.TemporaryDirectory(prefix="bnnsat-") as place, signals():
        folder = files.folder(out or Path(place))
        asked = {"task": task, "family": asdict(family), "digest": digest, "prefer": prefer, "errors": errors}
        same_question(folder, {**asked, "shapes": [shape.topology for shape in found]})
        store = Store(folder / RESULTS, Trial)
        try:
            with executor(jobs, dask) as (pool, ahead), _shown(search, quiet) as told:
                search.run(store, pool, ahead, told)
        except KeyboardInterrupt:
            kept = "nothing is kept without --out" if out is None else f"the same command goes on from {out}"
            raise HaltedError(f"interrupted; {kept}") from None
    result = search.told()
    try:
        if out is not None:
            all_shapes = noted(layers, widths, prefer, errors)
            _saved(search, result, family, all_shapes, task, out, certificate and search.settled, proving)
            if certificate and not search.settled:
                print(f"no certificate: {_unfinished(result)} unfinished (--time-limit)", file=sys.stderr)
    finally:
        print(json.dumps(result) if as_json else "\n".join(_words(search, result)), flush=True)


def _family(data: DataOptions, network: NetworkOptions) -> tuple[dict[str, Any], Family]:
    """The examples as JSON, and what is the same for all shapes."""
    chosen, activation = data.chosen(), network.activation or "popcount"
    if activation == RELU:
        whole = WholeTask.chosen(chosen, 1, network.input_bits)
        classes = int(whole.labels.max()) + 1
        outputs = 1 if classes <= 2 or network.head == EXACT else classes
        family = Family(
            activation,
            whole.inputs.shape[1],
            outputs,
            network.head,
            weight_bits=4 if network.weight_bits is None else network.weight_bits,
            input_bits=whole.bits,
            bias=network.bias,
        )
        return whole.options.noted(), family
    made = Task.chosen(chosen, None)
    if activation == "half" and made.inputs.shape[1] % 2:
        # The first input is read once more, at the end.
        made = Task.chosen(replace(chosen, even=True), None)
    outputs = 1 if made.positive is not None or made.classes == 2 else made.classes
    thresholds, weights = network.thresholds or "given", network.weights or "binary"
    if thresholds not in ("given", "learned"):
        raise InputError(f"--thresholds {thresholds} is for one shape; of many they are given or learned")
    noted = made.options.noted() if made.options is not None else chosen.noted()
    return noted, Family(activation, made.inputs.shape[1], outputs, network.head, thresholds, weights)


class _shown:  # noqa: N801 (used as a function)
    """A live table on standard error; what it yields is told of each shape."""

    def __init__(self, search: Shapes, quiet: bool) -> None:
        self._search, self._quiet = search, quiet
        console = Console(stderr=True)
        self._live = Live(console=console, refresh_per_second=2, transient=True) if console.is_terminal else None

    def __enter__(self) -> Any:
        if self._live is not None and not self._quiet:
            self._live.start()
        return self._tell

    def __exit__(self, *_: object) -> None:
        if self._live is not None and not self._quiet:
            self._live.stop()

    def _tell(self, shape: Known) -> None:
        if self._quiet:
            return
        if self._live is not None:
            self._live.update(_table(self._search))
        else:
            print(
                f"{shape.topology}: errors {shape.errors}, bound {shape.lower}, {shape.seconds:.1f} s",
                file=sys.stderr,
                flush=True,
            )


def _table(search: Shapes) -> Table:
    """The shapes that matter most: the best, and those that are open."""
    table = Table("shape", "weights", "errors", "bound", "seconds", "")
    known = sorted(search.known.values(), key=lambda s: (not search.open(s), s.weights, s.topology))
    for shape in known[:MOST_ROWS]:
        errors = "" if shape.errors is None else str(shape.errors)
        row = (shape.topology, str(shape.weights), errors, str(shape.lower), f"{shape.seconds:.1f}")
        table.add_row(*row, search.status(shape).lower())
    if len(known) > MOST_ROWS:
        table.add_row(f"and {len(known) - MOST_ROWS} more", "", "", "", "", "")
    return table


def _saved(
    search: Shapes,
    result: dict[str, Any],
    family: Family,
    space: dict[str, Any],
    task: dict[str, Any],
    out: Path,
    certificate: bool,
    limit: float | None,
) -> None:
    files.write(out / RESULT, (json.dumps(result, indent=1) + "\n").encode())
    if search.best is not None and search.best.model is not None:
        files.write(out / FILE, search.best.model.encode())
    if find_spec("matplotlib"):
        print(f"wrote {picture(result, out)[0]}", file=sys.stderr)
    else:
        print("no picture without matplotlib: pip install 'bnnsat[plots]'", file=sys.stderr)
    if certificate:
        prover = Prover(deadline=limits.deadline(limit))
        try:
            place, told = out / CERTIFICATE, lambda words: print(words, file=sys.stderr)
            certify_shapes(search, family, space, task, place, prover, told)
        except ResourceError as error:
            raise ResourceError(
                f"{error} (--proof-limit); the result stands, without a certificate (--no-certificate leaves it out)"
            ) from None


def _words(search: Shapes, result: dict[str, Any]) -> list[str]:
    best, shapes = result["best"], result["shapes"]
    width = max(len(shape["topology"]) for shape in shapes)
    lines = [f"{'shape':{width}}  weights  errors  bound  seconds"]
    for shape in shapes:
        errors = "-" if shape["errors"] is None else str(shape["errors"])
        by = "" if shape["bounded_by"] is None else f"  (bound of {shape['bounded_by']})"
        lines.append(
            f"{shape['topology']:{width}}  {shape['weights']:7}  {errors:>6}  {shape['lower_bound']:5}  "
            f"{shape['seconds']:7.2f}  {shape['status'].lower()}{by}"
        )
    if best is None:
        none = f"no shape of the space makes at most {counted(search.goal.errors, 'error')}"
        return [*lines, f"{result['status']}: {none if result['status'] == 'IMPOSSIBLE' else 'no shape fits yet'}"]
    said = f"{best['topology']} with {counted(best['errors'], 'error')} and {counted(best['weights'], 'weight')}"
    proved = result["status"] == "OPTIMAL"
    rest = "no other shape is better, proved" if proved else f"{_unfinished(result)} unfinished"
    return [*lines, f"{result['status']}: {said}; {rest}"]


def _unfinished(result: dict[str, Any]) -> str:
    """How many shapes are."""
    return counted(sum(shape["status"] == UNFINISHED for shape in result["shapes"]), "shape")
