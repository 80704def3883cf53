"""Tables that come with scikit-learn, or that it fetches from OpenML."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.tables.frames import column, table_of
from bnnsat.tables.table import Table

BUILT_IN = ("digits", "iris", "wine", "breast_cancer")
OPENML = "openml:"
"""Before a name or a number of OpenML."""
TARGET = "target"


def is_library(source: str) -> bool:
    """Whether a name is one of a table that scikit-learn has.

    Args:
        source: digits, iris, wine, breast_cancer, or openml: and a name or number.
    """
    return source in BUILT_IN or source.startswith(OPENML)


def library_table(source: str) -> Table:
    """The table of that name; its target is called target, or as OpenML calls it.

    Args:
        source: see `is_library`.

    Raises:
        InputError: scikit-learn is not installed, or OpenML has no such table or cannot be reached.
    """
    if find_spec("sklearn") is None:
        raise InputError(f"data set {source} needs scikit-learn: pip install 'bnnsat[sklearn]'")
    import sklearn.datasets

    if source in BUILT_IN:
        bunch = getattr(sklearn.datasets, f"load_{source}")()
        labels: Any = bunch.target
        if isinstance(bunch.target_names[0], str):
            labels = np.asarray(bunch.target_names)[labels].astype(object)
        return _table(table_of(bunch.data, source, list(bunch.feature_names)), labels, TARGET, source)
    if find_spec("pandas") is None:
        raise InputError(f"data set {source} needs pandas, too: pip install pandas")
    name = source.removeprefix(OPENML)
    chosen: dict[str, Any] = {"data_id": int(name)} if name.isdecimal() else {"name": name}
    try:
        bunch = sklearn.datasets.fetch_openml(**chosen, as_frame=True, parser="auto")
    except Exception as error:
        # Whatever the network or OpenML says.
        raise InputError(f"{source}: OpenML gave no table ({error})") from None
    if bunch.target is None or getattr(bunch.target, "ndim", 1) != 1:
        raise InputError(f"{source}: OpenML names no single target of it")
    return _table(table_of(bunch.data, source), bunch.target.to_numpy(), str(bunch.target.name), source)


def _table(inputs: Table, labels: Any, target: str, source: str) -> Table:
    return Table((*inputs.columns, column(labels, target, source)), source)
