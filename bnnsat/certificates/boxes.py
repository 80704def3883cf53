"""From what was decided of a VNN-LIB property to a certificate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat.boxes.answer import REFUTED, UNKNOWN, Decision
from bnnsat.boxes.blocks import clusters
from bnnsat.boxes.box import Box
from bnnsat.certificates.certificate import write
from bnnsat.certificates.claim import Claim, Statement
from bnnsat.certificates.noted import Noted, places_of
from bnnsat.certificates.prover import Prover
from bnnsat.errors import ResourceError
from bnnsat.foreign.linear import Places
from bnnsat.questions.box import BLOCKS, INPUT, BoxQuestion


def certify_box(
    question: BoxQuestion,
    found: Decision,
    out: Path | str,
    *,
    source: dict[str, Any] | None = None,
    prover: Prover | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> Claim:
    """Write a certificate that no case of a property occurs, or of an input for which one does.

    Cases that were shown to be impossible block by block are counted by `check`; for each other one there is a proof.

    Args:
        question: about any case.
        found: what was decided of its network and cases.
        out: the folder; it appears once it is complete.
        source: the ONNX file, and what its inputs are divided by.
        prover: how proofs are made.
        note: is told what is being done.

    Returns the claim.

    Raises:
        InputError: the folder is taken, or a case is too large for a formula.
        ResourceError: nothing was decided, or the prover's deadline is past.
    """
    if found.status == UNKNOWN:
        raise ResourceError("UNKNOWN: there is nothing to be certified; give more time")
    files, none = question.files(), {question.UNIT: 0}
    if found.status == REFUTED:
        files[INPUT] = "".join(f"{number}\n" for number in found.counterexample).encode()
        claim = Claim(question.KIND, question.noted(), (Statement(none),), (), source or {})
        return write(claim, files, Path(out), prover or Prover(), note)
    statements = [Statement(none, name=question.UNIT, counted=True)]
    files[BLOCKS] = _noted(question, found).dumps()
    shown = {one.case for one in found.shown}
    others = [number for number in question.asked if number not in shown]
    statements += [Statement(none, {"case": number}, f"case-{number}") for number in others]
    claim = Claim(question.KIND, question.noted(), (), tuple(statements), source or {})
    return write(claim, files, Path(out), prover or Prover(), note)


def _noted(question: BoxQuestion, found: Decision) -> Noted:
    """By which blocks cases were shown to be impossible."""
    stack, cases = question.network.stack, question.cases
    ways: dict[tuple[int, int, int], int] = {}
    parts, noted = list[tuple[int, tuple[Places, ...]]](), {}
    for one in found.shown:
        case = cases[one.case]
        key = id(case.lower), id(case.upper), one.width
        if key not in ways:
            ways[key] = len(parts)
            parts.append((one.width, _blocks(Box.of(stack, case), one.width)))
        noted[one.case] = one.condition, ways[key]
    assert all(sum(map(len, blocks)) == places_of(stack) for _, blocks in parts)
    return Noted(tuple(parts), noted)


def _blocks(box: Box, width: int) -> tuple[Places, ...]:
    """The blocks of places, as the search parts them."""
    linear, known = box.stack.layers[-1].linear, box.known
    if len(known) == 1:
        return (np.arange(places_of(box.stack)),)
    seen = linear.windows if linear.pooled is None else linear.windows[linear.pooled].reshape(len(linear.pooled), -1)
    return tuple(clusters(np.append(known[-2], np.int8(0))[seen] == -1, seen, width))
