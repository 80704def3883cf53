"""The space as a picture: for each shape its errors, its bound and the seconds it took."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from bnnsat import files

COLOURS = {"BEST": "tab:green", "WORSE": "tab:blue", "UNFINISHED": "tab:orange"}
MOST_NAMED = 60
"""Shapes whose names fit below the picture."""


def picture(told: dict[str, Any], out: Path) -> list[Path]:
    """Write the picture as SVG and PNG; the files written.

    Args:
        told: the result of a search.
        out: the folder.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    mpl.rcParams.update({"svg.hashsalt": "bnnsat", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3})
    shapes = told["shapes"]
    figure = Figure(figsize=(max(5.0, min(14.0, 1.5 + 0.32 * len(shapes))), 5), layout="constrained")
    above, below = figure.subplots(2, sharex=True, height_ratios=(3, 1))
    for status, colour in COLOURS.items():
        places = [i for i, s in enumerate(shapes) if s["status"] == status and s["errors"] is not None]
        if places:
            errors = [shapes[i]["errors"] for i in places]
            above.vlines(
                places, [shapes[i]["lower_bound"] for i in places], errors, color=colour, linewidth=3, alpha=0.5
            )
            above.plot(places, errors, "o", color=colour, markersize=5, label=status.lower())
    bounds = [i for i, s in enumerate(shapes) if s["errors"] is None]
    if bounds:
        lower = [shapes[i]["lower_bound"] for i in bounds]
        above.plot(bounds, lower, "^", color="tab:grey", markersize=5, label="not trained: bound")
    above.set(ylabel="errors (line: down to the bound)", title=f"{len(shapes)} shapes, fewer weights first")
    above.yaxis.set_major_locator(MaxNLocator(integer=True))
    above.set_ylim(bottom=-0.3)
    above.legend()
    below.bar(range(len(shapes)), [shape["seconds"] for shape in shapes], color="tab:grey")
    below.set(ylabel="seconds")
    if len(shapes) <= MOST_NAMED:
        below.set_xticks(range(len(shapes)), [shape["topology"] for shape in shapes], rotation=90)
    written = []
    for ending in ("svg", "png"):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=ending, dpi=150, metadata={"Date": None} if ending == "svg" else {})
        files.write(out / f"shapes.{ending}", buffer.getvalue())
        written.append(out / f"shapes.{ending}")
    return written
