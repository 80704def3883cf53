"""A certificate of the best shape: its network, and of each shape that could be better that none of its networks is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bnnsat.campaigns.shapes.search import WEIGHTS_FIRST, Shapes
from bnnsat.campaigns.shapes.space import Family
from bnnsat.campaigns.shapes.trial import question_of
from bnnsat.certificates.certificate import write
from bnnsat.certificates.claim import Claim, Statement
from bnnsat.certificates.prover import Prover
from bnnsat.errors import InputError
from bnnsat.questions.parts import MODEL

CERTIFICATE = "certificate"
"""The folder in that of the results."""


def certify_shapes(
    shapes: Shapes, family: Family, task: dict[str, object], out: Path, prover: Prover, note: Callable[[str], object]
) -> Claim:
    """Write a certificate of the best shape.

    Args:
        shapes: a search that is proved.
        family: what is the same for all shapes.
        task: `TaskOptions` as JSON.
        out: the folder; it appears once it is complete.
        prover: how proofs are made.
        note: is told what is being done.

    Raises:
        InputError: nothing is proved, or the folder is taken.
        ResourceError: the prover's deadline is past.
    """
    best = shapes.best
    if not shapes.proved or best is None or best.model is None or best.errors is None:
        raise InputError("no best shape is proved, so there is nothing to certify")
    question, _ = question_of(task, family, best.topology)
    refuted = []
    for other in shapes.known.values():
        # At least as good: with fewer weights as few errors, else fewer errors.
        most = best.errors if other.weights < best.weights else best.errors - 1
        if shapes.goal.prefer == WEIGHTS_FIRST:
            most = shapes.goal.errors if other.weights < best.weights else -1
        if most >= 0:
            changes = {} if other.topology == best.topology else {"shape": other.shape.noted()}
            refuted.append(Statement({question.UNIT: most}, changes, f"not-{other.topology}"))
    files = {**question.files(), MODEL: best.model.encode()}
    attained = (Statement({question.UNIT: question.attained(files)[question.UNIT]}),)
    claim = Claim(question.KIND, question.noted(), attained, tuple(refuted))
    return write(claim, files, out, prover, note)
