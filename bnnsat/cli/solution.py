"""`bnnsat import-model`."""

from __future__ import annotations

import gzip
import json
import lzma
import sys
import zlib
from pathlib import Path
from typing import Annotated, Any

import typer

from bnnsat import files
from bnnsat.errors import InputError
from bnnsat.exports import answers
from bnnsat.exports.side import Side
from bnnsat.exports.source import ExamplesSource
from bnnsat.integers.model import IntegerModel
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.origin import Origin
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.replay import network_of
from bnnsat.questions.sketch import SketchQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.folding import folded
from bnnsat.spelling import GIVEN, LEARNED

PACKED = ("", ".xz", ".gz")


def import_command(
    output: Annotated[
        Path,
        typer.Argument(
            help="What a solver printed, plain, .gz or .xz; - is standard input (plain).", metavar="SOLVER-OUTPUT"
        ),
    ],
    of: Annotated[Path, typer.Option(help="The exported formula that it solved.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the model.json of a network.", show_default=False)
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Where the data set (or the model asked about) is. (default: where it was)", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Turn a solver's solution of an exported formula into a network, and replay it on the training examples.

    A network with more errors than the formula allows is refused. Variables without a value are 0, and where weights
    are among them, that is said. A solution of a question about a model is the
    changed example, which is replayed likewise.
    """
    side = Side.load(_beside(of))
    source = side.source(data)
    question = side.question(source)
    values, named = answers.values(_text(output), side.content["variables"])
    if missing := side.missing(question, named):
        print(f"the solver's output has no value for some variables ({missing}); each is taken as 0", file=sys.stderr)
    solution = side.replay(question, values)
    result: dict[str, Any] = {question.UNIT: solution.value, "bound": side.content["bound"], **solution.facts}
    if out is not None and isinstance(question, IntegersQuestion):
        found = question.network(side.holes(question, values))
        IntegerModel(found, origin={"errors": solution.value}).save(files.folder(out) / "model.json")
        result["model"] = str(out / "model.json")
    elif out is not None:
        if isinstance(question, SketchQuestion):
            raise InputError("the formula is about a sketch, so there is no network to be written; leave out --out")
        if not (isinstance(question, TrainingQuestion) and isinstance(source, ExamplesSource)):
            raise InputError("the formula asks about an input, so there is no network to be written; leave out --out")
        network = folded(network_of(question, side.holes(question, values)))
        _model(question, source, network, solution.value, side).save(files.folder(out) / "model.json")
        result["model"] = str(out / "model.json")
    print(json.dumps(result) if as_json else solution.words)


def _model(question: TrainingQuestion, source: ExamplesSource, network: Network, errors: int, side: Side) -> Model:
    """The network with what `certify` and `show` want to know of it."""
    task, expected = source.task, side.content["expected"]
    known = expected is not None and expected["answer"] != "UNKNOWN"
    least = expected["errors"] if known else question.problem.lower_bound
    origin = Origin(
        status="OPTIMAL" if errors == least else "FEASIBLE",
        errors=errors,
        lower_bound=least,
        wrong=int((~network.right(task.inputs, task.labels)).sum()),
        examples=len(task.labels),
        task=source.options,
        digest=task.digest,
        positive=task.positive,
        classes=task.classes,
        costs=question.costs or None,
        thresholds=LEARNED if any(question.shape.constants) else GIVEN,
    )
    return Model(network, task.preprocessing, origin)


def _beside(of: Path) -> Path:
    """The file beside the formula, which may have been packed under that name and unpacked since."""
    places = [of.with_name(f"{of.name}{ending}.json") for ending in PACKED]
    return next((place for place in places if place.exists()), places[0])


def _text(path: Path) -> str:
    try:
        if str(path) == "-":
            if sys.stdin is None:
                raise InputError("standard input is closed; name a file")
            return answers.decoded(sys.stdin.buffer.read())
        content = path.read_bytes()
        unpack = {".gz": gzip.decompress, ".xz": lzma.decompress}.get(path.suffix, bytes)
        return answers.decoded(unpack(content))
    except FileNotFoundError:
        raise InputError(f"cannot read {path}: there is no such file") from None
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise InputError(f"cannot read {path}: {error}") from None
