"""Which columns, pixels or bits no label depends on, all of them together."""

from __future__ import annotations

import time

import numpy as np

from bnnsat.model import Model
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.properties import ignores
from bnnsat.verification.answer import PROVED, UNKNOWN
from bnnsat.verification.facts import decided

SAMPLES = 256
"""Random inputs by which it is seen, most of the time, that a label depends on something."""


def ignored(model: Model, deadline: float | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Inputs that may change together, as much as they like, without changing the label of any input.

    Args:
        model: a network.
        deadline: a `time.monotonic` value; None for none.

    Returns their names, proved, and those for which there was no time.
    """
    inputs, rng = Inputs.of(model), np.random.default_rng(0)
    rows, others = inputs.drawn(SAMPLES, rng), inputs.drawn(SAMPLES, rng)
    found, unknown = list[str](), list[str]()
    for part in inputs.parts:
        tried = rows.copy()
        tried[:, part.places] = others[:, part.places]
        if (model.codes(tried[:, inputs.order]) != model.codes(rows[:, inputs.order])).any():
            continue
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        status = decided(ignores(model, [*found, part.name]), seconds=left).status
        if status == PROVED:
            found.append(part.name)
        elif status == UNKNOWN:
            unknown.append(part.name)
    return tuple(found), tuple(unknown)
