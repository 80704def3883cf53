"""`bnnsat verify FILE --vnnlib PROPERTY`."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

from bnnsat import limits
from bnnsat.boxes.answer import PROVED, REFUTED, Decision, decide
from bnnsat.certificates.boxes import certify_box
from bnnsat.certificates.certificate import replaceable
from bnnsat.certificates.prover import Prover
from bnnsat.cli.options import seconds
from bnnsat.cli.standing import standing
from bnnsat.data.lines import sha256
from bnnsat.errors import InputError, ResourceError
from bnnsat.foreign.document import Written
from bnnsat.foreign.imported import divisor_of
from bnnsat.foreign.replay import replayed_numbers
from bnnsat.foreign.stack import read_stack
from bnnsat.foreign.vnnlib import Case, cases_of, content_of
from bnnsat.plural import counted
from bnnsat.questions.box import BoxQuestion, ordered

REPLAYED, GRID = 10, 256
"""Random points of the bounds that the file's own program has to agree on, in multiples of 1/256."""


def box(
    model: Path, path: Path, scale: int | None, time_limit: float | None, certificate: Path | None, as_json: bool
) -> None:
    """Answer a VNN-LIB file about an ONNX file, and print it.

    Args:
        model: the ONNX file.
        path: the VNN-LIB file.
        scale: what inputs are divided by before they come in.
        time_limit: seconds.
        certificate: folder for a certificate of the answer; None for none.
        as_json: print one JSON object.

    Raises:
        InputError: a file cannot be read, they do not fit, or the network is another one to its own program.
        ResourceError: there is nothing to be certified, or no time for it.
    """
    if model.suffix.lower() != ".onnx":
        raise InputError(f"{model}: VNN-LIB asks about networks over numbers, ONNX files (.onnx)")
    limit, divisor = seconds(time_limit), divisor_of(scale)
    if certificate is not None:
        replaceable(certificate)
    content = content_of(path)
    cases = cases_of(content, str(path))
    graph, walk, stack = read_stack(model, divisor)
    if walk.ended and not all(ordered(one) for case in cases for one in case.conditions):
        raise InputError(
            f"{path}: the network ends with {walk.ended[-1]}, which leaves only the order of the outputs: conditions "
            "like (<= Y_0 Y_1) are answered"
        )
    if cases and len(cases[0].lower) == stack.inputs:
        replayed_numbers(model, graph, walk, stack, _points(cases[0]))
    found = decide(stack, cases, limit)
    if found.counterexample:
        replayed_numbers(model, graph, walk, stack, [found.counterexample])
    try:
        if certificate is not None:
            written = Written(stack, tuple(walk.ended), sha256(model.read_bytes()))
            source = {"onnx": str(model.resolve()), "divisor": divisor}
            prover = Prover(deadline=limits.deadline(limit))
            try:
                with standing():
                    certify_box(BoxQuestion.on(written, content), found, certificate, source=source, prover=prover)
            except InputError as error:
                raise ResourceError(f"the result stands, without a certificate: {error}") from None
            print(f"wrote {certificate}", file=sys.stderr)
    finally:
        # The answer is printed even if it cannot be certified.
        _print(found, len(cases), as_json)


def _print(found: Decision, cases: int, as_json: bool) -> None:
    """Print an answer about so many cases."""
    label = [] if not found.scores else [found.scores.index(max(found.scores))]
    if as_json:
        noted = {
            "status": found.status,
            "cases": cases,
            "open": found.open,
            "counterexample": [float(x) for x in found.counterexample] or None,
            "scores": [float(x) for x in found.scores] or None,
            "label": label[0] if label else None,
            "seconds": round(found.seconds, 3),
            "method": found.method,
        }
        print(json.dumps(noted))
        return
    say = {
        PROVED: f"PROVED: none of {counted(cases, 'case')} occurs",
        REFUTED: "REFUTED: a case occurs",
    }
    print(say.get(found.status, f"UNKNOWN: {found.open} of {counted(cases, 'case')} are open"), end="")
    print(f", by {found.method}, {found.seconds:.1f} s")
    if found.counterexample:
        best = sorted(enumerate(found.scores), key=lambda pair: (-pair[1], pair[0]))[:2]
        told = ", ".join(f"Y_{place} = {float(score):g}" for place, score in best)
        print(f"scores {told}; the input is printed with --json")


def _points(case: Case) -> list[list[Fraction]]:
    """Random points of the bounds, with so few digits that single precision adds them exactly."""
    rng = np.random.default_rng(0)
    low, high = (np.array([float(x) for x in side]) for side in (case.lower, case.upper))
    points = np.rint((low + rng.random((REPLAYED, len(low))) * (high - low)) * GRID).astype(np.int64)
    return [[Fraction(int(x), GRID) for x in row] for row in points.tolist()]
