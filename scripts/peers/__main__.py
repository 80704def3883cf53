"""`scripts/bench peers`: every peer on every instance in turn, each alone on the machine, and a table.

Results are appended to OUT/results.jsonl as they come; started again, only what is missing is run.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import select
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bnnsat import files
from bnnsat.network import Network
from peers import table
from peers.instances import Instance, suites
from peers.solvers import PEERS

GRACE = 2.0
"""Seconds beyond the limit for a peer that keeps it itself."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench peers", description=__doc__)
    parser.add_argument("--suites", default="S1,S2,S3,S4,S5")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--digits", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--only", default="", help="part of an instance's name")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds a run")
    parser.add_argument(
        "--shared", type=Path, default=Path("../shared/data"), help="folder with uci/*.npz (S2) and full MNIST (S5)"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/peers"))
    options = parser.parse_args()
    made = suites(options.shared, [int(digit) for digit in options.digits.split(",")])
    work = [
        (instance, peer)
        for suite in options.suites.split(",")
        for instance in made[suite]
        if options.only in instance.name
        for peer in options.peers.split(",")
    ]
    store = files.folder(options.out) / "results.jsonl"
    known = [json.loads(line) for line in store.read_text().splitlines()] if store.exists() else []
    done = {(r["name"], r["peer"], r["limit"]) for r in known}
    # In turn, but in random order: no peer gets the machine's quiet hours.
    left = [(i, p) for i, p in work if (i.name, p, options.limit) not in done]
    random.Random(0).shuffle(left)
    for number, (instance, peer) in enumerate(left, 1):
        result = run(instance, peer, options.limit)
        known.append(result)
        with store.open("a") as file:
            file.write(json.dumps(result) + "\n")
        print(
            f"{number}/{len(left)} {instance.name} {peer}: {result['status']} errors {result['errors']} "
            f"bound {result['bound']} {result['seconds']:.2f} s",
            file=sys.stderr,
            flush=True,
        )
    wanted = {(i.name, p) for i, p in work}
    table.report([r for r in known if (r["name"], r["peer"]) in wanted and r["limit"] == options.limit], options.out)


def run(instance: Instance, peer: str, limit: float) -> dict[str, Any]:
    """One run in a process of its own; every network is replayed here, and a claim that fails is marked."""
    job = {"instance": asdict(instance), "peer": peer, "seconds": limit}
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    with subprocess.Popen(
        [sys.executable, "-m", "peers.job"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(job).encode())
        process.stdin.close()
        lines = _lines(process, limit)
    problem, shape = instance.problem(), instance.shape()
    errors, bound, seconds, proved = problem.total_cost, problem.lower_bound, limit, False
    wrong_claim = None
    for line in lines:
        if "weights" in line:
            network = Network.of(shape, line["weights"])
            errors = min(errors, problem.errors(network.right(problem.inputs, problem.labels)))
        # The objective is a whole number, so a bound may be rounded up.
        if line.get("bound") is not None and math.isfinite(line["bound"]):
            bound = max(bound, math.ceil(line["bound"] - 1e-6))
        if line.get("done"):
            proved, seconds = line["at"] <= limit, line["at"]
            if bound != errors:
                wrong_claim = f"claims {bound}, replaying gives {errors}"
    status = "wrong" if wrong_claim or bound > errors else "proved" if proved else "open"
    return {
        "name": instance.name,
        "suite": instance.suite,
        "topology": instance.topology,
        "samples": instance.samples,
        "peer": peer,
        "limit": limit,
        "status": status,
        "errors": errors,
        "bound": bound,
        "seconds": seconds if proved else limit,
        "note": wrong_claim or ("" if lines else "no output"),
    }


def _lines(process: subprocess.Popen[bytes], limit: float) -> list[dict[str, Any]]:
    """What a job prints until it ends or its limit, counted from when it is ready, has passed."""
    assert process.stdout is not None
    deadline, received = time.monotonic() + limit + 60, b""
    pipe = process.stdout.fileno()
    started = False
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        data = os.read(pipe, 1 << 16) if ready else b""
        if not data:
            break
        received += data
        if not started and b"\n" in received:
            started, deadline = True, time.monotonic() + limit + GRACE
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return [json.loads(line) for line in received[: received.rfind(b"\n") + 1].splitlines()]


if __name__ == "__main__":
    main()
