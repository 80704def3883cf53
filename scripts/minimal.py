"""The smallest networks that compute classic functions, each proved and certified: a table in Markdown.

For each function and kind of network `bnnsat shapes --prefer weights` looks through all shapes with at most one hidden
layer, and `bnnsat check` verifies the certificate. What is done is not done again.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
UCI = ROOT.parent / "shared" / "data" / "uci"
FUNCTIONS = {
    **{f"parity:{n}": n for n in range(2, 7)},
    "majority:3": 3,
    "majority:5": 3,
    "majority:7": 3,
    "mux:6": 6,
    "mux:11": 8,
    "monk:1": 4,
    "monk:2": 6,
    "monk:3": 4,
    "corral": 6,
}
"""Data, and the widest hidden layer that is looked at."""
KINDS = {
    "popcount": "--activation popcount",
    "half": "--activation half",
    "ternary": "--activation popcount --weights ternary --thresholds learned",
    "relu": "--activation relu --weight-bits 3 --bias",
}
SECONDS, PROOF_SECONDS, CHECK_SECONDS = 100, 600, 900
"""Of training for each shape, of all proofs of a certificate, and of checking it."""
JOBS = 2


def verified(folder: Path) -> bool:
    """Whether a certificate is verified in time."""
    check = [sys.executable, "-m", "bnnsat", "check", str(folder), "--quiet"]
    # Of a group of its own, so that whatever it starts ends with it.
    with subprocess.Popen(check, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            return process.communicate(timeout=CHECK_SECONDS)[0].startswith("VERIFIED")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False


def entry(function: str, kind: str, width: int, out: Path) -> dict[str, Any]:
    """The smallest network of a kind, with what is proved and certified."""
    folder = out / f"{function.replace(':', '')}-{kind}"
    place = folder / "entry.json"
    if place.exists():
        found: dict[str, Any] = json.loads(place.read_text())
        return found
    data = str(UCI / "corral.npz") if function == "corral" else function
    words = f"shapes --data {data} {KINDS[kind]} --hidden-layers 0..1 --width 1..{width} --prefer weights"
    words += f" --time-limit {SECONDS} --proof-limit {PROOF_SECONDS} --jobs {JOBS}"
    began = time.monotonic()
    command = [sys.executable, "-m", "bnnsat", *shlex.split(words), "--quiet", "--json", "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told: dict[str, Any] = {"status": "FAILED", "best": None}
    if done.stdout:
        told = json.loads(done.stdout.splitlines()[-1])
    checked = False
    if (folder / "certificate" / "claim.json").exists():
        checked = verified(folder)
    open_ = [s["topology"] for s in told.get("shapes", []) if s["status"] == "UNFINISHED"]
    about: dict[str, Any] = {"status": told["status"], "best": told["best"], "checked": checked, "unfinished": open_}
    found = {**about, "seconds": time.monotonic() - began, "command": f"bnnsat {words}", "said": done.stderr[-300:]}
    folder.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(found, indent=1))
    return found


def cell(found: dict[str, Any]) -> str:
    """An entry in a few words."""
    best = found["best"]
    proved = found["status"] in ("OPTIMAL", "IMPOSSIBLE")
    mark = "?" if not proved else "" if found["checked"] else "*"
    if best is None:
        return f"none{mark}" if proved else mark
    return f"{best['topology']} ({best['weights']}){mark}"


def main() -> None:
    """Make all entries, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="functions, separated by commas")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "minimal")
    options = parser.parse_args()
    wanted = [*FUNCTIONS] if options.only is None else options.only.split(",")
    print(f"| function | {' | '.join(KINDS)} |\n|---|{'---|' * len(KINDS)}", flush=True)
    for function in wanted:
        if function == "corral" and not UCI.exists():
            print("| corral | its data are not there |", flush=True)
            continue
        cells = [cell(entry(function, kind, FUNCTIONS[function], options.out)) for kind in KINDS]
        print(f"| {function} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
