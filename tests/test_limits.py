"""Limits of time, of file descriptors, of processes and threads: what is meant holds, and nothing is lost."""

from __future__ import annotations

import gc
import math
import os
import re
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import children

from bnnsat import Options, Prover, Shape, limits, train
from bnnsat.circuit.cnf import Cnf
from bnnsat.errors import InputError, ResourceError
from bnnsat.solvers.process import SolverProcess

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.bool_), np.array([0, 1, 1, 0])


@pytest.mark.parametrize(
    ("limit", "meant"),
    [
        (None, None),
        (0, 0.0),
        (3, 3.0),
        (np.float32(3), 3.0),
        (np.int64(3), 3.0),
        (Fraction(1, 2), 0.5),
        (math.inf, None),
        (1e10, None),
        (10**400, None),
    ],
)
def test_seconds_are_any_real_number_and_many_are_no_limit(limit: Any, meant: float | None) -> None:
    assert limits.seconds(limit) == meant
    assert (limits.deadline(limit) is None) == (meant is None)
    if meant != 0.0:
        training = train(*XOR, Shape.parse("2-2-1", "popcount"), Options(method="sat", time_limit=limit))
        assert training.status == "OPTIMAL"
        cnf = Cnf()
        cnf.add([[int(cnf.fresh(1)[0])]])
        with SolverProcess(cnf, "cadical153") as solver:
            assert solver.solve(seconds=limit).status


@pytest.mark.parametrize("limit", [math.nan, np.nan, -1, "3", True, np.array([3.0]), -math.inf, -(10**400)])
def test_what_is_no_time_is_refused(limit: Any) -> None:
    with pytest.raises(InputError, match="give seconds, or None for none"):
        Options(time_limit=limit)
    with pytest.raises(InputError, match="deadline"):
        Prover(deadline=limit if limit is not True else "x")  # type: ignore[arg-type]


def test_time_that_is_over_is_none_left() -> None:
    cnf = Cnf()
    cnf.add([[int(cnf.fresh(1)[0])]])
    with SolverProcess(cnf, "cadical195") as solver:
        assert solver.solve(seconds=-0.001).status is None
    rng = np.random.default_rng(5)
    inputs, labels = rng.random((60, 16)) < 0.5, rng.integers(2, size=60)
    for jobs in (1, 4):
        for method in ("core", "auto"):
            training = train(inputs, labels, Shape.parse("16-1"), Options(method=method, time_limit=0.4, jobs=jobs))
            assert training.stopped == "time limit" or training.status == "OPTIMAL"


@pytest.fixture
def many_open_files() -> Iterator[None]:
    """So many that the next ones have numbers which select() does not take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip(f"this machine allows {hard} open files")
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (2048, hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1100):
            stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        yield


@pytest.mark.usefixtures("many_open_files")
def test_there_may_be_thousands_of_open_files() -> None:
    assert train(*XOR, Shape.parse("2-2-1", "popcount"), Options(method="sat")).status == "OPTIMAL"


@pytest.fixture
def no_open_files() -> Iterator[None]:
    """Not one file more can be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        while True:
            try:
                stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
            except OSError:
                break
        yield


@pytest.mark.usefixtures("no_open_files")
def test_without_a_process_the_best_network_is_returned_with_its_bound() -> None:
    with pytest.warns(RuntimeWarning, match="no process could be started for solver .*: Too many open files"):
        training = train(*XOR, Shape.parse("2-1"), Options(method="sat"))
    assert (training.stopped, training.status) == ("solver failed", "FEASIBLE")
    assert training.errors == int((~training.network.right(*XOR)).sum())
    cnf = Cnf()
    cnf.fresh(1)
    with pytest.raises(ResourceError, match="Too many open files"):
        SolverProcess(cnf, "cadical153")


@pytest.mark.parametrize("method", ["auto", "exhaustive", "branch"])
@pytest.mark.filterwarnings("ignore:the search ended early")
def test_without_threads_the_best_network_is_returned_with_its_bound(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    rng = np.random.default_rng(0)
    inputs, labels = rng.random((30, 9)) < 0.5, rng.integers(2, size=30)
    monkeypatch.setattr(threading.Thread, "start", none_left)
    for topology in ("9-1", "9-2-1") if method != "branch" else ("9-1",):
        training = train(inputs, labels, Shape.parse(topology), Options(method=method, jobs=2))
        assert training.errors == int((~training.network.right(inputs, labels)).sum())
        assert training.status == "OPTIMAL" or training.stopped == "solver failed"


OVERLAPPING = """
import threading
import numpy
from threadpoolctl import threadpool_info
from bnnsat.search.threads import algebra_alone

def algebra():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

def outer():
    with algebra_alone():
        first.set()
        second.wait(10)

def inner():
    first.wait(10)
    with algebra_alone():
        second.set()
        threads[0].join(10)
        print(algebra() <= {1})

before, first, second = algebra(), threading.Event(), threading.Event()
threads = threading.Thread(target=outer), threading.Thread(target=inner)
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(algebra() == before)
"""


def test_trainings_in_overlapping_threads_leave_linear_algebra_as_it_was() -> None:
    # In a process of its own: what other tests have set is none of its business.
    done = subprocess.run([sys.executable, "-c", OVERLAPPING], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


def left_behind() -> tuple[int, int, int]:
    """Open files, threads and processes of this process."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), len(children(os.getpid()))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_trainings_leave_nothing_behind() -> None:
    """LEAKS=1000 trains so often."""
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((20, 4)) < 0.5, rng.integers(2, size=20)

    def some(count: int) -> None:
        for number in range(count):
            method = ("auto", "sat", "core", "local", "exhaustive", "rising")[number % 6]
            shape = Shape.parse(("4-2-1", "4-1")[number % 2], ("popcount", "half")[number // 2 % 2])
            train(inputs, labels, shape, Options(method=method, jobs=2, time_limit=0.05))

    some(24)
    gc.collect()
    before, rss = left_behind(), resident()
    some(int(os.environ.get("LEAKS", "24")))
    gc.collect()
    assert left_behind() == before
    assert resident() - rss < 20_000


def resident() -> int:
    """Kilobytes of memory."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[0])
