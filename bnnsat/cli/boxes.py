"""`bnnsat verify FILE --vnnlib PROPERTY`."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np

from bnnsat.boxes.answer import PROVED, REFUTED, decide
from bnnsat.boxes.vnnlib import Case, Condition, read_vnnlib
from bnnsat.cli.options import seconds
from bnnsat.errors import InputError
from bnnsat.foreign.replay import replayed_numbers
from bnnsat.foreign.stack import read_stack
from bnnsat.plural import counted

REPLAYED, GRID = 10, 256
"""Random points of the bounds that the file's own program has to agree on, in multiples of 1/256."""


def box(model: Path, path: Path, scale: int | None, time_limit: float | None, as_json: bool) -> None:
    """Answer a VNN-LIB file about an ONNX file, and print it.

    Args:
        model: the ONNX file.
        path: the VNN-LIB file.
        scale: what inputs are divided by before they come in.
        time_limit: seconds.
        as_json: print one JSON object.

    Raises:
        InputError: a file cannot be read, they do not fit, or the network is another one to its own program.
    """
    if model.suffix.lower() != ".onnx":
        raise InputError(f"{model}: VNN-LIB asks about networks over numbers, ONNX files (.onnx)")
    limit = seconds(time_limit)
    cases = read_vnnlib(path)
    graph, walk, stack = read_stack(model, scale or 1)
    if walk.ended and not all(_ordered(one) for case in cases for one in case.conditions):
        raise InputError(
            f"{path}: the network ends with {walk.ended[-1]}, which leaves only the order of the outputs: conditions "
            "like (<= Y_0 Y_1) are answered"
        )
    if cases and len(cases[0].lower) == stack.inputs:
        replayed_numbers(model, graph, walk, stack, _points(cases[0]))
    found = decide(stack, cases, limit)
    if found.counterexample:
        replayed_numbers(model, graph, walk, stack, [found.counterexample])
    label = [] if not found.scores else [found.scores.index(max(found.scores))]
    if as_json:
        noted = {
            "status": found.status,
            "cases": len(cases),
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
        PROVED: f"PROVED: none of {counted(len(cases), 'case')} occurs",
        REFUTED: "REFUTED: a case occurs",
    }
    print(say.get(found.status, f"UNKNOWN: {found.open} of {counted(len(cases), 'case')} are open"), end="")
    print(f", by {found.method}, {found.seconds:.1f} s")
    if found.counterexample:
        best = sorted(enumerate(found.scores), key=lambda pair: (-pair[1], pair[0]))[:2]
        told = ", ".join(f"Y_{place} = {float(score):g}" for place, score in best)
        print(f"scores {told}; the input is printed with --json")


def _ordered(condition: Condition) -> bool:
    """Whether a condition compares two outputs, which a Softmax leaves in their order."""
    weights = sorted(weight for weight in condition.weights if weight)
    return condition.most == 0 and len(weights) in (0, 2) and sum(weights) == 0


def _points(case: Case) -> list[list[Fraction]]:
    """Random points of the bounds, with so few digits that single precision adds them exactly."""
    rng = np.random.default_rng(0)
    low, high = (np.array([float(x) for x in side]) for side in (case.lower, case.upper))
    points = np.rint((low + rng.random((REPLAYED, len(low))) * (high - low)) * GRID).astype(np.int64)
    return [[Fraction(int(x), GRID) for x in row] for row in points.tolist()]
