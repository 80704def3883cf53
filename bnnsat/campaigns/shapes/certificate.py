"""A certificate of the best shape: its network, and of each shape that could be better that none of its networks is.

Where no shape has few enough errors, it says so of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bnnsat.campaigns.shapes.search import Known, Shapes
from bnnsat.campaigns.shapes.space import Family
from bnnsat.campaigns.shapes.trial import question_of
from bnnsat.certificates.certificate import write
from bnnsat.certificates.claim import Claim, Statement
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.space import WEIGHTS_FIRST
from bnnsat.errors import InputError
from bnnsat.questions.parts import MODEL

CERTIFICATE = "certificate"
"""The folder in that of the results."""


def certify_shapes(
    shapes: Shapes,
    family: Family,
    space: Mapping[str, Any],
    task: dict[str, object],
    out: Path,
    prover: Prover,
    note: Callable[[str], object],
) -> Claim:
    """Write a certificate of the best shape, or that there is none.

    Args:
        shapes: a search that is proved.
        family: what is the same for all shapes.
        space: all shapes that there are; see `certificates.space.noted`.
        task: `TaskOptions` as JSON.
        out: the folder; it appears once it is complete.
        prover: how proofs are made.
        note: is told what is being done.

    Raises:
        InputError: nothing is proved, or the folder is taken.
        ResourceError: the prover's deadline is past.
    """
    if not shapes.settled:
        raise InputError("shapes are unfinished, so there is nothing to certify")
    best, known = shapes.best, list(shapes.known.values())
    asked = best or known[-1]
    question, _ = question_of(task, family, asked.topology)
    refuted = []
    for other in known:
        most = _beaten(shapes, other)
        if most >= 0:
            changes = {} if other is asked else {"shape": other.shape.noted()}
            refuted.append(Statement({question.UNIT: most}, changes, f"not-{other.topology}"))
    files, attained = question.files(), tuple[Statement, ...]()
    if best is not None and best.model is not None:
        files = {**files, MODEL: best.model.encode()}
        attained = (Statement({question.UNIT: question.attained(files)[question.UNIT]}),)
    claim = Claim(question.KIND, question.noted(), attained, tuple(refuted), space=space)
    return write(claim, files, out, prover, note)


def _beaten(shapes: Shapes, other: Known) -> int:
    """The most errors with which a shape would be better than the best; -1 where it could not be."""
    best = shapes.best
    fewer = best is None or other.weights < best.weights
    if shapes.goal.prefer == WEIGHTS_FIRST:
        return shapes.goal.errors if fewer else -1
    assert best is not None and best.errors is not None
    # With fewer weights as few errors are better, else only fewer.
    return best.errors if fewer else best.errors - 1
