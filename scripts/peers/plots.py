"""Plots of the runs: how many are proved within a time, and how the cost grows with the examples."""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from bnnsat import files

Result = dict[str, Any]


def draw(results: list[Result], out: Path) -> list[str]:
    """Write a cactus plot for each suite, and for S5 the growth; lines that tell its fitted exponents."""
    mpl.rcParams.update({"svg.hashsalt": "bnnsat", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3})
    for suite in sorted({result["suite"] for result in results}):
        _save(_cactus([result for result in results if result["suite"] == suite], suite), out / f"cactus-{suite}")
    growing = [result for result in results if result["suite"] == "S5"]
    if not growing:
        return []
    figure, lines = _growth(growing)
    _save(figure, out / "growth")
    return lines


def _cactus(results: list[Result], suite: str) -> Figure:
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for peer in sorted({result["peer"] for result in results}):
        times = sorted(r["seconds"] for r in results if r["peer"] == peer and r["status"] == "proved")
        axes.step(times, range(1, len(times) + 1), where="post", marker=".", label=peer)
    names = {result["name"] for result in results}
    axes.set(
        xscale="log", title=f"{suite}: {len(names)} instances", xlabel="seconds to the proof", ylabel="proved", ylim=0
    )
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _growth(results: list[Result]) -> tuple[Figure, list[str]]:
    """Seconds against examples; the exponent is that of the least-squares line through what was proved."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes, lines = figure.subplots(), ["", "## Growth with the examples", ""]
    series: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        series[result["topology"], result["peer"]].append(result)
    for (topology, peer), runs in sorted(series.items()):
        runs.sort(key=lambda run: run["samples"])
        proved = [run for run in runs if run["status"] == "proved"]
        n, seconds = (np.array([run[key] for run in proved], dtype=float) for key in ("samples", "seconds"))
        fitted = ""
        if len(proved) > 1:
            exponent = np.polyfit(np.log(n), np.log(seconds), 1)[0]
            fitted = f": n^{exponent:.2f}"
        times = ", ".join(
            f"{run['samples']}: " + (f"{run['seconds']:.2f} s" if run["status"] == "proved" else "open") for run in runs
        )
        lines.append(f"- {topology}, {peer}{fitted} ({times})")
        axes.plot(n, seconds, marker="o", label=f"{topology} {peer}{fitted}")
    axes.set(
        xscale="log", yscale="log", title="Cost against examples", xlabel="examples", ylabel="seconds to the proof"
    )
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure, lines


def _save(figure: Figure, path: Path) -> None:
    for ending in ("svg", "png"):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=ending, dpi=150, metadata={"Date": None} if ending == "svg" else {})
        files.write(path.with_suffix(f".{ending}"), buffer.getvalue())
