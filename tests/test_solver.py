"""Both solvers on the same questions; wall-clock limits for every PySAT solver."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from oracles import LONG
from processes import children, ended, ticks, wait

from bnnsat.circuit.cnf import Cnf
from bnnsat.errors import InputError, ResourceError
from bnnsat.solvers.process import SolverProcess
from bnnsat.solvers.solver import INCREMENTAL, DirectSolver


def pigeons(holes: int) -> Cnf:
    """One more pigeon than holes: unsatisfiable, and out of reach from about twelve holes on."""
    cnf = Cnf()
    sits = cnf.fresh((holes + 1) * holes).reshape(holes + 1, holes)
    cnf.add(sits)
    cnf.add([[-sits[a, h], -sits[b, h]] for h in range(holes) for a, b in combinations(range(holes + 1), 2)])
    return cnf


@pytest.fixture(params=["direct", "process"])
def kind(request: pytest.FixtureRequest) -> type[DirectSolver] | type[SolverProcess]:
    return DirectSolver if request.param == "direct" else SolverProcess


@pytest.mark.parametrize("name", INCREMENTAL)
def test_assumptions_models_and_cores(kind: type[DirectSolver] | type[SolverProcess], name: str) -> None:
    cnf = Cnf()
    a, b, c, d = (int(v) for v in cnf.fresh(4))
    cnf.add([[-a, b], [-b, c]])
    solver = kind(cnf, name)
    answer = solver.solve([a])
    assert answer.status is True
    assert answer.model[[a, b, c]].all()
    assert len(answer.model) == 5
    answer = solver.solve([a, d, -c])
    assert answer.status is False
    assert {a, -c} <= set(answer.core) <= {a, d, -c}
    # Clauses that come later are taken over.
    cnf.add([[-d]])
    assert solver.solve([d]).status is False
    assert solver.solve().status is True
    cnf.add([[a], [-c]])
    cnf.add(np.empty((1, 0), dtype=np.int32))
    assert solver.solve().status is False
    solver.close()


@pytest.mark.parametrize("name", INCREMENTAL)
def test_the_wall_clock_limit_holds(name: str) -> None:
    with SolverProcess(pigeons(14), name) as solver:
        began = time.monotonic()
        assert solver.solve(seconds=0.5).status is None
        assert time.monotonic() - began < LONG
        # The solver is as good as new afterwards.
        assert solver.solve([1, 2], seconds=0.1).status in (None, False)


def test_limit_while_clauses_are_loaded() -> None:
    cnf = Cnf()
    variables = cnf.fresh(3000)
    rng = np.random.default_rng(0)
    cnf.add(rng.choice(variables, size=(800_000, 3)))
    seconds = []
    for limit, status in ((0.05, None), (None, True)):
        with SolverProcess(cnf, "cadical195") as solver:
            began = time.monotonic()
            assert solver.solve(seconds=limit).status is status
            seconds.append(time.monotonic() - began)
    assert seconds[0] < seconds[1] / 2


@pytest.mark.parametrize("name", ["cadical195", "minisat22", "minicard"])
def test_conflict_budget(kind: type[DirectSolver] | type[SolverProcess], name: str) -> None:
    solver = kind(pigeons(10), name)
    answer = solver.solve(conflicts=100)
    assert answer.status is None
    assert 100 <= answer.statistics["conflicts"] < 2000
    solver.close()


def test_a_budget_does_not_stay() -> None:
    for name in ("cadical195", "minisat22", "glucose42", "minicard"):
        solver = DirectSolver(pigeons(6), name)
        solver.solve(conflicts=5)
        assert solver.solve().status is False
        solver.close()


@pytest.mark.parametrize("name", ["minisat22", "glucose42", "cadical195"])
def test_phases_steer_the_model(kind: type[DirectSolver] | type[SolverProcess], name: str) -> None:
    cnf = Cnf()
    variables = cnf.fresh(20)
    cnf.add(np.stack([variables[:-1], variables[1:]], axis=1))
    for sign in (1, -1):
        wanted = [int(v) if i % 2 == (sign > 0) else -int(v) for i, v in enumerate(variables)]
        solver = kind(cnf, name)
        solver.phases(wanted)
        model = solver.solve().model
        assert [int(v) if model[v] else -int(v) for v in variables] == wanted
        solver.close()


def test_propagation(kind: type[DirectSolver] | type[SolverProcess]) -> None:
    cnf = Cnf()
    a, b, c = (int(v) for v in cnf.fresh(3))
    cnf.add([[-a, b], [-b, c]])
    solver = kind(cnf, "minisat22")
    assert solver.propagate([a]) == (True, [a, b, c])
    assert solver.propagate([a, -c])[0] is False
    solver.close()


@pytest.mark.parametrize("name", ["nosuch", "kissat404", "picosat"])
def test_unusable_solvers_are_refused_by_name(kind: type[DirectSolver] | type[SolverProcess], name: str) -> None:
    with pytest.raises(InputError, match=f"unknown solver '{name}'; those that take assumptions are cadical153"):
        kind(Cnf(), name)


def test_direct_solver_refuses_a_limit_it_cannot_keep() -> None:
    with pytest.raises(ValueError, match="use SolverProcess"):
        DirectSolver(pigeons(3), "minisat22").solve(seconds=1)


def test_death_of_the_process_is_reported() -> None:
    with SolverProcess(pigeons(3), "minisat22") as solver:
        assert solver.solve().status is False
        assert solver._process is not None
        solver._process.kill()
        with pytest.raises(ResourceError, match="minisat22 ended with code -9"):
            solver.solve()
        assert solver.solve().status is False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_worker_dies_with_its_parent() -> None:
    # The answer to a first question says that the worker has asked the kernel for what is tested here.
    code = (
        "from test_solver import pigeons; from bnnsat.solvers.process import SolverProcess;"
        "s = SolverProcess(pigeons(14), 'cadical195'); s.propagate(); print('up', flush=True); s.solve()"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        (worker,) = children(parent.pid)
        before = ticks(worker)
        wait(lambda: ticks(worker) > before + 10, "the worker solves")
        parent.kill()
        parent.stdout.read()
    wait(lambda: ended(worker), "the worker ends with its parent", LONG)
