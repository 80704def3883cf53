"""From a question to a file in one of the formats."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from bnnsat.errors import InputError
from bnnsat.exports.best import best
from bnnsat.exports.exported import Exported, Form
from bnnsat.exports.formats import FORMATS
from bnnsat.exports.side import Side
from bnnsat.exports.source import Source
from bnnsat.questions.question import Question
from bnnsat.search.least import Best
from bnnsat.search.progress import Listener

OPTIMUM = "optimum"
MOST_DIGITS = 9


def export(
    question: Question,
    out: Path | str | IO[bytes],
    *,
    source: Source | None = None,
    bound: int | str | None = None,
    format: str | None = None,
    encoding: str = "auto",
    literal_order: str = "given",
    time_limit: float | None = None,
    on_event: Listener | None = None,
) -> Side:
    """Write a question as a formula for other solvers, and beside it, in OUT.json, what its variables mean.

    Args:
        question: what is asked.
        out: the file; .gz and .xz are packed. A binary stream takes the formula alone, and needs the format's name.
        source: where what the question is about can be had again, for whoever reads a solution; without one
            `bnnsat import-model` refuses solutions.
        bound: at most so much: a number, "optimum" (which is satisfiable) or "optimum-1" (which is not); None for
            what the format wants.
        format: one of `formats.FORMATS`; without, the ending of the file's name.
        encoding: of the activation, from the catalogue.
        literal_order: of a count's literals.
        time_limit: seconds to find the optimum.
        on_event: is called at each step while it is looked for.

    Returns what is written beside the formula.

    Raises:
        InputError: the parts do not fit each other, or the file cannot be written.
        ResourceError: the optimum was not found in time.
    """
    if not hasattr(question, "KIND"):
        given = type(question).__name__
        raise InputError(f"question is of type {given}; give a bnnsat.TrainingQuestion or RobustnessQuestion")
    path = Path(out) if isinstance(out, (str, Path)) else None
    name = _format(path, format)
    if path is not None:
        _free(path)
    form = Form.of(name, question, encoding, literal_order, bounded=bound not in (None, OPTIMUM))
    found, most = _bounded(bound, form.kind, question, time_limit, 0 if source is None else source.seed, on_event)
    made = Exported.of(question, source, form, most, found)
    if path is not None:
        return made.write(path)
    assert not isinstance(out, (str, Path))
    for piece in made.pieces():
        out.write(piece)
    return Side({"file": None, **made.about})


def kind_of(out: Path | str, format: str | None = None) -> str:
    """What kind of instance a file holds: decision, optimisation, loop or cardinality.

    Args:
        out: the file, whose name's ending says the format.
        format: in place of the ending.

    Raises:
        InputError: the format is unknown, or the place takes no file.
    """
    _free(Path(out))
    return FORMATS[_format(Path(out), format)][0]


def _format(out: Path | None, given: str | None) -> str:
    if out is None:
        if given not in FORMATS:
            raise InputError(f"a stream has no name that says its format; name one of {', '.join(FORMATS)}")
        return given
    name = out.with_suffix("").suffix if out.suffix in (".gz", ".xz") else out.suffix
    name = name.removeprefix(".") if given is None else given
    if name not in FORMATS:
        raise InputError(
            f"the format of {out.name} is unknown; end the file with .{', .'.join(FORMATS)}, or name the format"
        )
    return name


def _free(out: Path) -> None:
    """Raise InputError for a place that takes no file, before anything is searched for."""
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise InputError(f"cannot write {out}: there is no folder {out.parent} that can be written")
    for path in (out, out.with_name(out.name + ".json")):
        if path.exists() and not path.is_file():
            raise InputError(f"cannot write {path}: it is no ordinary file")


def _bounded(
    bound: int | str | None,
    kind: str,
    question: Question,
    time_limit: float | None,
    seed: int,
    on_event: Listener | None,
) -> tuple[Best | None, int]:
    """The bound on the objective, and what is known of it where it is the least value or one less."""
    if kind == "optimisation" and bound not in (None, OPTIMUM):
        raise InputError(
            f"this format asks for the fewest {question.UNIT}; leave the bound out, or say {OPTIMUM} to have it noted"
        )
    if bound is None and kind == "optimisation":
        return None, 0
    text = str({"loop": f"{OPTIMUM}-1"}.get(kind, OPTIMUM) if bound is None else bound)
    if text not in (OPTIMUM, f"{OPTIMUM}-1"):
        if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
            raise InputError(
                f"bound {text[:20]!r} is none; give a number from 0 to {10**MOST_DIGITS - 1}, {OPTIMUM} or {OPTIMUM}-1"
            )
        return None, int(text)
    found = best(question, time_limit, seed, on_event=on_event)
    return found, found.value - (text != OPTIMUM)
