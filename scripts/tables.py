"""Training errors on tables, over shapes: thresholds given and learned, weights binary and ternary, ensembles of three.

Each file is read as `bnnsat train --data` reads it; labels are learned as they are (two of them). A star marks a proof.
Where scikit-learn is installed, logistic regression and a tree of depth 4 stand beside. With --old DIR the package of
another checkout runs in turn with this one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

KINDS = ("given", "learned", "ternary", "both", "ensemble")
PROGRAM = """
import json, sys
import bnnsat
source, hidden, kind, limit = sys.argv[1:]
examples = bnnsat.read(source).train
inputs, labels = examples.inputs.astype(bool), examples.labels
topology = "-".join([str(inputs.shape[1]), *([hidden] if hidden != "0" else []), "1"])
thresholds = "learned" if kind in ("learned", "both") else ()
weights = "ternary" if kind in ("ternary", "both") else "binary"
ensemble = 1
if kind == "ensemble":
    topology, ensemble = f"{inputs.shape[1]}-{3 * int(hidden)}-1", 3
shape = bnnsat.Shape.parse(topology, "popcount", thresholds=thresholds, weights=weights)
options = bnnsat.Options(time_limit=float(limit), ensemble=ensemble)
training = bnnsat.train(inputs, labels, shape, options)
print(json.dumps([training.errors, training.status == "OPTIMAL", training.seconds]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/tables", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="tables of bits with a label")
    parser.add_argument("--limit", type=float, default=3.0, help="seconds (3)")
    parser.add_argument("--hidden", default="0,5,16,64", help="hidden neurons, separated by commas (0,5,16,64)")
    parser.add_argument("--kinds", default=",".join(KINDS), help="separated by commas (all)")
    parser.add_argument("--old", type=Path, help="another checkout")
    options = parser.parse_args()
    places = [Path(__file__).parents[1], *([options.old] if options.old else [])]
    kinds = options.kinds.split(",")
    print(f"{'table':24} {'shape':8} " + " ".join(f"{kind:>14}" for kind in kinds))
    for file in options.files:
        for hidden in options.hidden.split(","):
            cells = []
            for kind in kinds:
                if kind == "ensemble" and hidden == "0":
                    cells.append("")
                    continue
                found = []
                for place in places:
                    command = [sys.executable, "-c", PROGRAM, str(file.resolve()), hidden, kind, str(options.limit)]
                    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=True)
                    errors, proved, _ = json.loads(done.stdout)
                    found.append(f"{errors}{'*' if proved else ''}")
                cells.append(" / ".join(found))
            shape = f"n-{hidden}-1" if hidden != "0" else "n-1"
            print(f"{file.stem:24} {shape:8} " + " ".join(f"{cell:>14}" for cell in cells), flush=True)
        if find_spec("sklearn") is not None:
            print(f"{file.stem:24} {_others(file)}", flush=True)


def _others(file: Path) -> str:
    from sklearn.linear_model import LogisticRegression
    from sklearn.tree import DecisionTreeClassifier

    import bnnsat

    examples = bnnsat.read(file).train
    models = {"logistic regression": LogisticRegression(max_iter=5000), "tree": DecisionTreeClassifier(max_depth=4)}
    wrong = {
        name: int((model.fit(examples.inputs, examples.labels).predict(examples.inputs) != examples.labels).sum())
        for name, model in models.items()
    }
    return ", ".join(f"{name} {errors}" for name, errors in wrong.items())


if __name__ == "__main__":
    main()
