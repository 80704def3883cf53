"""Facts about trained networks of whole numbers, for `bnnsat verify`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat import limits
from bnnsat.certificates.prover import Prover
from bnnsat.cli.standing import standing
from bnnsat.data.again import examples_of
from bnnsat.errors import InputError
from bnnsat.integers.model import IntegerModel
from bnnsat.synthesis.changes import changed, distance, reached
from bnnsat.synthesis.found import IMPOSSIBLE, PROVED, Found
from bnnsat.tables.fixed import FixedPoint
from bnnsat.types import Integers

ROBUST, REACH = "robust", "reach"
METHOD = "sat"


def verified(
    model: Path,
    what: str,
    *,
    data: str | None,
    example: int,
    norm: str,
    radius: int | None,
    label: str | None,
    certificate: Path | None,
    time_limit: float | None,
    as_json: bool,
) -> None:
    """Decide a fact about a network of whole numbers, and print the answer.

    Args:
        model: the file.
        what: robust or reach.
        data: where the example is.
        example: its number.
        norm: of its change.
        radius: of the change; None for the least.
        label: of reach, as labels are called.
        certificate: folder for a certificate; None for none.
        time_limit: seconds; None for none.
        as_json: print JSON.
    """
    loaded = IntegerModel.load(model)
    network, columns = loaded.network, loaded.columns
    most, apart = ((), ()) if columns is None else (columns.most, columns.apart)
    row: Integers | None = None
    if what == REACH:
        found = reached(network, _code(loaded, label), time_limit=time_limit, most=most, apart=apart)
    elif what == ROBUST:
        if data is None:
            raise InputError("robust needs --data, where the example is")
        row = _example(loaded, data, example)
        found = changed(network, row, norm, radius=radius, time_limit=time_limit, most=most, apart=apart)
    else:
        raise InputError(f"networks with relu can be asked {ROBUST} and {REACH}, not {what}")
    try:
        if certificate is not None:
            with standing():
                found.certify(certificate, prover=Prover(deadline=limits.deadline(time_limit)))
    finally:
        result = _reach(loaded, found) if row is None else _robust(loaded, found, row, norm, radius)
        print(json.dumps(result) if as_json else "\n".join(_said(result, norm, columns)))


def _robust(model: IntegerModel, found: Found, row: Integers, norm: str, radius: int | None) -> dict[str, Any]:
    """The answer about an example, in the words that are used of all networks."""
    there = found.inputs or found.holes
    x = None if not there else np.asarray(there["x"])
    proved = found.status in (PROVED, IMPOSSIBLE)
    # What changes nothing changes no label.
    least = 1 if found.bound is None else max(1, found.bound)
    result: dict[str, Any] = {
        "status": PROVED if proved else found.status,
        "value": None if x is None else distance(row, x, norm),
        "lower_bound": radius + 1 if proved and radius is not None else least,
        "label": _called(model, row),
        "new_label": None if x is None else _called(model, x),
        "changed": [] if x is None else np.flatnonzero(x != row).tolist(),
        "seconds": found.seconds,
        "method": METHOD,
        "counterexample": None if x is None else x.tolist(),
    }
    return {**result, **_values(model, x)}


def _reach(model: IntegerModel, found: Found) -> dict[str, Any]:
    """The answer about a label."""
    x = np.asarray(found.inputs["x"]) if found.inputs else None
    return {
        "property": REACH,
        "status": found.status,
        "counterexample": None if x is None else [x.tolist(), x.tolist()],
        "labels": [] if x is None else [_called(model, x)],
        "seconds": found.seconds,
        "method": METHOD,
        **_values(model, x),
    }


def _values(model: IntegerModel, x: Integers | None) -> dict[str, Any]:
    """What an input stands for in a table's columns; nothing without such."""
    if model.columns is None:
        return {}
    return {"values": None if x is None else model.columns.values(x)}


def _called(model: IntegerModel, x: Integers) -> Any:
    return model.called(model.network.predict(x[np.newaxis]))[0]


def _code(model: IntegerModel, label: str | None) -> int:
    """The output that a label stands for."""
    if label is None:
        raise InputError("reach needs --label")
    codes = [str(name) for name in model.labels] or [str(code) for code in range(model.network.shape.classes)]
    if not codes and re.fullmatch(r"-?[0-9]{1,15}", label):
        # The output itself is the label, and can be any number.
        return int(label)
    if label not in codes:
        raise InputError(f"there is no label {label!r}; there are {', '.join(codes) or 'whole numbers'}")
    return codes.index(label)


def _example(model: IntegerModel, data: str, number: int) -> Integers:
    """One example of a data set, (n,); of examples with numbers from 0."""
    inputs = examples_of(model, data).inputs
    if not 0 <= number < len(inputs):
        raise InputError(f"there is no example {number}; they are 0 to {len(inputs) - 1}")
    row: Integers = inputs[number]
    return row


def _said(result: dict[str, Any], norm: str, columns: FixedPoint | None) -> list[str]:
    of, x = "" if columns is None else ", over levels", result["counterexample"]
    what = result.get("property", ROBUST)
    lines = [f"{result['status']} ({what}, {result['seconds']:.2f} s)"]
    if what == ROBUST:
        lines[0] += f": label {result['label']}"
        if result["value"] is not None:
            lines[0] += f", changed by {result['value']} ({norm}{of}), at least {result['lower_bound']} is due"
        elif result["status"] == PROVED:
            below = f", no change below {result['lower_bound']} ({norm}{of})"
            lines[0] += below if result["lower_bound"] > 1 else ", whatever the input"
    if x is not None:
        label, row = (result["new_label"], x) if what == ROBUST else (result["labels"][0], x[0])
        lines.append(f"label {label}: {' '.join(map(str, row))}")
        if columns is not None:
            lines.append(f"that is {columns.told(row)}")
    return lines
