"""The results of a comparison as files: CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bnnsat import files
from bnnsat.campaigns.compare import statistics
from bnnsat.campaigns.compare.statistics import Row
from bnnsat.campaigns.jobs.store import Result
from bnnsat.plural import counted

HEADINGS = ("configuration", "solved", "PAR-2", "median (95 %)", "rank", "best", "clauses", "encode s")


def cells(row: Row) -> tuple[str, ...]:
    """A row as a person reads it, under HEADINGS."""
    return (
        row.configuration,
        f"{row.solved}/{row.runs}",
        f"{row.par2:.2f}",
        f"{row.median:.2f} ({row.low:.2f}-{row.high:.2f})",
        f"{row.rank:.1f}",
        str(row.best),
        f"{row.clauses:.0f}",
        f"{row.seconds_encode:.3f}",
    )


def write(results: Sequence[Result], out: Path) -> list[Path]:
    """Write runs.csv, summary.csv, summary.json and summary.md; the files written."""
    table = statistics.rows(results)
    summary = [asdict(row) for row in table]
    contents = {
        "runs.csv": _csv([dict(result) for result in results]),
        "summary.csv": _csv(summary),
        "summary.json": json.dumps({"rows": summary, "runs": list(results)}, indent=1) + "\n",
        "summary.md": markdown(table, results),
    }
    for name, content in contents.items():
        files.write(out / name, content.encode())
    return [out / name for name in contents]


def markdown(table: Sequence[Row], results: Sequence[Result]) -> str:
    """A page with one table per kind, and how each run ended."""
    ends = ["timeout" if r["status"] == "solved" and not statistics.solved(r) else r["status"] for r in results]
    endings = {status: ends.count(status) for status in sorted(set(ends))}
    lines = [
        "# Comparison",
        "",
        f"{counted(len(results), 'run')}: " + ", ".join(f"{n} {s}" for s, n in endings.items()) + ".",
    ]
    lines += [f"**Optima differ** for {line}." for line in statistics.disagreements(results)]
    lines += ["PAR-2: seconds to the proof, twice the limit without one; the median likewise.", ""]
    for kind in sorted({row.kind for row in table}):
        lines += [f"## {kind}", "", "| " + " | ".join(HEADINGS) + " |", "|---" * len(HEADINGS) + "|"]
        lines += ["| " + " | ".join(cells(row)) + " |" for row in table if row.kind == kind]
        lines += [
            "",
            "Instances: " + "; ".join(sorted({statistics.instance(r) for r in results if r["activation"] == kind})),
        ]
        lines.append("")
    return "\n".join(lines)


def _csv(rows: Sequence[dict[str, object]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
