"""Campaigns: runs in their own processes, statistics by hand, stops and restarts, a Dask cluster."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles import LONG, fewest_errors
from processes import children, ticks, wait

from bnnsat.campaigns.compare import campaign, plots, report, statistics
from bnnsat.campaigns.compare.execute import execute
from bnnsat.campaigns.compare.job import Job
from bnnsat.campaigns.jobs.run import run
from bnnsat.campaigns.jobs.store import Store
from bnnsat.cli import _run, executors
from bnnsat.data.read import read
from bnnsat.encodings.orders import LITERAL_ORDERS, literal_permutation
from bnnsat.errors import InputError
from bnnsat.shape import Shape

SMALL = Job("parity:3", None, None, 0, "3-2-1", "popcount", "totalizer", "minisat22")
HARD = Job("mnist8x8", 3, 100, 0, "64-4-1", "popcount", "adder", "cadical195", seconds_limit=2)


def small_jobs(encodings: tuple[str, ...] = ("adder", "totalizer", "direct")) -> list[Job]:
    return campaign.jobs([campaign.Case("parity:3", "3-2-1"), campaign.Case("parity:3", "3-1")], encodings=encodings)


@pytest.mark.parametrize("order", LITERAL_ORDERS)
@pytest.mark.parametrize("encoding", ["adder", "block", "seqcounter"])
def test_a_run_finds_the_optimum_whatever_the_order(encoding: str, order: str) -> None:
    result = execute(asdict(replace(SMALL, encoding=encoding, literal_order=order, budget=True)))
    data = read("parity:3").train
    wanted = fewest_errors(Shape.parse("3-2-1"), data.grey.tolist(), data.labels.tolist())
    assert (result["status"], result["errors"], result["lower_bound"]) == ("solved", wanted, wanted)
    assert result["least_budget"] >= 1
    for key in ("variables", "clauses", "literals", "conflicts", "propagations", "megabytes_used"):
        assert result[key] >= 0
    for key in ("seconds_encode", "seconds_load", "seconds_to_proof"):
        assert 0 <= result[key] <= result["seconds"]


def test_time_and_memory_limits_hold_and_what_was_learned_stays() -> None:
    began = time.monotonic()
    result = execute(asdict(HARD))
    assert time.monotonic() - began < LONG
    assert result["status"] == "timeout"
    assert result["clauses"] > 0
    assert result["errors"] > result["lower_bound"] == 0
    assert "seconds_to_proof" not in result
    assert execute(asdict(replace(HARD, megabytes_limit=150, encoding="totalizer")))["status"] == "memory"


def test_a_run_that_fails_says_why() -> None:
    result = execute(asdict(replace(SMALL, topology="4-1")))
    assert result["status"] == "failed"
    assert result["error"]


def test_the_least_budget_is_the_least() -> None:
    from bnnsat.campaigns.compare.job import FIRST_BUDGET, least_budget
    from bnnsat.circuit.cnf import Cnf
    from bnnsat.circuit.counters import ErrorCounter
    from bnnsat.circuit.templates import Circuit
    from bnnsat.encodings.catalogue import load
    from bnnsat.problem import Problem
    from bnnsat.questions.formula import encode
    from bnnsat.questions.training import TrainingQuestion
    from bnnsat.solvers.solver import DirectSolver

    data = read("mux:6").train
    problem = Problem.of(data.grey.astype(bool), data.labels)
    formula = encode(TrainingQuestion(problem, Shape.parse("6-1")), Circuit(Cnf()), [load("totalizer")])
    counter = ErrorCounter(formula.circuit, formula.objective, cap=40)
    for bound in (1, 12, 20):
        assumptions = counter.at_most(bound)
        least = least_budget(formula, assumptions, "minisat22")

        def status(conflicts: int, assumptions: list[int] = assumptions) -> bool | None:
            solver = DirectSolver(formula.cnf, "minisat22")
            answer = solver.solve(assumptions, conflicts=conflicts)
            solver.close()
            return answer.status

        assert status(least) is not None
        if least > FIRST_BUDGET:
            assert status(least - 1 - least // 10) is None


def test_permutations_are_permutations() -> None:
    from bnnsat.problem import Problem

    data = read("monk:1").train
    problem = Problem.of(data.grey.astype(bool), data.labels)
    assert literal_permutation(problem, "given") is None
    for order in ("cluster", "correlation"):
        permutation = literal_permutation(problem, order)
        assert permutation is not None
        assert sorted(permutation.tolist()) == list(range(17))
    # MONK's first rule reads the fifth attribute's first value: nothing else correlates with the label.
    correlation = literal_permutation(problem, "correlation")
    assert correlation is not None
    assert correlation[0] == 3 + 3 + 2 + 3
    with pytest.raises(InputError, match="given, cluster, correlation"):
        literal_permutation(problem, "best")


def test_results_stay_and_are_not_repeated(tmp_path: Path) -> None:
    path, work = tmp_path / "results.jsonl", small_jobs()
    done: list[Job] = []
    with ThreadPoolExecutor(2) as executor:
        run(work[:3], Store(path, Job), executor, execute, done.append, ahead=2)
        # A campaign that is ended while it writes leaves half a line.
        with path.open("ab") as file:
            file.write(b'{"data": "parity:3", "dig')
        again = Store(path, Job)
        assert len(again.results) == 3
        run(work, again, executor, execute, done.append, ahead=2)
    assert sorted(job.key for job in done) == sorted(job.key for job in work)
    lines = path.read_text().splitlines()
    assert len(lines) == len(work)
    assert {json.loads(line)["status"] for line in lines} == {"solved"}


def test_a_foreign_file_is_not_taken_for_results(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text("no results\n")
    with pytest.raises(InputError, match="not a file of results"):
        Store(tmp_path / "results.jsonl", Job)


def stored(path: Path) -> int:
    """How many results there are by now."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_a_killed_campaign_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bnnsat", "compare", "--data", "parity:4", "--topologies", "4-2-1,4-3-1"]
    command += ["--encodings", "adder,totalizer,counter", "--out", str(tmp_path), "--no-plots", "-j", "1"]
    path = tmp_path / "results.jsonl"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait(lambda: stored(path) >= 2, "two runs are in")
        process.send_signal(signal.SIGKILL)
    before = path.read_text().splitlines()
    assert len(before) < 6
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = path.read_text().splitlines()
    assert after[: len(before)] == before or after[: len(before) - 1] == before[:-1]
    jobs = [statistics.job_of(json.loads(line)).key for line in after]
    assert len(set(jobs)) == len(jobs) == 6
    with (tmp_path / "runs.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 6


def result(encoding: str, seconds: float | None, instance: str = "parity:3", limit: float = 10) -> dict[str, Any]:
    job = asdict(replace(SMALL, encoding=encoding, data=instance, seconds_limit=limit))
    if seconds is None:
        return {**job, "status": "timeout"}
    return {**job, "status": "solved", "seconds_to_proof": seconds, "clauses": 10, "seconds_encode": 0.1}


def test_statistics_by_hand() -> None:
    results = [
        result("adder", 1.0, "a"),
        result("adder", None, "b"),
        result("totalizer", 2.0, "a"),
        result("totalizer", 4.0, "b"),
    ]
    rows = {row.configuration: row for row in statistics.rows(results)}
    assert [rows["adder"].par2, rows["totalizer"].par2, rows["virtual best"].par2] == [10.5, 3.0, 2.5]
    assert [rows["adder"].solved, rows["adder"].runs, rows["adder"].best, rows["adder"].rank] == [1, 2, 1, 1.5]
    assert [rows["totalizer"].median, rows["totalizer"].rank, rows["totalizer"].best] == [3.0, 1.5, 1]
    assert [row.configuration for row in statistics.rows(results)] == ["virtual best", "totalizer", "adder"]
    assert "| totalizer | 2/2 | 3.00 |" in report.markdown(statistics.rows(results), results)


def test_the_bootstrap_interval_holds_the_median_and_narrows() -> None:
    rng = np.random.default_rng(3)
    few, many = rng.exponential(size=8), rng.exponential(size=400)
    widths = []
    for values in (few, many):
        low, high = statistics.interval(values)
        assert low <= np.median(values) <= high
        widths.append(high - low)
    assert widths[1] < widths[0]
    assert statistics.interval(np.array([2.0])) == (2.0, 2.0)


def test_reports_and_plots_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The sizes themselves are those of the golden table.
    monkeypatch.setattr(plots, "WIDTHS", (8, 16, 32))
    results = [result(name, s, i) for name, s in (("adder", 1.0), ("totalizer", 2.0)) for i in ("a", "b")]
    paths = report.write(results, tmp_path) + plots.draw(results, tmp_path)
    assert {path.name for path in paths} >= {
        "runs.csv",
        "summary.csv",
        "summary.json",
        "summary.md",
        "cactus-popcount.svg",
    }
    for path in paths:
        content = path.read_bytes()
        assert content
        if path.suffix == ".png":
            assert content.startswith(b"\x89PNG")
    again = tmp_path / "again"
    again.mkdir()
    for path in plots.draw(results, again):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_list_shows_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["compare", "--list"]) == 0
    out = capsys.readouterr().out
    assert out.count("popcount") >= 20
    assert len(re.findall(r"│ (?:muxchain|ripple) +│ half ", out)) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "slow"], "there are quick, paper"),
        (["--encodings", "magic"], "unknown encoding 'magic'"),
        (["--solvers", "magic"], "unknown solver 'magic'"),
        (["--orders", "magic"], "unknown literal order 'magic'"),
        (["--data", "mux:7"], "unknown problem 'mux:7'"),
        (["--topologies", "5-1"], "has to start with 6"),
        (["--encodings", "muxchain"], "is one for half"),
        (["--topologies", "6-1", "--data", "mux:6", "--encodings", "native"], "nothing to compare"),
        (["--positives", "3"], "has no label 3"),
        (["--seeds", "-1", "--samples", "5"], "seed -1 is negative"),
        (["--samples", "0"], "give at least 1"),
        (["--samples", "1000"], "there are only 32"),
        (["--seeds", ""], "--seeds is empty"),
        (["--scatter", "adder,adder"], "--scatter takes two of"),
        (["--memory", "0"], "not from 512"),
        (["--memory", "99999999999999"], "not from 512"),
        (["--time-limit", "inf"], "to 1000000 seconds"),
        (["--time-limit", "1e10"], "to 1000000 seconds"),
        (["--seeds", "a"], "whole numbers"),
        (["--jobs", "0"], "above 0"),
        (["--time-limit", "-1"], "to 1000000 seconds"),
        (["--out", "/proc/nowhere"], "cannot write"),
        (["--dask", "tcp://127.0.0.1:1"], "no Dask scheduler answers"),
    ],
)
def test_bad_input(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    if "--dask" in arguments:
        # It tries again and again for ten seconds; one will do.
        distributed = pytest.importorskip("distributed", reason="Dask is not installed")
        client = distributed.Client
        monkeypatch.setattr(distributed, "Client", lambda address, timeout: client(address, timeout=timeout / 10))
    assert _run(["compare", *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler and two workers, real processes on loopback."""
    pytest.importorskip("distributed", reason="Dask is not installed")
    environment = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "env": environment}
    scheduler = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
        ],
        **quiet,  # type: ignore[call-overload]
    )
    assert scheduler.stderr is not None
    address = ""
    for line in scheduler.stderr:
        if b"Scheduler at" in line:
            address = line.split()[-1].decode()
            break
    drain = threading.Thread(target=scheduler.stderr.read, daemon=True)
    drain.start()
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nworkers", "1", "--nthreads", "1"]
    worker += ["--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
    workers = [
        subprocess.Popen(worker, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        for _ in range(2)
    ]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()
    drain.join()
    scheduler.stderr.close()


def test_a_dask_cluster_that_loses_a_worker_loses_no_run(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address, workers = cluster
    # The workers are in another folder.
    parity = read("parity:4").train
    np.savez(tmp_path / "parity.npz", X=parity.grey, y=parity.labels)
    command = [sys.executable, "-P", "-m", "bnnsat", "compare", "--data", "parity.npz", "--topologies", "4-2-1,4-3-1"]
    command += ["--encodings", "adder,totalizer,counter,oddeven", "--out", str(tmp_path), "--no-plots"]
    path = tmp_path / "results.jsonl"
    with subprocess.Popen(
        [*command, "--dask", address], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=tmp_path
    ) as process:
        assert process.stderr is not None
        wait(lambda: stored(path) >= 3 or process.poll() is not None, "three runs are in")
        assert process.poll() is None, process.stderr.read()
        workers[0].kill()
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    results = [json.loads(line) for line in path.read_text().splitlines()]
    keys = [statistics.job_of(r).key for r in results]
    assert len(keys) == len(set(keys)) == 8
    assert {(r["status"], r["data"]) for r in results} == {("solved", "parity.npz")}
    # Without any worker it says so.
    workers[1].kill()
    workers[1].wait()
    monkeypatch.setattr(executors, "WORKERS_SECONDS", 0.5)
    monkeypatch.chdir(tmp_path)
    assert _run([*command[4:], "--seeds", "1", "--dask", address]) == 2
    assert f"the Dask scheduler at {address} has no workers; start some" in capsys.readouterr().err


def test_equal_jobs_come_once() -> None:
    work = campaign.jobs(
        [campaign.Case("parity:4", "4-2-1"), campaign.Case("parity:4", "04-2-1")] * 2,
        encodings=("adder", "adder"),
        solvers=("minisat22", "minisat22"),
        seeds=(0, 0),
        orders=("given", "given"),
    )
    assert [job.topology for job in work] == ["4-2-1"]


def test_failed_runs_are_done_again(tmp_path: Path) -> None:
    job, path = SMALL, tmp_path / "results.jsonl"
    store = Store(path, Job)
    store.add(job, {"status": "failed", "error": "typo"})
    assert not store.done(job)
    assert not Store(path, Job).done(job)
    store.add(job, {"status": "timeout"})
    assert store.done(job)
    again = Store(path, Job)
    assert again.done(job)
    assert again.results[job.key]["status"] == "timeout"


def test_a_change_of_data_or_encoding_makes_another_job(tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    digests = []
    for labels in ([0, 1, 1, 0], [0, 1, 1, 1]):
        np.savez(file, X=np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), y=np.array(labels))
        campaign._digest.cache_clear()
        made = campaign.jobs([campaign.Case(str(file), "2-1")], encodings=("adder", "totalizer"))
        digests += [job.digest for job in made]
    assert len(set(digests)) == 4


@pytest.mark.parametrize(
    "content",
    ['{"a": 1}\n', "[1, 2]\n", "garbage without a newline", json.dumps({**asdict(SMALL), "status": "solved"}) + "\n"],
)
def test_files_that_are_no_results_are_left_alone(content: str, tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match="not a file of results"):
        Store(path, Job)
    assert path.read_text() == content
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match="cannot read"):
        Store(path, Job)


def test_proofs_that_disagree_are_reported(tmp_path: Path) -> None:
    results = [{**result("adder", 1.0), "errors": 2}, {**result("totalizer", 2.0), "errors": 3}]
    assert statistics.disagreements(results[:1]) == []
    (line,) = statistics.disagreements(results)
    assert "2 by adder, 3 by totalizer" in line
    assert "**Optima differ**" in report.markdown(statistics.rows(results), results)


def test_the_virtual_best_has_solved_only_what_someone_has() -> None:
    table = statistics.rows([result("adder", None), result("totalizer", None)])
    assert {row.best for row in table} == {0}


def test_ctrl_c_ends_the_jobs_at_once_and_says_how_to_go_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bnnsat", "compare", "--data", "monk:2", "--topologies", "17-3-1"]
    command += ["--encodings", "adder,totalizer,wallace", "--time-limit", "60", "--out", str(tmp_path), "--no-plots"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        # By then the jobs run, and this process waits for them.
        wait(lambda: any(ticks(job) > 10 for job in children(process.pid)), "a job is at work")
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, err = process.communicate(timeout=30)
    assert time.monotonic() - began < LONG
    assert process.returncode == 130
    assert "interrupted; 0 of 3 runs are in" in err
