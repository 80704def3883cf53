"""Certificates of VNN-LIB properties: what is true is verified, and nothing that is false or has been changed."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often
from test_certify import field

from bnnsat.boxes import answer
from bnnsat.boxes.answer import PROVED, REFUTED, UNKNOWN, Decision, decide, occurs
from bnnsat.boxes.box import Box
from bnnsat.certificates.boxes import certify_box
from bnnsat.certificates.certificate import write
from bnnsat.certificates.check import check
from bnnsat.certificates.claim import CLAIM, Claim, Statement
from bnnsat.certificates.noted import Noted, places_of
from bnnsat.certificates.patterns import Tried
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.reread import written
from bnnsat.cli import _run
from bnnsat.data.lines import sha256
from bnnsat.errors import InputError, RefusedError, ResourceError
from bnnsat.foreign.document import Written
from bnnsat.foreign.fold import Compared, Layer
from bnnsat.foreign.linear import Linear
from bnnsat.foreign.stack import Stack
from bnnsat.foreign.vnnlib import Condition
from bnnsat.questions.box import BLOCKS, INPUT, NETWORK, PROPERTY, BoxQuestion
from bnnsat.questions.within import known
from bnnsat.readings.numpy import NUMPY

pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
test_foreign = pytest.importorskip("test_foreign", reason="onnx is not installed")
test_boxes = pytest.importorskip("test_boxes", reason="onnx is not installed")

HOW = test_boxes.HOW
Places = Sequence[Any]


def asked(lower: Places, upper: Places, outputs: int, violations: Sequence[Sequence[str]]) -> bytes:
    """A property: bounds, and conditions of each case."""
    names = [f"(declare-const X_{i} Real)" for i in range(len(lower))]
    names += [f"(declare-const Y_{j} Real)" for j in range(outputs)]
    sides = enumerate(zip(lower, upper, strict=True))
    bounds = [f"(assert (>= X_{i} {a})) (assert (<= X_{i} {b}))" for i, (a, b) in sides]
    cases = [f"(and {' '.join(case)})" for case in violations]
    return "\n".join([*names, *bounds, f"(assert (or {' '.join(cases)}))"]).encode()


def others(label: int, outputs: int) -> list[list[str]]:
    """Another class has at least the label's score, a case for each."""
    return [[f"(<= Y_{label} Y_{j})"] for j in range(outputs) if j != label]


def compared(place: Path, seed: int) -> Path:
    """A random network of eight inputs that are compared one by one, with scores of any scale."""
    rng = np.random.default_rng(seed)
    parts: Any = [
        ("Mul", [rng.choice([-1, 1, 2], size=8).astype(np.float32)], {}),
        ("Add", [rng.integers(-4, 5, size=8).astype(np.float32) + np.float32(0.5 * (seed % 2))], {}),
        *test_boxes.LARQ,
        ("MatMul", [test_boxes.signs(rng, 8, 6)], {}),
        ("Add", [rng.normal(size=6).astype(np.float32)], {}),
        *test_boxes.LARQ,
        ("MatMul", [test_boxes.signs(rng, 6, 3)], {}),
    ]
    if seed % 3:
        factors = rng.integers(1, 4, size=3) if seed % 3 == 1 else rng.uniform(0.5, 2, size=3)
        parts += [("Mul", [factors.astype(np.float32)], {}), ("Add", [rng.normal(size=3).astype(np.float32)], {})]
    return Path(test_foreign.file_of(place / "n.onnx", parts, [1, 8]))


def certified(question: BoxQuestion, found: Decision, out: Path, file: Path) -> str:
    """What `check` says of the certificate."""
    certify_box(question, found, out, source={"onnx": str(file), "divisor": 1})
    return check(out)


@given(st.sampled_from(HOW), st.integers(0, 999), st.booleans())
@often(25)
def test_networks_over_numbers_have_certificates_of_what_is_true(
    tmp_path_factory: pytest.TempPathFactory, how: str, seed: int, sat: bool
) -> None:
    place, rng = tmp_path_factory.mktemp("f"), np.random.default_rng(seed)
    _, _, stack, file = test_boxes.network(place, how, seed)
    lower = rng.integers(-9, 9, size=stack.inputs)
    upper = lower.copy()
    free = rng.choice(stack.inputs, size=4, replace=False)
    upper[free] += rng.integers(1, 3, size=4)
    scores = stack.scores(stack.bits([Fraction(int(x)) for x in lower])[-1])
    network = written(file, 1)
    assert Written.loads(network.dumps(), "again").dumps() == network.dumps()
    content = asked(lower, upper, 3, others(scores.index(max(scores)), 3))
    question = BoxQuestion.on(network, content)
    # Two readings of the same intervals, one of the search and one of the certificate.
    own = known(question.network.stack, question.cases[0])
    assert all(map(np.array_equal, own, Box.of(stack, question.cases[0]).known))
    with pytest.MonkeyPatch.context() as patch:
        if sat:
            patch.setattr(answer, "WIDTHS", ())
        found = decide(stack, question.cases, seconds=0.3, seed=seed)
    ranges = [range(a, b + 1) for a, b in zip(lower.tolist(), upper.tolist(), strict=True)]
    points = [[Fraction(x) for x in point] for point in product(*ranges)]
    if any(occurs(stack, case, point) for point in points for case in question.cases):
        assert found.status != PROVED
    if found.status == UNKNOWN:
        with pytest.raises(ResourceError, match="nothing to be certified"):
            certify_box(question, found, place / "c")
        return
    said = certified(question, found, place / "c", file)
    assert said.startswith("none of 2 cases" if found.status == PROVED else "one of 2 cases")
    assert f"the network is that of {str(file)!r}" in said


@pytest.mark.parametrize("widths", [answer.WIDTHS, ()], ids=["blocks", "sat"])
def test_compared_inputs_have_certificates_of_what_is_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widths: tuple[int, ...]
) -> None:
    monkeypatch.setattr(answer, "WIDTHS", widths)
    statuses = set()
    for seed in range(6):
        file, lower, upper, ends = ends_of(tmp_path, seed)
        network = written(file, 1)
        stack = network.stack
        scores = stack.scores(stack.bits(ends[0])[-1])
        question = BoxQuestion.on(network, asked(lower, upper, 3, others(scores.index(max(scores)), 3)))
        found = decide(stack, question.cases, seconds=20, seed=seed)
        violated = any(occurs(stack, case, end) for case in question.cases for end in ends)
        assert found.status == (REFUTED if violated else PROVED)
        said = certified(question, found, tmp_path / "c", file)
        assert said.startswith("one of 2 cases" if violated else "none of 2 cases")
        statuses.add(found.status)
        for place, case in enumerate(question.cases):
            one = BoxQuestion.of({"case": place}, question.files())
            (free,) = one.holes["bits"]
            patterns = (np.array(bits, dtype=np.bool_) for bits in product((False, True), repeat=free))
            kept = [one.sum("kept", NUMPY, {"bits": bits}).bits.item() for bits in patterns]
            assert all(kept) == (not any(occurs(stack, case, end) for end in ends))
    assert statuses == {PROVED, REFUTED}


@pytest.mark.parametrize("seed", range(6))
def test_conditions_that_are_just_met_are_told_from_those_that_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # Some sums bit by bit, some as binary numbers.
    monkeypatch.setattr("bnnsat.questions.undecided.MOST_UNARY", 0 if seed % 2 else 1000)
    file, lower, upper, ends = ends_of(tmp_path, seed)
    network = written(file, 1)
    stack = network.stack
    best = max(ends, key=lambda end: stack.scores(stack.bits(end)[-1])[1])
    score = stack.scores(stack.bits(best)[-1])[1]
    every = Noted(((8, (np.arange(places_of(stack)),)),), {0: (0, 0)}).dumps()
    statement = Statement({"kept": 0}, name="kept", counted=True)
    for more in (Fraction(0), Fraction(1, 2**80)):
        question = BoxQuestion.on(network, asked(lower, upper, 3, [[f"(>= Y_1 {decimal(score + more)})"]]))
        claim = Claim("box", question.noted(), (), (statement,))
        write(claim, {**question.files(), BLOCKS: every}, tmp_path / "c", Prover())
        reached = Decision(REFUTED, tuple(best), (), "descent", 0, 0.0)
        proof = Claim("box", question.noted(), (), (Statement({"kept": 0}, {"case": 0}, "case-0"),))
        if more:
            assert check(tmp_path / "c").startswith("none of 1 case")
            with pytest.raises(InputError, match="no case occurs"):
                certify_box(question, reached, tmp_path / "d")
            write(proof, question.files(), tmp_path / "d", Prover())
            assert check(tmp_path / "d").startswith("case 0 does not occur")
        else:
            with pytest.raises(RefusedError, match="not shown to be impossible"):
                check(tmp_path / "c")
            assert certified(question, reached, tmp_path / "d", file).startswith("one of 1 case")
            with pytest.raises(InputError, match="exists"):
                write(proof, question.files(), tmp_path / "e", Prover())


def ends_of(place: Path, seed: int) -> tuple[Path, list[int], list[int], list[list[Fraction]]]:
    """A network of compared inputs, bounds, and their corners: each comparison is decided at one of the ends."""
    rng = np.random.default_rng(seed)
    lower = rng.integers(-6, 3, size=8)
    upper = lower + rng.integers(0, 4, size=8)
    ends = product(*zip(lower.tolist(), upper.tolist(), strict=True))
    return compared(place, seed), lower.tolist(), upper.tolist(), [[Fraction(x) for x in end] for end in ends]


def decimal(number: Fraction) -> str:
    """A fraction of a power of two in decimal digits, all of them."""
    power = number.denominator.bit_length() - 1
    digits = str(abs(number.numerator) * 5**power).rjust(power + 1, "0")
    return ("-" if number < 0 else "") + (f"{digits[: len(digits) - power]}.{digits[len(digits) - power :]}")


@given(st.sampled_from(HOW), st.integers(0, 999), st.data())
@often(25)
def test_no_blocks_show_what_is_false(tmp_path_factory: pytest.TempPathFactory, how: str, seed: int, data: Any) -> None:
    place, rng = tmp_path_factory.mktemp("f"), np.random.default_rng(seed)
    _, _, stack, file = test_boxes.network(place, how, seed)
    center = rng.integers(-9, 9, size=stack.inputs)
    point = center + rng.integers(-1, 2, size=stack.inputs)
    scores = stack.scores(stack.bits([Fraction(int(x)) for x in point])[-1])
    label, other = (int(x) for x in np.argsort([-float(score) for score in scores], kind="stable")[1:])
    # It occurs at that point.
    content = asked(center - 1, center + 1, 3, [[f"(<= Y_{other} Y_{label})", "(<= Y_0 Y_0)"]])
    question = BoxQuestion.on(written(file, 1), content)
    places, bits = places_of(stack), data.draw(st.integers(0, 8))
    owner = rng.integers(0, data.draw(st.integers(1, places)), size=places)
    blocks = tuple(np.flatnonzero(owner == block) for block in np.unique(owner))
    noted = Noted(((bits, blocks),), {0: (data.draw(st.integers(0, 1)), 0)})
    files = {**question.files(), BLOCKS: noted.dumps()}
    claim = Claim("box", question.noted(), (), (Statement({"kept": 0}, name="kept", counted=True),))
    write(claim, files, place / "c", Prover())
    with pytest.raises(RefusedError, match="not shown to be impossible"):
        check(place / "c")
    proved = Claim("box", question.noted(), (), (Statement({"kept": 0}, {"case": 0}, "case-0"),))
    with pytest.raises(InputError, match=r"exists|too many bits"):
        write(proved, question.files(), place / "d", Prover())


def made(rng: np.random.Generator, *, numbers: bool, pooled: bool) -> Stack:
    """A network with windows of any places, also what is not there and the same value twice, and maxima of any sums."""

    def layer(values: int, places: int, *, whole: bool) -> Layer:
        windows = rng.integers(0, values + 1, size=(places, 3))
        maxima = rng.integers(0, places, size=(places - 1, 2)) if pooled else None
        linear = Linear(windows, test_boxes.signs(rng, 2, 3).astype(np.int8), maxima, values)
        outputs = linear.outputs
        least = [Fraction(int(x), 1 if whole else 3) for x in rng.integers(-3, 4, size=outputs)]
        return Layer(linear, least, np.zeros(outputs, dtype=np.bool_), np.zeros(outputs, dtype=np.bool_))

    edges: list[Fraction | None] = [None, *(Fraction(int(x), 2) for x in rng.integers(-3, 4, size=3))]
    no = np.zeros(4, dtype=np.bool_)
    first = None if numbers else Compared(rng.choice([-1, 1], size=4).astype(np.int8), [], edges, ~no, no, no)
    one = layer(4, 4, whole=not numbers)
    two = layer(one.linear.outputs, 3, whole=True)
    values = two.linear.outputs
    order = rng.permutation(values)[np.newaxis]
    last = Linear(order, test_boxes.signs(rng, 3, values).astype(np.int8), None, values)
    scale, shift = (tuple(Fraction(int(x), int(rng.choice([1, 3]))) for x in rng.integers(-3, 4, 3)) for _ in "ab")
    return Stack(4, (1, 4), first, (one, two), last, scale, shift)


@given(st.integers(0, 9999), st.booleans(), st.booleans(), st.data())
@often(100)
def test_the_least_of_all_patterns_is_found(seed: int, numbers: bool, pooled: bool, data: Any) -> None:
    rng = np.random.default_rng(seed)
    stack = made(rng, numbers=numbers, pooled=pooled)
    # Any bits of the layer before may be undecided.
    before = rng.integers(0, 2, size=stack.layers[0].linear.outputs)
    before[rng.choice(len(before), size=data.draw(st.integers(1, 5)), replace=False)] = -1
    free = np.flatnonzero(before == -1)
    patterns = np.array(list(product((False, True), repeat=len(free))), dtype=np.bool_)
    rows = np.repeat((before == 1)[np.newaxis], len(patterns), axis=0)
    rows[:, free] = patterns
    last = replace(stack, first=None).behind(rows)[-1]
    bits = [before.astype(np.int8), np.where((last == last[0]).all(axis=0), last[0], -1).astype(np.int8)]
    denominators = [int(data.draw(st.sampled_from([1, 3, 2**60 + 1]))) for _ in range(3)]
    weights = tuple(Fraction(int(w), d) for w, d in zip(rng.integers(-3, 4, 3), denominators, strict=True))
    scores = [stack.scores(row) for row in last]
    least = min(sum((w * s for w, s in zip(weights, score, strict=True)), Fraction(0)) for score in scores)
    places = places_of(stack)
    owner = rng.integers(0, data.draw(st.integers(1, 3)), size=places)
    parts = tuple(np.flatnonzero(owner == block) for block in np.unique(owner))
    reached, below = Condition(weights, least), Condition(weights, least - Fraction(1, 1000))
    for way in ((16, (np.arange(places),)), (data.draw(st.integers(0, 6)), parts)):
        told = Tried(stack).impossible(bits, way, [reached, below])
        # All patterns together are exact, those of several blocks may not go together.
        assert told == [False, True] if way[0] == 16 else not told[0]


@given(st.integers(0, 9999), st.booleans(), st.booleans())
@often(60)
def test_intervals_and_formulas_leave_nothing_out(seed: int, numbers: bool, pooled: bool) -> None:
    rng = np.random.default_rng(seed)
    stack = made(rng, numbers=numbers, pooled=pooled)
    network = Written(stack, (), "0" * 64)
    assert Written.loads(network.dumps(), "again").dumps() == network.dumps()
    lower = rng.integers(-3, 2, size=4)
    upper = lower + rng.integers(0, 3, size=4)
    ends = zip(lower.tolist(), upper.tolist(), strict=True)
    points = [[Fraction(x, 2) for x in point] for point in product(*(range(2 * a, 2 * b + 1) for a, b in ends))]
    weights, score = rng.integers(-2, 3, size=3).tolist(), [stack.scores(stack.bits(point)[-1]) for point in points]
    least = min(sum((w * s for w, s in zip(weights, one, strict=True)), Fraction(0)) for one in score)
    terms = " ".join(f"(* {w} Y_{j})" for j, w in enumerate(weights))
    # 3 is the largest denominator of the scores, and of their least sum.
    question = BoxQuestion.on(
        network, asked(lower.tolist(), upper.tolist(), 3, [[f"(<= (* 9 (+ {terms})) {decimal(9 * least)})"]])
    )
    case = BoxQuestion.of({"case": 0}, question.files())
    for point in points:
        assert all(((own == -1) | (own == bits)).all() for own, bits in zip(case.known, stack.bits(point), strict=True))
    own = Box.of(stack, question.cases[0]).known
    assert all(map(np.array_equal, own, case.known))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bnnsat.questions.undecided.MOST_UNARY", 0 if seed % 2 else 1000)
        kept: dict[tuple[bool, ...], bool] = {}
        for point in points:
            bits = stack.bits(point)[0][case.known[0] == -1]
            if (pattern := tuple(bits.tolist())) not in kept:
                kept[pattern] = case.sum("kept", NUMPY, {"bits": bits}).bits.item()
            assert kept[pattern] == (not occurs(stack, question.cases[0], point))


def changed(folder: Path, name: str, how: Callable[[str], str]) -> None:
    """Change a file, and every digest of it."""
    before = (folder / name).read_text()
    after = how(before)
    assert after != before
    (folder / name).write_text(after)
    if name != CLAIM:
        claim = (folder / CLAIM).read_text().replace(sha256(before.encode()), sha256(after.encode()))
        (folder / CLAIM).write_text(claim)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of two cases that are counted, in several blocks, and of one with a proof."""
    place = tmp_path_factory.mktemp("proved")
    _, _, stack, file = test_boxes.network(place, "padded", 0)
    rng = np.random.default_rng(0)
    lower = rng.integers(-9, 9, size=stack.inputs)
    upper = lower.copy()
    upper[rng.choice(stack.inputs, size=4, replace=False)] += rng.integers(1, 3, size=4)
    scores = stack.scores(stack.bits([Fraction(int(x)) for x in lower])[-1])
    label = scores.index(max(scores))
    cases = others(label, 3)
    question = BoxQuestion.on(written(file, 1), asked(lower, upper, 3, [*cases, [*cases[0], *cases[1]]]))
    found = decide(stack, question.cases, seconds=5)
    assert found.status == PROVED and len(found.shown) == 3
    shown = tuple(one for one in found.shown if one.case < 2)
    certify_box(question, Decision(PROVED, (), (), "sat", 0, 0.0, shown), place / "c")
    said = check(place / "c")
    assert "2 cases by counting" in said and "the others by proofs; case 2 does not occur" in said
    return place / "c"


def copied(folder: Path, out: Path) -> Path:
    """The certificate, to be changed."""
    out.mkdir()
    for file in folder.iterdir():
        (out / file.name).write_bytes(file.read_bytes())
    return out


def moved_block(noted: Any) -> Any:
    """The first place of the first block is in the second, too."""
    first, second, *rest = noted
    return [first, f"{second} {first.split()[0]}", *rest]


OTHERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "wider bounds": (PROPERTY, lambda text: text.replace("(>= X_0 ", "(>= X_0 -").replace("--", "-9")),
    "wider bounds of all": (PROPERTY, lambda text: text.replace("(>= X_", "(>= (* 0.001 X_").replace("))", ")))")),
    "another condition": (PROPERTY, lambda text: text.replace("(<= Y_", "(>= Y_")),
    "one case more": (PROPERTY, lambda text: text.replace("(or ", "(or (<= Y_0 Y_0) ")),
    "a kernel": (NETWORK, field("layers", 1, "kernels", 0, value=lambda row: "".join("+-"[c == "+"] for c in row))),
    "a weight of the last": (NETWORK, field("last", "kernels", value=lambda rows: rows[1:] + rows[:1])),
    "a threshold": (NETWORK, field("layers", 0, "thresholds", value=lambda rows: ["0"] * len(rows))),
    "a threshold that is none": (NETWORK, field("layers", 1, "thresholds", 0, value="1/2")),
    "a threshold beyond any": (NETWORK, field("layers", 1, "thresholds", 0, value="9" * 1900)),
    "no number": (NETWORK, field("layers", 0, "thresholds", 0, value="nan")),
    "a number with an exponent": (NETWORK, field("scale", 0, value="1e999999999")),
    "a number of JSON": (NETWORK, field("scale", 0, value=0.5)),
    "a window beyond": (NETWORK, field("layers", 0, "windows", 0, value=lambda row: "99 " + row.partition(" ")[2])),
    "a window below": (NETWORK, field("layers", 0, "windows", 0, value=lambda row: "-1 " + row.partition(" ")[2])),
    "no layers": (NETWORK, field("layers", value=[])),
    "a network of what it is not": (NETWORK, field("dims", value=[1, 10**30])),
    "other inputs": (NETWORK, field("dims", value=[1, 16])),
    "an end of scores": (NETWORK, field("ended", value=["ArgMax"])),
    "a dropped case": (BLOCKS, field("cases", value=lambda cases: cases[:1])),
    "a case twice": (BLOCKS, field("cases", value=lambda cases: cases * 2)),
    "a condition before the first": (BLOCKS, field("cases", 0, 1, value=-1)),
    "a condition beyond": (BLOCKS, field("cases", 0, 1, value=1)),
    "a way beyond": (BLOCKS, field("cases", 0, 2, value=7)),
    "a case that is true": (BLOCKS, field("cases", 1, 0, value=True)),
    "a moved block": (BLOCKS, field("parts", 0, "blocks", value=moved_block)),
    "a block left out": (BLOCKS, field("parts", 0, "blocks", value=lambda blocks: blocks[1:])),
    "a place below": (BLOCKS, field("parts", 0, "blocks", 0, value=lambda block: f"-1 {block}")),
    "more patterns than are tried": (BLOCKS, field("parts", 0, "bits", value=60)),
    "no patterns": (BLOCKS, field("parts", 0, "bits", value=None)),
    "no blocks": (BLOCKS, lambda text: "{}"),
    "a case of the proof": (CLAIM, field("impossible", 1, "changes", "case", value=0)),
    "no case of the proof": (CLAIM, field("impossible", 1, "changes", value={})),
    "a case that there is not": (CLAIM, field("impossible", 1, "changes", "case", value=3)),
    "a proof that is counted": (CLAIM, field("impossible", 1, "counted", value=True)),
    "a case counted that is not noted": (
        CLAIM,
        field("impossible", 1, value=lambda one: {**one, "counted": True, "trees": None}),
    ),
    "the proof left out": (CLAIM, field("impossible", value=lambda statements: statements[:1])),
    "no counting": (CLAIM, field("impossible", 0, "counted", value=False)),
    "more than is counted": (CLAIM, field("impossible", 0, "sums", "kept", value=1)),
    "no sums": (CLAIM, field("impossible", 0, "sums", value={})),
    "a violation": (CLAIM, field("attained", value=[{"sums": {"kept": 0}}])),
    "another kind": (CLAIM, field("question", value="change")),
    "a proof that is none": ("case-2.drat", lambda text: "x" + text),
    "a clause": ("case-2.cnf", lambda text: text.replace("\n-", "\n", 1)),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_has_been_changed_is_refused(what: str, proved: Path, tmp_path: Path) -> None:
    folder = copied(proved, tmp_path / "c")
    changed(folder, *OTHERS[what])
    with pytest.raises(RefusedError) as refusal:
        check(folder)
    assert "\n" not in str(refusal.value)


VALID = {"a kernel", "a weight of the last", "a threshold"}
"""Changes of the network that make another one, which the ONNX file tells."""


@pytest.mark.parametrize("what", [what for what, (name, _) in OTHERS.items() if name == NETWORK and what not in VALID])
def test_texts_of_no_network_are_refused(what: str, proved: Path) -> None:
    text = (proved / NETWORK).read_text()
    Written.loads(text.encode(), NETWORK)
    with pytest.raises((InputError, KeyError, TypeError, ValueError)):
        Written.loads(OTHERS[what][1](text).encode(), NETWORK)


def test_scores_of_too_many_digits_are_refused(proved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = field("shift", value=["1/3", "1/5", "1/7"])((proved / NETWORK).read_text()).encode()
    Written.loads(text, NETWORK)
    monkeypatch.setattr("bnnsat.foreign.document.MOST_BITS", 6)
    with pytest.raises(InputError, match="too many digits"):
        Written.loads(text, NETWORK)


def test_a_case_does_not_speak_for_itself(proved: Path, tmp_path: Path) -> None:
    claim = Claim.loads((proved / CLAIM).read_bytes())
    files = {name: (proved / name).read_bytes() for name in (NETWORK, PROPERTY, BLOCKS)}
    every, one = (Statement(s.sums, s.changes, s.name, counted=True) for s in claim.impossible)
    for place, statements in enumerate(((every, one), (one,))):
        write(Claim("box", claim.noted, (), statements), files, tmp_path / str(place), Prover())
        with pytest.raises(RefusedError, match="nothing says that case 2"):
            check(tmp_path / str(place))


def test_a_violation_is_replayed_exactly(tmp_path: Path) -> None:
    file = compared(tmp_path, 3)
    network = written(file, 1)
    stack = network.stack
    # The bit of input 0 changes at its edge, and that decides.
    edge = stack.first.edges[0] if stack.first is not None else None
    assert edge is not None
    rng = np.random.default_rng(0)
    for _ in range(200):
        point = [Fraction(int(x)) for x in rng.integers(-5, 6, size=8)]
        step = Fraction(1, 10**20) * (1 if stack.first is not None and stack.first.turned[0] < 0 else -1)
        at, beside = ([first, *point[1:]] for first in (edge, edge + step))
        there, past = (stack.scores(stack.bits(one)[-1]) for one in (at, beside))
        if there[0] < past[0]:
            break
    lower, upper = ([str(int(x)) for x in point] for _ in range(2))
    lower[0], upper[0] = "-99", "99"
    content = asked(lower, upper, 3, [[f"(<= Y_0 {decimal(there[0])})"]])
    question = BoxQuestion.on(network, content)
    found = Decision(REFUTED, tuple(at), tuple(there), "descent", 0, 0.0)
    assert "one of 1 case of property.vnnlib" in certified(question, found, tmp_path / "c", file)
    lines = (tmp_path / "c" / INPUT).read_text().splitlines()
    for wrong in (str(edge + step), "nan", "1e99999999", "1/0", "", "100", "9" * 3000, "0x1", f"1/{2**9000}"):
        folder = copied(tmp_path / "c", tmp_path / f"w{len(list(tmp_path.iterdir()))}")
        changed(folder, INPUT, lambda _, wrong=wrong: "\n".join([wrong, *lines[1:]]) + "\n")  # type: ignore[misc]
        with pytest.raises(RefusedError):
            check(folder)
    with pytest.raises(InputError, match="no case occurs"):
        certify_box(question, Decision(REFUTED, tuple(beside), tuple(past), "descent", 0, 0.0), tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_cases_of_nothing_and_without_conditions(tmp_path: Path) -> None:
    file = compared(tmp_path, 0)
    network = written(file, 1)
    zero, one = [0] * 8, [1] * 8
    none = BoxQuestion.on(network, asked(one, zero, 3, others(0, 3)))
    assert none.cases == () and decide(network.stack, none.cases).status == PROVED
    assert "none of 0 cases" in certified(none, decide(network.stack, none.cases), tmp_path / "c", file)
    free = BoxQuestion.on(network, asked(zero, one, 3, [["(<= X_0 1)"], ["(<= Y_0 -99)"]]))
    found = decide(network.stack, free.cases)
    assert found.status == REFUTED
    assert "one of 2 cases" in certified(free, found, tmp_path / "d", file)
    for number in (-1, 2, True, "0", 0.0):
        with pytest.raises(InputError, match="there is no case"):
            BoxQuestion.of({"case": number}, free.files())
    # Of a case without conditions nothing can be impossible.
    wrong = Noted(((1, (np.arange(1),)),), {0: (0, 0), 1: (0, 0)})
    statement = Statement({"kept": 0}, name="kept", counted=True)
    files = {**free.files(), BLOCKS: wrong.dumps()}
    write(Claim("box", free.noted(), (), (statement,)), files, tmp_path / "e", Prover())
    with pytest.raises(RefusedError, match="has no condition 0"):
        check(tmp_path / "e")
    # Behind a Softmax only the order of scores is known.
    ordered = Written(network.stack, ("Softmax",), network.sha256)
    with pytest.raises(InputError, match="only the order"):
        BoxQuestion.on(ordered, asked(zero, one, 3, [["(<= Y_0 -99)"]]))


def test_the_network_is_held_against_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = compared(tmp_path, 0)
    question = BoxQuestion.on(written(file, 1), asked([0] * 8, [0] * 8, 3, [["(<= Y_0 -99)"]]))
    found = decide(question.network.stack, question.cases)
    assert "the network is that of" in certified(question, found, tmp_path / "c", file)
    other = tmp_path / "o"
    other.mkdir()
    moved = compared(other, 1)
    with pytest.raises(RefusedError, match="is not the ONNX file"):
        check(tmp_path / "c", data=moved)
    (other / "same.onnx").write_bytes(file.read_bytes())
    moved.replace(file)
    assert "is another one now" in check(tmp_path / "c")
    file.unlink()
    assert "not compared with an ONNX file" in check(tmp_path / "c")
    assert "the network is that of" in check(tmp_path / "c", data=other / "same.onnx")
    # The file's name with another network: its digest alone is not enough.
    folder = copied(tmp_path / "c", tmp_path / "f")
    changed(folder, NETWORK, field("shift", 0, value="1/8"))
    with pytest.raises(RefusedError, match="has another network"):
        check(folder, data=other / "same.onnx")
    changed(folder, CLAIM, field("source", "divisor", value=0))
    with pytest.raises(RefusedError, match="the source"):
        check(folder)
    certify_box(question, found, tmp_path / "g")
    assert "as the certificate has it" in check(tmp_path / "g")
    assert "the network is that of" in check(tmp_path / "g", data=other / "same.onnx")
    monkeypatch.setattr("bnnsat.certificates.reread.find_spec", lambda _: None)
    assert "onnx is not installed" in check(tmp_path / "g", data=other / "same.onnx")


def test_the_command_certifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, _, stack, file = test_boxes.network(tmp_path, "pooled", 1)
    point = np.random.default_rng(1).integers(-9, 9, size=stack.inputs)
    scores = stack.scores(stack.bits([Fraction(int(x)) for x in point])[-1])
    label = scores.index(max(scores))
    for name, cases in ((PROVED, others(label, 3)), (REFUTED, [[f"(<= Y_{(label + 1) % 3} Y_{label})"]])):
        out, path = tmp_path / name, tmp_path / "p.vnnlib.gz"
        path.write_bytes(gzip.compress(asked(point, point, 3, cases)))
        command = ["verify", str(file), "--vnnlib", str(path), "--certificate", str(out)]
        assert _run([*command, "--json"]) == 0
        printed = capsys.readouterr()
        assert json.loads(printed.out)["status"] == name and printed.err == f"wrote {out}\n"
        assert _run(["check", str(out), "--quiet"]) == 0
        # A certificate is replaced, and nothing else is.
        assert _run(command) == 0
        (out / "mine.txt").write_text("mine")
        capsys.readouterr()
        assert _run(command) == 2
        printed = capsys.readouterr()
        assert not printed.out and printed.err.count("\n") == 1
    # Where nothing was decided the answer is printed, and no certificate written.
    path.write_bytes(gzip.compress(asked(point - 1, point + 1, 3, others(label, 3))))
    command = ["verify", str(file), "--vnnlib", str(path), "--certificate", str(tmp_path / "u"), "--time-limit", "1e-6"]
    assert _run(command) == 3
    printed = capsys.readouterr()
    assert printed.out.startswith("UNKNOWN") and "nothing to be certified" in printed.err
    assert not (tmp_path / "u").exists()


def test_a_result_stands_where_a_formula_would_be_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(answer, "WIDTHS", ())
    monkeypatch.setattr("bnnsat.questions.undecided.MOST_COUNTED", -1)
    file, _, _, ends = ends_of(tmp_path, 0)
    low, high = ([str(float(x)) for x in end] for end in (ends[0], ends[0]))
    (tmp_path / "p.vnnlib").write_bytes(asked(low, high, 3, [["(<= Y_0 -7)"]]))
    command = ["verify", str(file), "--vnnlib", str(tmp_path / "p.vnnlib"), "--certificate", str(tmp_path / "c")]
    assert _run(command) == 3
    printed = capsys.readouterr()
    assert printed.out.startswith("PROVED") and "the result stands, without a certificate" in printed.err
    assert printed.err.count("\n") == 1 and not (tmp_path / "c").exists()


def test_checking_shares_nothing_with_the_search(proved: Path) -> None:
    code = "import sys; from bnnsat.certificates.check import check; check(sys.argv[1]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(proved)], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[1] for name in done.stdout.split() if name.startswith("bnnsat.")}
    assert loaded.isdisjoint({"boxes", "search", "solvers", "circuit", "encodings", "verification", "cli"})


def test_more_patterns_than_there_is_time_for_are_not_tried(proved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bnnsat.certificates.patterns.MOST_STEPS", 100)
    with pytest.raises(RefusedError, match="more patterns than are tried"):
        check(proved)


@pytest.mark.parametrize("together", [1, 4096])
def test_patterns_are_tried_in_any_portions(together: int, proved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bnnsat.certificates.patterns.AT_ONCE", together)
    monkeypatch.setattr("bnnsat.certificates.patterns.TOGETHER", 1)
    assert "2 cases by counting" in check(proved)
