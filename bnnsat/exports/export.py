"""From a question to a file in one of the formats."""

from __future__ import annotations

import os
from pathlib import Path

from bnnsat.errors import InputError
from bnnsat.exports.best import best
from bnnsat.exports.exported import Exported, Form
from bnnsat.exports.formats import FORMATS
from bnnsat.exports.side import Side
from bnnsat.exports.source import Source
from bnnsat.questions.question import Question
from bnnsat.search.least import Best

OPTIMUM = "optimum"
MOST_DIGITS = 9


def export(
    question: Question,
    out: Path | str,
    *,
    source: Source | None = None,
    bound: int | str | None = None,
    format: str | None = None,
    encoding: str = "auto",
    literal_order: str = "given",
    time_limit: float | None = None,
) -> Side:
    """Write a question as a formula for other solvers, and beside it, in OUT.json, what its variables mean.

    Args:
        question: what is asked.
        out: the file; .gz and .xz are packed.
        source: where what the question is about can be had again, for whoever reads a solution; without one
            `bnnsat import-model` refuses solutions.
        bound: at most so much: a number, "optimum" (which is satisfiable) or "optimum-1" (which is not); None for
            what the format wants.
        format: one of `formats.FORMATS`; without, the ending of the file's name.
        encoding: of the activation, from the catalogue.
        literal_order: of a count's literals.
        time_limit: seconds to find the optimum.

    Returns what is written beside the formula.

    Raises:
        InputError: the parts do not fit each other, or the file cannot be written.
        ResourceError: the optimum was not found in time.
    """
    if not hasattr(question, "KIND"):
        given = type(question).__name__
        raise InputError(f"question is of type {given}; give a bnnsat.TrainingQuestion or RobustnessQuestion")
    path = Path(out)
    name = _format(path, format)
    _free(path)
    form = Form.of(name, question, encoding, literal_order, bounded=bound not in (None, OPTIMUM))
    found, most = _bounded(bound, form.kind, question, time_limit, 0 if source is None else source.seed)
    return Exported.of(question, source, form, most, found).write(path)


def _format(out: Path, given: str | None) -> str:
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
    bound: int | str | None, kind: str, question: Question, time_limit: float | None, seed: int
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
    found = best(question, time_limit, seed)
    return found, found.value - (text != OPTIMUM)
