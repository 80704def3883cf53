"""Programs in place of networks: what is proved of them is what trying all inputs, and all programs, says."""

from __future__ import annotations

import json
import math
import re
import time
from dataclasses import replace
from functools import cache, partial
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bnnsat
from bnnsat.certificates.check import check
from bnnsat.certificates.prover import LateError
from bnnsat.cli import _run
from bnnsat.data.preprocessing import AS_BITS, Preprocessing
from bnnsat.distilling import bound, differing, equality, sampling
from bnnsat.distilling.differing import _by_leaves
from bnnsat.distilling.families import CARD, CARDS, FAMILIES, LIST, LISTS, TREE, members
from bnnsat.distilling.fit import fitted
from bnnsat.distilling.growing import grown
from bnnsat.distilling.manner import Manner
from bnnsat.distilling.refuting import neighbours, opposed
from bnnsat.distilling.source import Source
from bnnsat.distilling.tree import Tree
from bnnsat.errors import InputError, RefusedError, ResourceError
from bnnsat.foreign.imported import opened
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.member import MemberQuestion
from bnnsat.questions.properties import equal
from bnnsat.readings.numpy import NUMPY
from bnnsat.shape import Shape
from bnnsat.sketch import Hole, require
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.rules import Cuts, Groups, Truth
from bnnsat.types import Bits
from bnnsat.verification.alike import alike
from bnnsat.verification.counts import count
from bnnsat.verification.distribution import Threshold, by_counts
from bnnsat.verification.facts import decided

ROOT = Path(__file__).parents[1]

RULES = (Cuts("age", False, (20.0, 40.0)), Groups("colour", False, ("blue", "red"), ("grey",)), Truth("member", False))


def random(topology: str, activation: str, seed: int, **more: Any) -> Network:
    rng = np.random.default_rng(seed)
    shape = Shape.parse(topology, activation, **more)
    return Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])


def every(n: int) -> Bits:
    return np.array(list(product((False, True), repeat=n)))


def said(network: Network, rows: Bits) -> bytes:
    return Model(network).predict(rows).astype(np.uint8).tobytes()


@cache
def functions(family: str, n: int, shapes: int, depth: int = 0) -> frozenset[bytes]:
    """What all programs of the first shapes of a family say of all inputs, by definition."""
    rows = every(n).astype(int)
    found = set()
    if family == TREE:
        return frozenset(row.astype(np.uint8).tobytes() for row in trees(n, depth))
    if family == LIST:
        pairs = [(i, (i + (n + n % 2) // 2) % n) for i in range((n + n % 2) // 2)]
        for signs in product((0, 1), repeat=n + n % 2):
            half = len(signs) // 2
            answers = np.zeros(len(rows), dtype=np.uint8)
            for row, x in enumerate(rows):
                upper = [int(x[a] == signs[i]) for i, (a, _) in enumerate(pairs)]
                lower = [int(x[b] == signs[half + i]) for i, (_, b) in enumerate(pairs)]
                answers[row] = upper > lower
            found.add(answers.tobytes())
        return frozenset(found)
    assert family == CARD
    for weights in product((-1, 0, 1), repeat=n):
        sums = (2 * rows - 1) @ np.array(weights)
        found |= {(sums >= least).astype(np.uint8).tobytes() for least in range(-n, n + 2)}
    return frozenset(found)


@cache
def trees(n: int, depth: int) -> Any:
    """What all trees say of all inputs, (functions, inputs)."""
    rows = every(n)
    if depth == 0:
        return np.array([[0] * len(rows), [1] * len(rows)])
    below = trees(n, depth - 1)
    made = [np.where(rows[:, f], below[:, np.newaxis], below).reshape(-1, len(rows)) for f in range(n)]
    return np.unique(np.concatenate([below, *made]), axis=0)


@pytest.mark.parametrize(
    ("family", "n", "depth"), [(LIST, 4, 0), (LIST, 3, 0), (CARD, 3, 0), (CARD, 4, 0), (TREE, 4, 2)]
)
def test_equal_and_impossible_are_what_all_programs_say(family: str, n: int, depth: int) -> None:
    programs, rows, seen = functions(family, n, 1, depth), every(n), set()
    for seed in range(6):
        sources = [Model(random(topology, "popcount", seed)) for topology in (f"{n}-1", f"{n}-2-1", f"{n}-3-1")]
        # Of three inputs the first is read once more at the end.
        sources.append(
            Model(random("4-1", "half", seed), Preprocessing(AS_BITS.binarizer, (0, 1, 2, 3 if n == 4 else 0)))
        )
        sources.append(Model(Tree.test(0, Tree.test(1, Tree(0), Tree(1)), Tree(seed % 2)).network(n)))
        for network in sources:
            found = bnnsat.distill(network, family, depth=depth or None, closest=True, jobs=1, seed=seed)
            seen.add(found.status)
            answers = network.predict(rows).astype(np.uint8)
            assert found.status == ("EQUAL" if answers.tobytes() in programs else "IMPOSSIBLE")
            assert found.model is not None and found.disagreement is not None
            differ = int((found.predict(rows) != answers).sum())
            assert found.disagreement.differing == differ
            fewest = min(int((np.frombuffer(p, dtype=np.uint8) != answers).sum()) for p in programs)
            assert differ == fewest if found.disagreement.fewest or found.status == "EQUAL" else differ >= fewest
    assert seen == {"EQUAL", "IMPOSSIBLE"}


@pytest.mark.parametrize("family", [LISTS, CARDS])
def test_the_smallest_shape_is_taken(family: str) -> None:
    rows = every(4)
    for seed in range(6):
        network = random("4-2-1", "half" if family == LISTS else "popcount", seed)
        found = bnnsat.distill(network, family, jobs=1)
        assert found.status == "EQUAL"
        assert said(found.model.network, rows) == said(network, rows)  # type: ignore[union-attr]
        single = bnnsat.distill(network, LIST if family == LISTS else CARD, jobs=1)
        assert (single.status == "EQUAL") == (found.topology == "4-1")
        assert [shape.status for shape in found.shapes[:-1]] == ["IMPOSSIBLE"] * (len(found.shapes) - 1)


def test_only_inputs_that_there_are_count(tmp_path: Path) -> None:
    binarizer = TableBinarizer("quantiles:4", RULES, tuple(range(sum(len(rule.terms) for rule in RULES))))
    n = len(binarizer.kept)
    statuses = set()
    for seed in range(8):
        model = Model(random(f"{n}-3-1", "popcount", seed), Preprocessing(binarizer), labels=("no", "yes"))
        rows = Inputs.of(model).numbered(0, Inputs.of(model).total)
        for family in (LIST, CARD, TREE):
            found = bnnsat.distill(model, family, jobs=1, closest=True)
            statuses.add(found.status)
            assert found.total == len(rows) and found.model is not None and found.disagreement is not None
            differ = differing.labels_of(found.model, rows) != model.codes(rows)
            assert differ.sum() == found.disagreement.differing
            assert (found.status == "EQUAL") == (not differ.any())
            assert any("age" in line or "colour" in line or "member" in line for line in found.rules) or seed
            if found.status == "EQUAL":
                found.certify(tmp_path / f"{seed}-{family}")
                check(tmp_path / f"{seed}-{family}")
    assert statuses == {"EQUAL", "IMPOSSIBLE"}


def test_lists_of_64_inputs_are_proved_equal(tmp_path: Path) -> None:
    network = random("64-1", "half", 1)
    found = bnnsat.distill(network, jobs=1)
    assert (found.status, found.errors, found.total) == ("EQUAL", 0, 2**64)
    assert "2^64" in found.claim
    found.certify(tmp_path / "certificate")
    assert check(tmp_path / "certificate")
    found.save(tmp_path / "saved")
    assert Model.load(tmp_path / "saved").network == found.model.network  # type: ignore[union-attr]
    assert json.loads((tmp_path / "saved" / "result.json").read_text())["status"] == "EQUAL"


def test_the_disagreement_of_64_inputs_is_counted() -> None:
    network = random("64-2-1", "half", 2)
    found = bnnsat.distill(network, LIST, jobs=1)
    assert found.status == "IMPOSSIBLE" and found.model is not None and found.disagreement is not None
    assert found.disagreement.differing == count(Model(network), other=found.model).differing
    tree = bnnsat.distill(random("64-2-1", "popcount", 2), TREE, depth=2, jobs=1)
    assert tree.disagreement is not None and tree.disagreement.differing is not None
    rows = np.random.default_rng(0).random((20_000, 64)) < 0.5
    share = (tree.predict(rows) != Model(random("64-2-1", "popcount", 2)).predict(rows)).mean()
    assert abs(share - tree.disagreement.share) < 0.02
    boxed = bnnsat.distill(random("64-1", "half", 2), LIST, black_box=True, jobs=1)
    with pytest.raises(InputError, match="of what was proved"):
        boxed.certify("nowhere")


@pytest.mark.parametrize(("first", "second"), [("8-3-1", "8-2-1"), ("8-1", "8-1"), ("10-2-1", "10-1")])
def test_popcounts_and_half_comparisons_are_counted_together(first: str, second: str) -> None:
    for seed in range(4):
        n = int(first.split("-")[0])
        order = tuple(np.random.default_rng(seed).permutation(n).tolist())
        models = [
            Model(random(first, "popcount", seed)),
            Model(random(second, "half", seed), Preprocessing(AS_BITS.binarizer, order)),
        ]
        for one, other in (models, models[::-1]):
            for where in ((), ("input 3",)):
                tried, counted = (count(one, other=other, where=where, method=m) for m in ("enumeration", "counts"))
                assert (tried.differing, tried.by_label) == (counted.differing, counted.by_label)


def test_cards_of_64_inputs_are_proved_equal() -> None:
    found = bnnsat.distill(random("64-1", "popcount", 3, weights="ternary"), CARD, jobs=1)
    assert found.status == "EQUAL" and found.topology == "64-1"


def test_several_cards_of_64_inputs_are_proved_equal() -> None:
    network = random("64-2-1", "popcount", 1)
    found = bnnsat.distill(network, CARDS, jobs=1, time_limit=120)
    assert (found.status, found.topology) == ("EQUAL", "64-2-1")
    assert [shape.status for shape in found.shapes] == ["IMPOSSIBLE", "EQUAL"]
    rows = np.random.default_rng(0).random((20_000, 64)) < 0.5
    assert (found.predict(rows) == Model(network).predict(rows)).all()


def test_what_is_not_known_in_time_is_held_against_all_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cards are proved impossible so soon, and the best ones are told with their share, which is right."""
    monkeypatch.setattr(equality, "_one", partial(_never, equality._one))
    network = random("16-9-1", "popcount", 3)
    found = bnnsat.distill(network, CARDS, jobs=1, time_limit=8)
    assert found.status == "UNKNOWN" and found.disagreement is not None
    assert f"differs on {found.disagreement.differing:,} of 2^16 inputs" in found.claim
    rows = every(16)
    assert found.disagreement.differing == int((found.predict(rows) != Model(network).predict(rows)).sum())


def _never(one: Any, source: Any, member: Any, manner: Any, progress: Any, rng: Any) -> str:
    """A turn that ends before it is known whether there is a program."""
    return str(one(source, member, manner.within(1.0), progress, rng))


def test_a_larger_shape_may_be_found_where_a_smaller_one_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def one(source: Any, member: Any, *rest: Any) -> str:
        return "UNKNOWN" if member.topology == "5-2-1" else str(before(source, member, *rest))

    before = equality._one
    monkeypatch.setattr(equality, "_one", one)
    network = next(n for n in (random("5-2-1", "popcount", seed) for seed in range(9)) if not _single(n))
    found = bnnsat.distill(network, CARDS, jobs=1, time_limit=60)
    assert [shape.status for shape in found.shapes] == ["IMPOSSIBLE", "UNKNOWN", "EQUAL"]
    assert "whether one of 5-2-1 does is not known" in found.claim


def _single(network: Network) -> bool:
    return bnnsat.distill(network, CARD, jobs=1).status == "EQUAL"


def test_neurons_that_are_alike_are_counted_once() -> None:
    """Against trying all inputs: neurons as they are, as they are doubled, turned over, and those that are constant."""
    rng, rows = np.random.default_rng(0), every(6)
    inputs = Inputs.of(Model(random("6-1", "popcount", 0)))
    for _ in range(40):
        neurons = [Threshold(rng.integers(-1, 2, size=6), int(rng.integers(-3, 4))) for _ in range(2)]
        neurons.append(Threshold(2 * neurons[0].weights, 2 * neurons[0].least - int(rng.integers(2))))
        neurons.append(Threshold(-neurons[1].weights, 1 - neurons[1].least))
        neurons.append(Threshold(np.zeros(6, dtype=np.int64), int(rng.integers(-1, 2))))
        order = rng.permutation(len(neurons)).tolist()
        neurons = [neurons[place] for place in order]
        left, _, _ = alike([(neuron.weights, neuron.least) for neuron in neurons])
        assert len(left) <= 3
        bits = np.stack([rows.astype(int) @ n.weights >= n.least for n in neurons], axis=1)
        numbers = np.bincount(bits @ (1 << np.arange(len(neurons))[::-1]), minlength=1 << len(neurons))
        assert by_counts(inputs, neurons, lambda: None) == numbers.tolist()


@pytest.mark.parametrize(("family", "n", "depth"), [(LIST, 6, 0), (LISTS, 6, 0), (CARD, 4, 0), (TREE, 5, 2)])
def test_that_no_program_equals_a_network_is_certified(family: str, n: int, depth: int, tmp_path: Path) -> None:
    """Each shape has its proof; what the certificate says of the network is what the network says."""
    certified = 0
    for seed in range(4):
        network = Model(random(f"{n}-4-1", "popcount", seed), labels=("no", "yes"))
        found = bnnsat.distill(network, family, depth=depth or None, label=("no", "yes")[seed % 2], jobs=1)
        if found.status != "IMPOSSIBLE":
            continue
        certified += 1
        out = tmp_path / str(seed)
        claim = found.certify(out)
        assert len(claim.impossible) == len(found.shapes)
        said = check(out)
        assert said.count("says the same as the network") == len(found.shapes)
        contents = {name: (out / name).read_bytes() for name in ("model.json", "inputs.txt")}
        for statement in claim.impossible:
            question = claim.about(statement, contents)
            assert isinstance(question, MemberQuestion)
            rows = question.inputs[list(question.rows)]
            assert (question.labels == found.source.ask(rows)).all()
            if family == TREE:
                assert (trees(n, depth)[:, _numbers(rows)] != question.labels).any(axis=1).all()
        # A network of which the same is not true.
        forged = replace(claim, noted={**claim.noted, "label": None if claim.noted["label"] else "no"})
        (out / "claim.json").write_bytes(forged.dumps())
        with pytest.raises(RefusedError):
            check(out)
    assert certified


def _numbers(rows: Bits) -> Any:
    return rows @ (1 << np.arange(rows.shape[1])[::-1])


def test_what_is_seen_without_a_proof_is_true_of_all_cards() -> None:
    """Balanced rows, against all cards; neighbours that go over in opposite ways are balanced."""
    rng, rows, balanced = np.random.default_rng(0), every(4), 0
    cards = np.array([np.frombuffer(program, dtype=np.uint8) for program in functions(CARD, 4, 1)])
    shape = members(CARD, range(4))[0].shape
    for seed in range(400):
        network = Model(random("4-3-1", "popcount", seed))
        # Two inputs, and two more that have their bits the other way round.
        first, second, mask = rng.integers(16, size=3).tolist()
        chosen = (first, second, first & mask | second & ~mask, second & mask | first & ~mask)
        asked = MemberQuestion(network, None, rows, shape, 0, chosen)
        if asked.certain({"errors": 0}):
            balanced += 1
            assert (cards[:, chosen] != asked.labels).any(axis=1).all()
            assert not asked.certain({"errors": 1})
        few = opposed(neighbours(Source.of(network), rows, seed))
        if len(few):
            assert MemberQuestion(network, None, few, shape, 0, (0, 1, 2, 3)).certain({"errors": 0})
    assert balanced > 2
    with pytest.raises(InputError, match="no head bit"):
        MemberQuestion(network, None, rows, Shape.parse("4-2", head="onehot"), 0, (0, 1))


def test_neighbours_differ_in_one_part_and_in_their_labels() -> None:
    binarizer = TableBinarizer("quantiles:4", RULES, tuple(range(sum(len(rule.terms) for rule in RULES))))
    tables = Model(random(f"{len(binarizer.kept)}-3-1", "popcount", 1), Preprocessing(binarizer), labels=("no", "yes"))
    for model in (Model(random("8-3-1", "popcount", 0)), tables):
        source = Source.of(model)
        near = neighbours(source, source.some(1 << 10, np.random.default_rng(0)), 0)
        assert len(near) and all(map(source.inputs.hold, near))
        assert source.ask(near).tolist() == [0, 1] * (len(near) // 2)
        for zero, one in zip(near[::2], near[1::2], strict=True):
            assert sum((zero[part.places] != one[part.places]).any() for part in source.inputs.parts) == 1


def test_a_program_s_errors_are_counted_by_the_question_as_it_makes_them() -> None:
    rng, rows = np.random.default_rng(1), every(4)
    network = Model(random("4-3-1", "popcount", 2))
    for _ in range(30):
        chosen = tuple(rng.integers(16, size=9).tolist())
        tests, leaves = rng.integers(4, size=3), rng.integers(2, size=4)
        tree = Tree.test(
            int(tests[0]),
            *(Tree.test(int(tests[1 + s]), Tree(int(leaves[2 * s])), Tree(int(leaves[2 * s + 1]))) for s in (0, 1)),
        )
        asked = MemberQuestion(network, None, rows, None, 2, chosen)
        holes = {"tests": np.eye(4, dtype=np.bool_)[tests], "leaves": leaves.astype(np.bool_)}
        assert asked.required(NUMPY, holes).all()
        wrong = asked.sum("errors", NUMPY, holes)
        assert int(wrong.bits.sum()) == int((tree.labels(rows[list(chosen)]) != asked.labels).sum())
        two = {**holes, "tests": holes["tests"] | np.eye(4, dtype=np.bool_)[(tests + 1) % 4]}
        assert not asked.required(NUMPY, two).all()
        program = random("4-2-1", "popcount", int(rng.integers(99)), weights="ternary")
        asked = MemberQuestion(network, None, rows, program.shape, 0, chosen)
        wrong = asked.sum("errors", NUMPY, dict(zip(asked.holes, program.matrices(), strict=True)))
        assert int(wrong.bits.sum()) == int((~program.right(rows[list(chosen)], asked.labels)).sum())


def test_a_certificate_of_64_inputs(tmp_path: Path) -> None:
    for family in (LIST, CARD):
        found = bnnsat.distill(random("64-3-1", "popcount", 1), family, jobs=1)
        found.certify(tmp_path / family)
        assert "no network 64-1" in check(tmp_path / family)


@pytest.mark.parametrize("grey", [False, True])
def test_a_file_of_another_program_is_distilled(grey: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    foreign: Any = pytest.importorskip("test_foreign", reason="onnx is not installed")
    parts = foreign.chain(np.random.default_rng(0), [8, 4, 3], "sign", grey)
    file, certificate = foreign.file_of(tmp_path / "n.onnx", parts, [1, 8]), tmp_path / "certificate"
    scale = ["--input-scale", "255"] * grey
    line = ["distill", str(file), "--label", "1", "--family", TREE, "--json", "-q", "-j", "1", *scale]
    assert _run([*line, "--out", str(tmp_path / "out"), "--certificate", str(certificate)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] in ("EQUAL", "IMPOSSIBLE")
    network = opened(file, 255 if grey else None)
    rows = np.random.default_rng(1).integers(256 if grey else 2, size=(500, 8)).astype(np.uint8)
    said = Model.load(tmp_path / "out" / "model.json").predict(rows) == "1"
    differ = (said != (network.predict(rows) == 1)).any()
    assert not (differ and found["status"] == "EQUAL")
    inputs = Inputs.of(network)
    every_input = inputs.numbered(0, inputs.total)
    truth = network.codes(every_input[:, inputs.order]) == 1
    program = differing.labels_of(Model.load(tmp_path / "out" / "model.json"), every_input)
    assert found["disagreement"]["differing"] == int((program != truth).sum())
    assert check(certificate)


def test_an_estimate_says_that_it_is_one() -> None:
    found = bnnsat.distill(random("34-9-1", "popcount", 4), LIST, jobs=1)
    assert found.status == "IMPOSSIBLE" and found.disagreement is not None
    assert found.disagreement.differing is None and found.disagreement.low < found.disagreement.high
    assert "estimate" in found.claim


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_trees_have_the_fewest_errors(depth: int) -> None:
    rng, rows = np.random.default_rng(depth), every(3)
    for _ in range(20):
        chosen = rng.integers(8, size=12)
        labels = rng.integers(2, size=12)
        fewest = int((trees(3, depth)[:, chosen] != labels).sum(axis=1).min())
        tree, errors = grown(rows[chosen], labels, depth, lambda: None)
        assert errors == fewest == int((tree.labels(rows[chosen]) != labels).sum())
        bounded, more = grown(rows[chosen], labels, depth, lambda: None, 0)
        assert (more == 0) == (fewest == 0) and more == int((bounded.labels(rows[chosen]) != labels).sum())


def test_a_sketch_says_the_same_of_trees() -> None:
    """Depth 2: holes are which input each inner node tests, and what each leaf says."""

    def sketch(x: Any, tested: Any = Hole(3, 4), leaves: Any = Hole(4)) -> Any:
        require(tested.sum(axis=1) == 1)
        seen = [(tested[node] & x).any() for node in range(3)]
        paths = [(~seen[0] & ~seen[1]), (~seen[0] & seen[1]), (seen[0] & ~seen[2]), (seen[0] & seen[2])]
        return (paths[0] & leaves[0]) | (paths[1] & leaves[1]) | (paths[2] & leaves[2]) | (paths[3] & leaves[3])

    rng, statuses = np.random.default_rng(0), set()
    for _ in range(6):
        rows, labels = every(4)[rng.integers(16, size=9)], rng.integers(2, size=9)
        asked = bnnsat.minimize(sketch, examples=(rows.astype(int), labels))
        assert asked.value == grown(rows, labels, 2, lambda: None)[1]
        statuses.add(asked.value)
    assert len(statuses) > 1


def test_a_tree_is_a_network() -> None:
    rng, rows = np.random.default_rng(0), every(5)

    def drawn(depth: int) -> Tree:
        if depth == 0 or rng.random() < 0.2:
            return Tree(int(rng.integers(2)))
        return Tree.test(int(rng.integers(5)), drawn(depth - 1), drawn(depth - 1))

    for tree in (Tree(0), Tree(1), *(drawn(4) for _ in range(40))):
        settled = tree.settled()
        assert (settled.labels(rows) == tree.labels(rows)).all()
        assert (Model(settled.network(5)).predict(rows) == tree.labels(rows)).all()


def test_the_numbers_of_queries() -> None:
    assert bound.queries(2**64, 0.05, 0.05) == 948  # (44.3614 + 2.9957) / 0.05 = 947.14
    assert bound.queries(2**10, 0.1, 0.01) == 116  # (6.9315 + 4.6052) / 0.1 = 115.37
    assert bound.queries(2**10, 0.1, 0.01, 3) == 127  # ln 3 = 1.0986 more
    assert bound.fresh(0.1, 0.1) == 150  # ln 20 / 0.02 = 149.79
    assert bound.reached(2**64, 948, 0.05) <= 0.05 < bound.reached(2**64, 947, 0.05)
    low, high = bound.interval(10, 200, 0.05)
    assert high - 0.05 == pytest.approx(math.sqrt(math.log(40) / 400)) and low == 0
    sizes = {family: members(family, range(4), 2 if family == TREE else None) for family in FAMILIES}
    assert [m.programs for m in sizes[LISTS]] == [2**4, 2**10, 2**20]
    # Weights -1, 0, 1, and thresholds of 8 agreements from 0 to 9.
    assert sizes[CARD][0].programs == 81 * 10
    assert sizes[CARDS][1].programs == (81 * 10) ** 2 * (9 * 6)
    assert [m.programs for m in sizes[TREE]] == [4 * 4, 4**3 * 16]
    assert members(LIST, range(3))[0].order == (0, 1, 2, 0)


def test_a_function_is_asked_as_often_as_it_needs() -> None:
    asked = []

    def box(rows: Any) -> Any:
        asked.append(len(rows))
        assert set(np.unique(rows)) <= {0, 1} and rows.shape[1] == 8
        return (rows[:, 2] > rows[:, 6]) | (rows[:, 2] & rows[:, 3])

    found = bnnsat.distill(box, TREE, inputs=8, epsilon=0.02, delta=0.01, jobs=1)
    shapes = members(TREE, range(8))
    assert (found.status == "CONSISTENT" and found.topology == "depth 3") or found.topology == "depth 2"
    needed = bound.queries(shapes[len(found.shapes) - 1].programs, 0.02, 0.01, 3)
    assert sum(asked) == found.queries == needed
    assert found.epsilon is not None and found.epsilon <= 0.02 and found.errors == 0
    rows = every(8)
    wrong = (found.predict(rows) != box(rows.astype(np.uint8))).mean()
    assert wrong <= 0.02


def test_a_function_that_no_program_says_is_told_with_an_interval() -> None:
    found = bnnsat.distill(lambda rows: rows.sum(axis=1) % 2, LIST, inputs=10, jobs=1, seed=3)
    assert found.status == "IMPOSSIBLE" and found.epsilon is None and found.errors
    assert found.disagreement is not None and found.disagreement.low <= 0.5 <= found.disagreement.high
    assert "Hoeffding" in found.claim
    rows = every(10)
    true = (found.predict(rows) != rows.sum(axis=1) % 2).mean()
    assert found.disagreement.low <= true <= found.disagreement.high
    few = bnnsat.distill(lambda rows: rows[:, 0], TREE, inputs=10, jobs=1, max_queries=50)
    assert few.status == "CONSISTENT" and few.queries == 50
    assert few.epsilon == pytest.approx((math.log(40) + math.log(3 / 0.05)) / 50)


def test_few_queries_are_no_claim(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "model.json"
    Model(random("8-1", "half", 0)).save(model)
    assert _run(["distill", str(model), "--black-box", "--max-queries", "3", "--json", "-j", "1", "-q"]) == 0
    found = json.loads(capsys.readouterr().out)
    due = bound.queries(2**8, 0.05, 0.05)
    assert (found["status"], found["errors"], found["epsilon"]) == ("UNKNOWN", 0, None)
    assert [shape["status"] for shape in found["shapes"]] == ["UNKNOWN"]
    assert f"3 queries, inputs drawn uniformly, which are too few to claim anything of others; {due} are due" in str(
        found["claim"]
    )
    assert bnnsat.distill(random("8-1", "half", 0), black_box=True, max_queries=due, jobs=1).status == "CONSISTENT"


def test_a_certificate_that_there_is_no_time_for_leaves_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Model(random("8-1", "half", 0)).save("model.json")

    def late(*_: Any, **__: Any) -> Any:
        raise LateError("there was no proof of member.0 within the time limit")

    monkeypatch.setattr("bnnsat.distilling.distilled.certify_property", late)
    monkeypatch.setattr("bnnsat.cli.facts.certify_property", late)
    for words, said in (
        ("distill model.json -q -j 1", "EQUAL: "),
        ("verify model.json equal --other model.json", "PROVED: "),
    ):
        assert _run([*words.split(), "--time-limit", "60", "--certificate", "c"]) == 3
        captured = capsys.readouterr()
        assert captured.out.startswith(said)
        assert "the result stands, without a certificate" in captured.err and "--time-limit" in captured.err
        assert "member.0" not in captured.err and captured.err.count("\n") == 1


def test_the_python_of_the_docs_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "distill.md").read_text(), flags=re.DOTALL):
        exec(compile(block, "distill.md", "exec"), names)
    assert capsys.readouterr().out.count("CONSISTENT: ") == 2


def test_queries_may_be_rows_of_data() -> None:
    data = np.array([[0, 0, 1, 1], [1, 1, 0, 0]])

    def box(rows: Any) -> Any:
        assert all(row.tolist() in data.tolist() for row in rows)
        return rows[:, 0]

    found = bnnsat.distill(box, TREE, data=data, jobs=1)
    assert found.status == "CONSISTENT" and "rows drawn from the data" in found.claim
    network = random("4-2-1", "popcount", 0)
    assert bnnsat.distill(network, TREE, data=data, black_box=True, jobs=1).status == "CONSISTENT"


def test_one_label_of_several_is_told_from_the_rest() -> None:
    network = random("6-3", "popcount", 1, head="argmax")
    with pytest.raises(InputError, match="say with label"):
        bnnsat.distill(network)
    rows = every(6)
    truth = Model(network).predict(rows) == 2
    for family in (TREE, CARD):
        found = bnnsat.distill(network, family, label=2, closest=True, jobs=1)
        assert found.model is not None and found.model.labels == ("not 2", "2")
        differ = int(((found.predict(rows) == "2") != truth).sum())
        assert (found.status == "EQUAL") == (differ == 0)
        assert found.disagreement is not None and found.disagreement.differing == differ


@pytest.mark.parametrize(
    ("topology", "head"), [("6-3", "argmax"), ("6-4-3", "argmax"), ("6-4-3", "onehot"), ("6-2", "onehot")]
)
def test_a_label_and_the_rest_are_counted_as_all_inputs_say(topology: str, head: str) -> None:
    """Each way of counting and of proving, against plain predictions of all inputs."""
    rows, methods = every(6), set()
    for seed in range(4):
        network = Model(random(topology, "popcount", seed, head=head))
        other = Model(random("6-2-1", "popcount", seed), labels=("not 1", "1"))
        truth = network.codes(rows) == 1
        differ = int((truth != (other.codes(rows) == 1)).sum())
        for method in ("enumeration", "counts"):
            try:
                found = count(network, other=other, label=1, method=method)
            except ResourceError:
                # The argmax of one layer has no table of its counts.
                assert (method, topology, head) == ("counts", "6-3", "argmax")
                continue
            methods.add(method)
            assert (found.differing, sum(found.by_label) + found.none) == (differ, 64)
        for method in ("enumeration", "sat"):
            assert decided(equal(network, other, label=1), method).status == ("REFUTED" if differ else "PROVED")
        tree = bnnsat.distill(network, TREE, depth=2, label=1, jobs=1)
        assert tree.disagreement is not None and tree.tree is not None
        wrong = int((tree.tree.labels(rows) != truth).sum())
        assert tree.disagreement.differing == wrong
        assert _by_leaves(tree.source, network, tree.tree, time.monotonic() + 60) == wrong
    assert "enumeration" in methods


def test_a_label_of_many_inputs_is_proved_and_certified(tmp_path: Path) -> None:
    """The second of two popcounts is larger, which one card says: more inputs than are tried."""
    first = np.arange(20) < 12
    network = Model(Network.of(Shape.parse("20-2", head="argmax"), [np.stack([first, ~first])]), labels=("a", "b"))
    found = bnnsat.distill(network, CARD, label="a", jobs=1)
    assert found.status == "EQUAL" and found.source.place == 0
    found.certify(tmp_path / "certificate")
    assert "names label 'a' exactly where" in check(tmp_path / "certificate")


@pytest.mark.skipif(find_spec("sklearn") is None, reason="scikit-learn is not installed")
def test_a_random_forest_is_a_black_box() -> None:
    from sklearn.ensemble import RandomForestClassifier

    rows = every(6)
    labels = np.where(rows[:, 1] & rows[:, 4], "yes", "no")
    forest = RandomForestClassifier(5, random_state=0, max_features=None, bootstrap=False).fit(rows, labels)
    found = bnnsat.distill(forest, TREE, jobs=1)
    assert found.status == "CONSISTENT"
    assert found.rules == ["if input 1:", "    if input 4: yes", "    otherwise: no", "otherwise: no"]
    assert (found.predict(rows) == labels).all()


def test_time_and_interruption_leave_what_there_is() -> None:
    network = random("64-2-1", "half", 5)
    late = bnnsat.distill(network, LISTS, jobs=1, time_limit=0.0001)
    assert late.status == "UNKNOWN" and late.model is None and "in time" in late.claim
    steps = []

    def interrupt(step: str) -> None:
        steps.append(step)
        if step.startswith("64-2-1") and len(steps) > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bnnsat.distill(network, LISTS, jobs=1, on_step=interrupt)
    steps.clear()
    found = bnnsat.distill(network, LISTS, jobs=1, on_step=interrupt, keep_interrupted=True)
    assert found.status == "UNKNOWN" and found.topology == "64-2-1"
    assert "none of 64-1 does, proved" in found.claim


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"family": "forest"}, "unknown family"),
        ({"depth": 2}, "a depth is of trees"),
        ({"family": TREE, "depth": 0}, "from 1 to"),
        ({"epsilon": 0}, "epsilon 0"),
        ({"delta": 1.0}, "delta 1.0"),
        ({"max_queries": 0}, "max queries 0"),
        ({"inputs": 4}, "leave inputs out"),
        ({"data": [[0, 1, 0, 1]]}, "leave data out"),
        ({"source": 3}, "a int cannot be distilled"),
        ({"source": len}, "how many bits"),
        ({"source": lambda rows: rows, "inputs": 4}, "0 or 1 for each is due"),
        ({"source": lambda rows: rows[:, 0] + 1, "inputs": 4}, "black box's labels hold 2"),
        ({"label": 7}, "no label 7"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        bnnsat.distill(**{"source": random("4-1", "half", 0), "jobs": 1, **given})


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "model.json"
    Model(random("8-1", "half", 0)).save(model)
    out, certificate = tmp_path / "out", tmp_path / "certificate"
    line = ["distill", str(model), "--json", "--jobs", "1", "--out", str(out), "--certificate", str(certificate)]
    assert _run(line) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "EQUAL" and found["topology"] == "8-1" and found["errors"] == 0
    assert found.keys() >= {"family", "queries", "claim", "rules", "seconds"}
    assert _run(["check", str(certificate)]) == 0
    assert _run(["verify", str(model), "equal", "--other", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["status"] == "PROVED"
    assert _run(["distill", str(model), "--family", "tree", "--black-box", "--jobs", "1", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("IMPOSSIBLE: ") and not captured.err
    np.savez(tmp_path / "rows.npz", X=every(8)[:40])
    line = ["distill", str(model), "--black-box", "--data", str(tmp_path / "rows.npz"), "--json", "-j", "1", "-q"]
    assert _run(line) == 0
    assert "rows drawn" in json.loads(capsys.readouterr().out)["claim"]


@pytest.mark.parametrize(
    "options",
    [
        ["--family", "forest"],
        ["--epsilon", "0.1"],
        ["--black-box", "--epsilon", "2"],
        ["--black-box", "--certificate", "x"],
        ["--depth", "3"],
        ["--time-limit", "0"],
        ["--label", "7"],
    ],
)
def test_bad_options_are_one_line(options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "model.json"
    Model(random("4-1", "half", 0)).save(model)
    assert _run(["distill", str(model), *options]) == 2
    captured = capsys.readouterr()
    assert not captured.out and captured.err.count("\n") == 1


def test_what_there_was_no_time_to_try_is_not_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree of depth 3 is the parity of three bits, none of depth 1 or 2 is."""

    def slow(*given: Any, **named: Any) -> Any:
        found = fitted(*given, **named)
        # After the first shape no time is left.
        monkeypatch.setattr(Manner, "left", 0.0)
        return found

    monkeypatch.setattr(sampling, "fitted", slow)
    made = bnnsat.distill(lambda rows: rows[:, 0] ^ rows[:, 1] ^ rows[:, 2], "tree", inputs=4, depth=3, max_queries=200)
    assert [attempt.status for attempt in made.shapes] == ["IMPOSSIBLE"]
    assert made.status == "UNKNOWN" and "depth 3" not in made.claim


def test_many_neurons_that_are_alike_are_left_to_others() -> None:
    """Of each neuron's bit there is an axis in the end, however few they are without those that are alike."""
    same = Shape.parse("31-40-1")
    model = Model(Network.of(same, [np.ones(size, dtype=np.bool_) for size in same.matrices]))
    with pytest.raises(ResourceError, match=r"too many|beyond|table|counted"):
        count(model, seconds=1)


def test_a_black_box_that_contradicts_itself_is_refused() -> None:
    rng = np.random.default_rng(99)
    with pytest.raises(InputError, match="different labels of the same input"):
        bnnsat.distill(lambda rows: rng.integers(0, 2, len(rows)), "tree", inputs=5)
