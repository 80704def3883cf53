"""What many runs say: PAR-2, medians with intervals, ranks, and the virtual best."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.campaigns.compare.job import Job
from bnnsat.campaigns.jobs.store import Result

RESAMPLES = 2000


@dataclass(frozen=True)
class Row:
    """One configuration over its runs. Times are seconds to the proof.

    `par2` counts an unsolved run as twice its limit, and so do `median` and its 95 % bootstrap interval.
    `rank` is the mean rank over the instances (1 the fastest, ties share); `best` counts the
    instances where it is the fastest.
    """

    kind: str
    configuration: str
    runs: int
    solved: int
    par2: float
    median: float
    low: float
    high: float
    rank: float
    best: int
    clauses: float
    seconds_encode: float


def job_of(result: Result) -> Job:
    """The job of a stored result."""
    return Job(**{name: result[name] for name in Job.__dataclass_fields__})


def solved(result: Result) -> bool:
    """Whether the proof came within the limit (a run is given a little longer, to start and to read its data)."""
    return bool(result["status"] == "solved" and result["seconds_to_proof"] <= result["seconds_limit"])


def seconds(result: Result) -> float:
    """Seconds to the proof; twice the limit without one."""
    return float(result["seconds_to_proof"] if solved(result) else 2 * result["seconds_limit"])


def rows(results: Sequence[Result]) -> list[Row]:
    """A row per configuration and one for the virtual best of each kind, the best PAR-2 first.

    Configurations that could not take every instance come last: theirs are other means.
    """
    table: list[Row] = []
    for kind in ("popcount", "half"):
        own = [result for result in results if result["activation"] == kind]
        if own:
            made = _kind_rows(kind, own)
            most = max(row.runs for row in made)
            table += sorted(made, key=lambda row: (row.runs < most, row.par2, row.configuration))
    return table


def namer(results: Sequence[Result]) -> Callable[[Result], str]:
    """A function from a result to its configuration: the encoding, with what else differs among `results`."""
    several = len({result["solver"] for result in results}) > 1

    def configuration(result: Result) -> str:
        order = "" if result["literal_order"] == "given" else f" {result['literal_order']}"
        return f"{result['encoding']}{order}" + (f" [{result['solver']}]" if several else "")

    return configuration


def instance(result: Result) -> str:
    """The problem that a result is about."""
    return job_of(result).instance


def disagreements(results: Sequence[Result]) -> list[str]:
    """Instances whose optimum some proofs put differently, in words: a wrong encoding or solver."""
    optima: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for result in results:
        if result["status"] == "solved" and "errors" in result:
            optima[instance(result)][result["errors"]].add(result["encoding"])
    return [
        f"{name}: " + ", ".join(f"{errors} by {' '.join(sorted(by))}" for errors, by in sorted(found.items()))
        for name, found in optima.items()
        if len(found) > 1
    ]


def _kind_rows(kind: str, results: Sequence[Result]) -> list[Row]:
    configuration = namer(results)
    by_name: dict[str, list[Result]] = defaultdict(list)
    by_instance: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_name[configuration(result)].append(result)
        by_instance[instance(result)].append(result)
    ranks: dict[str, list[float]] = defaultdict(list)
    best: dict[str, int] = defaultdict(int)
    for group in by_instance.values():
        times = np.array([seconds(result) for result in group])
        for result, time in zip(group, times, strict=True):
            name = configuration(result)
            ranks[name].append(1 + (times < time).sum() + ((times == time).sum() - 1) / 2)
            best[name] += bool(time == times.min() and solved(result))
    table = [_row(kind, name, group, float(np.mean(ranks[name])), best[name]) for name, group in by_name.items()]
    fastest = [min(group, key=seconds) for group in by_instance.values()]
    return [*table, _row(kind, "virtual best", fastest, 1.0, sum(map(solved, fastest)))]


def _row(kind: str, name: str, results: Sequence[Result], rank: float, best: int) -> Row:
    times = np.array([seconds(result) for result in results])
    low, high = interval(times)
    return Row(
        kind,
        name,
        len(results),
        sum(map(solved, results)),
        float(times.mean()),
        float(np.median(times)),
        low,
        high,
        rank,
        best,
        _median(results, "clauses"),
        _median(results, "seconds_encode"),
    )


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % bootstrap interval of the median (Efron 1979), with a fixed seed."""
    picks = np.random.default_rng(0).integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(np.median(values[picks], axis=1), [2.5, 97.5])
    return float(low), float(high)


def _median(results: Sequence[Result], key: str) -> float:
    known: list[Any] = [result[key] for result in results if result.get(key) is not None]
    return float(np.median(known)) if known else float("nan")
