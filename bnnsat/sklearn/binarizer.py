"""Columns as bits, as a transformer of scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, column_or_1d

from bnnsat.sklearn.given import tagged, taken
from bnnsat.tables.binarizer import TableBinarizer


class Binarizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Columns as bits, by rules that are fitted once.

    Parameters:
        way: for columns of numbers: quantiles:N, uniform:N, supervised:N, each maybe with :intervals behind it.
        columns: other ways for some columns, by name: also onehot:N and bit.

    Attributes:
        rules_: the fitted rules.
        n_features_in_: how many columns there are.
        feature_names_in_: what they are called, where they have names.
    """

    def __init__(self, way: str = "quantiles:5", columns: Mapping[str, str] | None = None) -> None:
        self.way = way
        self.columns = columns

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find a rule for each column.

        Args:
            X: a data frame, or (rows, columns) of numbers.
            y: (rows,) labels, for supervised ways.
        """
        table = taken(self, X, reset=True)
        if len(table) < 2:
            raise ValueError(f"n_samples = {len(table)}: rows are told apart, so two or more are due")
        labels = np.zeros(len(table), dtype=np.int64)
        if y is not None:
            labels = np.unique(column_or_1d(y), return_inverse=True)[1].astype(np.int64)
        elif "supervised" in " ".join([self.way, *(self.columns or {}).values()]):
            raise ValueError("supervised cuts need labels; give y")
        self.rules_ = TableBinarizer.fit(table, labels, self.way, self.columns)
        return self

    def transform(self, X: Any) -> NDArray[np.uint8]:
        """Bits (rows, bits) of 0 and 1.

        Args:
            X: a data frame with the columns that were fitted, or (rows, columns) of numbers.
        """
        check_is_fitted(self)
        return self.rules_(taken(self, X, reset=False)).astype(np.uint8)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """What each bit says, (bits,).

        Args:
            input_features: is not looked at.
        """
        check_is_fitted(self)
        return np.array(self.rules_.names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = tagged(super().__sklearn_tags__())
        tags.transformer_tags.preserves_dtype = []
        return tags
