"""Exported formulas: the same bytes always, what other solvers say of them, and their solutions as networks."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import assignment, fewest_errors, installed
from pysat.card import CardEnc
from pysat.examples.rc2 import RC2
from pysat.formula import CNF, WCNF
from pysat.solvers import Solver as PySolver
from strategies import examples, networks, shapes

from bnnsat import cli
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.encodings.catalogue import Encoding, usable
from bnnsat.errors import InputError
from bnnsat.exports import answers
from bnnsat.exports.exported import Exported, Form
from bnnsat.exports.formats import FORMATS, constant
from bnnsat.exports.instance import Instance, asked_for
from bnnsat.exports.text import Literary
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.questions.formula import encode
from bnnsat.questions.replay import replayed
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings import packed
from bnnsat.search.folding import folded
from bnnsat.search.least import least
from bnnsat.shape import Shape


def text_of(made: Instance, name: str) -> str:
    return b"".join(FORMATS[name][1](made, ["a comment"])).decode()


def written(problem: Problem, shape: Shape, entries: list[Encoding], kind: str, bound: int, start: int) -> Instance:
    circuit = Circuit(Cnf())
    made = encode(TrainingQuestion(problem, shape), circuit, entries)
    return asked_for(circuit, made.objective, kind, bound, start)


def lines_of(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if not line.startswith(("c", "*"))]


def dimacs(text: str) -> list[list[int]]:
    """The clauses of a DIMACS file, read strictly: a header that counts right, one clause a line, no repeats."""
    head, *rows = lines_of(text)
    clauses = [[int(word) for word in row] for row in rows]
    assert head == ["p", "cnf", head[2], str(len(clauses))]
    for clause in clauses:
        assert clause.pop() == 0 and 0 not in clause
        assert len({abs(literal) for literal in clause}) == len(clause)
        assert all(abs(literal) <= int(head[2]) for literal in clause)
    return clauses


def satisfiable(clauses: list[list[int]], assumptions: tuple[int, ...] = ()) -> bool:
    with PySolver(name="cadical153", bootstrap_with=clauses) as solver:
        return bool(solver.solve(assumptions=assumptions))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 1_200_000), st.integers(1, 5), st.integers(0, 40), st.integers(0, 2**32))
def test_blocks_are_written_as_python_would(variables: int, width: int, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    block = (rng.integers(1, variables + 1, size=(rows, width)) * rng.choice([-1, 1], size=(rows, width))).astype(
        np.int32
    )
    if rows:
        block[0, 0], block[-1, -1] = variables, -variables
    wanted = "".join(f"h {' '.join(map(str, row))} 0\n" for row in block.tolist())
    assert b"".join(Literary(variables).lines(block, "h ")).decode() == wanted
    sums = "".join(
        " ".join(f"{'+' if v > 0 else '-'}1 x{abs(v)}" for v in row) + " >= -1 ;\n" for row in block.tolist()
    )
    assert b"".join(Literary(variables, "+1 x", "-1 x").lines(block, after=">= -1 ;")).decode() == sums


def test_a_loop_over_costs_that_are_multiples_has_a_cube_for_each_bound() -> None:
    shape = Shape.parse("1-2")
    inputs, labels = np.array([[False], [False], [True], [True]]), np.array([0, 0, 0, 0])
    problem = Problem.of(inputs, labels)
    loop = text_of(written(problem, shape, [usable("totalizer", "popcount")], "loop", 0, 4), "icnf")
    assert [row[0] for row in lines_of(loop)].count("a") == 4


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_every_format_says_the_same(data: st.DataObject) -> None:
    shape = data.draw(shapes(8))
    inputs, labels = data.draw(examples(shape))
    costs = data.draw(st.sampled_from([(), tuple(range(1, shape.classes + 1))]))
    problem = Problem.of(inputs, labels, costs)
    rows = problem.inputs.astype(int).tolist()
    fewest = fewest_errors(shape, rows, problem.labels.tolist()) if (problem.costs == 1).all() else None
    encoding = usable("muxchain" if shape.activation == "half" else "totalizer", shape.activation)
    asked = range(problem.total_cost + 1)
    found = [
        b for b in asked if satisfiable(dimacs(text_of(written(problem, shape, [encoding], "decision", b, 0), "cnf")))
    ]
    optimum = found[0]
    assert found == list(range(optimum, problem.total_cost + 1)) and fewest in (None, optimum)

    soft = written(problem, shape, [encoding], "optimisation", 0, 0)
    with RC2(WCNF(from_string=text_of(soft, "wcnf"))) as solver:
        assert solver.compute() is not None
        assert solver.cost + constant(soft, "wcnf") == optimum
    assert minimum(text_of(soft, "opb")) + constant(soft, "opb") == optimum
    if shape.activation == "popcount":
        native = written(problem, shape, [usable("native", "popcount")], "optimisation", 0, 0)
        assert minimum(text_of(native, "opb")) + constant(native, "opb") == optimum

    if optimum < problem.total_cost:
        loop = text_of(written(problem, shape, [encoding], "loop", soft.objective.constant, problem.total_cost), "icnf")
        head, *rest = lines_of(loop)
        assert head == ["p", "inccnf"]
        clauses = [[int(word) for word in row[:-1]] for row in rest if row[0] != "a"]
        cubes = [tuple(map(int, row[1:-1])) for row in rest if row[0] == "a"]
        bounds = sum(satisfiable(clauses, cube) for cube in cubes)
        assert bounds == len(cubes) - (optimum - soft.objective.constant)

    for bound in (optimum, optimum - 1):
        if bound >= soft.objective.constant:
            assert with_cardinality(text_of(written(problem, shape, [encoding], "cardinality", bound, 0), "knf")) == (
                bound == optimum
            )
        if shape.activation == "popcount":
            neurons = text_of(written(problem, shape, [usable("native", "popcount")], "decision", bound, 0), "bnn")
            assert with_neurons(neurons) == (bound == optimum)


def minimum(text: str) -> int:
    """The least value of an OPB file, by brute force over MaxSAT: constraints of few terms as clauses."""
    goal, *rows = lines_of(text)
    assert goal[0] == "min:" and goal[-1] == ";"
    wcnf = WCNF()
    top = 0
    for row in rows:
        assert row[-3] == ">=" and row[-1] == ";"
        weights, names = [int(w) for w in row[:-3:2]], [int(x.removeprefix("x")) for x in row[1:-3:2]]
        top = max([top, *names])
        # Weights repeat a literal; negative ones are of the negated variable.
        literals = [x if w > 0 else -x for w, x in zip(weights, names, strict=True)]
        bound = int(row[-2]) + sum(-w for w in weights if w < 0)
        ways = [abs(w) for w in weights]
        for mask in range(1 << len(literals)):
            if sum(w for place, w in enumerate(ways) if mask >> place & 1) < bound:
                wcnf.append([-x if mask >> place & 1 else x for place, x in enumerate(literals)])
    terms = [(int(w), int(x.removeprefix("x"))) for w, x in zip(goal[1:-1:2], goal[2:-1:2], strict=True)]
    shift = sum(w for w, _ in terms if w < 0)
    for w, x in terms:
        wcnf.append([-x if w > 0 else x], weight=abs(w))
    if not wcnf.hard:
        wcnf.append([max(top, 1), -max(top, 1)])
    with RC2(wcnf) as solver:
        assert solver.compute() is not None
        return int(solver.cost + shift)


def with_cardinality(text: str) -> bool:
    head, *rows = lines_of(text)
    assert head[:2] == ["p", "knf"] and int(head[3]) == len(rows)
    clauses, top = [[int(word) for word in row[:-1]] for row in rows if row[0] != "k"], int(head[2])
    for row in rows:
        if row[0] == "k":
            literals = [int(word) for word in row[2:-1]]
            at_least = CardEnc.atleast(literals, int(row[1]), top_id=top, encoding=6)
            clauses, top = clauses + at_least.clauses, max(top, at_least.nv)
    return satisfiable(clauses)


def with_neurons(text: str) -> bool:
    """Solved by writing each neuron's line as all of its cases."""
    head, *rows = lines_of(text)
    assert int(head[3]) == len(rows)
    clauses = [[int(word) for word in row[:-1]] for row in rows if row[0] != "b"]
    for row in rows:
        if row[0] == "b":
            end = row.index("0")
            inputs, (bound, output, last) = [int(word) for word in row[1:end]], map(int, row[end + 1 :])
            assert last == 0
            for mask in range(1 << len(inputs)):
                case = [-x if mask >> place & 1 else x for place, x in enumerate(inputs)]
                clauses.append([*case, output if mask.bit_count() >= bound else -output])
    return satisfiable(clauses)


SMALL = "--data mnist8x8-pad32 --positive 3 --examples 40 --topology 64-2-1"


def run(arguments: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    assert cli._run(arguments.split()) == code
    out, error = capsys.readouterr()
    return error if code else out


def test_the_bytes_are_the_same_always_and_packed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.cnf", "b.cnf", "a.cnf.gz", "b.cnf.gz", "a.cnf.xz", "b.cnf.xz"):
        run(f"export {SMALL} --bound 9 --out {tmp_path / name}", capsys)
    plain = (tmp_path / "a.cnf").read_bytes()
    assert plain == (tmp_path / "b.cnf").read_bytes()
    for ending, unpack in (("gz", gzip.decompress), ("xz", lzma.decompress)):
        packed = (tmp_path / f"a.cnf.{ending}").read_bytes()
        assert packed == (tmp_path / f"b.cnf.{ending}").read_bytes() and unpack(packed) == plain
    # If this changes, formulas exported before are no longer the ones that their options name.
    clauses = b"".join(line + b"\n" for line in plain.splitlines() if not line.startswith(b"c"))
    assert hashlib.sha256(clauses).hexdigest() == GOLDEN


GOLDEN = "6c8fdd85b92d137783b1e9d76456286609410f5594bf61905dd928bb17ea9067"


PROGRAMS = {
    "minisat": ["-verb=0", "{cnf}", "{out}"],
    "cadical": ["-q", "{cnf}"],
    "kissat": ["-q", "{cnf}"],
    "cryptominisat5": ["--verb", "0", "{cnf}"],
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_other_solvers_agree_and_their_solutions_are_networks(
    program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if (place := installed(program)) is None:
        pytest.skip(f"{program} is not installed")
    for bound, code in (("optimum", 10), ("optimum-1", 20)):
        cnf, out = tmp_path / f"{bound}.cnf", tmp_path / f"{bound}.out"
        side = json.loads(run(f"export {SMALL} --bound {bound} --out {cnf} --json", capsys))
        command = [place, *(part.format(cnf=cnf, out=out) for part in PROGRAMS[program])]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == code, done.stderr
        assert side["expected"]["answer"] == {10: "SAT", 20: "UNSAT"}[code]
        if not out.exists():
            out.write_text(done.stdout)
        if code == 20:
            assert "no such network" in run(f"import-model {out} --of {cnf}", capsys, 2)
            continue
        found = json.loads(run(f"import-model {out} --of {cnf} --out {tmp_path / 'm'} --json", capsys))
        assert found["errors"] == side["expected"]["errors"] == side["bound"]
        # Somebody else's network with a proof of ours.
        run(f"certify {found['model']} --out {tmp_path / 'c'} --bound {found['errors']} -q", capsys)


def test_clasp_minimises_the_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if (clasp := installed("clasp")) is None:
        pytest.skip("clasp is not installed")
    for options in (SMALL, "--data parity:3 --topology 3-2-1 --activation popcount"):
        opb, out = tmp_path / "a.opb", tmp_path / "out"
        side = json.loads(run(f"export {options} --bound optimum --out {opb} --json", capsys))
        done = subprocess.run([clasp, str(opb)], capture_output=True, text=True, check=False, timeout=60)
        assert "s OPTIMUM FOUND" in done.stdout
        costs = [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("o ")]
        assert costs[-1] + side["constant"] == side["expected"]["errors"]
        out.write_text(done.stdout)
        found = json.loads(run(f"import-model {out} --of {opb} --json", capsys))
        assert found["errors"] == side["expected"]["errors"]


def test_hermax_and_rc2_find_the_optimum_of_a_wcnf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    side = json.loads(run(f"export {SMALL} --bound optimum --out {tmp_path / 'a.wcnf'} --json", capsys))
    wcnf = WCNF(from_file=str(tmp_path / "a.wcnf"))
    assert f'c errors = "cost + {side["constant"]}"' in (tmp_path / "a.wcnf").read_text().splitlines()
    with RC2(wcnf) as solver:
        model = solver.compute()
        assert model is not None and solver.cost + side["constant"] == side["expected"]["errors"]
    values = "".join("1" if literal > 0 else "0" for literal in model[: side["variables"]])
    (tmp_path / "out").write_text(f"c a solver\no {solver.cost}\ns OPTIMUM FOUND\nv {values}\n")
    found = json.loads(run(f"import-model {tmp_path / 'out'} --of {tmp_path / 'a.wcnf'} --json", capsys))
    assert found["errors"] == side["expected"]["errors"]
    hermax = pytest.importorskip("hermax.non_incremental", reason="hermax is not installed")
    other = hermax.UWrMaxSATCompetition()
    for clause in wcnf.hard:
        other.add_clause(clause)
    for clause, weight in zip(wcnf.soft, wcnf.wght, strict=True):
        other.add_soft_unit(clause[0], weight)
    other.solve()
    assert other.get_cost() == solver.cost


def test_gbdc_has_nothing_to_tidy_up_and_hashes_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gbdc = pytest.importorskip("gbdc", reason="gbdc is not installed")
    for options in (
        SMALL,
        "--data mux:6 --topology 6-2-1 --activation popcount",
        "--examples 20 --topology 64-3-10 --activation popcount",
    ):
        path = tmp_path / "a.cnf"
        run(f"export {options} --bound 9 --out {path}", capsys)
        # It prints what it has tidied up, and then wants to open a file of that.
        code = "import sys, gbdc; gbdc.sanitise(sys.argv[1], sys.argv[1])"
        done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
        assert dimacs(path.read_text()) == dimacs(done.stdout)
        sane = gbdc.checksani(str(path))
        assert {key for key, value in sane.items() if value == "no"} == {"no_comment"}
        tokens = " ".join(word for row in lines_of(path.read_text())[1:] for word in row)
        assert hashlib.md5(tokens.encode()).hexdigest() == gbdc.gbdhash(str(path))


@pytest.mark.parametrize(
    ("output", "wanted"),
    [
        ("s SATISFIABLE\nv 1 -2 3\nv -4 0\n", [1, 3]),
        ("SAT\n1 -2 3 -4 0\n", [1, 3]),
        ("c x\no 5\ns OPTIMUM FOUND\nv 1010\n", [1, 3]),
        ("v x1 -x2\nv x3 -x4\n", [1, 3]),
        ("v 1 2 -3 0\nv 1 -2 3 0\n", [1, 3]),
        ("v 1 3\n", [1, 3]),
        ("v 0101\no 3\nv 1010\n", [1, 3]),
        ("v 10\nv 10\n", [1, 3]),
        ("\ufeffv 1 -2 3 -4 0\n", [1, 3]),
        ("c x\n\ufeffv 1010\n", [1, 3]),
        ("SAT \n1 -2 3 -4 0\n", [1, 3]),
        ("SAT\t\r\n1 -2 3 -4 0\r\n", [1, 3]),
        ("s OPTIMUM FOUND\nv\n", []),
        ("s OPTIMUM FOUND\nv \n", []),
        ("v 0\n", []),
    ],
)
def test_outputs_of_all_kinds_are_read(output: str, wanted: list[int]) -> None:
    assert np.flatnonzero(answers.values(output, 4)[0]).tolist() == wanted


@pytest.mark.parametrize("place", ["file", "-"])
def test_what_a_solver_says_beside_may_be_in_any_encoding(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(f"export {SMALL} --bound optimum --out {tmp_path / 'a.cnf'}", capsys)
    with PySolver(name="minisat22", bootstrap_with=CNF(from_file=str(tmp_path / "a.cnf"))) as solver:
        assert solver.solve()
        literals = " ".join(map(str, solver.get_model()))
    said = b"\xef\xbb\xbfc gel\xf6st\ns SATISFIABLE\n\xef\xbb\xbfv " + literals.encode() + b" 0\n"
    (tmp_path / "file").write_bytes(said)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(said), encoding="ascii"))
    output = place if place == "-" else str(tmp_path / place)
    run(f"import-model {output} --of {tmp_path / 'a.cnf'} --out {tmp_path / 'm'}", capsys)
    assert (tmp_path / "m" / "model.json").is_file()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("s UNSATISFIABLE\n", "no such network"),
        ("UNSAT\n", "no such network"),
        ("", "no solution"),
        ("c nothing\n", "no solution"),
        ("v 1 5 0\n", "variable 5"),
        ("v 1 two 0\n", "no list"),
        ("v 1_0 0\n", "no list"),
        ("v 1 -2 -1 0\n", "says both 1 and -1"),
        ("s UNSATISFIABLE\nv 1 2 0\n", "no such network"),
    ],
)
def test_outputs_without_a_solution_are_refused(output: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        answers.values(output, 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--out x.txt", "unknown"),
        ("--out x", "unknown"),
        ("--out x.cnf --format tex", "unknown"),
        ("--out x.cnf --bound best", "give a number"),
        ("--out x.bnn", "and the activation is half; take activation popcount"),
        ("--out x.cnf --activation popcount --encoding native", "only clauses"),
        ("--out x.wcnf --bound 3", "fewest errors"),
        ("--out x.cnf --bound=-7", "from 0"),
        ("--out x.cnf --time-limit=-1", "not above 0"),
        ("--out x.cnf --class-weight=-1,5 --bound 3", "do not fit"),
        ("--out x.wcnf --class-weight 3", "do not fit"),
        ("--out x.cnf --data mnist8x8 --topology 32-1 --bound 3", "starts with 32"),
        ("--out x.cnf --topology 64-3-1 --activation popcount --positive 3 --time-limit 0.5", "optimum is from"),
        ("--out no/such/folder/x.cnf --bound 3", "cannot write"),
    ],
)
def test_what_cannot_be_exported_is_said(
    arguments: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code = 3 if "optimum" in words else 2
    assert words in run(f"export {arguments}", capsys, code)
    assert not list(tmp_path.iterdir())


def test_what_stands_behind_a_row_may_be_longer_than_a_literal() -> None:
    block = np.arange(1, 13, dtype=np.int32)[np.newaxis]
    cnf = Cnf()
    cnf.fresh(12)
    cnf.add(-block)
    text = text_of(Instance(cnf, Objective(block[0, :1], np.array([1]), 0)), "opb")
    assert text.splitlines()[-1].endswith("-1 x12 >= -11 ;")


def test_the_loop_ends_at_what_is_certain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "same.csv").write_text("a,b,label\n0,0,0\n0,0,1\n1,1,1\n1,0,1\n")
    for bound, cubes in (("", 1), ("--bound optimum", 1), ("--bound 2", 0), ("--bound 0", 1)):
        options = f"--data {tmp_path / 'same.csv'} --topology 2-1 --activation popcount {bound}"
        run(f"export {options} --out {tmp_path / 'a.icnf'}", capsys)
        lines = (tmp_path / "a.icnf").read_text().splitlines()
        assert sum(line.startswith("a ") for line in lines) >= cubes and "0" not in lines


def test_data_that_changed_since_are_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, cnf = tmp_path / "table.csv", tmp_path / "a.cnf"
    data.write_text("a,b,label\n0,0,0\n0,1,1\n1,0,1\n1,1,1\n")
    side = json.loads(run(f"export --data {data} --topology 2-1 --activation popcount --out {cnf} --json", capsys))
    with PySolver(name="cadical153", bootstrap_with=dimacs(cnf.read_text())) as solver:
        assert solver.solve()
        (tmp_path / "out").write_text("v " + " ".join(map(str, solver.get_model())) + " 0\n")
    found = json.loads(run(f"import-model {tmp_path / 'out'} --of {cnf} --out {tmp_path / 'm'} --json", capsys))
    about = json.loads((tmp_path / "m" / "model.json").read_text())["origin"]
    assert found["errors"] == side["expected"]["errors"] and about["status"] == "OPTIMAL"
    data.rename(tmp_path / "moved.csv")
    again = run(f"import-model {tmp_path / 'out'} --of {cnf} --data {tmp_path / 'moved.csv'} --json", capsys)
    assert json.loads(again) == {key: value for key, value in found.items() if key != "model"}
    data.write_text("a,b,label\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    assert "not those of the question" in run(f"import-model {tmp_path / 'out'} --of {cnf}", capsys, 2)
    damage: tuple[dict[str, object], ...]
    damage = (
        {"noted": {**side["noted"], "shape": {}}},
        {"groups": {}},
        {"source": {"task": {"data": "x", "more": 1}, "outputs": 1}},
        {"source": {}},
        {"bound": "x"},
        {"variables": 1},
    )
    data.write_text("a,b,label\n0,0,0\n0,1,1\n1,0,1\n1,1,1\n")
    for broken in damage:
        (tmp_path / "a.cnf.json").write_text(json.dumps({**side, **broken}))
        error = run(f"import-model {tmp_path / 'out'} --of {cnf}", capsys, 2)
        assert "export the formula again" in error or "where the data are" in error, broken


def test_weights_without_a_value_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cnf, out = tmp_path / "a.cnf", tmp_path / "out"
    run(f"export --data parity:2 --topology 2-2-1 --activation popcount --bound 4 --out {cnf}", capsys)
    side = json.loads((tmp_path / "a.cnf.json").read_text())
    weights = [abs(literal) for group in ("weights.0", "weights.1") for literal in np.ravel(side["groups"][group])]
    for left_out, said in ((0, ""), (1, "(1 of weights.0)"), (5, "(4 of weights.0, 1 of weights.1)")):
        out.write_text(f"s SATISFIABLE\nv {' '.join(map(str, weights[left_out:]))} 0\n")
        assert cli._run(["import-model", str(out), "--of", str(cnf)]) == 0
        error = capsys.readouterr().err
        assert (said in error and "no value for some variables" in error) if said else not error


def test_counts_of_one_thing_and_the_bounds_of_a_loop_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "export --data parity:2 --topology 2-1 --activation popcount"
    assert "at most 1 error, expected: SAT (optimum 1)" in run(f"{asked} --out {tmp_path / 'a.cnf'}", capsys)
    told = run(f"{asked} --out {tmp_path / 'a.icnf'}", capsys)
    assert "bound after bound, the last at most 0 errors, expected: OPTIMUM (optimum 1)" in told


def test_a_moved_data_set_of_a_model_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "table.csv"
    data.write_text("a,b,label\n0,0,0\n0,1,1\n1,0,1\n1,1,1\n")
    run(f"train --data {data} --topology 2-1 --activation popcount --out {tmp_path / 'm'} -q", capsys)
    moved = data.rename(tmp_path / "moved.csv")
    asked = f"export --model {tmp_path / 'm'} --example 3 --out {tmp_path / 'a.cnf'}"
    assert "if it lies elsewhere now, say where" in run(asked, capsys, 2)
    assert "at most" in run(f"{asked} --data {moved}", capsys)
    assert "not those" in run(f"{asked} --data parity:2", capsys, 2)


def test_a_solution_of_another_formula_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cnf = tmp_path / "a.cnf"
    run(f"export {SMALL} --bound 5 --out {cnf}", capsys)
    (tmp_path / "out").write_text("s SATISFIABLE\nv 1 0\n")
    assert "at most 5" in run(f"import-model {tmp_path / 'out'} --of {cnf}", capsys, 2)
    assert "cannot read" in run(f"import-model {tmp_path / 'none'} --of {cnf}", capsys, 2)
    assert "cannot read" in run(f"import-model {tmp_path / 'out'} --of {tmp_path / 'none.cnf'}", capsys, 2)
    (tmp_path / "a.cnf.json").write_text("{}")
    assert "not the file" in run(f"import-model {tmp_path / 'out'} --of {cnf}", capsys, 2)


def test_weights_in_a_cardinality_repeat_their_literal() -> None:
    cnf = Cnf()
    literals = cnf.fresh(2)
    made = Instance(cnf, Objective(literals, np.array([2, 1]), 0), most=1)
    assert text_of(made, "knf").splitlines()[-1] == "k 2 -1 -1 -2 0"


@settings(max_examples=40, deadline=None)
@given(networks(), st.data())
def test_the_fewest_changes_are_those_of_all_inputs(network: Network, data: st.DataObject) -> None:
    n = network.shape.sizes[0]
    rows = np.array([assignment(index, n) for index in range(1 << n)], dtype=np.bool_)
    named = packed.predict(network.shape, network.matrices(), rows)
    place = data.draw(st.integers(0, len(rows) - 1))
    model = Model(folded(network), Preprocessing(Binarizer("bits")))
    question = RobustnessQuestion(model, rows[place], model.dumps())
    if named[place] < 0:
        with pytest.raises(InputError, match="no label"):
            _ = question.label
        return
    other = rows[named != named[place]]
    if not len(other):
        with pytest.raises(InputError, match="so there is no best one"):
            least(question, None)
        return
    fewest = int((other != rows[place]).sum(axis=1).min())
    best = least(question, 60)
    assert (best.value, best.proved) == (fewest, True)
    assert best.solution is not None and replayed(question, best.solution).value == fewest

    def text(name: str, bound: int | None, encoding: str = "auto") -> str:
        form = Form.of(name, question, encoding, bounded=bound is not None)
        return text_of(Exported.of(question, None, form, bound or 0).instance, name)

    for bound in (fewest, fewest - 1):
        assert satisfiable(dimacs(text("cnf", bound))) == (bound == fewest)
        assert with_cardinality(text("knf", bound)) == (bound == fewest)
    with RC2(WCNF(from_string=text("wcnf", None))) as solver:
        assert solver.compute() is not None
        assert solver.cost == fewest
    entry = "muxchain" if network.shape.activation == "half" else "totalizer"
    assert minimum(text("opb", None, entry)) + sum(rows[place]) == fewest


def test_a_changed_example_is_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = "--data mnist8x8 --positive 3 --examples 30 --levels 2 --topology 128-1 --activation popcount"
    run(f"train {given} --time-limit 20 --out {tmp_path / 'm'} -q", capsys)
    cnf, out = tmp_path / "a.cnf", tmp_path / "a.out"
    asked = f"export --model {tmp_path / 'm'} --example 2"
    side = json.loads(run(f"{asked} --radius optimum-1 --out {cnf} --json", capsys))
    least = side["expected"]["changes"]
    assert side["expected"]["answer"] == "UNSAT" and side["bound"] == least - 1
    assert not satisfiable(dimacs(cnf.read_text()))
    run(f"{asked} --radius {least} --out {cnf}", capsys)
    with PySolver(name="cadical153", bootstrap_with=dimacs(cnf.read_text())) as solver:
        assert solver.solve()
        out.write_text("v " + " ".join(map(str, solver.get_model())) + " 0\n")
    found = json.loads(run(f"import-model {out} --of {cnf} --json", capsys))
    assert found["changes"] == len(found["changed"]) == least and found["label"] == 1 - side["noted"]["label"]
    # The second block of bits is of the same pixels at a higher threshold.
    assert not any(high > low for low, high in zip(found["input"][:64], found["input"][64:], strict=True))
    assert "no network to be written" in run(f"import-model {out} --of {cnf} --out {tmp_path / 'o'}", capsys, 2)
    out.write_text("v " + " ".join(str(-literal) for literal in range(1, side["variables"] + 1)) + " 0\n")
    assert "no solution" in run(f"import-model {out} --of {cnf}", capsys, 2)
    for options, words in (("--example 30", "0 to 29"), ("--example 2 --radius x", "give a number")):
        assert words in run(f"export --model {tmp_path / 'm'} {options} --out {tmp_path / 'b.cnf'}", capsys, 2)
    model = json.loads((tmp_path / "m" / "model.json").read_text())
    about = model["origin"]
    for changed, words in (
        ({}, "does not say what it was trained on"),
        ({**about, "digest": "0"}, "are not those that it was trained on"),
        ({key: value for key, value in about.items() if key != "digest"}, "no digest of the examples"),
    ):
        (tmp_path / "m" / "model.json").write_text(json.dumps({**model, "origin": changed}))
        assert "the model is not the one" in run(f"import-model {out} --of {cnf}", capsys, 2)
        assert words in run(f"export --model {tmp_path / 'm'} --out {tmp_path / 'b.cnf'}", capsys, 2)


def test_a_link_is_written_through_and_packed_names_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "link.cnf").symlink_to(tmp_path / "real.cnf")
    run(f"export {SMALL} --bound 9 --out {tmp_path / 'link.cnf'}", capsys)
    assert (tmp_path / "link.cnf").is_symlink() and dimacs((tmp_path / "real.cnf").read_text())
    os.mkfifo(tmp_path / "fifo.cnf")
    assert "no ordinary file" in run(f"export {SMALL} --bound 9 --out {tmp_path / 'fifo.cnf'}", capsys, 2)
    run(f"export {SMALL} --bound 9 --out {tmp_path / 'a.cnf.xz'}", capsys)
    (tmp_path / "out").write_text("UNSAT\n")
    assert "no such network" in run(f"import-model {tmp_path / 'out'} --of {tmp_path / 'a.cnf'}", capsys, 2)


def test_cp_sat_agrees_about_an_opb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cp_model = pytest.importorskip("ortools.sat.python.cp_model", reason="ortools is not installed")
    few = "--data mnist8x8-pad32 --positive 3 --examples 24 --topology 64-1"
    for options in (few, "--data parity:3 --topology 3-2-1 --activation popcount"):
        side = json.loads(run(f"export {options} --bound optimum --out {tmp_path / 'a.opb'} --json", capsys))
        least = side["expected"]["errors"]
        solver, terms = cp_sat(cp_model, (tmp_path / "a.opb").read_text())
        assert solver.solve(terms) == cp_model.OPTIMAL
        assert solver.objective_value + side["constant"] == least
        for bound in (least, least - 1):
            side = json.loads(run(f"export {options} --bound {bound} --out {tmp_path / 'b.opb'} --json", capsys))
            assert (side["kind"], side["bound"]) == ("cardinality", bound)
            text = (tmp_path / "b.opb").read_text()
            solver, terms = cp_sat(cp_model, text)
            assert "min:" not in text and solver.solve(terms) in (
                (cp_model.OPTIMAL, cp_model.FEASIBLE) if bound == least else (cp_model.INFEASIBLE,)
            )


def cp_sat(cp_model: Any, text: str) -> tuple[Any, Any]:
    """A solver and a model of an OPB file, whose first line has to count right."""
    head = text.splitlines()[0].split()
    rows = lines_of(text)
    assert head[:2] == ["*", "#variable="] and head[3] == "#constraint="
    assert int(head[4]) == sum(row[0] != "min:" for row in rows)
    made = cp_model.CpModel()
    names = [made.new_bool_var(f"x{v}") for v in range(int(head[2]) + 1)]
    for row in rows:
        words = row[1:-1] if row[0] == "min:" else row[:-3]
        pairs = zip(words[::2], words[1::2], strict=True)
        total = sum(int(weight) * names[int(name.removeprefix("x"))] for weight, name in pairs)
        if row[0] == "min:":
            made.minimize(total)
        else:
            assert row[-3] == ">=" and row[-1] == ";"
            made.add(total >= int(row[-2]))
    return cp_model.CpSolver(), made


def test_networks_that_always_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = Network.of(Shape.parse("4-1", thresholds=[0]), [[[1, 0, 1, 0]]])
    model = Model(network, Preprocessing(Binarizer("bits")))
    question = RobustnessQuestion(model, np.array([False, True, False, True]), model.dumps())

    def text(name: str, bound: int | None) -> str:
        form = Form.of(name, question, bounded=bound is not None)
        return text_of(Exported.of(question, None, form, bound or 0).instance, name)

    assert not satisfiable(dimacs(text("cnf", 2)))
    for bound in (None, 2, 9):
        made = text("opb", bound)
        assert all(row[0] == "min:" or (len(row) >= 5 and row[1].startswith("x")) for row in lines_of(made))
        assert "+1 x1 >= 2 ;" in made
        head, *rows = made.splitlines()
        assert int(head.split()[-1]) == sum(row.startswith(("+", "-")) for row in rows)
    # A bound that always holds, one that cannot, and one that says something.
    literals = np.array([1, 2], dtype=np.int32)
    cnf = Cnf()
    cnf.fresh(2)
    for most, last in ((2, "c a comment\np knf 2 0"), (-1, "0"), (1, "k 1 -1 -2 0")):
        made = text_of(Instance(cnf, Objective(literals, np.array([1, 1]), 0), most=most), "knf")
        assert made.rstrip("\n").endswith(last)
    assert lines_of(text_of(Instance(cnf, Objective(literals, np.array([1, 1]), 0)), "icnf"))[-1] == ["a", "0"]


def test_a_failed_export_leaves_what_was_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.cnf"
    run(f"export {SMALL} --bound 9 --out {out}", capsys)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from bnnsat import cli; sys.exit(cli._run(sys.argv[1:]))"
    )
    given = f"export {SMALL.replace('64-2-1', '64-4-1')} --bound 3 --out {out}".split()
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "cannot write" in done.stderr
    assert before == {path: path.read_bytes() for path in tmp_path.iterdir()}


def test_options_that_say_nothing_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(f"train {SMALL} --time-limit 20 --out {tmp_path / 'm'} -q", capsys)
    cnf = tmp_path / "a.cnf"
    for options, words in (
        (f"--model {tmp_path / 'm'} --seed 5", "--seed says nothing to a question about --model"),
        (f"--model {tmp_path / 'm'} --literal-order cluster", "--literal-order says nothing"),
        ("--example 3", "--example says nothing to a question of training"),
        ("--count 3", "No such option: --count"),
        (f"--model {tmp_path / 'm'} --radius {'9' * 5000}", "give a number"),
        (f"--model {tmp_path / 'm'} --radius \u0663", "give a number"),
    ):
        assert words in run(f"export {options} --out {cnf}", capsys, 2)
    file = tmp_path / "m" / "model.json"
    model = json.loads(file.read_text())
    for key, value, words in (("seed", 9, "not those"), ("data", 5, "str is due"), ("positive", 7, "not those")):
        about = {**model["origin"], "task": {**model["origin"]["task"], key: value}}
        file.write_text(json.dumps({**model, "origin": about}))
        assert words in run(f"export --model {file} --radius 3 --out {cnf}", capsys, 2)
    file.write_text(json.dumps(model))
    side = json.loads(run(f"export --model {file} --radius 3 --out {cnf} --json", capsys))
    (tmp_path / "out").write_text("SAT\n1 0\n")
    damage: tuple[dict[str, object], ...] = (
        {"question": "foo"},
        {"question": []},
        {"source": {"model": 5}},
        {"noted": 5},
        {"variables": 456.5},
        {"groups": {"inputs": [1, 2]}},
        {"groups": {"inputs": [1.5] * 64}},
        {"groups": {"inputs": [10**9] * 64}},
        {"noted": {**side["noted"], "example": [[]] * 64}},
    )
    for broken in damage:
        (tmp_path / "a.cnf.json").write_text(json.dumps({**side, **broken}))
        error = run(f"import-model {tmp_path / 'out'} --of {cnf}", capsys, 2)
        assert "export the formula again" in error or "unknown" in error or "digits, each 0 or 1" in error, broken
