"""What scikit-learn's estimators are given, as tables."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import validate_data

from bnnsat.tables.frames import is_frame, table_of
from bnnsat.tables.table import Table


def taken(estimator: Any, X: Any, y: Any = "no_validation", *, reset: bool) -> Table:
    """What an estimator is given as a table.

    Args:
        estimator: it.
        X: a data frame, or (rows, columns).
        y: labels, where they are to be looked at.
        reset: keep the columns' names and number; without, they are held against those that were kept.
    """
    if is_frame(X):
        validate_data(estimator, X, y, reset=reset, skip_check_array=True)
        return table_of(X, "X")
    X = validate_data(estimator, X, reset=reset, dtype=None, ensure_all_finite=False)
    if X.dtype.kind not in "biuf":
        X = X if X.dtype.kind == "O" else X.astype(object)
    names = getattr(estimator, "feature_names_in_", [f"x{place}" for place in range(X.shape[1])])
    return table_of(X, "X", list(names))


def tagged(tags: Any) -> Any:
    """Tags of an estimator that takes what tables hold.

    Args:
        tags: scikit-learn's.
    """
    tags.input_tags.allow_nan = True
    tags.input_tags.string = True
    tags.input_tags.categorical = True
    return tags
