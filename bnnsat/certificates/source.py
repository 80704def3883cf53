"""Whether the data of a certificate are those of the data set that it names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bnnsat.certificates import reread
from bnnsat.certificates.claim import Claim, Statement
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.lines import read_examples
from bnnsat.data.sets import SETS
from bnnsat.data.task import Task
from bnnsat.errors import InputError, RefusedError
from bnnsat.model import Model
from bnnsat.questions.parts import EXAMPLES, MODEL
from bnnsat.questions.question import Files


def compared(claim: Claim, files: Files, data: str | Path | None, note: Callable[[str], object]) -> str:
    """Where the data come from, as far as that can be seen here.

    Of a network over numbers that is its ONNX file. Otherwise the source of a claim names a task, whose examples are
    those of the certificate, and of a question about one example its number.

    Args:
        claim: what the certificate says.
        files: the certificate's, contents by name.
        data: another place of the data set; None for that of the claim.
        note: is told what is being done.

    Raises:
        RefusedError: the data are others.
    """
    if claim.question == "box":
        return reread.compared(claim, files, data, note)
    options = TaskOptions.of({**claim.source["task"], **({} if data is None else {"data": data})})
    place, question = options.data, claim.about(Statement({}), files)
    if data is None and place not in SETS and Path(place).exists() and not Path(place).is_absolute():
        raise RefusedError(f"the data {place!r} are not named by their whole path; say where they are now")
    note(f"reading the data {place!r} again")
    model = Model.loads(files[MODEL], MODEL)
    try:
        task = Task.chosen(options, model.network.shape.sizes[-1])
    except InputError:
        if data is not None or not Path(place).is_absolute() or Path(place).exists():
            raise
        return "the data as the certificate has them, for they are not where it says"
    if EXAMPLES in question.files():
        inputs, labels = read_examples(files[EXAMPLES])
        same, which = np.array_equal(task.inputs, inputs) and np.array_equal(task.labels, labels), "examples"
    else:
        number = claim.source["example"]
        if type(number) is not int or not 0 <= number < len(task.inputs):
            raise RefusedError(f"there is no training example {number!r}")
        bits = "".join(str(int(bit)) for bit in task.inputs[number])
        same, which = bits == claim.noted["example"], f"training example {number}"
    if not same or task.preprocessing != model.preprocessing:
        raise RefusedError(f"the data {place!r} do not give these {which}")
    chosen = {**options.noted(), "binarize": task.preprocessing.binarizer.way, "positive": task.positive}
    told = ", ".join(
        f"{name} {_told(value)}"
        for name, value in chosen.items()
        if name != "data" and value is not None and value is not False and value != []
    )
    return f"the data: {which} of {place!r} ({told})"


def _told(value: object) -> str:
    return ", ".join(map(repr, value)) if isinstance(value, (list, tuple)) else repr(value)
