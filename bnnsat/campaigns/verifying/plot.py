"""How many examples are decided within a time, as a plot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bnnsat import files

DECIDED = ("OPTIMAL", "PROVED", "REFUTED")


def cactus(answers: Sequence[dict[str, Any]], out: Path) -> list[Path]:
    """Write a cactus plot of answers as SVG and PNG; the files written.

    Args:
        answers: as `answers` of a part makes them.
        out: the folder.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    # Same bytes for the same results, and no window anywhere.
    mpl.rcParams.update({"svg.hashsalt": "bnnsat", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3})
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.set_title(f"Decided within a time, of {len(answers)} examples")
    for status in DECIDED:
        # What takes no time that can be measured has a place on a logarithmic axis, too.
        times = sorted(max(answer["seconds"], 1e-4) for answer in answers if answer["status"] == status)
        if times:
            axes.step(times, range(1, len(times) + 1), where="post", label=status, marker=".", markersize=3)
    axes.set(xscale="log", xlabel="seconds", ylabel="examples")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    if axes.lines:
        axes.legend()
    written = []
    for ending in ("svg", "png"):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=ending, dpi=150, metadata={"Date": None} if ending == "svg" else {})
        files.write(out / f"cactus.{ending}", buffer.getvalue())
        written.append(out / f"cactus.{ending}")
    return written
