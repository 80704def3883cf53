"""Balanced test accuracy on tables by cross-validation, in per cent, beside scikit-learn's classifiers.

Each file is read as `bnnsat train --data` reads it; labels are learned as they are (two of them). The folds are
stratified and seeded; all classifiers get the same bits. Networks have learned thresholds:

errors      the fewest training errors within the limit (the default goal)
accuracy    --goal accuracy
ternary     --goal accuracy --weights ternary
ensemble    --goal accuracy --weights ternary --ensemble 5
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from bnnsat.data.read import read
from bnnsat.options import Options
from bnnsat.readings import packed
from bnnsat.scores import balanced_accuracy
from bnnsat.shape import Shape
from bnnsat.trainer import train
from bnnsat.types import Bits, Integers

NETWORKS = {
    "errors": ("errors", "binary", 1),
    "accuracy": ("accuracy", "binary", 1),
    "ternary": ("accuracy", "ternary", 1),
    "ensemble": ("accuracy", "ternary", 5),
}
"""The goal, the weights, the members."""
OTHERS: dict[str, Callable[[], object]] = {
    "logistic": lambda: LogisticRegression(max_iter=5000),
    "balanced": lambda: LogisticRegression(max_iter=5000, class_weight="balanced"),
    "forest": lambda: RandomForestClassifier(random_state=0),
    "tree": lambda: DecisionTreeClassifier(max_depth=3, random_state=0),
}
"""Logistic regression, with balanced labels, a random forest, a tree of depth 3."""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="scripts/folds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, help="tables of bits with a label")
    parser.add_argument("--limit", type=float, default=2.0, help="seconds for each network (2)")
    parser.add_argument("--hidden", type=int, default=64, help="hidden neurons (64)")
    parser.add_argument("--folds", type=int, default=5, help="as many are made (5)")
    parser.add_argument("--first", type=int, help="only the first of them (all)")
    parser.add_argument("--classifiers", default=",".join([*NETWORKS, *OTHERS]), help="separated by commas (all)")
    options = parser.parse_args()
    chosen, rows = options.classifiers.split(","), []
    print(f"{'table':20} " + " ".join(f"{name:>9}" for name in chosen), flush=True)
    for file in options.files:
        examples = read(file).train
        inputs, labels = examples.grey.astype(np.bool_), examples.labels
        folds = list(StratifiedKFold(options.folds, shuffle=True, random_state=0).split(inputs, labels))
        cells = []
        for name in chosen:
            found = []
            for seed, (some, rest) in enumerate(folds[: options.first]):
                said = _predicted(name, inputs[some], labels[some], inputs[rest], options.hidden, options.limit, seed)
                found.append(100 * (balanced_accuracy(said, labels[rest]) or 0.0))
            cells.append(float(np.mean(found)))
        rows.append(cells)
        print(f"{file.stem:20} " + " ".join(f"{cell:9.1f}" for cell in cells), flush=True)
    print(f"{'mean':20} " + " ".join(f"{mean:9.2f}" for mean in np.mean(rows, axis=0)))


def _predicted(name: str, inputs: Bits, labels: Integers, new: Bits, hidden: int, limit: float, seed: int) -> Integers:
    if name in OTHERS:
        classifier = OTHERS[name]()
        return np.asarray(classifier.fit(inputs, labels).predict(new))  # type: ignore[attr-defined]
    goal, weights, members = NETWORKS[name]
    shape = Shape.parse(f"{inputs.shape[1]}-{hidden * members}-1", thresholds="learned", weights=weights)
    network = train(inputs, labels, shape, Options(goal=goal, time_limit=limit, ensemble=members, seed=seed)).network
    return packed.predict(network.shape, network.matrices(), new)


if __name__ == "__main__":
    main()
