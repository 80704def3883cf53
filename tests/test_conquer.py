"""Cube and conquer: cubes cover everything, their proofs are one, better networks are taken up, kills lose nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dratify import check_proof, parse_dimacs
from pysat.formula import CNF
from pysat.solvers import Glucose4

import bnnsat
from bnnsat.campaigns.conquer.split import joined, split
from bnnsat.certificates.refutation import dimacs
from bnnsat.circuit.cnf import Cnf
from bnnsat.cli import _run as run
from bnnsat.network import Network


def called(words: str) -> int:
    """The command line's exit code."""
    return run(words.split())


def pigeons(count: int) -> list[list[int]]:
    """So many pigeons and one hole less."""
    holes = count - 1
    clauses = [[p * holes + h + 1 for h in range(holes)] for p in range(count)]
    pairs = [(p, q) for p in range(count) for q in range(p)]
    return clauses + [[-(p * holes + h + 1), -(q * holes + h + 1)] for p, q in pairs for h in range(holes)]


def test_the_proofs_of_cubes_are_a_proof() -> None:
    clauses = pigeons(5)
    cnf = Cnf()
    cnf.fresh(20)
    for clause in clauses:
        cnf.add([clause])
    tree = split(cnf, range(1, 21), 8)
    assert 2 <= len(tree.leaves) <= 8
    # The leaves are all there is: no two can hold together, and some one always does.
    with Glucose4(bootstrap_with=[[-lit for lit in leaf.cube] for leaf in tree.leaves]) as solver:
        assert not solver.solve()
    proofs = {}
    for leaf in tree.leaves:
        if not leaf.refuted:
            with Glucose4(bootstrap_with=[*clauses, *([lit] for lit in leaf.cube)], with_proof=True) as solver:
                assert not solver.solve()
                proofs[leaf.cube] = ("\n".join([*solver.get_proof(), "0"]) + "\n").encode()
    formula, proof = dimacs(20, clauses).decode(), joined(tree, proofs).decode()
    for deletions in (False, True):
        found = check_proof(parse_dimacs(formula), proof, check_rat=not deletions, apply_deletions=deletions)
        assert found.ok
    assert found.deletions
    # Without one of its parts it is none.
    if len(proofs) > 1:
        lost = {
            cube: (b"0\n" if cube == max(proofs, key=lambda c: len(proofs[c])) else p) for cube, p in proofs.items()
        }
        assert not check_proof(parse_dimacs(formula), joined(tree, lost).decode(), apply_deletions=False).ok
    assert CNF(from_string=formula).nv == 20


def test_a_worse_model_becomes_the_best(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert called("train --data parity:3 --topology 3-2-1 --activation popcount --quiet --out best") == 0
    best = bnnsat.Model.load("best")
    worse = Network.of(best.network.shape, [np.ones((2, 3), dtype=bool), np.ones((1, 2), dtype=bool)])
    table = np.array([[i >> k & 1 for k in (2, 1, 0)] for i in range(8)], dtype=bool)
    errors = int((~worse.right(table, table.sum(axis=1) % 2)).sum())
    assert errors > 2
    origin = best.origin.noted() | {"errors": errors, "wrong": errors, "lower_bound": 0, "status": "FEASIBLE"}
    bnnsat.Model(worse, best.preprocessing, bnnsat.Origin.of(origin)).save("worse.json")
    assert called("conquer worse.json --out out --cubes 2 --jobs 2") == 0
    told = capsys.readouterr()
    assert "a better network" in told.err and "proved" in told.out
    assert "makes 2 errors on 8 examples; no network 3-2-1" in bnnsat.check("out/certificate")
    assert called("check out --quiet") == 0
    assert bnnsat.Model.load("out").origin.errors == 2
    # Again: nothing is left to be solved.
    results = Path("out/cubes/cubes.jsonl").read_bytes()
    assert called("conquer worse.json --out out --cubes 2 --quiet") == 0
    assert Path("out/cubes/cubes.jsonl").read_bytes() == results
    # A proof that was lost is made again.
    lost = json.loads(results.splitlines()[-1])["proof"]
    (tmp_path / "out" / "cubes" / lost).unlink()
    assert called("conquer worse.json --out out --cubes 2 --quiet") == 0
    assert "no network 3-2-1" in bnnsat.check("out/certificate")


def test_networks_of_whole_numbers_are_conquered_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("xor.npz", X=np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), y=np.array([0, 1, 1, 0]))
    words = "train --data xor.npz --activation relu --weight-bits 3 --topology 2-1 --quiet --out m"
    assert called(words) == 0
    assert called("conquer m --out out --cubes 4 --quiet") == 0
    assert "no network 2-1 (relu" in bnnsat.check("out/certificate")


@pytest.mark.parametrize(("words", "said"), [("--cubes 0", "1 or more"), ("--solver lingeling", "writes no proofs")])
def test_what_is_wrong_is_said(
    words: str, said: str, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert called("train --data parity:2 --topology 2-1 --activation popcount --quiet --out m") == 0
    capsys.readouterr()
    assert called(f"conquer m --out out {words}") == 2
    assert said in capsys.readouterr().err


def test_a_folder_is_about_one_model(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for n in (2, 3):
        assert called(f"train --data parity:{n} --topology {n}-1 --activation popcount --quiet --out m{n}") == 0
    assert called("conquer m2 --out out --cubes 2 --quiet") == 0
    capsys.readouterr()
    # The folder's own model goes on; one of another question does not come to be certified there.
    assert called("conquer m3 --out out --cubes 2 --quiet") == 2
    assert "another question" in capsys.readouterr().err
    assert "2-1 (popcount" in bnnsat.check("out/certificate")
