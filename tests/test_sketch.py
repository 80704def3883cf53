"""Sketches: each operation in all readings, and answers held against brute force."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysat.solvers import Cadical153
from strategies import often

import bnnsat
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.cli import _run as run
from bnnsat.errors import InputError
from bnnsat.questions.formula import encode
from bnnsat.questions.sketch import FOUND, MAXIMIZE, MINIMIZE, SKETCH, SketchQuestion
from bnnsat.readings.numpy import NUMPY
from bnnsat.sketch import (
    Expression,
    Hole,
    Input,
    at_least,
    choose,
    concatenate,
    greater,
    if_,
    maximum,
    minimum,
    popcount,
    relu,
    require,
    stack,
    xnor,
)
from bnnsat.sketch.program import Program
from bnnsat.sketch.reading import Reading
from bnnsat.sketch.tracing import traced
from bnnsat.sketch.words import digits
from bnnsat.solvers.solver import DirectSolver
from bnnsat.synthesis.solve import answered

UNARY: dict[str, Callable[[Any], Any]] = {
    "minus": lambda a: -a,
    "relu": relu,
    "half": lambda a: a >> 1,
    "eighth": lambda a: a >> 3,
    "absolute": abs,
    "square": lambda a: a**2,
    "quotient": lambda a: a // 4,
    "rest": lambda a: a % 4,
    "some": lambda a: a >> (a > 1),
    "more": lambda a: a << (a > 1),
    "twice": lambda a: a << 1,
    "sum": lambda a: a.sum(),
    "times": lambda a: a * np.array([3, -2]),
    "reversed": lambda a: a[::-1],
    "negative": lambda a: a < 0,
    "product": lambda a: a @ a,
    "outer": lambda a: (a.reshape(2, 1) @ a.reshape(1, 2)).sum(0),
    "less": lambda a: a - 5,
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
    "times": lambda a, b: a * b,
    "maximum": maximum,
    "minimum": minimum,
    "less": lambda a, b: a < b,
    "least": lambda a, b: a >= b,
    "equal": lambda a, b: a == b,
    "other": lambda a, b: a != b,
    "if": lambda a, b: if_(a <= b, a + 1, b),
    "and": lambda a, b: (a > 1) & (b > 1),
    "or": lambda a, b: (a > 1) | (b > 1),
    "xor": lambda a, b: (a > 1) ^ (b > 1),
    "xnor": lambda a, b: xnor(a > 1, b > 1),
    "popcount": lambda a, b: popcount(concatenate([a > 0, b < 1])),
    "at least": lambda a, b: at_least(concatenate([a > 0, b < 1, a < b]), 3),
    "greater": lambda a, b: greater(concatenate([a > 0, b < 1]), concatenate([a > 1, b > 2])),
    "stack": lambda a, b: stack([a, b]).sum(-1),
    "any": lambda a, b: (stack([a, b]) > 1).any(-1),
}
MOST_BITS = 20
ROOT = Path(__file__).resolve().parents[1]


@st.composite
def expressions(draw: st.DrawFn) -> tuple[Expression, Expression, Expression]:
    """Two variables of two elements, and an expression in them."""
    made = []
    for role in (Hole, Input):
        low = draw(st.integers(-3, 2))
        made.append(role(2, low=low, high=low + draw(st.integers(0, 5))))
    values: list[Expression] = list(made)
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            name = draw(st.sampled_from(sorted(UNARY)))
            found = UNARY[name](draw(st.sampled_from(values)))
        else:
            name = draw(st.sampled_from(sorted(BINARY)))
            found = BINARY[name](draw(st.sampled_from(values)), draw(st.sampled_from(values)))
        if found.form.width <= MOST_BITS:
            values.append(found.spread((2,)))
    return made[0], made[1], values[-1]


def _all(variable: Expression) -> np.ndarray[Any, Any]:
    form = variable.form
    return np.array(list(product(range(form.low, form.high + 1), repeat=2)), dtype=np.int64)


@often(60)
@given(expressions(), st.randoms(use_true_random=False))
def test_bits_are_what_numbers_say(made: tuple[Expression, Expression, Expression], random: Any) -> None:
    hole, x, value = made
    root = value.sum()
    program = Program({"w": hole, "x": x}, (), root)
    xs = _all(x)
    for w in random.sample(_all(hole).tolist(), min(4, len(_all(hole)))):
        w = np.array(w, dtype=np.int64)
        known = SketchQuestion(program, {"x": xs}, MINIMIZE)
        loss = known.loss({"w": w})
        found = known.sum("loss", NUMPY, known.bits({"w": w}))
        assert int(found.costs[found.bits].sum()) == loss
        # Nothing is known beforehand: adders do all of it.
        for row in xs[:: max(1, len(xs) // 5)]:
            bits = {"w": digits(w, hole.form.width), "x": digits(row, x.form.width)}
            terms, rest = Reading(NUMPY, program, (root,), {}, bits).linear(root).positive(NUMPY)
            assert all(t.there is None or t.there.all() for t in terms)
            added = sum(int(t.bits.sum()) << t.place for t in terms) + int(rest.sum())
            one = SketchQuestion(program, {"x": row[np.newaxis]}, MINIMIZE)
            assert added == one.value(one.loss({"w": w}))


@often(25)
@given(expressions(), st.sampled_from([MINIMIZE, MAXIMIZE]))
def test_the_best_is_that_of_brute_force(made: tuple[Expression, Expression, Expression], goal: str) -> None:
    hole, x, value = made
    xs = _all(x)[::3]
    sign = -1 if goal == MAXIMIZE else 1
    program = Program({"w": hole, "x": x}, ((hole[0] <= hole[1] + 1),), sign * value.sum())
    question = SketchQuestion(program, {"x": xs}, goal)
    expected = [question.value(question.loss({"w": w})) for w in _all(hole) if w[0] <= w[1] + 1]
    found = answered(question, traced(lambda x=x, w=hole: value.sum()))
    if not expected:
        assert found.status == "IMPOSSIBLE"
    else:
        best = max(expected) if goal == MAXIMIZE else min(expected)
        assert (found.status, found.value, found.bound) == ("OPTIMAL", best, best)


@often(25)
@given(expressions())
def test_formulas_have_the_models_that_brute_force_has(made: tuple[Expression, Expression, Expression]) -> None:
    hole, x, value = made
    row = _all(x)[-1]
    middle = (value.form.low + value.form.high) // 2
    program = Program({"w": hole, "x": x}, ((value <= middle).all(),))
    question = SketchQuestion(program, {"x": row[np.newaxis]})
    circuit = Circuit(Cnf())
    formula = encode(question, circuit)
    seen = set()
    solver = DirectSolver(formula.cnf, "cadical153")
    while (answer := solver.solve()).status:
        w = question.numbers(formula.solution(answer.model))["w"]
        seen.add(tuple(w.tolist()))
        literals = formula.holes["w"].reshape(-1)
        block = np.where(answer.model[literals], -literals, literals)
        formula.cnf.add(block[np.newaxis])
    expected = set()
    for w in _all(hole):
        try:
            question.loss({"w": w})
            expected.add(tuple(w.tolist()))
        except InputError:
            pass
    assert seen == expected


XOR = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]


def one_layer(x: Any, w: Any = Hole(2, bits=4, signed=True)) -> Any:
    return relu(w @ x)


def two_layers(x: Any, w: Any = Hole(2, 2, bits=4, signed=True), v: Any = Hole(2, bits=4, signed=True)) -> Any:
    return relu(w @ x) @ v


def packing(take: Any = Hole(5)) -> Any:
    weight = (take * [10, 40, 20, 60, 25]).sum()
    require(weight < 80)
    return weight


def test_xor_needs_two_layers(tmp_path: Path) -> None:
    found = bnnsat.solve(two_layers, XOR)
    assert found.status == "SOLVED" and [found(x) for x, _ in XOR] == [0, 1, 1, 0]
    assert found(np.array([x for x, _ in XOR])).tolist() == [0, 1, 1, 0]
    found.certify(tmp_path / "two")
    assert "meet all its conditions on 4 examples" in bnnsat.check(tmp_path / "two")
    none = bnnsat.solve(one_layer, XOR)
    assert none.status == "IMPOSSIBLE" and not none.holes
    none.certify(tmp_path / "one")
    assert "no holes of sketch 'one_layer' meet" in (said := bnnsat.check(tmp_path / "one")) and "1 proof" in said


def test_bin_packing(tmp_path: Path) -> None:
    seen: list[int | None] = []
    found = bnnsat.maximize(packing, on_step=lambda step: seen.append(step.value))
    assert (found.status, found.value, found.bound) == ("OPTIMAL", 75, 75)
    assert seen == sorted(seen, key=lambda v: v or 0) and seen[-1] == 75
    found.certify(tmp_path / "packed")
    words = bnnsat.check(tmp_path / "packed")
    assert "attain 75" in words and "no holes of sketch 'packing' attain more than 75" in words


def test_fewest_errors_are_those_of_training() -> None:
    rng = np.random.default_rng(1)
    X = rng.integers(0, 2, (14, 6))
    y = rng.integers(0, 2, 14)

    def popcounts(x: Any, w: Any = Hole(2, 6), v: Any = Hole(2)) -> Any:
        return at_least(xnor(at_least(xnor(x, w), 3), v), 1)

    def halves(x: Any, w: Any = Hole(6)) -> Any:
        z = xnor(x, w)
        return greater(z[:3], z[3:])

    for sketch, topology, activation in ((popcounts, "6-2-1", "popcount"), (halves, "6-1", "half")):
        trained = bnnsat.train(X.astype(bool), y, bnnsat.Shape.parse(topology, activation))
        found = bnnsat.minimize(sketch, examples=(X, y))
        assert (found.status, found.value) == ("OPTIMAL", trained.errors)
        assert trained.status == "OPTIMAL"
    correct = bnnsat.maximize(halves, examples=(X, y))
    assert correct.value == 14 - trained.errors


def test_choices_are_holes() -> None:
    def sketch(x: Any) -> Any:
        return choose(x + 1, x * 2, x * x, 3 * x - 2)

    found = bnnsat.solve(sketch, [(2, 4), (3, 9)])
    assert found.status == "SOLVED" and found.holes == {"hole0": 2} and found(7) == 49


def test_claims_about_all_inputs(tmp_path: Path) -> None:
    def clipped(x: Any = Input(4, bits=4, signed=True), w: Any = Hole(4, bits=3, signed=True)) -> Any:
        return relu(x @ w)

    holes = {"w": [1, -2, 3, 0]}
    proved = bnnsat.verify(clipped, holes, lambda x, y: (y >= x @ [1, -2, 3, 0]) & (y <= 7 + 16 + 21))
    assert proved.status == "PROVED"
    proved.certify(tmp_path / "proved")
    assert "no inputs of sketch 'clipped' violate what is claimed" in bnnsat.check(tmp_path / "proved")
    refuted = bnnsat.verify(clipped, holes, lambda x, y: y < 44)
    assert refuted.status == "REFUTED" and refuted.inputs["x"][:3].tolist() == [7, -8, 7]
    refuted.certify(tmp_path / "refuted")
    assert "inputs of sketch 'clipped' violate" in bnnsat.check(tmp_path / "refuted")


def test_synthesis_ends_in_a_proof(tmp_path: Path) -> None:
    def line(x: Any = Input(bits=6, signed=True), a: Any = Hole(bits=4, signed=True), b: Any = Hole(bits=5)) -> Any:
        return a * x + b

    found = bnnsat.synthesize(line, lambda x, y: y == x + x + 9 - 5 * x)
    assert found.status == "SOLVED" and found.holes == {"a": -3, "b": 9}
    found.certify(tmp_path / "line")
    assert "no inputs of sketch 'line' violate" in bnnsat.check(tmp_path / "line")
    none = bnnsat.synthesize(line, lambda x, y: y == x * x)
    assert none.status == "IMPOSSIBLE"
    none.certify(tmp_path / "none")
    assert "no holes of sketch 'line'" in bnnsat.check(tmp_path / "none")


@pytest.mark.parametrize(
    ("sketch", "examples", "words"),
    [
        (lambda x: if_(x, 1, 0) if x else 0, [(1, 1)], "cannot branch"),
        (lambda x: x & 1, [(2, 1)], "bits are due"),
        (lambda x: x[Hole(bits=2)], [((1, 0), 1)], "not known"),
        (lambda x: x * [1, 2, 3], [((1, 0), 1)], "do not fit"),
        (lambda x: x * 0.5, [(1, 1)], "no whole number"),
        (lambda x: x, [(0.5, 1)], "no whole number"),
        (lambda x: x, [(2**64 - 1, 1)], "61 bits"),
        (lambda x: x ^ Hole(bits=2), [(1, 1)], "bits are due"),
        (lambda x: x[5], [((1, 0), 1)], "IndexError"),
        (lambda x: stack([Hole(2), Hole(3)]), [(1, 1)], "do not fit"),
        (lambda x: x, [], "no examples"),
        (lambda x: x, [((1, 2), 1), ((1,), 1)], "one shape"),
        (lambda x, y: x, [(1, 1)], "takes 2 inputs"),
        (lambda *x: x, [(1, 1)], "no name of its own"),
        (lambda x: x * (1 << 61), [(2, 1)], "61 bits"),
        (lambda label: label, [(1, 1)], "cannot be called"),
        (3, [(1, 1)], "a sketch is a function"),
    ],
)
def test_what_is_wrong_is_said(sketch: Any, examples: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        bnnsat.solve(sketch, examples)


def test_where_a_sketch_is_wrong_is_said() -> None:
    """At its own line, not at that of the library that it called; of what it does not take at its first."""

    def outside(x: Any, w: Any = Hole(3, bits=2)) -> Any:
        first = x.sum()
        return first + w[5]

    def half(x: Any) -> Any:
        first = x + 1
        return first * 0.5

    for sketch in (outside, half):
        with pytest.raises(InputError, match=rf"test_sketch.py, line {sketch.__code__.co_firstlineno + 2}\)$") as found:
            bnnsat.solve(sketch, [((1, 0), 1)])
        assert str(found.value).count(", line") == 1
    with pytest.raises(InputError, match=rf"but 2 were.*line {half.__code__.co_firstlineno}\)$"):
        bnnsat.verify(lambda x=Input(bits=2): x, {}, half)


def test_what_is_asked_wrongly_is_said() -> None:
    for call, words in (
        (lambda: bnnsat.solve(lambda x: x), "is not known"),
        (lambda: bnnsat.solve(lambda x=Input(): x), "about all inputs"),
        (lambda: bnnsat.minimize(lambda w=Hole(2): w), "sum it"),
        (lambda: bnnsat.verify(lambda w=Hole(): w, {"w": 1}, lambda y: y), "no inputs"),
        (lambda: bnnsat.verify(lambda x=Input(), w=Hole(): x, {}, lambda x, y: y), "has the holes w"),
        (lambda: bnnsat.synthesize(lambda x=Input(bits=2): x, lambda x, y: y), "a claim says bits"),
        (lambda: require(1), "belongs into a sketch"),
        (lambda: choose(), "choose from"),
        (lambda: Hole() >> -1, "from 0, not -1"),
        (lambda: Hole(bits=3) % 3, "powers of two"),
        (lambda: Hole() ** 0, "powers from 1"),
        (lambda: Hole() << Hole(bits=2, signed=True), "can be -2"),
        (lambda: Hole(bits=0), "bits 0"),
        (lambda: Hole(0), "sizes"),
        (lambda: Hole(low=3, high=1), "no number from 3 to 1"),
        (lambda: traced(lambda: Hole(name="a") + Hole(name="a")), "different names"),
        (lambda: traced(lambda: Input()), "parameters of a sketch"),
        (lambda outside=Hole(): traced(lambda: outside + 1), "outside the sketch"),
    ):
        with pytest.raises(InputError, match=words):
            call()


def test_programs_are_read_as_they_were_written() -> None:
    question = bnnsat.maximize(packing).question
    again = SketchQuestion.of(question.noted(), question.files())
    assert again.files() == question.files() and again.noted() == question.noted()
    take = {"take": np.array([1, 1, 0, 0, 1])}
    assert again.value(again.loss(take)) == 75
    for old, new in (
        ('"total"', '"totally"'),
        ('"objective": ', '"objective": 1'),
        ("hole", "input"),
        (" 60 ", " 60x "),
    ):
        content = question.files()[SKETCH].replace(old.encode(), new.encode(), 1)
        assert content != question.files()[SKETCH]
        with pytest.raises(InputError):
            SketchQuestion.of(question.noted(), {SKETCH: content})


def test_a_wrong_solution_is_none() -> None:
    question = bnnsat.maximize(packing).question
    with pytest.raises(InputError, match="does not hold"):
        question.attained({FOUND: question.found({"take": np.array([1, 1, 1, 1, 1])})})
    with pytest.raises(InputError, match="from 0 to 1"):
        question.attained({FOUND: question.found({"take": np.array([2, 1, 0, 0, 0])})})


def test_the_block_of_the_docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "sketches.md").read_text(), re.DOTALL)
    exec(compile(block, "sketches.md", "exec"), {})
    out = capsys.readouterr().out
    assert out.startswith("SOLVED") and "IMPOSSIBLE\n75\n" in out and "{'factor': 3, 'shift': 1}" in out
    assert "VERIFIED" not in out and "meet all" in bnnsat.check("xor-certificate")


def test_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    runpy.run_path(str(ROOT / "examples" / "bin_packing.py"), run_name="__main__")
    assert capsys.readouterr().out.splitlines()[-1] == "75"
    monkeypatch.setattr("sys.argv", ["sorting_network.py"])
    runpy.run_path(str(ROOT / "examples" / "sorting_network.py"), run_name="__main__")
    nine, pairs, eight = capsys.readouterr().out.splitlines()
    assert "9 comparators: SOLVED" in nine and "8 comparators: IMPOSSIBLE" in eight
    for row in product((0, 1), repeat=5):
        wires = list(row)
        for a, b in (map(int, pair.split("-")) for pair in pairs.split()):
            wires[a], wires[b] = sorted((wires[a], wires[b]))
        assert wires == sorted(row)
    monkeypatch.setattr("sys.argv", ["multiplier.py"])
    runpy.run_path(str(ROOT / "examples" / "multiplier.py"), run_name="__main__")
    seven, *lines, six = capsys.readouterr().out.splitlines()
    assert "7 gates: SOLVED" in seven and "6 gates: IMPOSSIBLE" in six and len(lines) == 8
    for a, b in product(range(4), repeat=2):
        names: dict[str, Any] = {"x": [a & 1, a >> 1], "y": [b & 1, b >> 1]}
        exec("\n".join(line.strip() for line in lines), names)
        assert sum((bit & 1) << place for place, bit in enumerate(names["z"])) == a * b


XOR_FILE = """
from bnnsat.sketch import Hole, relu
examples = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]
def sketch(x, w=Hole(2, 2, bits=4, signed=True), v=Hole(2, bits=4, signed=True)):
    return relu(w @ x) @ v
"""


def test_a_file_is_run_only_when_it_is_trusted(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "xor.py"
    file.write_text(XOR_FILE)
    assert run(["solve", str(file)]) == 2
    assert "say --trust" in capsys.readouterr().err
    formula, folder = tmp_path / "xor.cnf", tmp_path / "certificate"
    words = ["solve", str(file), "--trust", "--json", "--out", str(tmp_path / "out")]
    assert run([*words, "--export", str(formula), "--certificate", str(folder)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "SOLVED" and found == json.loads((tmp_path / "out" / "result.json").read_text())
    assert "meet all its conditions" in bnnsat.check(folder)
    # What another solver says of the formula is replayed.
    lines = [line for line in formula.read_text().splitlines() if line[0] not in "cp"]
    with Cadical153(bootstrap_with=[list(map(int, line.split()[:-1])) for line in lines]) as solver:
        assert solver.solve()
        (tmp_path / "said").write_text("s SATISFIABLE\nv " + " ".join(map(str, solver.get_model())) + " 0\n")
    assert run(["import-model", str(tmp_path / "said"), "--of", str(formula)]) == 0
    assert "meet all its conditions on 4 examples, replayed" in capsys.readouterr().out


def test_files_that_are_no_sketches(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "it.py"
    for text, more, words in (
        ("x = 1", [], "no function `sketch`"),
        ("1 / 0", [], "ZeroDivisionError"),
        (XOR_FILE, ["--goal", "win"], "unknown goal"),
        (XOR_FILE, ["--goal", "synthesize"], "needs a function `spec`"),
        (XOR_FILE, ["--data", str(tmp_path / "no.npz")], "no.npz"),
    ):
        file.write_text(text)
        assert run(["solve", str(file), "--trust", *more]) == 2
        err = capsys.readouterr().err
        assert words in err and err.count("\n") == 1


def test_what_is_no_python_file_is_said(tmp_path: Path, capsys: Any) -> None:
    np.savez(tmp_path / "d.npz", X=np.array([[0]]), y=np.array([0]))
    for words, said in (
        ([str(tmp_path / "d.npz"), "--trust"], "d.npz is no Python file"),
        ([str(tmp_path)], "is a folder; give a Python file"),
        ([str(tmp_path / "no.py")], "there is no such file"),
    ):
        assert run(["solve", *words]) == 2
        err = capsys.readouterr().err
        assert said in err and err.count("\n") == 1


def test_numbers_are_no_conditions_and_decisions_have_no_sum(tmp_path: Path, capsys: Any) -> None:
    file, formula = tmp_path / "gain.py", tmp_path / "gain.cnf"
    file.write_text("from bnnsat.sketch import Hole\ndef sketch(w=Hole(bits=3)): return w + 1\n")
    for words, said in (
        ([], "returns numbers from 1 to 8, no conditions; give examples, or ask for the least or most"),
        (["--goal", "maximize", "--export", str(formula)], "has no sum, which maximize asks for; end the file with"),
    ):
        assert run(["solve", str(file), "--trust", *words]) == 2
        err = capsys.readouterr().err
        assert said in err and err.count("\n") == 1 and not formula.exists()
    assert run(["solve", str(file), "--trust", "--goal", "maximize", "--export", str(tmp_path / "gain.wcnf")]) == 0


def test_goals_of_a_file(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "it.py"
    head = "from bnnsat.sketch import Hole, Input\n"
    for text, words in (
        ("def sketch(w=Hole(bits=3)): return w * w\ndef gain(y): return 5 * y", "OPTIMAL"),
        (
            "def sketch(x, w=Hole(bits=3)): return w * x\nexamples = [(1, 2), (2, 3)]\n"
            "def loss(y, t): return (y - t) * (y - t)",
            ": 1",
        ),
        ("def sketch(x=Input(bits=3), w=Hole(bits=3)): return w * x\ndef spec(x, y): return y == x + x", "w = 2"),
    ):
        file.write_text(head + text)
        assert run(["solve", str(file), "--trust"]) == 0
        assert words in capsys.readouterr().out
    np.savez(tmp_path / "data.npz", X=np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), y=np.array([0, 1, 1, 1]))
    file.write_text(XOR_FILE)
    assert run(["solve", str(file), "--trust", "--data", str(tmp_path / "data.npz")]) == 0
    assert "SOLVED" in capsys.readouterr().out


def test_sums_that_would_overflow_are_refused() -> None:
    for loss in (lambda o, t: o + 2**60, lambda o, t: (o + 1) * 2**58):
        with pytest.raises(InputError, match="61 bits over 64 examples"):
            bnnsat.minimize(lambda x, h=Hole(bits=2): x * 0 + h, loss, examples=[(0, 0), (1, 0)] * 32)
    # What is just below is right.
    found = bnnsat.minimize(
        lambda x, h=Hole(low=1, high=3): x * 0 + h, lambda o, t: o * 2**20, examples=[(0, 0), (1, 0)]
    )
    assert (found.status, found.value) == ("OPTIMAL", 2**21)


def test_words_are_not_about_more_than_what_is_asked() -> None:
    best = bnnsat.minimize(lambda h=Hole(low=3, high=7): h).question
    two = bnnsat.verify(lambda x=Input(bits=3), w=Hole(bits=3): x * w, {"w": 2}, lambda x, y: y < 0).question
    one = bnnsat.solve(lambda x, w=Hole(bits=3): x * w, [(1, 2)]).question
    for question, changes in (
        (best, {"goal": "solve"}),
        (best, {"goal": "nearest"}),
        (two, {"given": {"w": np.array([2, 3])}}),
        (two, {"given": {"w": np.array([2]), "x": np.array([0])}}),
        (two, {"goal": "solve"}),
        (one, {"given": {**one.given, "w": np.array([3])}}),
        (one, {"goal": "verify"}),
        (one, {"goal": "minimize"}),
    ):
        with pytest.raises(InputError):
            replace(question, **changes)
        told = {**question.noted(), **{k: v for k, v in changes.items() if k == "goal"}}
        if "goal" in changes:
            with pytest.raises(InputError):
                SketchQuestion.of(told, question.files())


def test_inputs_below_zero_are_counterexamples_too() -> None:
    found = bnnsat.synthesize(lambda x=Input(low=-5, high=-1), h=Hole(bits=2): x * h, lambda x, y: y == x + x)
    assert found.holes == {"h": 2}


def test_shifts_by_known_and_unknown_numbers_have_the_same_shape() -> None:
    assert (Hole() >> Hole(2, low=2, high=2)).shape == (2,) and (Hole(3) << Hole(3, bits=2)).shape == (3,)


def above(bits: int, least: int) -> Any:
    def sketch(w: Any = Hole(bits=bits)) -> Any:
        require(w > least)
        return w

    return sketch


def test_exports_ask_what_was_asked(tmp_path: Path) -> None:
    def least(w: Any = Hole(low=2, high=9)) -> Any:
        require(w * w > 10)
        return w

    def models(name: str) -> bool:
        lines = [line for line in (tmp_path / name).read_text().splitlines() if line[0] not in "cp"]
        with Cadical153(bootstrap_with=[list(map(int, line.split()[:-1])) for line in lines]) as solver:
            return bool(solver.solve())

    found = bnnsat.minimize(least)
    assert found.value == 4
    found.export(tmp_path / "as-good.cnf")
    found.export(tmp_path / "better.cnf", value=3)
    found.export(tmp_path / "best.wcnf")
    assert models("as-good.cnf") and not models("better.cnf")
    none = bnnsat.minimize(above(2, 5))
    none.export(tmp_path / "none.cnf")
    assert none.status == "IMPOSSIBLE" and not models("none.cnf")


def test_what_cannot_be_counted_in_unary_has_no_certificate(tmp_path: Path) -> None:
    found = bnnsat.maximize(lambda w=Hole(bits=20): w)
    assert found.status == "OPTIMAL" and found.value == 2**20 - 1
    with pytest.raises(InputError, match="in unary"):
        bnnsat.minimize(above(20, 10**5)).certify(tmp_path / "c")


def test_an_interrupted_search_keeps_its_best(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(step: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bnnsat.maximize(packing, on_step=stop)
    found = bnnsat.maximize(packing, on_step=stop, keep_interrupted=True)
    assert found.status == "FEASIBLE" and found.value is not None and found.value <= 75


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ([(1, 2, 3), (2, 4, 9)], "example 0 has 3 parts"),
        ([(1, 2), (2, 4, 9)], "example 1 has 3 parts"),
        ([(1, (1, 2))], r"labels have shape \(2,\), and what the sketch returns has \(\)"),
        ([(1, 2), (2, (4, 9))], "label"),
        (5, "pairs"),
        ([], "no examples"),
    ],
)
def test_what_are_no_pairs_is_said(examples: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        bnnsat.solve(lambda x, a=Hole(bits=3): a * x, examples)


def test_two_arrays_may_be_one_array_and_a_list() -> None:
    found = bnnsat.solve(lambda x, a=Hole(3, bits=1): (a & x).any(), (np.eye(3, dtype=int), [1, 0, 1]))
    assert (found.status, found.holes["a"].tolist()) == ("SOLVED", [1, 0, 1])


def test_magnitudes_are_known_not_to_be_negative() -> None:
    def far(x: Any, a: Any = Hole(bits=4, signed=True)) -> Any:
        return a + x

    found = bnnsat.minimize(far, examples=[(1, 5), (2, 9)], loss=lambda y, label: abs(y - label))
    assert (found.status, found.value, found.steps[0].bound) == ("OPTIMAL", 3, 0)
