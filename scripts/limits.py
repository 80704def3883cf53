"""How far trainings go beyond their time limit: all methods, on shapes up to 784-512-10 and 20,000 examples.

The examples are random, so that nothing is proved before the limit. A run is late by what it takes beyond the limit;
1 s or 5 % are allowed.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from bnnsat import InputError, Options, Shape, train
from bnnsat.search.methods import METHODS

CASES = (
    ("half", "64-4-1", 250),
    ("half", "64-128-128-1", 2_000),
    ("half", "784-128-1", 5_000),
    ("half", "100-10-1", 20_000),
    ("popcount", "64-1", 250),
    ("popcount", "64-4-1", 250),
    ("popcount", "784-1", 20_000),
    ("popcount", "100-1", 20_000),
    ("popcount", "100-10-1", 20_000),
    ("popcount", "64-128-128-1", 2_000),
    ("popcount", "784-512-10", 5_000),
)
ALLOWED_SECONDS, ALLOWED_SHARE = 1.0, 0.05


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/limits", description=__doc__)
    parser.add_argument("--limits", default="1,3,10", help="seconds, separated by commas (1,3,10)")
    parser.add_argument("--methods", default=",".join(METHODS), help="separated by commas (all)")
    parser.add_argument("--topologies", default="", help="those that are measured, separated by commas (all)")
    parser.add_argument("--jobs", type=int, help="processors (all)")
    options = parser.parse_args()
    chosen = options.topologies.split(",") if options.topologies else [topology for _, topology, _ in CASES]
    late: list[tuple[float, str]] = []
    print("limit  seconds  late   method      activation  topology      examples  ended by")
    for activation, topology, examples in CASES:
        if topology not in chosen:
            continue
        shape = Shape.parse(topology, activation)
        rng = np.random.default_rng(0)
        inputs = rng.random((examples, shape.sizes[0])) < 0.5
        labels = rng.integers(shape.classes, size=examples)
        for method in options.methods.split(","):
            for limit in map(float, options.limits.split(",")):
                began = time.monotonic()
                try:
                    training = train(inputs, labels, shape, Options(method=method, time_limit=limit, jobs=options.jobs))
                except InputError:
                    # A method that is not for such a shape.
                    break
                seconds = time.monotonic() - began
                over = seconds - limit
                line = (
                    f"{limit:5.0f} {seconds:8.2f} {over:5.1f}   {method:11} {activation:11} {topology:13} {examples:8}"
                )
                print(f"{line}  {training.stopped or training.status}", flush=True)
                if over > max(ALLOWED_SECONDS, ALLOWED_SHARE * limit):
                    late.append((over, line))
    print(f"{len(late)} later than {ALLOWED_SECONDS:g} s and {ALLOWED_SHARE:.0%}")
    for _, line in sorted(late, reverse=True):
        print(line)
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
