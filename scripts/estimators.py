"""Balanced test accuracy of BNNClassifier with its defaults, by cross-validation, beside others on the same bits.

Tables of scikit-learn by name (breast_cancer, wine, iris, digits), and files (.npz with X and y, or any table).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import sklearn.datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from bnnsat.data.read import read
from bnnsat.sklearn import Binarizer, BNNClassifier

BUILT_IN = ("breast_cancer", "wine", "iris", "digits")
OTHERS: dict[str, Any] = {
    "logistic": lambda: LogisticRegression(max_iter=5000),
    "balanced": lambda: LogisticRegression(max_iter=5000, class_weight="balanced"),
    "forest": lambda: RandomForestClassifier(random_state=0),
    "tree": lambda: DecisionTreeClassifier(max_depth=3, random_state=0),
}
"""Logistic regression, with balanced labels, a random forest, a tree of depth 3."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/estimators", description=__doc__)
    parser.add_argument("tables", nargs="*", default=list(BUILT_IN), help="names or files (those of scikit-learn)")
    parser.add_argument("--binarize", default="quantiles:5", help="the way from columns of numbers to bits")
    parser.add_argument("--folds", type=int, default=5, help="as many are made (5)")
    parser.add_argument("--max-iter", type=int, help="gradient steps (the default)")
    parser.add_argument("--weights", help="binary or ternary (the default)")
    options = parser.parse_args()
    more = {name: value for name in ("max_iter", "weights") if (value := getattr(options, name)) is not None}
    rows = []
    print(f"{'table':20} {'bnnsat':>9} " + " ".join(f"{name:>9}" for name in OTHERS) + "   seconds a fit", flush=True)
    for name in options.tables:
        inputs, labels = _examples(name)
        folds = StratifiedKFold(options.folds, shuffle=True, random_state=0).split(inputs, labels)
        found, seconds = [], []
        for seed, (some, rest) in enumerate(folds):
            began = time.monotonic()
            estimator = BNNClassifier(binarize=options.binarize, random_state=seed, n_jobs=1, **more)
            estimator.fit(inputs[some], labels[some])
            seconds.append(time.monotonic() - began)
            made = Binarizer(options.binarize).fit(inputs[some], labels[some])
            bits, new = made.transform(inputs[some]), made.transform(inputs[rest])
            said = [estimator.predict(inputs[rest])]
            said += [other().fit(bits, labels[some]).predict(new) for other in OTHERS.values()]
            found.append([100 * balanced_accuracy_score(labels[rest], one) for one in said])
        rows.append(np.mean(found, axis=0))
        cells = " ".join(f"{cell:9.2f}" for cell in rows[-1])
        print(f"{Path(name).stem:20} {cells}   {np.mean(seconds):.1f}", flush=True)
    print(f"{'mean':20} " + " ".join(f"{mean:9.2f}" for mean in np.mean(rows, axis=0)))


def _examples(name: str) -> tuple[Any, Any]:
    if name in BUILT_IN:
        inputs, labels = getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
        return inputs, labels
    examples = read(name).train
    return examples.grey, examples.labels


if __name__ == "__main__":
    main()
