"""Networks over numbers and VNN-LIB: convolutions as their runtime does them, violations that are, proofs that hold."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often

from bnnsat.boxes import answer
from bnnsat.boxes.answer import PROVED, REFUTED, UNKNOWN, decide, occurs
from bnnsat.boxes.blocks import clusters, least_sums
from bnnsat.boxes.box import Box
from bnnsat.cli import _run
from bnnsat.errors import InputError
from bnnsat.foreign.fold import Layer
from bnnsat.foreign.imported import imported
from bnnsat.foreign.linear import Linear
from bnnsat.foreign.replay import replayed_numbers
from bnnsat.foreign.rows import as_rows
from bnnsat.foreign.stack import Stack, read_stack
from bnnsat.foreign.vnnlib import Case, Condition, cases_of, read_vnnlib
from bnnsat.model import Model
from bnnsat.verification.minimum import minimum

onnx: Any = pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
test_foreign = pytest.importorskip("test_foreign", reason="onnx is not installed")

ROOT = Path(__file__).resolve().parents[1]
Parts = list[tuple[str, list[Any], dict[str, Any]]]
LARQ: Parts = [("Sign", [], {}), ("Add", [np.float32(0.1)], {}), ("Sign", [], {})]


def signs(rng: np.random.Generator, *size: int) -> Any:
    """Random weights."""
    return rng.choice([-1, 1], size=size).astype(np.float32)


def convolutional(rng: np.random.Generator, side: int, channels: Sequence[int], pool: str, last: int) -> Parts:
    """A random network in the forms in which convolutional ones are exported."""
    parts: Parts = [("Transpose", [], {"perm": [0, 3, 1, 2]})]
    for place, (n, m) in enumerate(pairwise(channels)):
        attributes: dict[str, Any] = {"kernel_shape": [2, 2]}
        if pool == "padded" and place == 0:
            attributes["pads"] = [1, 0, 1, 0]
        if pool == "strided":
            attributes |= {"strides": [2, 1]}
        bias = [rng.normal(size=m).astype(np.float32)] if pool == "biased" and place else []
        parts.append(("Conv", [signs(rng, m, n, 2, 2), *bias], attributes))
        rows = side + (2 if "pads" in attributes else 0) - 1
        side_rows = (rows + 1) // 2 if pool == "strided" else rows
        if pool == "pooled" and place == 0:
            parts.append(("MaxPool", [], {"kernel_shape": [2, 2], "strides": [1, 1]}))
            side_rows -= 1
        falls = pool not in ("pooled", "bits pooled")
        scale = rng.uniform(0.5, 2, m) * (np.where(rng.random(m) < 0.5, 1, -1) if falls else 1)
        bn = [scale, rng.normal(size=m), rng.normal(size=m) * 3, rng.uniform(0.5, 2, m)]
        parts.append(("BatchNormalization", [array.astype(np.float32) for array in bn], {}))
        parts += [("Transpose", [], {"perm": [0, 2, 3, 1]}), *LARQ, ("Transpose", [], {"perm": [0, 3, 1, 2]})]
        if pool == "bits pooled" and place == 0:
            parts.append(("MaxPool", [], {"kernel_shape": [2, 1]}))
            side_rows -= 1
        side = side_rows
    parts.append(("Transpose", [], {"perm": [0, 2, 3, 1]}))
    return [*parts, ("Flatten", [], {}), ("MatMul", [last], {}), ("Softmax", [], {})]


def network(place: Path, how: str, seed: int) -> tuple[Any, Any, Stack, Path]:
    """A random convolutional network over numbers, read."""
    rng = np.random.default_rng(seed)
    side, channels = 4, [2, 3, 3] if how != "pooled" else [1, 3, 2]
    parts = convolutional(rng, side, channels, how, 0)
    # What is left of each side is what onnx says it is.
    probe = [*parts[:-2]]
    file = test_foreign.file_of(place / "probe.onnx", probe, [1, side, side, channels[0]])
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    size = session.run(None, {"x": np.zeros((1, side, side, channels[0]), np.float32)})[0].size
    parts[-2] = ("MatMul", [signs(rng, size, 3)], {})
    file = test_foreign.file_of(place / "n.onnx", parts, [1, side, side, channels[0]])
    return *read_stack(file), file


HOW = ("plain", "padded", "strided", "biased", "pooled", "bits pooled")


@given(st.sampled_from(HOW), st.integers(0, 999))
@often(40)
def test_convolutions_are_what_their_runtime_makes_of_them(
    tmp_path_factory: pytest.TempPathFactory, how: str, seed: int
) -> None:
    graph, walk, stack, file = network(tmp_path_factory.mktemp("f"), how, seed)
    rng = np.random.default_rng(seed)
    rows = [[Fraction(int(x), 4) for x in row] for row in rng.integers(-40, 40, size=(20, stack.inputs)).tolist()]
    replayed_numbers(file, graph, walk, stack, rows)


@given(st.sampled_from(HOW), st.booleans(), st.integers(0, 999))
@often(30)
def test_convolutions_of_bits_are_models(
    tmp_path_factory: pytest.TempPathFactory, how: str, grey: bool, seed: int
) -> None:
    place, rng = tmp_path_factory.mktemp("f"), np.random.default_rng(seed)
    _, _, stack, file = network(place, how, seed)
    if grey:
        side = np.sqrt(stack.inputs / stack.dims[3]).astype(int).item()
        levels = (rng.random(stack.dims[1:]) * 255 + 0.01).astype(np.float32)
        factors = rng.choice([-1, 1], size=stack.dims[1:]).astype(np.float32)
        parts = convolutional(rng, side, [2, 3, 3] if how != "pooled" else [1, 3, 2], how, 0)
        parts[-2] = ("MatMul", [signs(rng, stack.last.values, 3)], {})
        before: Parts = [("Sub", [levels], {}), ("Mul", [factors], {}), *LARQ]
        file = test_foreign.file_of(place / "g.onnx", [*before, *parts], list(stack.dims))
    found = imported(file)
    found.replay(found.random(100, seed))
    model = found.model
    assert Model.loads(model.dumps(), "again") == model
    # What is asked of other models is asked of these: where one raw input is enough, that is found.
    row = found.random(1, seed + 1)
    answer = minimum(model, row[0], norm="l0", tied="keeps", seconds=20)
    (label,) = model.codes(model.bits(row))
    once = row ^ 1 if not grey else np.where(model.bits(row), 0, 255)
    steps = np.where(np.eye(stack.inputs, dtype=bool), once, row).astype(np.uint8)
    changed = model.codes(model.bits(steps)) != label
    assert (answer.value == 1) == changed.any()
    if answer.value is not None:
        assert (np.asarray(answer.counterexample) != row[0]).sum() == answer.value
        assert model.codes(model.bits(np.asarray(answer.counterexample)[np.newaxis]))[0] != label


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pooled", [None, np.array([[0, 1], [1, 2], [2, 2]])])
def test_maxima_of_sums_are_ors_of_neurons(pooled: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    windows = np.array([[0, 1], [1, 2], [2, 3]])
    linear = Linear(windows, signs(rng, 2, 2).astype(np.int8), pooled, 3)
    least = rng.integers(-3, 4, size=6)
    layer = Layer(linear, [Fraction(int(x)) for x in least], np.zeros(6, bool), np.zeros(6, bool))
    rows = 2 * np.array(list(product([0, 1], repeat=3))) - 1
    there = linear.sums(rows.astype(np.float32)) >= least
    for matrix, of in as_rows(layer):
        rows = np.where(rows @ matrix.T.astype(np.int64) >= of, 1, -1)
    assert np.array_equal(rows > 0, there)


def test_large_convolutions_are_no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bnnsat.foreign.rows.MOST_WEIGHTS", 100)
    _, _, _, file = network(tmp_path, "plain", 0)
    with pytest.raises(InputError, match=r"layer 1 has 864 weights.*up to 100"):
        imported(file)
    # Maxima have weights, too: 12 neurons read up to 48.
    _, _, _, file = network(tmp_path, "pooled", 0)
    with pytest.raises(InputError, match=r"layer 1 has 1,008 weights"):
        imported(file)


def cases(stack: Stack, lower: Sequence[int], upper: Sequence[int], label: int) -> tuple[Case, ...]:
    """Another class has at least the label's score."""
    found = []
    for other in range(len(stack.scale)):
        if other != label:
            weights = [Fraction((j == label) - (j == other)) for j in range(len(stack.scale))]
            bounds = (tuple(map(Fraction, side)) for side in (lower, upper))
            found.append(Case(*bounds, (Condition(tuple(weights), Fraction(0)),)))  # type: ignore[arg-type, call-arg]
    return tuple(found)


@given(st.sampled_from(HOW), st.integers(0, 999), st.integers(0, 3))
@often(40)
def test_answers_hold_at_all_whole_points(
    tmp_path_factory: pytest.TempPathFactory, how: str, seed: int, free: int
) -> None:
    _, _, stack, _ = network(tmp_path_factory.mktemp("f"), how, seed)
    rng = np.random.default_rng(seed)
    lower = rng.integers(-9, 9, size=stack.inputs)
    upper = lower.copy()
    places = rng.choice(stack.inputs, size=2 * free, replace=False)
    upper[places] += rng.integers(1, 3, size=len(places))
    scores = stack.scores(stack.bits([Fraction(int(x)) for x in lower])[-1])
    asked = cases(stack, lower.tolist(), upper.tolist(), scores.index(max(scores)))
    found = decide(stack, asked, seconds=0.5, seed=seed)
    ranges = [range(a, b + 1) for a, b in zip(lower.tolist(), upper.tolist(), strict=True)]
    violated = any(occurs(stack, case, [Fraction(x) for x in point]) for point in product(*ranges) for case in asked)
    if found.status == REFUTED:
        assert any(occurs(stack, case, found.counterexample) for case in asked)
    elif found.status == PROVED:
        assert not violated
    if free == 0:
        assert found.status == (REFUTED if violated else PROVED)


@given(st.integers(0, 999), st.integers(1, 7))
@often(60)
def test_sums_are_never_above_the_least(tmp_path_factory: pytest.TempPathFactory, seed: int, width: int) -> None:
    _, _, stack, _ = network(tmp_path_factory.mktemp("f"), HOW[seed % len(HOW)], seed)
    rng = np.random.default_rng(seed)
    center = rng.integers(-9, 9, size=stack.inputs)
    case = Case(tuple(map(Fraction, (center - 1).tolist())), tuple(map(Fraction, (center + 1).tolist())), ())
    box = Box.of(stack, case)
    before = box.known[-2]
    free = np.flatnonzero(before == -1)[:12]
    # No more than twelve stay undecided, the others become 0.
    before[before == -1] = 0
    before[free] = -1
    weights = rng.integers(-3, 4, size=(stack.last.values, 2))
    patterns = np.array(list(product((False, True), repeat=len(free))), dtype=np.bool_)
    rows = np.repeat((before == 1)[np.newaxis], len(patterns), axis=0)
    rows[:, free] = patterns
    layer = stack.layers[-1]
    bits = layer.linear.sums(2.0 * rows - 1) >= np.array([float(x) for x in layer.least])
    true = (bits.astype(np.int64) @ weights).min(axis=0)
    assert (least_sums(box, weights, width, None) <= true).all()
    together = least_sums(box, weights, 12, None)
    assert (together <= true).all()
    seen = layer.linear.windows if layer.linear.pooled is None else None
    if seen is not None:
        padded = np.append(before, np.int8(0))
        blocks = [part for part in clusters(padded[seen] == -1, seen, 12) if (padded[seen[part]] == -1).any()]
        if len(blocks) <= 1:
            assert (together == true).all()


@pytest.mark.parametrize("widths", [answer.WIDTHS, ()], ids=["blocks", "sat"])
def test_networks_of_compared_inputs_are_decided_as_brute_force_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widths: tuple[int, ...]
) -> None:
    monkeypatch.setattr(answer, "WIDTHS", widths)
    statuses, methods = set(), set()
    for seed in range(30):
        rng = np.random.default_rng(seed)
        parts: Parts = [
            ("Mul", [rng.choice([-1, 1, 2], size=8).astype(np.float32)], {}),
            ("Add", [rng.integers(-4, 5, size=8).astype(np.float32) + np.float32(0.5)], {}),
            *LARQ,
            ("MatMul", [signs(rng, 8, 6)], {}),
            ("Add", [rng.normal(size=6).astype(np.float32)], {}),
            *LARQ,
            ("MatMul", [signs(rng, 6, 3)], {}),
            ("Mul", [rng.uniform(0.5, 2, size=3).astype(np.float32)], {}),
            ("Add", [rng.normal(size=3).astype(np.float32)], {}),
        ]
        file = test_foreign.file_of(tmp_path / "n.onnx", parts, [1, 8])
        graph, walk, stack = read_stack(file)
        lower = rng.integers(-6, 3, size=8)
        upper = lower + rng.integers(0, 4, size=8)
        rows = [[Fraction(int(x)) for x in row] for row in rng.integers(-6, 6, size=(20, 8)).tolist()]
        replayed_numbers(file, graph, walk, stack, rows)
        scores = stack.scores(stack.bits([Fraction(int(x)) for x in lower])[-1])
        asked = cases(stack, lower.tolist(), upper.tolist(), scores.index(max(scores)))
        found = decide(stack, asked, seconds=20, seed=seed)
        # Each comparison is decided at one of the ends: the ends are all that there is.
        ends = product(*zip(lower.tolist(), upper.tolist(), strict=True))
        points = [[Fraction(x) for x in end] for end in ends]
        violated = any(occurs(stack, case, point) for point in points for case in asked)
        assert found.status == (REFUTED if violated else PROVED)
        statuses.add(found.status)
        methods.add(found.method)
    assert statuses == {PROVED, REFUTED}
    assert methods == ({"sat"} if not widths else {"blocks", "descent"})


def asked_of(place: Path, file: Path, text: str, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    """What the command says of a file and a property."""
    (place / "p.vnnlib").write_text(text)
    assert _run(["verify", str(file), "--vnnlib", str(place / "p.vnnlib"), "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


def declared(inputs: int, outputs: int, low: float, high: float) -> str:
    """Variables, and one pair of bounds for all inputs."""
    names = [f"(declare-const X_{i} Real)" for i in range(inputs)]
    names += [f"(declare-const Y_{j} Real)" for j in range(outputs)]
    return "\n".join([*names, *(f"(assert (<= X_{i} {high}))(assert (>= X_{i} {low}))" for i in range(inputs))])


def test_maxima_of_signs_keep_what_the_signs_were_mapped_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    parts: Parts = [
        ("Conv", [signs(rng, 2, 1, 2, 2)], {}),
        *LARQ,
        ("Mul", [np.float32(4)], {}),
        ("Add", [np.float32(4)], {}),
        ("MaxPool", [], {"kernel_shape": [2, 2], "strides": [2, 2]}),
        ("Flatten", [], {}),
        ("Gemm", [signs(rng, 3, 8)], {"transB": 1}),
    ]
    file = test_foreign.file_of(tmp_path / "n.onnx", parts, [1, 1, 5, 5])
    graph, walk, stack = read_stack(file)
    rows = [[Fraction(int(x), 8) for x in row] for row in rng.integers(0, 9, size=(30, 25)).tolist()]
    replayed_numbers(file, graph, walk, stack, rows)
    best = max(max(stack.scores(stack.bits(row)[-1])) for row in rows)
    assert best > 8
    condition = "(assert (or " + " ".join(f"(>= Y_{j} {float(best)})" for j in range(3)) + "))"
    assert asked_of(tmp_path, file, declared(25, 3, 0, 1) + condition, capsys)["status"] == REFUTED


def test_numbers_are_divided_as_they_come_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = np.array([[1]], np.float32), np.array([[1], [-1]], np.float32)
    parts: Parts = [
        ("Gemm", [one, np.array([-1], np.float32)], {"transB": 1}),
        *LARQ,
        ("Gemm", [two], {"transB": 1}),
    ]
    file = test_foreign.file_of(tmp_path / "n.onnx", parts, [1, 1])
    below = declared(1, 2, 1, 1000) + "(assert (<= Y_0 -1))"
    # 1 comes in as a half, which is below 1.
    assert asked_of(tmp_path, file, below, capsys, "--input-scale", "2")["status"] == REFUTED
    assert asked_of(tmp_path, file, below, capsys)["status"] == PROVED


@pytest.mark.parametrize("factor", [1, 2**24, 3 * 10**18, 2**62, 2**63 - 1, 10**30, Fraction(1, 3**40)])
def test_factors_of_any_size_prove_nothing_false(tmp_path: Path, factor: Fraction | int) -> None:
    rng = np.random.default_rng(4)
    parts: Parts = [("MatMul", [signs(rng, 4, 6)], {}), *LARQ, ("MatMul", [signs(rng, 6, 3)], {})]
    file = test_foreign.file_of(tmp_path / "n.onnx", parts, [1, 4])
    _, _, stack = read_stack(file)
    points = [[Fraction(x, 4) for x in point] for point in product((-1, 0, 1), repeat=4)]
    most = max(stack.scores(stack.bits(point)[-1])[0] for point in points)
    side = (Fraction(1, 4),) * 4
    weights = (Fraction(-factor), Fraction(0), Fraction(0))
    reached = Case(tuple(-x for x in side), side, (Condition(weights, -factor * most),))
    assert decide(stack, [reached], seconds=5).status == REFUTED
    beyond = Case(tuple(-x for x in side), side, (Condition(weights, -factor * Fraction(7)),))
    assert decide(stack, [beyond], seconds=5).status == PROVED


def test_cases_without_conditions_occur_and_cases_of_nothing_do_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, stack, file = network(tmp_path, "plain", 3)
    bounds = declared(stack.inputs, 3, 0, 1)
    small = test_foreign.file_of(
        tmp_path / "s.onnx",
        [
            ("MatMul", [signs(np.random.default_rng(0), 2, 2)], {}),
            *LARQ,
            ("MatMul", [np.eye(2, 3, dtype=np.float32) * 2 - 1], {}),
        ],
        [1, 2],
    )
    assert asked_of(tmp_path, small, declared(2, 3, 0, 1), capsys)["status"] == REFUTED
    either = "(assert (or (<= X_0 0.2) (<= Y_0 -100)))"
    assert asked_of(tmp_path, small, declared(2, 3, 0, 1) + either, capsys)["status"] == REFUTED
    assert asked_of(tmp_path, small, declared(2, 3, 0, 1) + "(assert (or))", capsys)["status"] == PROVED
    # Of what a Softmax makes only the order is known.
    (tmp_path / "p.vnnlib").write_text(bounds + "(assert (>= Y_0 2))")
    assert _run(["verify", str(file), "--vnnlib", str(tmp_path / "p.vnnlib")]) == 2
    assert "ends with Softmax" in capsys.readouterr().err
    (tmp_path / "p.vnnlib").write_text(
        "(declare-const X_0 Real)" + "(assert (and" + " (or (<= X_0 1) (<= X_0 2))" * 30 + "))"
    )
    with pytest.raises(InputError, match="more than"):
        read_vnnlib(tmp_path / "p.vnnlib")


def conv(size: tuple[int, int], attributes: dict[str, Any]) -> tuple[str, list[Any], dict[str, Any]]:
    """A convolution of two channels."""
    return "Conv", [np.ones((2, 1, *size), np.float32)], attributes


ODD: dict[str, tuple[Parts, list[int], str]] = {
    "dilated": (
        [conv((2, 2), {"auto_pad": "SAME_LOWER", "dilations": [1, 2]}), *LARQ],
        [1, 1, 4, 4],
        "auto_pad with dilations",
    ),
}


@pytest.mark.parametrize(("parts", "dims", "message"), ODD.values(), ids=ODD.keys())
def test_windows_that_are_not_supported_are_named(tmp_path: Path, parts: Parts, dims: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        imported(test_foreign.file_of(tmp_path / "n.onnx", parts, dims))


def test_signs_that_something_else_changes_are_not_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    parts: Parts = [
        ("Conv", [signs(rng, 2, 1, 2, 2)], {}),
        *LARQ,
        ("MaxPool", [], {"kernel_shape": [2, 2]}),
        ("Flatten", [], {}),
        ("Gemm", [signs(rng, 3, 32)], {"transB": 1}),
    ]
    file = test_foreign.file_of(tmp_path / "n.onnx", parts, [1, 1, 5, 5])
    model = onnx.load(str(file))
    # Flatten reads the signs before the maxima, of which only the shape is asked for.
    model.graph.node[5].input[0] = "v3"
    model.graph.node.insert(5, onnx.helper.make_node("Shape", ["v4"], ["shape"], "shape"))
    model.graph.node.insert(6, onnx.helper.make_node("Shape", ["shape"], ["unused"], "unused"))
    model.graph.node.append(onnx.helper.make_node("Reshape", ["v6", "two"], ["v7"], "last"))
    model.graph.node.append(onnx.helper.make_node("Concat", ["one", "unused"], ["both"], "both", axis=0))
    model.graph.node.append(onnx.helper.make_node("Gather", ["both", "at"], ["two"], "two"))
    for name, value in (("one", [1, 3]), ("at", [0, 1])):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(value), name))
    model.graph.output[0].name = "v7"
    file.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="of which another operation makes others"):
        read_stack(file)


SPEC = """; a comment
(declare-const X_0 Real) (declare-const X_1 Real)
(declare-const Y_0 Real) (declare-const Y_1 Real)
(assert (<= X_0 0.75)) (assert (>= X_0 -1.5e-1))
(assert (and (>= X_1 0) (<= X_1 1)))
(assert (or (and (<= Y_0 Y_1) (>= (+ Y_0 (* 2 Y_1)) 3)) (<= (- Y_1 Y_0) -2)))
"""


def test_vnnlib_is_read_as_it_says(tmp_path: Path) -> None:
    (tmp_path / "a.vnnlib").write_text(SPEC)
    (tmp_path / "a.vnnlib.gz").write_bytes(gzip.compress(SPEC.encode()))
    one, two = read_vnnlib(tmp_path / "a.vnnlib")
    assert (one, two) == read_vnnlib(tmp_path / "a.vnnlib.gz")
    assert one.lower == two.lower == (Fraction(-3, 20), Fraction(0))
    assert one.upper == (Fraction(3, 4), Fraction(1))
    half = [(Fraction(1), Fraction(-1)), (Fraction(-1), Fraction(-2))]
    assert [condition.weights for condition in one.conditions] == half
    assert [condition.most for condition in one.conditions] == [Fraction(0), Fraction(-3)]
    assert two.conditions == (Condition((Fraction(-1), Fraction(1)), Fraction(-2)),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(assert", r"line 1: a \( without its \)"),
        ("\n)", "line 2: a \\) without its"),
        ("(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= X_0 1))", "X_0 has no bounds on both sides"),
        ("(declare-const X_1 Real)", "not X_0, X_1"),
        ("(declare-const X_0 Int)", "declare-const X_0 Int.*is not supported"),
        ("(declare-const X_0 Real)(assert (<= (* X_0 X_0) 1))", "is no linear term"),
        ("(declare-const X_0 Real)(assert (= X_0 1))", "<=, >=, and, or are"),
        ("(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= X_0 Y_0))", "on inputs and outputs"),
        ("(declare-const X_0 Real)(assert (<= X_0 Z))", "Z is no linear term"),
    ],
)
def test_vnnlib_that_is_not_read_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.vnnlib").write_text(text)
    with pytest.raises(InputError, match=message) as refusal:
        read_vnnlib(tmp_path / "a.vnnlib")
    assert "\n" not in str(refusal.value)


def test_the_command_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, _, stack, file = network(tmp_path, "plain", 3)
    names = [f"(declare-const X_{i} Real)" for i in range(stack.inputs)]
    names += [f"(declare-const Y_{j} Real)" for j in range(3)]
    point = np.random.default_rng(0).integers(-9, 9, size=stack.inputs).tolist()
    scores = stack.scores(stack.bits([Fraction(x) for x in point])[-1])
    label = scores.index(max(scores))
    bounds = [f"(assert (<= X_{i} {x}))(assert (>= X_{i} {x}))" for i, x in enumerate(point)]
    for other, status in ((label, PROVED), (scores.index(min(scores)), REFUTED)):
        condition = f"(assert (<= Y_{other} Y_{(label + 1) % 3}))(assert (<= Y_{other} Y_{(label + 2) % 3}))"
        (tmp_path / "p.vnnlib").write_text("\n".join([*names, *bounds, condition]))
        assert _run(["verify", str(file), "--vnnlib", str(tmp_path / "p.vnnlib"), "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        described = json.loads((ROOT / "docs" / "answers.schema.json").read_text())
        jsonschema.validate(said, {"$ref": "#/$defs/box", "$defs": described["$defs"]})
        assert said["status"] == status
        assert (said["counterexample"] is None) == (said["label"] is None) == (status == PROVED)
    assert _run(["verify", str(file), "reach", "--vnnlib", str(tmp_path / "p.vnnlib")]) == 2
    assert _run(["verify", str(file), "--vnnlib", str(tmp_path / "none.vnnlib")]) == 2
    assert _run(["verify", str(file)]) == 2
    (tmp_path / "p.vnnlib").write_text("\n".join([*names[1:], *bounds[1:]]))
    assert _run(["verify", str(file), "--vnnlib", str(tmp_path / "p.vnnlib")]) == 2


def test_a_case_without_inputs_never_occurs(tmp_path: Path) -> None:
    _, _, stack, _ = network(tmp_path, "plain", 3)
    assert decide(stack, ()).status == PROVED
    assert UNKNOWN not in (PROVED, REFUTED)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_comment_ends_with_its_line(end: str) -> None:
    names = "".join(f"(declare-const {name} Real){end}" for name in ("X_0", "Y_0", "Y_1"))
    text = f"{names}(assert (>= X_0 0)){end}(assert (<= X_0 1)){end}"
    text += f"(assert (or (<= Y_0 Y_1) ; first{end} (>= Y_0 5))){end}"
    assert len(cases_of(text.encode(), "p")) == 2


def test_an_input_at_a_rounded_root_is_refused(tmp_path: Path) -> None:
    """Of x - sqrt(2) the sign is known to 240 binary digits; what lies nearer, or just on them, is not told."""
    two = np.full(1, 2, np.float32)
    root = [("BatchNormalization", [two / 2, -two / 2, 0 * two, two], {"epsilon": 0.0}), *LARQ]
    rest = [("MatMul", [np.array([[1]], np.float32)], {}), ("Add", [-two / 4], {}), *LARQ]
    last: Parts = [("MatMul", [np.array([[1, -1]], np.float32)], {})]
    _, _, stack = read_stack(test_foreign.file_of(tmp_path / "n.onnx", [*root, *rest, *last], [1, 1]), 1)
    assert stack.first is not None
    edge = stack.first.edges[0]
    assert edge is not None and abs(edge**2 - 2) < Fraction(1, 1 << 200)
    for x in (edge, edge + Fraction(1, 1 << 239)):
        with pytest.raises(InputError, match="nearer to where its bit changes"):
            stack.compared([x])
    assert stack.compared([Fraction(1)]).tolist() == [False] and stack.compared([Fraction(2)]).tolist() == [True]


@pytest.mark.parametrize("seed", range(4))
def test_at_a_single_point_whatever_is_asked_is_known(tmp_path: Path, seed: int) -> None:
    """Also where what is added to the scores is a fraction, and the answer hangs by less than one weight."""
    rng = np.random.default_rng(seed)
    weights = [rng.choice([-1, 1], size=size).astype(np.float32) for size in ((4, 5), (5, 3))]
    added = rng.choice([-0.75, 0.25, 0.5], size=3).astype(np.float32)
    parts: Parts = [("Sub", [np.float32(0.5)], {}), *LARQ, ("MatMul", [weights[0]], {}), ("Add", [np.float32(0.5)], {})]
    parts += [*LARQ, ("MatMul", [weights[1]], {}), ("Add", [added], {})]
    _, _, stack = read_stack(test_foreign.file_of(tmp_path / "n.onnx", parts, [1, 4]), 1)
    point = tuple(Fraction(int(x)) for x in rng.integers(2, size=4))
    scores = stack.scores(stack.bits(point)[-1])
    for i, j in product(range(3), repeat=2):
        for more in (Fraction(0), Fraction(1, 8), Fraction(-1, 8)):
            asked = tuple(Fraction((k == i) - (k == j)) for k in range(3))
            most = scores[i] - scores[j] + more
            found = decide(stack, [Case(point, point, (Condition(asked, most),))])
            assert found.status == (PROVED if more < 0 else REFUTED)
