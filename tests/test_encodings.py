"""One suite over the whole catalogue: truth, odd inputs, claimed propagation strength."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from itertools import product
from math import comb
from pathlib import Path

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from oracles import assignment, fresh_circuit, truth_table, value

from bnnsat.campaigns.sizes import Size, sizes
from bnnsat.campaigns.strength import measured
from bnnsat.circuit import gates
from bnnsat.circuit.cnf import FALSE, TRUE, Cnf
from bnnsat.encodings.catalogue import Encoding, catalogue, load
from bnnsat.errors import InputError
from bnnsat.solvers.solver import DirectSolver


def _parameters(kind: str) -> list[ParameterSet]:
    """The entries of one kind; those that need a package which is not here are skipped and say so."""
    return [
        pytest.param(
            entry,
            id=entry.name,
            marks=pytest.mark.skipif(entry.status != "ready", reason=f"{entry.name} {entry.status}"),
        )
        for entry in catalogue(kind)
    ]


def solver_for(entry: Encoding) -> str:
    """A solver that takes what the encoding writes."""
    return entry.solvers[0] if entry.solvers else "minisat22"


COUNTS = _parameters("popcount")
COMPARISONS = _parameters("half")

ODD_ROWS = [
    [1, 1, 1],
    [1, -1, 2],
    [1, 1, -1, 2, 2],
    [int(TRUE), 1, 2],
    [int(FALSE), 1, -2, 3],
    [int(TRUE), int(FALSE), int(TRUE)],
    [-1, -2, -3],
    [2],
    [],
]


def test_the_catalogue_says_what_each_entry_is() -> None:
    entries = catalogue()
    assert {entry.kind for entry in entries} == {"popcount", "half"}
    for entry in entries:
        assert entry.summary
        assert entry.paper
        assert all(0 <= share <= 100 for share in entry.strength)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("KIND = ", "bad.py cannot be loaded: SyntaxError"),
        ("1 / 0", "bad.py cannot be loaded: ZeroDivisionError"),
        ("KIND = 'popcont'", "bad.py has to set KIND to 'popcount' or 'half'"),
        ("", "bad.py has to set KIND"),
        ("KIND = 'half'\nPAPER = ''", "bad.py lacks STRENGTH and greater"),
    ],
)
def test_a_file_that_is_no_encoding_is_named(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bnnsat.encodings

    (tmp_path / "bad.py").write_text(text)
    monkeypatch.setattr(bnnsat.encodings, "__path__", [*bnnsat.encodings.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "bnnsat.encodings.bad", raising=False)
    load.cache_clear()
    with pytest.raises(InputError, match=message):
        catalogue()
    load.cache_clear()


def test_unknown_encoding() -> None:
    with pytest.raises(InputError, match="unknown encoding 'magic'; there are adder"):
        load("magic")


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("entry", COUNTS)
def test_count_is_exact(entry: Encoding, n: int, share: bool) -> None:
    circuit = fresh_circuit(n, share=share)
    k = np.arange(n + 2)
    rows = np.tile(np.arange(1, n + 1, dtype=np.int32), (n + 2, 1))
    outputs = entry.at_least(circuit, rows, k)
    for index, found in enumerate(truth_table(circuit, outputs, n, solver_for(entry))):
        assert found == [sum(assignment(index, n)) >= threshold for threshold in k]


@pytest.mark.parametrize("row", ODD_ROWS, ids=str)
@pytest.mark.parametrize("entry", COUNTS)
def test_count_of_repeats_opposites_and_constants(entry: Encoding, row: list[int]) -> None:
    circuit = fresh_circuit(3)
    k = np.arange(-1, len(row) + 2)
    outputs = entry.at_least(circuit, np.array([row] * len(k), dtype=np.int32).reshape(len(k), len(row)), k)
    for index, found in enumerate(truth_table(circuit, outputs, 3, solver_for(entry))):
        total = sum(value(literal, assignment(index, 3)) for literal in row)
        assert found == [bool(total >= threshold) for threshold in k]


@pytest.mark.parametrize("n", [11, 16, 32, 37, 64])
@pytest.mark.parametrize("entry", COUNTS)
def test_wide_counts_agree_with_random_inputs(entry: Encoding, n: int) -> None:
    """Also at powers of two, where networks and adders have cases of their own."""
    if entry.most is not None and n > entry.most:
        n = entry.most
    rng = np.random.default_rng(n)
    circuit = fresh_circuit(n)
    k = np.unique([1, 3, 4, 5, n // 4, n // 2, n // 2 + 1, n - 1, n])
    outputs = entry.at_least(circuit, np.tile(np.arange(1, n + 1, dtype=np.int32), (len(k), 1)), k)
    solver = DirectSolver(circuit.cnf, solver_for(entry))
    for density in np.linspace(0, 1, 40):
        bits = rng.random(n) < density
        answer = solver.solve([int(v if bit else -v) for v, bit in enumerate(bits, 1)])
        assert answer.status
        assert [answer.model[abs(o)] == (o > 0) for o in outputs] == (bits.sum() >= k).tolist()
    solver.close()


@pytest.mark.parametrize("half", [1, 2, 3])
@pytest.mark.parametrize("entry", COMPARISONS)
def test_comparison_is_exact(entry: Encoding, half: int) -> None:
    n = 2 * half
    circuit = fresh_circuit(n)
    row = np.arange(1, n + 1, dtype=np.int32)[np.newaxis]
    outputs = entry.greater(circuit, row[:, :half], row[:, half:])
    for index, (found,) in enumerate(truth_table(circuit, outputs, n, solver_for(entry))):
        bits = assignment(index, n)
        assert found == (bits[:half] > bits[half:])


@pytest.mark.parametrize("entry", COMPARISONS)
def test_comparison_of_repeats_opposites_and_constants(entry: Encoding) -> None:
    literals = [1, -1, 2, int(TRUE), int(FALSE)]
    rows = np.array(list(product(literals, repeat=4)), dtype=np.int32)
    circuit = fresh_circuit(2)
    outputs = entry.greater(circuit, rows[:, :2], rows[:, 2:])
    for index, found in enumerate(truth_table(circuit, outputs, 2, solver_for(entry))):
        values = [[value(literal, assignment(index, 2)) for literal in row] for row in rows.tolist()]
        assert found == [v[:2] > v[2:] for v in values]


@pytest.mark.parametrize("entry", COUNTS + COMPARISONS)
def test_claimed_propagation_strength_is_what_is_measured(entry: Encoding) -> None:
    assert measured(entry).percent == entry.strength


GOLDEN = Path(__file__).parent / "golden" / "sizes.txt"


def _golden() -> dict[str, dict[int, Size]]:
    table: dict[str, dict[int, Size]] = {}
    for line in GOLDEN.read_text().splitlines():
        if not line.startswith("#"):
            name, n, *numbers = line.split()
            table.setdefault(name, {})[int(n)] = Size(*map(int, numbers))
    return table


def _same_versions() -> bool:
    recorded = GOLDEN.read_text().splitlines()[0]
    return recorded == f"# python-sat {version('python-sat')}, pindakaas {version('pindakaas')}"


@pytest.mark.parametrize("entry", COUNTS + COMPARISONS)
def test_sizes_are_those_of_the_golden_table(entry: Encoding) -> None:
    """After a change that is meant, `scripts/sizes` writes the table anew."""
    expected = _golden().get(entry.name)
    assert expected, f"{entry.name} is not in {GOLDEN.name} yet; run ./scripts/sizes"
    found = sizes(entry)
    if found != expected and "PySAT" in entry.summary and not _same_versions():
        pytest.skip(f"{entry.name} has other sizes than with {GOLDEN.read_text().splitlines()[0][2:]}")
    assert found == expected


@pytest.mark.parametrize("entry", COUNTS)
def test_model_counts_are_binomial_sums(entry: Encoding) -> None:
    n = 9
    for k in (1, 4, 9):
        circuit = fresh_circuit(n)
        (output,) = entry.at_least(circuit, np.arange(1, n + 1, dtype=np.int32)[np.newaxis], np.array([k])).tolist()
        for sign, counts in ((1, range(k, n + 1)), (-1, range(k))):
            blocked = Cnf()
            blocked.fresh(circuit.cnf.variables)
            blocked.blocks, blocked.cards = [*circuit.cnf.blocks], [*circuit.cnf.cards]
            solver = DirectSolver(blocked, solver_for(entry))
            models = 0
            while (answer := solver.solve([sign * output])).status:
                models += 1
                blocked.add([[-v if answer.model[v] else v for v in range(1, n + 1)]])
            solver.close()
            assert models == sum(comb(n, j) for j in counts)


@pytest.mark.parametrize("entry", COUNTS)
def test_equivalent_to_the_totalizer(entry: Encoding) -> None:
    """Where there are too many inputs to try, no assignment tells an encoding from the totalizer."""
    n = entry.most or 13
    circuit = fresh_circuit(n)
    rows = np.tile(np.arange(1, n + 1, dtype=np.int32), (n, 1))
    k = np.arange(1, n + 1)
    first, second = entry.at_least(circuit, rows, k), load("totalizer").at_least(circuit, rows, k)
    differ = gates.xor(circuit, first, second)
    solver = DirectSolver(circuit.cnf, solver_for(entry))
    for literal in differ.tolist():
        assert abs(literal) == TRUE or solver.solve([literal]).status is False
    assert not (differ == TRUE).any()
    solver.close()


def test_a_dropped_file_is_found_and_checked(tmp_path: Path) -> None:
    """Step by step what encodings/README.md says: one file, nothing else touched, and it trains."""
    checkout = tmp_path / "checkout"
    root = Path(__file__).parents[1]
    for part in ("bnnsat", "encodings", "tests"):
        shutil.copytree(root / part, checkout / part)
    shutil.copy(root / "pyproject.toml", checkout)
    text = (root / "encodings" / "pairwise.py").read_text().replace("Pairwise", "My own pairwise")
    (checkout / "encodings" / "mine.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-k", "mine and not golden", "tests/test_encodings.py"]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    passed = int(re.findall(r"(\d+) passed", done.stdout)[0])
    assert passed >= 20
    command = [sys.executable, "-m", "bnnsat", "train", "-q", "--activation", "popcount", "--encoding", "mine"]
    command += ["--method", "sat", "--topology", "64-1", "--samples", "10", "--json"]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["encoding"] == "mine"
    command = [sys.executable, "-m", "bnnsat", "compare", "--data", "parity:3", "--topologies", "3-2-1", "--no-plots"]
    command += ["--encodings", "mine,totalizer", "--out", str(tmp_path / "compared")]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in (tmp_path / "compared" / "results.jsonl").read_text().splitlines()]
    assert sorted(result["encoding"] for result in results) == ["mine", "totalizer"]
    assert {(result["status"], result["errors"]) for result in results} == {("solved", 2)}
    # A wrong file is caught by the same suite.
    (checkout / "encodings" / "mine.py").write_text(text.replace("step = len(larger) // 2", "step = 0"))
    command = [sys.executable, "-m", "pytest", "-qx", "-k", "mine and exact", "tests/test_encodings.py"]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "failed" in done.stdout
