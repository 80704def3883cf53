"""Limits of time, of file descriptors, of processes and threads: what is meant holds, and nothing is lost."""

from __future__ import annotations

import math
import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bnnsat import Options, Prover, Shape, limits, train
from bnnsat.circuit.cnf import Cnf
from bnnsat.errors import InputError
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


@pytest.mark.parametrize("limit", [math.nan, np.nan, -1, "3", True, np.array([3.0]), -math.inf])
def test_what_is_no_time_is_refused(limit: Any) -> None:
    with pytest.raises(InputError, match="give seconds, or None for none"):
        Options(time_limit=limit)
    with pytest.raises(InputError, match="deadline"):
        Prover(deadline=limit if limit is not True else "x")  # type: ignore[arg-type]


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
