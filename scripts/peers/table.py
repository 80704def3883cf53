"""What the runs say, per suite and topology: solved, PAR-2, best found, bound at the limit."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat import files
from peers import plots

Result = dict[str, Any]


def report(results: list[Result], out: Path) -> None:
    """Print the tables, and write them with all runs."""
    growth = plots.draw(results, out)
    text = "\n".join([*_summary(results), *growth, "", *_disagreements(results)])
    print(text)
    files.write(out / "summary.md", (text + "\n").encode())
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(results[0]) if results else ["name"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(results)
    files.write(out / "runs.csv", buffer.getvalue().encode())
    files.write(out / "runs.json", json.dumps(results, indent=1).encode())


def par2(result: Result) -> float:
    """Seconds to the proof, twice the limit without one."""
    return float(result["seconds"] if result["status"] == "proved" else 2 * result["limit"])


def _summary(results: list[Result]) -> list[str]:
    groups: dict[str, dict[str, dict[str, list[Result]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    best: dict[str, int] = {}
    for result in results:
        samples = "" if result["samples"] is None else f", {result['samples']} examples"
        for network in ("all", f"{result['topology']}{samples}"):
            groups[result["suite"]][network][result["peer"]].append(result)
        best[result["name"]] = min(best.get(result["name"], result["errors"]), result["errors"])
    lines = []
    for suite, networks in sorted(groups.items()):
        lines += [
            "",
            f"## {suite}",
            "",
            "| network | peer | proved | PAR-2 | median s | best found | sum of errors | sum of bounds |",
            "|---" * 8 + "|",
        ]
        for network, peers in sorted(networks.items(), key=lambda item: (item[0] != "all", len(item[0]), item[0])):
            for peer, runs in sorted(peers.items(), key=lambda item: np.mean([par2(run) for run in item[1]])):
                times = [par2(run) for run in runs]
                lines.append(
                    f"| {network} | {peer} | {sum(r['status'] == 'proved' for r in runs)}/{len(runs)} | "
                    f"{np.mean(times):.2f} | {np.median(times):.2f} | "
                    f"{sum(r['errors'] == best[r['name']] for r in runs)} | "
                    f"{sum(r['errors'] for r in runs)} | {sum(r['bound'] for r in runs)} |"
                )
    return lines


def _disagreements(results: list[Result]) -> list[str]:
    """Claims that a replay or another peer contradicts: there should be none."""
    lines = [f"WRONG {r['name']} {r['peer']}: {r['note']}" for r in results if r["status"] == "wrong"]
    optima: dict[str, set[int]] = defaultdict(set)
    for result in results:
        if result["status"] == "proved":
            optima[result["name"]].add(result["errors"])
    lines += [f"WRONG {name}: optima {sorted(found)}" for name, found in optima.items() if len(found) > 1]
    return lines or ["All proofs agree; every network was replayed."]
