"""Least changes of examples, and whether one within a radius does it, asked of bnnsat and of general solvers.

Every peer gets the same network of popcounts with a hidden layer, example and costs, in a process of its own with the
same limit, one after the other: CP-SAT and Exact (reified linear constraints; the cost is minimised), Z3
(pseudo-Boolean constraints) and plain PySAT (two totalizers a neuron). What is decided by two of them must be the same.
PAR-2 is the mean time, twice the limit where nothing was decided.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from change_peers import PEERS

from bnnsat.foreign.imported import opened
from bnnsat.verification.flips import NORMS
from bnnsat.verification.rows import every_row

GRACE_SECONDS = 15
"""Beyond the limit, for reading the network."""


def one(given: dict[str, Any]) -> None:
    """Ask one peer one question, and print the answer."""
    model = opened(Path(given["model"]), given["scale"])
    row = every_row(model, given["data"])[given["example"]]
    began = time.perf_counter()
    answer = PEERS[given["peer"]](model, row, given["norm"], given["radius"], given["limit"])
    print(json.dumps([*answer, time.perf_counter() - began]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/changes", description=__doc__)
    parser.add_argument("model", help="a network, as `bnnsat verify` takes it")
    parser.add_argument("data", help="a data set, as `bnnsat verify --data` takes it")
    parser.add_argument("--examples", type=int, default=10, help="the first so many that have a label (10)")
    parser.add_argument("--norms", default="l0", help=f"separated by commas: {', '.join(NORMS)} (l0)")
    parser.add_argument("--radius", type=int, help="a radius in place of the least change")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"separated by commas ({','.join(PEERS)})")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds (60)")
    parser.add_argument("--input-scale", type=int, help="as `bnnsat verify` takes it")
    options = parser.parse_args()
    times: dict[str, list[float]] = {peer: [] for peer in options.peers.split(",")}
    decided = dict.fromkeys(times, 0)
    for norm in options.norms.split(","):
        for example in range(options.examples):
            answers = {}
            for peer in times:
                asked = {"model": options.model, "data": options.data, "example": example, "norm": norm, "peer": peer}
                asked |= {"radius": options.radius, "limit": options.limit, "scale": options.input_scale}
                command = [sys.executable, __file__, "--one", json.dumps(asked)]
                try:
                    done = subprocess.run(
                        command, capture_output=True, text=True, check=True, timeout=options.limit + GRACE_SECONDS
                    )
                    status, value, bound, seconds = json.loads(done.stdout)
                except subprocess.TimeoutExpired:
                    status, value, bound, seconds = "UNKNOWN", None, 0, options.limit
                except subprocess.CalledProcessError as error:
                    status, value, bound, seconds = f"FAILED {error.stderr.strip()[-60:]}", None, 0, options.limit
                good = status in ("OPTIMAL", "PROVED", "REFUTED")
                decided[peer] += good
                times[peer].append(seconds if good else 2 * options.limit)
                if good:
                    answers[peer] = status, value if options.radius is None else None
                said = f"{value} at least {bound}" if options.radius is None else ""
                print(f"{example} {norm} {peer}: {status} {said} {seconds:.3f} s", flush=True)
            if len({*answers.values()}) > 1:
                raise SystemExit(f"example {example}: {answers} contradict each other")
    for peer, seconds in times.items():
        mean, median = statistics.fmean(seconds), statistics.median(seconds)
        print(f"{peer:8} {decided[peer]}/{len(seconds)} decided, PAR-2 {mean:.3f} s, median {median:.4f} s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(json.loads(sys.argv[2]))
    else:
        main()
