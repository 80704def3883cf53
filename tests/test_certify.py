"""Certificates: made for what is true, verified, and refused as soon as anything in them is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import fewest_errors, installed
from strategies import examples, shapes

from bnnsat.certificates import drat
from bnnsat.certificates.certificate import Prover, certify
from bnnsat.certificates.check import RefusedError, check
from bnnsat.certificates.claim import CLAIM, EXAMPLES, MODEL, Claim, thresholds_of
from bnnsat.certificates.lemmas import lemmas
from bnnsat.certificates.question import Question, ask, dimacs, in_pairs
from bnnsat.circuit.counters import balanced
from bnnsat.data.binarize import Binarizer
from bnnsat.data.lines import read_examples, sha256, write_examples
from bnnsat.data.task import Preprocessing
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.half import tries
from bnnsat.shape import WEIGHTS, Shape
from bnnsat.solvers.solver import PROVING
from bnnsat.training import Training, train
from bnnsat.types import Bits, Integers

BITS = Preprocessing(Binarizer("bits"))


def claimed(training: Training, shape: Shape, **more: object) -> Claim:
    reached = {level.objective: level.value for level in training.then}
    return Claim(
        shape.topology,
        shape.activation,
        shape.head,
        training.errors,
        training.lower_bound,
        margin=reached.get("margin"),
        nonzero=reached.get("sparse"),
        thresholds=thresholds_of(training.network.shape, learned=any(shape.constants)),
        kind=WEIGHTS[shape.repeat - 1],
        **more,  # type: ignore[arg-type]
    )


def made(inputs: Bits, labels: Integers, shape: Shape, out: Path, **options: object) -> tuple[Claim, Training]:
    training = train(inputs, labels, shape, **options)  # type: ignore[arg-type]
    assert training.status == "OPTIMAL"
    costs: tuple[int, ...] = tuple(options.get("costs", ()))  # type: ignore[arg-type]
    claim = claimed(training, shape, class_weights=costs)
    return certify(claim, Model(training.network, BITS), inputs, labels, out, Prover()), training


def drawn(seed: int, shape: Shape, count: int) -> tuple[Bits, Integers]:
    rng = np.random.default_rng(seed)
    return rng.integers(2, size=(count, shape.sizes[0])).astype(np.bool_), rng.integers(shape.classes, size=count)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_fewest_errors_are_certified_and_no_fewer(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    shape = data.draw(shapes())
    inputs, labels = data.draw(examples(shape))
    out = tmp_path_factory.mktemp("certify") / "c"
    claim, _ = made(inputs, labels, shape, out)
    assert claim.errors == fewest_errors(shape, inputs.astype(int).tolist(), labels.tolist())
    assert "VERIFIED" not in check(out)
    problem = Problem.of(inputs, labels)
    if problem.examples > claim.errors:
        # One more than the optimum is no lower bound: the formula has a model.
        worse = Question("errors", shape, claim.errors)
        plain = ask(worse, problem, balanced(len(problem.labels))).plain
        assert solved(plain.clauses)


def solved(clauses: list[list[int]]) -> bool:
    from pysat.solvers import Solver as PySolver

    with PySolver(name="glucose4", bootstrap_with=clauses) as solver:
        return bool(solver.solve())


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_question_has_a_model_exactly_where_a_network_is(data: st.DataObject) -> None:
    shape = data.draw(shapes(8))
    inputs, labels = data.draw(examples(shape))
    margin = data.draw(st.integers(0, 2)) if shape.activation == "popcount" else 0
    problem = replace(Problem.of(inputs, labels), margin=margin)
    fewest = fewest_errors(shape, problem.inputs.astype(int).tolist(), problem.labels.tolist(), margin)
    # Brute force counts rows; here each counts once.
    problem = replace(problem, weights=np.ones_like(problem.weights))
    groups = shape.activation == "half" and shape.head == "bit"
    tree, found = tries.plan(problem) if groups else (balanced(len(problem.labels)), [])
    for errors in range(len(problem.labels)):
        asked = ask(Question("errors", shape, errors, margin), problem, tree)
        assert solved(asked.plain.clauses) == (errors >= fewest)
        clauses = list(asked.plain.clauses)
        assert solved([*clauses, *lemmas(asked, problem, tree, found)]) == (errors >= fewest)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("topology", ["6-1", "8-2-1", "6-4-1", "6-2-2-1"])
def test_every_step_before_the_solver_s_is_one_a_checker_takes(seed: int, topology: str) -> None:
    shape = Shape.parse(topology, "half")
    inputs, labels = drawn(seed, shape, 14)
    problem = Problem.of(inputs, labels)
    tree, groups = tries.plan(problem)
    # A formula that may well have models: then the steps hold all the same, and lead to no contradiction.
    asked = ask(Question("errors", shape, 3), problem, tree)
    formula, steps = asked.dimacs(), list(lemmas(asked, problem, tree, groups))
    assert steps or not groups or all(group.depth == 0 for group in groups)
    wrong = drat.refutes(formula, "".join(" ".join(map(str, (*step, 0))) + "\n" for step in steps).encode())
    assert wrong is None or "never derives the empty clause" in wrong


@pytest.mark.parametrize(
    ("kind", "then"),
    [
        *((kind, ("margin",)) for kind in ("plain", "learned", "ternary", "both")),
        *((kind, then) for kind in ("ternary", "both") for then in (("margin", "sparse"), ("sparse",))),
    ],
)
def test_further_objectives_are_certified(kind: str, then: tuple[str, ...], tmp_path: Path) -> None:
    weights = "ternary" if kind in ("ternary", "both") else "binary"
    shape = Shape.parse("3-2-1", thresholds="learned" if kind in ("learned", "both") else (), weights=weights)
    inputs, labels = drawn(3, shape, 8)
    claim, training = made(inputs, labels, shape, tmp_path / "c", then=then)
    assert [level.status for level in training.then] == ["OPTIMAL"] * len(then)
    assert {"margin": claim.margin, "sparse": claim.nonzero}[then[-1]] == training.then[-1].value
    words = check(tmp_path / "c")
    assert all((name in words) == (name in then) for name in ("margin",))
    # What is better than the best is refused before anything is written.
    better = replace(claim, margin=None if claim.margin is None else claim.margin - 1)
    if claim.margin:
        with pytest.raises(InputError, match=r"exists|not what|not all|margin"):
            certify(better, Model(training.network, BITS), inputs, labels, tmp_path / "d", Prover())
        assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(("head", "topology"), [("onehot", "4-3-3"), ("argmax", "4-3-3"), ("onehot", "4-2-3")])
@pytest.mark.parametrize("costs", [(), (1, 3, 2)])
def test_classes_and_costs_are_certified(head: str, topology: str, costs: tuple[int, ...], tmp_path: Path) -> None:
    shape = Shape.parse(topology, "popcount" if topology == "4-3-3" else "half", head)
    inputs, labels = drawn(5, shape, 9)
    claim, _ = made(inputs, labels, shape, tmp_path / "c", costs=costs)
    assert f"{claim.errors} errors" in check(tmp_path / "c")


def test_smaller_shapes_are_certified_not_to_do(tmp_path: Path) -> None:
    rows = np.array([[a, b] for a in (0, 1) for b in (0, 1)], dtype=np.bool_)
    labels = (rows[:, 0] ^ rows[:, 1]).astype(np.int64)
    shape = Shape.parse("2-2-1")
    training = train(rows, labels, shape)
    claim = claimed(training, shape, impossible=("2-1", "2-1-1"))
    certify(claim, Model(training.network, BITS), rows, labels, tmp_path / "c", Prover())
    assert "no network 2-1-1 (popcount) makes so few (2 proofs checked)" in check(tmp_path / "c")
    one_more = replace(claim, impossible=("2-3-1",))
    with pytest.raises(InputError, match="exists"):
        certify(one_more, Model(training.network, BITS), rows, labels, tmp_path / "d", Prover())
    with pytest.raises(InputError, match="does not answer"):
        certify(
            replace(claim, impossible=("3-1",)), Model(training.network, BITS), rows, labels, tmp_path / "d", Prover()
        )


def test_thresholds_are_part_of_the_claim(tmp_path: Path) -> None:
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.bool_)
    labels = np.array([0, 0, 0, 1])
    # "And" takes a threshold of 2, which is not the default for two inputs.
    shape = Shape.parse("2-1", thresholds=[2])
    training = train(rows, labels, shape)
    claim = claimed(training, shape)
    assert (training.errors, claim.thresholds) == (0, "given")
    model = Model(training.network, BITS)
    certify(claim, model, rows, labels, tmp_path / "c", Prover())
    assert "these thresholds" in check(tmp_path / "c")
    with pytest.raises(InputError, match="other thresholds"):
        certify(replace(claim, impossible=("2-1",)), model, rows, labels, tmp_path / "d", Prover())
    with pytest.raises(InputError, match="not half the inputs"):
        certify(replace(claim, thresholds="default"), model, rows, labels, tmp_path / "d", Prover())
    # Whatever the thresholds, exclusive or is out of reach.
    learned = Shape.parse("2-1", thresholds="learned")
    training = train(rows, labels ^ [0, 1, 1, 1], learned)
    model = Model(training.network, BITS)
    certify(claimed(training, learned), model, rows, labels ^ [0, 1, 1, 1], tmp_path / "e", Prover())
    assert "1 error on" in check(tmp_path / "e") and "any thresholds" in check(tmp_path / "e")


def test_what_an_error_costs_is_said(tmp_path: Path) -> None:
    shape = Shape.parse("2-1")
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.bool_)
    made(rows, np.array([0, 1, 1, 0]), shape, tmp_path / "c", costs=(5, 7))
    assert "weighted 5, 7 by class" in check(tmp_path / "c")


def test_no_proof_is_needed_where_nothing_could_be_better(tmp_path: Path) -> None:
    shape = Shape.parse("2-1")
    rows = np.array([[0, 0], [0, 0], [1, 1]], dtype=np.bool_)
    claim, _ = made(rows, np.array([0, 1, 1]), shape, tmp_path / "c")
    assert claim.errors == 1 and not claim.trees and set(claim.files) == {MODEL, EXAMPLES}
    assert "no proof needed" in check(tmp_path / "c")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with a proof of some length."""
    shape = Shape.parse("8-2-1", "half")
    inputs, labels = drawn(1, shape, 40)
    out = tmp_path_factory.mktemp("sound") / "c"
    claim, _ = made(inputs, labels, shape, out)
    assert claim.errors > 1 and claim.trees
    check(out)
    return out


@pytest.fixture
def certificate(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "copy"))


def change(path: Path, how: Callable[[str], str], *, digest: bool) -> None:
    """Change a file of a certificate; with `digest` the claim is told, as somebody who means it would."""
    text = path.read_text()
    assert how(text) != text
    path.write_text(how(text))
    if digest and path.name != CLAIM:
        claim = json.loads((path.parent / CLAIM).read_text())
        claim["files"][path.name] = sha256(path.read_bytes())
        (path.parent / CLAIM).write_text(json.dumps(claim))


def flipped(text: str, start: str) -> str:
    at = text.index(start) + len(start)
    return text[:at] + {"0": "1", "1": "0"}[text[at]] + text[at + 1 :]


def field(name: str, value: object) -> Callable[[str], str]:
    return lambda text: json.dumps({**json.loads(text), name: value})


def more(name: str, by: int) -> Callable[[str], str]:
    return lambda text: json.dumps({**json.loads(text), name: json.loads(text)[name] + by})


def without_last_line(text: str) -> str:
    return text[: text.rstrip("\n").rindex("\n") + 1]


def without_a_step(text: str) -> str:
    """Without any of the steps that lead from the formula to the end, which is then too far for propagation."""
    return "0\n"


def other_literal(text: str) -> str:
    """The first step is about another variable of the formula."""
    first, rest = text.split("\n", 1)
    return " ".join(["1", "0"]) + "\n" + rest if first != "1 0" else "-1 0\n" + rest


TASK = {"data": "mux:6", "digit": None, "samples": None, "seed": 0, "binarize": None, "input_order": "raw"}
TASK |= {"label": None, "reduce": None, "levels": None}

CHANGES = {
    "a weight": (MODEL, lambda text: flipped(text, '"weights": [\n  [\n   "')),
    "a label": (EXAMPLES, lambda text: flipped(text, " ")),
    "an input": (EXAMPLES, lambda text: flipped("\n" + text, "\n")[1:]),
    "an example left out": (EXAMPLES, without_last_line),
    "a literal of a clause": ("errors.cnf", lambda text: text.replace("\n-", "\n", 1)),
    "a clause left out": ("errors.cnf", without_last_line),
    "a truncated formula": ("errors.cnf", lambda text: text[: len(text) // 2]),
    "a step": ("errors.drat", other_literal),
    "a proof without steps": ("errors.drat", without_a_step),
    "a truncated proof": ("errors.drat", lambda text: text[: len(text) // 3]),
    "a proof that is none": ("errors.drat", lambda text: "x" + text),
    "an empty proof": ("errors.drat", lambda text: ""),
    "the bound": (CLAIM, more("lower_bound", -1)),
    "a higher bound": (CLAIM, more("lower_bound", 1)),
    "fewer errors": (CLAIM, more("errors", -1)),
    "more errors": (CLAIM, more("errors", 1)),
    "the shape": (CLAIM, field("topology", "8-4-1")),
    "the activation": (CLAIM, field("activation", "popcount")),
    "a margin": (CLAIM, field("margin", 1)),
    "a sparsity": (CLAIM, field("nonzero", 18)),
    "another shape": (CLAIM, field("impossible", ["8-1"])),
    "learned thresholds": (CLAIM, field("thresholds", "learned")),
    "given thresholds": (CLAIM, field("thresholds", "mine")),
    "ternary weights": (CLAIM, field("kind", "ternary")),
    "class weights": (CLAIM, field("class_weights", [1, 2])),
    "no proof": (CLAIM, field("trees", {})),
    "no files": (CLAIM, field("files", {})),
    "the format": (CLAIM, field("format", "other")),
    "the version": (CLAIM, field("version", 2)),
    "an unknown field": (CLAIM, field("trust", "me")),
    "a text for a number": (CLAIM, field("errors", "3")),
    "a truncated claim": (CLAIM, lambda text: text[:-20]),
    "the data": (CLAIM, field("task", {"data": "mux:6"})),
    "errors that cost nothing": (CLAIM, field("class_weights", [0, 0])),
    "costs that overflow": (CLAIM, field("class_weights", [2**62, 2**62])),
    "costs beyond any number": (CLAIM, field("class_weights", [2**63, 2**80])),
    "a margin that overflows": (CLAIM, field("margin", 2**63 - 1)),
    "a margin that is false": (CLAIM, field("margin", False)),
    "errors that are true": (CLAIM, field("errors", True)),
    "data of no kind": (CLAIM, field("task", {**TASK, "data": 5})),
    "a way of no kind": (CLAIM, field("task", {**TASK, "binarize": 5})),
    "a file name beyond any": (CLAIM, field("task", {**TASK, "data": "/" + "x" * 300 + ".csv"})),
    "nothing but brackets": (CLAIM, lambda text: "[" * 200_000),
    "a label beyond any": (EXAMPLES, lambda text: text[:-2] + "9" * 30 + "\n"),
}


@pytest.mark.parametrize("digest", [False, True])
@pytest.mark.parametrize("what", CHANGES)
def test_what_has_been_changed_is_refused(what: str, digest: bool, certificate: Path) -> None:
    name, how = CHANGES[what]
    change(certificate / name, how, digest=digest)
    with pytest.raises(RefusedError):
        check(certificate)


@pytest.mark.parametrize("name", [CLAIM, MODEL, EXAMPLES, "errors.cnf", "errors.drat"])
def test_files_of_another_certificate_and_missing_ones_are_refused(
    name: str, certificate: Path, tmp_path: Path
) -> None:
    shape = Shape.parse("8-2-1", "half")
    inputs, labels = drawn(2, shape, 40)
    made(inputs, labels, shape, tmp_path / "other")
    (certificate / name).write_bytes((tmp_path / "other" / name).read_bytes())
    with pytest.raises(RefusedError):
        check(certificate)
    (certificate / name).unlink()
    with pytest.raises(RefusedError, match="cannot be read"):
        check(certificate)


def test_a_tree_that_leaves_errors_out_is_refused(certificate: Path) -> None:
    claim = json.loads((certificate / CLAIM).read_text())
    tree = claim["trees"]["errors"]
    for wrong in ([*tree[:-1], [tree[-1][0], tree[-1][0]]], tree[:-1], [*tree, [0, 1]], [["a", 0]], [[0, 10**6]], 3):
        (certificate / CLAIM).write_text(json.dumps({**claim, "trees": {"errors": wrong}}))
        with pytest.raises(RefusedError):
            check(certificate)


def test_proofs_of_others_count_as_much(certificate: Path, tmp_path: Path) -> None:
    lines = (certificate / "errors.cnf").read_text().splitlines()[1:]
    clauses = [[int(literal) for literal in line.split()[:-1]] for line in lines]
    prover = Prover("cadical153")
    proof = prover.prove(Question("errors", Shape.parse("2-1"), 0), clauses, max(abs(x) for c in clauses for x in c))
    (tmp_path / "text").write_bytes(proof)
    (tmp_path / "binary").write_bytes(packed(proof.decode()))
    # The form of LRAT; nobody here reads the hints, so any will do.
    steps = [line for line in proof.decode().splitlines() if not line.startswith("d")]
    hinted = "".join(f"{len(clauses) + place} {step} 1 2 0\n" for place, step in enumerate(steps, 1))
    (tmp_path / "lrat").write_text(f"{len(clauses)} d 1 2 0\n{hinted}")
    assert drat.text((tmp_path / "lrat").read_bytes()).splitlines() == steps
    for name in ("text", "binary", "lrat"):
        assert "errors" in check(certificate, proofs={"errors": tmp_path / name})
    assert drat.text(packed(proof.decode())).split() == proof.decode().split()
    (tmp_path / "cut").write_bytes(packed(proof.decode())[:-3])
    with pytest.raises(RefusedError):
        check(certificate, proofs={"errors": tmp_path / "cut"})


def packed(text: str) -> bytes:
    """A proof in drat-trim's binary form."""
    out = bytearray()
    for line in text.splitlines():
        words = line.split()
        out += b"d" if words[0] == "d" else b"a"
        for literal in map(int, words[1:] if words[0] == "d" else words):
            value = 2 * abs(literal) + (literal < 0)
            while value > 127:
                out.append(value & 127 | 128)
                value >>= 7
            out.append(value)
    return bytes(out)


@pytest.mark.parametrize("solver", PROVING)
def test_every_solver_that_writes_proofs_will_do(solver: str, tmp_path: Path) -> None:
    for seed, topology, activation in (
        (1, "8-2-1", "half"),
        (2, "8-1", "half"),
        (3, "6-1", "popcount"),
        (4, "5-2-1", "popcount"),
    ):
        shape = Shape.parse(topology, activation)
        inputs, labels = drawn(seed, shape, 24)
        training = train(inputs, labels, shape)
        model = Model(training.network, BITS)
        certify(claimed(training, shape), model, inputs, labels, tmp_path / topology, Prover(solver))
        assert f"{training.errors} errors" in check(tmp_path / topology)


def test_another_checker_has_the_word(certificate: Path, tmp_path: Path) -> None:
    said = (("s VERIFIED", 0), ("VERIFIED", 0), ("s NOT VERIFIED", 0), ("", 0), ("s VERIFIED", 1), ("no VERIFIED", 0))
    for words, code in said:
        good = code == 0 and words in ("s VERIFIED", "VERIFIED")
        program = tmp_path / "checker"
        program.write_text(f'#!/bin/sh\ntest -s "$1" && test -s "$2" && echo \'{words}\'\nexit {code}\n')
        program.chmod(0o755)
        if good:
            check(certificate, checker=str(program))
        else:
            with pytest.raises(RefusedError, match="does not say VERIFIED"):
                check(certificate, checker=str(program))
    with pytest.raises(RefusedError, match="cannot be run"):
        check(certificate, checker=str(tmp_path / "none"))
    with pytest.raises(RefusedError, match="empty"):
        check(certificate, checker=" ")
    with pytest.raises(RefusedError, match="no formula typo"):
        check(certificate, proofs={"typo": tmp_path / "none"})


def test_a_proof_may_not_use_what_it_has_deleted(certificate: Path) -> None:
    """A checker that deletes a clause but keeps what it implied would take this for a refutation of anything."""
    clauses = (certificate / "errors.cnf").read_text().splitlines()
    top = int(clauses[0].split()[2])
    unit = next(line.split()[0] for line in clauses[1:] if len(line.split()) == 2)
    forged = f"{top + 1} {-int(unit)} 0\nd {top + 1} {-int(unit)} 0\n{-top - 1} 0\n0\n".encode()
    assert drat.refutes((certificate / "errors.cnf").read_bytes(), forged) is not None
    assert drat.refutes(b"p cnf 3 2\n1 0\n2 3 0\n", b"4 -1 0\nd 4 -1 0\n-4 0\n0\n") is not None


def test_a_bound_that_does_not_hold_gets_no_certificate(tmp_path: Path) -> None:
    shape = Shape.parse("6-1", "half")
    inputs, labels = drawn(4, shape, 30)
    training = train(inputs, labels, shape)
    bad = Network.of(shape, [~matrix for matrix in training.network.matrices()])
    errors = bad.errors(Problem.of(inputs, labels))
    assert errors > training.errors
    model = Model(bad, BITS)
    with pytest.raises(InputError, match="exists"):
        certify(Claim("6-1", "half", "bit", errors, errors), model, inputs, labels, tmp_path / "c", Prover())
    assert not (tmp_path / "c").exists() and not list(tmp_path.iterdir())
    # But what is proved of it may be said.
    lower = replace(Claim("6-1", "half", "bit", errors, training.errors))
    certify(lower, model, inputs, labels, tmp_path / "c", Prover())
    assert f"fewer than {training.errors}" in check(tmp_path / "c")
    with pytest.raises(InputError, match="not 0"):
        certify(Claim("6-1", "half", "bit", 0, 0), model, inputs, labels, tmp_path / "d", Prover())
    # Nothing but a certificate is ever replaced.
    certify(lower, model, inputs, labels, tmp_path / "c", Prover())
    (tmp_path / "c" / "thesis.tex").write_text("my work")
    with pytest.raises(InputError, match="no certificate"):
        certify(lower, model, inputs, labels, tmp_path / "c", Prover())
    assert (tmp_path / "c" / "thesis.tex").exists() and (tmp_path / "c" / CLAIM).exists()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.tex").write_text("my work")
    with pytest.raises(InputError, match="no certificate"):
        certify(lower, model, inputs, labels, tmp_path / "taken", Prover())
    assert (tmp_path / "taken" / "thesis.tex").read_text() == "my work"


def test_provers_that_fail_say_so(tmp_path: Path) -> None:
    question = Question("errors", Shape.parse("2-1"), 0)
    with pytest.raises(InputError, match="writes no proofs"):
        Prover("minisat22")
    with pytest.raises(InputError, match="cannot be run"):
        Prover(program=str(tmp_path / "none")).prove(question, [[1], [-1]], 1)
    with pytest.raises(ResourceError, match="code 3"):
        Prover(program="sh -c 'exit 3'").prove(question, [[1], [-1]], 1)
    with pytest.raises(ResourceError, match="time limit"):
        Prover(program="sh -c 'sleep 5'", deadline=0.0).prove(question, [[1], [-1]], 1)


@pytest.mark.parametrize("program", ["cadical", "kissat"])
def test_proofs_by_other_solvers(program: str, certificate: Path, tmp_path: Path) -> None:
    if (place := installed(program)) is None:
        pytest.skip(f"{program} is not installed")
    proof = tmp_path / "proof"
    done = subprocess.run([place, str(certificate / "errors.cnf"), str(proof)], capture_output=True, check=False)
    assert done.returncode == 20
    assert "errors" in check(certificate, proofs={"errors": proof})


def test_checking_imports_nothing_of_the_search() -> None:
    code = "import sys, bnnsat.certificates.check; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[1] for name in done.stdout.split() if name.startswith("bnnsat.")}
    assert not any(name.startswith(("pysat", "pysolvers", "pycard")) for name in done.stdout.split())
    fast = {"search", "training", "circuit", "gates", "literals", "encodings", "formula", "lists", "tries", "objective"}
    assert loaded.isdisjoint(fast | {"solver", "worker", "cli", "compare", "unary", "cnf"})


def test_the_examples_are_written_and_read_as_they_are() -> None:
    inputs, labels = np.array([[True, False], [False, False]]), np.array([1, 0])
    text = write_examples(inputs, labels)
    assert text == b"10 1\n00 0\n"
    again = read_examples(text)
    assert np.array_equal(again[0], inputs) and np.array_equal(again[1], labels)
    for wrong in (b"", b"10 1\n0 1\n", b"12 1\n", b"10  1\n", b"101\n", b"10 x\n"):
        with pytest.raises(ValueError, match=r"lines|invalid literal"):
            read_examples(wrong)


def test_a_tree_in_pairs_adds_all_numbers() -> None:
    assert in_pairs(1) == []
    assert in_pairs(4) == [(0, 1), (2, 3), (4, 5)]
    assert dimacs(2, [[1, -2], []]) == b"p cnf 2 2\n1 -2 0\n0\n"
