"""The page of `scripts/reproduce`: what was seen in 2018 and here side by side, a figure, and the commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Result = dict[str, Any]
DIGITS, SHAPES = (0, 1, 2, 3), ("64-1", "64-2-1", "64-4-1")
"""Of the curves."""


def rows(found: dict[str, Result]) -> list[tuple[str, str, str]]:
    """Lines of the table: what, in 2018, here."""
    made = []
    for name, step in found.items():
        if "skipped" in step:
            continue
        made += ROWS[name](step["result"])
    return made


def _xor(r: Result) -> list[tuple[str, str, str]]:
    return [
        ("XOR, ReLU 2-2-1, whole weights", "found", f"found in {r['found']:.2f} s, certified"),
        ("XOR, ReLU 2-1", "proved impossible", f"proved impossible in {r['impossible']:.2f} s, certified"),
    ]


def _packing(r: Result) -> list[tuple[str, str, str]]:
    steps = ", ".join(map(str, r["steps"]))
    return [("bin packing under 80", "60, 70, 75", f"{steps}; {r['best']} proved, {r['seconds']:.1f} s")]


def _cats(r: Result) -> list[tuple[str, str, str]]:
    made = []
    for name, f in r.items():
        proof = (
            "proved over all" if f["status"] == "OPTIMAL" else f"at least {f['bound']}, {len(f['unfinished'])} open of"
        )
        made.append(
            (
                f"cats and aeroplanes, 40 images, {name}",
                "95 % of training, 35 min, proved over the grid (8-bit fixed point)" if "8 bits" in name else "",
                f"{f['topology']}: {f['errors']} errors ({1 - f['errors'] / 40:.1%}), {proof} {f['shapes']} shapes, "
                f"{f['seconds']:.0f} s; test {f['test_accuracy']:.1%}",
            )
        )
    return made


def _digits(r: Result) -> list[tuple[str, str, str]]:
    times = [f"{seconds:.1f}" for seconds in r["seconds"]]
    train, test = min(r["train_accuracy"]), np.mean(r["test_accuracy"])
    return [
        (
            "64-32-32-10, popcounts, one-hot, 100 digits",
            "100 % of training after 7 days, test 15 %",
            f"{train:.0%} of training on each of five samples, {min(times, key=float)} to {max(times, key=float)} s; "
            f"test {test:.1%} on average",
        )
    ]


def _curves(r: Result) -> list[tuple[str, str, str]]:
    proved = sum(run["status"] == "OPTIMAL" for run in r.values())
    tests = [run["test_accuracy"] for run in r.values()]
    longest = max(run["seconds"] for run in r.values())
    return [
        (
            "half-comparisons, a digit against the rest, 250 examples",
            "optimal after about 15 min, some over 75 % on test",
            f"{proved} of {len(r)} optimal, the longest after {longest:.2f} s; "
            f"test {min(tests):.1%} to {max(tests):.1%}",
        )
    ]


def _robust(r: Result) -> list[tuple[str, str, str]]:
    made = []
    for name, found in r.items():
        counts = {radius: found["radii"].count(radius) for radius in sorted({*found["radii"]})}
        told = ", ".join(f"{radius} of {count}" for radius, count in counts.items())
        words = f"pixels that have to change, proved: {told} images; {found['seconds']:.1f} s"
        made.append((f"robustness of {name}, 20 test images", "named as a next step", words))
    return made


def _forest(r: Result) -> list[tuple[str, str, str]]:
    made = []
    for name, found in r.items():
        where = found["disagreement"]
        share = "" if where is None or where["share"] is None else f", differs on {where['share']:.1%} of such inputs"
        said = "agrees with all queries" if found["status"] == "CONSISTENT" else "none agrees with all queries"
        words = f"{found['family']}: {said}{share}, {found['seconds']:.1f} s"
        made.append((f"a program for a random forest, {name}", "named as a next step", words))
    return made


ROWS: dict[str, Callable[[Result], list[tuple[str, str, str]]]] = {
    "xor": _xor,
    "packing": _packing,
    "cats": _cats,
    "digits": _digits,
    "curves": _curves,
    "robust": _robust,
    "forest": _forest,
}


def figure(curves: Result, out: Path) -> Path:
    """Test accuracy over the seconds of training, a line for each shape, which ends where optimality is proved."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter

    mpl.rcParams.update({"svg.hashsalt": "bnnsat", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3})
    drawn = Figure(figsize=(9, 6), layout="constrained")
    axes = drawn.subplots(2, 2, sharex=True, sharey=True).ravel()
    for place, digit in enumerate(DIGITS):
        for colour, shape in zip(("tab:blue", "tab:orange", "tab:green"), SHAPES, strict=True):
            run = curves[f"{digit} {shape}"]
            seconds = [max(point[0], 1e-3) for point in run["curve"]] + [run["seconds"]]
            accuracy = [100 * point[1] for point in run["curve"]]
            axes[place].step(seconds, [*accuracy, accuracy[-1]], where="post", label=shape, color=colour)
            axes[place].plot(seconds[-1], accuracy[-1], "o", color=colour, markersize=4)
        axes[place].set(title=f"digit {digit} against the rest", xscale="log")
        axes[place].xaxis.set_minor_formatter(NullFormatter())
    for axis in axes[2:]:
        axis.set_xlabel("seconds of training")
    for axis in axes[::2]:
        axis.set_ylabel("test accuracy, %")
    axes[0].legend(title="half-comparisons; dot: optimal, proved")
    for ending in ("svg", "png"):
        drawn.savefig(out / f"curves.{ending}", dpi=150, metadata={"Date": None} if ending == "svg" else {})
    return out / "curves.svg"


def page(found: dict[str, Result], out: Path) -> Path:
    """The page: the table, the figure, and for each step its commands."""
    lines = ["# The 2018 experiments, and here", "", "| what | 2018 | here |", "|---|---|---|"]
    lines += [f"| {what} | {then} | {here} |" for what, then, here in rows(found)]
    if "result" in found.get("curves", {}):
        figure(found["curves"]["result"], out)
        lines += ["", "![Test accuracy over the time of training](curves.svg)"]
    for name, step in found.items():
        lines += ["", f"## {name}", ""]
        if "skipped" in step:
            lines.append(f"Skipped: {step['skipped']}.")
            continue
        lines += [f"{step['seconds']:.1f} s in all.", "", "```", *step["commands"], "```"]
    path = out / "reproduce.md"
    path.write_text("\n".join([*lines, ""]))
    return path
