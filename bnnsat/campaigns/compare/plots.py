"""The plots of a comparison, as SVG and PNG (needs matplotlib, the extra `plots`)."""

from __future__ import annotations

import importlib.util
import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bnnsat import files
from bnnsat.campaigns.compare import statistics
from bnnsat.campaigns.jobs.store import Result
from bnnsat.campaigns.sizes import WIDTHS, size
from bnnsat.campaigns.strength import measured
from bnnsat.encodings.catalogue import load
from bnnsat.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 12
"""The most lines in one plot; the best by PAR-2 are taken."""


def check() -> None:
    """Raise InputError where nothing can be drawn."""
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError("plots need matplotlib: pip install 'bnnsat[plots]', or leave them out with --no-plots")


def draw(results: Sequence[Result], out: Path, scatter: Sequence[str] = ()) -> list[Path]:
    """Write cactus, scatter, size and strength plots for each kind that occurs; the files written.

    `scatter` names the two configurations of the scatter plot, as the tables do; without it the two best.
    """
    import matplotlib as mpl

    # Same bytes for the same results, and no window anywhere.
    mpl.rcParams.update({"svg.hashsalt": "bnnsat", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3})
    written = []
    table = statistics.rows(results)
    for kind in sorted({row.kind for row in table}):
        own = [result for result in results if result["activation"] == kind]
        names = [row.configuration for row in table if row.kind == kind and row.configuration != "virtual best"]
        encodings = sorted({result["encoding"] for result in own})
        figures = {
            f"cactus-{kind}": _cactus(own, names[:SHOWN]),
            f"size-{kind}": _sizes(encodings),
            f"strength-{kind}": _strengths(encodings),
        }
        pair = [name for name in scatter if name in names] if scatter else names[:2]
        if len(pair) == 2:
            figures[f"scatter-{kind}"] = _scatter(own, *pair)
        for name, figure in figures.items():
            for ending in ("svg", "png"):
                buffer = io.BytesIO()
                metadata = {"Date": None} if ending == "svg" else {}
                figure.savefig(buffer, format=ending, dpi=150, metadata=metadata)
                files.write(out / f"{name}.{ending}", buffer.getvalue())
                written.append(out / f"{name}.{ending}")
    return written


def _figure(title: str, width: float = 7.5, height: float = 4.8) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _cactus(results: Sequence[Result], names: Sequence[str]) -> Figure:
    figure, axes = _figure("Runs proved within a time")
    configuration = statistics.namer(results)
    times: dict[str, list[float]] = defaultdict(list)
    for result in results:
        if statistics.solved(result):
            times[configuration(result)].append(statistics.seconds(result))
    for number, name in enumerate(names):
        solved = sorted(times[name])
        style = ("-", "--", ":")[number // 10 % 3]
        axes.step(solved, range(1, len(solved) + 1), style, where="post", label=name, marker=".", markersize=3)
    axes.set(xscale="log", xlabel="seconds to the proof", ylabel="runs proved")
    axes.set_ylim(bottom=0)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=7)
    return figure


def _scatter(results: Sequence[Result], first: str, second: str) -> Figure:
    figure, axes = _figure("Two configurations, run by run", 5.2, 5.0)
    configuration = statistics.namer(results)
    pairs: dict[str, dict[str, float]] = defaultdict(dict)
    for result in results:
        pairs[statistics.instance(result)][configuration(result)] = statistics.seconds(result)
    both = [(pair[first], pair[second]) for pair in pairs.values() if first in pair and second in pair]
    if both:
        axes.scatter(*zip(*both, strict=True), s=14)
        ends = (min(map(min, both)) / 1.5, max(map(max, both)) * 1.5)
        axes.plot(ends, ends, color="gray", linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel=f"{first}: seconds", ylabel=f"{second}: seconds")
    return figure


def _sizes(encodings: Sequence[str]) -> Figure:
    figure, axes = _figure("Clauses of one count (at least half) or comparison")
    for number, name in enumerate(encodings):
        entry = load(name)
        widths = [n for n in WIDTHS[:-1] if entry.most is None or n <= entry.most]
        style = ("-", "--", ":")[number // 10 % 3]
        axes.plot(widths, [size(entry, n).clauses for n in widths], style, marker=".", label=name)
    axes.set(xscale="log", yscale="log", xlabel="inputs", ylabel="clauses")
    axes.set_xticks(WIDTHS[:-1], [str(n) for n in WIDTHS[:-1]])
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=7, ncols=1 + len(encodings) // 24)
    return figure


def _strengths(encodings: Sequence[str]) -> Figure:
    figure, axes = _figure("Implied literals that unit propagation finds, 6 inputs", height=1.6 + 0.2 * len(encodings))
    places = range(len(encodings))
    for offset, side in ((-0.2, "forward"), (0.2, "backward")):
        shares = [100 * getattr(measured(load(name)), side) for name in encodings]
        axes.barh([place + offset for place in places], shares, height=0.38, label=side)
    axes.set_yticks(list(places), list(encodings))
    axes.invert_yaxis()
    axes.set(xlabel="per cent", xlim=(0, 100))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
