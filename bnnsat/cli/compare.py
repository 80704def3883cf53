"""`bnnsat compare`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bnnsat import files
from bnnsat.campaigns.compare import campaign, plots, report, statistics
from bnnsat.campaigns.compare.execute import execute
from bnnsat.campaigns.compare.job import Job
from bnnsat.campaigns.jobs.run import run
from bnnsat.campaigns.jobs.store import Store
from bnnsat.cli.executors import executor, runs
from bnnsat.cli.options import EncodingsPath
from bnnsat.encodings.catalogue import add, catalogue, load
from bnnsat.encodings.orders import LITERAL_ORDERS
from bnnsat.errors import HaltedError, InputError, ResourceError
from bnnsat.solvers.solver import checked

WIDTH = 104
"""Columns of the table of results."""
MOST_SECONDS = 1_000_000
LEAST_MEGABYTES, MOST_MEGABYTES = 512, 1 << 24
"""Less does not even load the libraries."""


def compare_command(
    list_: Annotated[bool, typer.Option("--list", help="Show the catalogue of encodings and stop.")] = False,
    preset: Annotated[str | None, typer.Option(help="quick (two minutes) or paper.", show_default=False)] = None,
    encodings: Annotated[str, typer.Option(help="Comma-separated names. (default: all)", show_default=False)] = "",
    encodings_path: EncodingsPath = None,
    data: Annotated[str, typer.Option(help="Comma-separated data sets: parity:5, mnist8x8, ...")] = "mux:6",
    topologies: Annotated[str, typer.Option(help="Comma-separated topologies.")] = "6-2-1",
    activation: Annotated[str, typer.Option(help="popcount or half")] = "popcount",
    positives: Annotated[
        str, typer.Option(help="Comma-separated labels, each against the rest.", show_default=False)
    ] = "",
    examples: Annotated[int | None, typer.Option(help="Examples drawn. (default: all)", show_default=False)] = None,
    seeds: Annotated[str, typer.Option(help="Comma-separated seeds of the draws.")] = "0",
    solvers: Annotated[str, typer.Option(help="Comma-separated PySAT solvers.")] = "minisat22",
    orders: Annotated[str, typer.Option(help="Comma-separated literal orders: " + ", ".join(LITERAL_ORDERS))] = "given",
    time_limit: Annotated[float, typer.Option(help="Seconds a run.")] = 10.0,
    memory: Annotated[int, typer.Option(help="Megabytes a run.")] = 4096,
    budget: Annotated[bool, typer.Option("--budget", help="Also find the least conflict budget of the proof.")] = False,
    parallel: Annotated[int, typer.Option("--jobs", "-j", help="Runs at a time.")] = 2,
    dask: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler to run on (extra dask).", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of results; an unfinished campaign there goes on.")] = Path(
        "runs/compare"
    ),
    scatter: Annotated[
        str,
        typer.Option(
            help='Two configurations for the scatter plot: "adder,totalizer". (default: the two best)',
            show_default=False,
        ),
    ] = "",
    plot: Annotated[bool, typer.Option("--plots/--no-plots", help="Draw plots (extra plots).")] = True,
) -> None:
    """Compare encodings: every combination of what the options name, each run in a process of its own.

    Results are appended to OUT/results.jsonl as they come; started again with the same options, only
    what is missing is run.
    """
    if encodings_path is not None:
        add(encodings_path)
    if list_:
        _list()
        return
    if preset is not None:
        if preset not in campaign.PRESETS:
            raise InputError(f"unknown preset {preset!r}; there are {', '.join(campaign.PRESETS)}")
        work = campaign.unique(campaign.PRESETS[preset]())
    else:
        lists = {"data": data, "topologies": topologies, "seeds": seeds, "solvers": solvers, "orders": orders}
        for option, text in lists.items():
            if not _names(text):
                raise InputError(f"--{option} is empty; name at least one")
        instances = [
            campaign.Case(name, topology, activation, positive, examples)
            for name in _names(data)
            for topology in _names(topologies)
            for positive in (_numbers(positives) or [None])
        ]
        for name in _names(orders):
            if name not in LITERAL_ORDERS:
                raise InputError(f"unknown literal order {name!r}; there are {', '.join(LITERAL_ORDERS)}")
        work = campaign.jobs(
            instances,
            encodings=[load(name).name for name in _names(encodings)],
            solvers=[checked(name) for name in _names(solvers)],
            seeds=[seed or 0 for seed in _numbers(seeds)],
            orders=_names(orders),
            seconds=time_limit,
            megabytes=memory,
            budget=budget,
        )
    if parallel < 1 or not 0 < time_limit <= MOST_SECONDS:
        raise InputError(f"--jobs has to be above 0, and --time-limit from 0 to {MOST_SECONDS} seconds")
    if not LEAST_MEGABYTES <= memory <= MOST_MEGABYTES:
        raise InputError(f"--memory {memory} is not from {LEAST_MEGABYTES} to {MOST_MEGABYTES} megabytes")
    pair = _names(scatter)
    known = set(map(statistics.namer([asdict(job) for job in work]), [asdict(job) for job in work]))
    if scatter and (len(set(pair)) != 2 or not set(pair) <= known):
        raise InputError(f"--scatter takes two of {', '.join(sorted(known))}")
    if plot:
        plots.check()
    store = Store(files.folder(out) / "results.jsonl", Job)
    try:
        with executor(parallel, dask) as (chosen, ahead), runs(len(work), sum(map(store.done, work))) as advance:
            run(work, store, chosen, execute, lambda _: advance(), ahead=ahead)
    except KeyboardInterrupt:
        done = sum(map(store.done, work))
        raise HaltedError(
            f"interrupted; {done} of {len(work)} runs are in {out}, and the same command goes on"
        ) from None
    results = [store.results[job.key] for job in work]
    for path in report.write(results, out) + (plots.draw(results, out, pair) if plot else []):
        Console(stderr=True).print(f"wrote {path}", highlight=False)
    _show(results)
    for result in results:
        if result["status"] == "failed":
            print(
                f"bnnsat: failed: {result['encoding']} on {statistics.instance(result)}: {result['error']}",
                file=sys.stderr,
            )
    if found := statistics.disagreements(results):
        raise ResourceError(f"proofs disagree on the optimum of {'; '.join(found)}: an encoding or a solver is wrong")


def _list() -> None:
    console = Console(width=max(140, Console().width))
    table = Table("name", "kind", "strength", "status", "summary", "paper")
    for entry in catalogue():
        forward, backward = entry.strength
        strength = "full" if entry.strength == (100, 100) else f"{forward} % / {backward} %"
        table.add_row(entry.name, entry.kind, strength, entry.status, entry.summary, entry.paper)
    console.print(table)
    print("strength: literals implied that unit propagation finds, to the output and back, at 6 inputs")


def _show(results: list[dict[str, object]]) -> None:
    # Numbers that are cut off say nothing: a narrow terminal wraps the lines instead.
    console = Console(width=max(WIDTH, Console().width))
    table = statistics.rows(results)
    for kind in dict.fromkeys(row.kind for row in table):
        shown = Table(title=kind)
        for heading in report.HEADINGS:
            shown.add_column(heading, no_wrap=True, justify="left" if heading == report.HEADINGS[0] else "right")
        for row in table:
            if row.kind == kind:
                # As text: markup would take "[minisat22]" for a style.
                shown.add_row(*map(Text, report.cells(row)))
        console.print(shown)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text: str) -> list[int | None]:
    try:
        return [int(part) for part in _names(text)]
    except ValueError:
        raise InputError(f"{text!r} is not a list of whole numbers like 0,1,2") from None
