"""What others say of the same bits: the commonest label; with scikit-learn logistic regression and a small tree."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from bnnsat import scores
from bnnsat.types import Bits, Integers

MAJORITY, LOGISTIC, TREE = NAMES = ("majority", "logistic regression", "tree of depth 3")
LOGISTIC_STEPS, TREE_DEPTH = 1_000, 3


def baselines(inputs: Bits, labels: Integers, test_inputs: Bits, test_labels: Integers) -> dict[str, dict[str, float]]:
    """Accuracy and balanced accuracy of each, on the test examples.

    Args:
        inputs: (examples, n) that are learned from.
        labels: (examples,), from 0.
        test_inputs: (test examples, n).
        test_labels: (test examples,).
    """
    said = {MAJORITY: np.full(len(test_labels), np.bincount(labels).argmax())}
    if find_spec("sklearn") is not None:
        for name, classifier in (
            (LOGISTIC, _logistic()),
            (TREE, _tree()),
        ):
            said[name] = np.asarray(classifier.fit(inputs, labels).predict(test_inputs), dtype=np.int64)
    return {
        name: {
            "accuracy": scores.accuracy(predicted, test_labels) or 0.0,
            "balanced_accuracy": scores.balanced_accuracy(predicted, test_labels) or 0.0,
        }
        for name, predicted in said.items()
    }


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=LOGISTIC_STEPS)


def _tree() -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=TREE_DEPTH, random_state=0)
