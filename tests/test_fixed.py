"""Tables of any numbers as levels: against exact arithmetic, and the whole way from a table to a certificate."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import floor
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import often

import bnnsat
from bnnsat.cli import _run as run
from bnnsat.errors import InputError
from bnnsat.integers.model import IntegerModel
from bnnsat.integers.network import IntegerNetwork
from bnnsat.integers.shape import IntegerShape
from bnnsat.synthesis.changes import NORMS, changed, reached
from bnnsat.tables.scales import Scale
from bnnsat.tables.table import Column

FINITE = st.floats(allow_nan=False, allow_infinity=False)
NEAR = st.integers(-40, 40).map(lambda eighth: eighth / 8)
"""Numbers of which many lie in the middle between two levels."""
HALF = Fraction(1, 2)
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parents[1] / "docs" / "answers.schema.json").read_text())
)
Command = Callable[[str], tuple[int, str, str]]


def nearest(low: float, high: float, bits: int, value: float) -> int:
    """The level by its definition: the nearest of the evenly spaced values, of two the higher one."""
    most = (1 << bits) - 1
    return min(most, max(0, floor((Fraction(value) - Fraction(low)) * most / (Fraction(high) - Fraction(low)) + HALF)))


def numbers(*values: float) -> Column:
    return Column.numbers("a", np.array(values, dtype=np.float64))


@often(100)
@given(st.one_of(*[st.tuples(kind, kind, kind) for kind in (FINITE, NEAR)]), st.integers(1, 8))
def test_levels_are_those_of_exact_arithmetic(values: tuple[float, float, float], bits: int) -> None:
    low, high, value = min(values[:2]), max(values[:2]), values[2]
    assume(low < high)
    scale = Scale("a", low, high, bits)
    edges = [float(edge) for edge in scale.edges]
    around = [np.nextafter(edge, end) for edge in edges for end in (-np.inf, np.inf)]
    asked = [value, low, high, *edges, *(float(v) for v in around if np.isfinite(v))]
    assert scale(numbers(*asked))[:, 0].tolist() == [nearest(low, high, bits, v) for v in asked]
    # What a level stands for has that level, but where doubles are too far apart for that.
    levels = [level for level in range(scale.most + 1) if nearest(low, high, bits, scale.value(level)) == level]
    assert scale(numbers(*[scale.value(level) for level in levels]))[:, 0].tolist() == levels
    assert levels[0] == 0 and levels[-1] == scale.most
    assert Scale.of(json.loads(json.dumps(scale.noted()))) == scale


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_the_nearest_of_evenly_spaced_values_is_taken(bits: int) -> None:
    """By all distances: of two the higher one."""
    spaced = [Fraction(-3) + Fraction(5 * level, (1 << bits) - 1) for level in range(1 << bits)]
    for eighth in range(-40, 41):
        apart = [abs(there - Fraction(eighth, 8)) for there in spaced]
        level = max(place for place, far in enumerate(apart) if far == min(apart))
        assert Scale("a", -3.0, 2.0, bits)(numbers(eighth / 8)).item() == nearest(-3, 2, bits, eighth / 8) == level


@pytest.mark.parametrize("how", ["list", "array", "pandas", "polars"])
def test_tables_in_any_form_are_read_by_their_names(how: str) -> None:
    rows = [[-1.5, 10, 1], [2.5, 30, 0], [0.5, 20, 1], [1.0, 20, 0]]
    frame: Any = rows
    if how == "array":
        frame = np.array(rows)
    elif how != "list":
        library = pytest.importorskip(how)
        frame = library.DataFrame({name: [row[i] for row in rows] for i, name in enumerate("abc")})
    fixed = bnnsat.FixedPoint.fit(frame, 2)
    assert fixed(frame).tolist() == [[0, 0, 1], [3, 3, 0], [2, 2, 1], [2, 2, 0]]
    assert (fixed.most, fixed.bits, fixed.apart) == ((3, 3, 1), 2, ())
    if how == "pandas":
        assert fixed(frame[["c", "b", "a"]].assign(more=1)).tolist() == fixed(frame).tolist()
        with pytest.raises(InputError, match="column 'b' is missing"):
            fixed(frame[["a", "c"]])
    assert bnnsat.FixedPoint.of(json.loads(json.dumps(fixed.noted()))) == fixed
    assert fixed.values([3, 0, 1]) == dict(zip(fixed.columns, (2.5, 10.0, 1.0), strict=True))


def test_texts_are_bits_and_constant_columns_say_nothing() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"t": list("xxyyz"), "n": [0.5, 1, 2, 3, 4], "k": [7] * 5, "same": ["u"] * 5})
    fixed = bnnsat.FixedPoint.fit(frame, 3)
    assert fixed.names == ("t = x", "t = y", "t = z", "n") and fixed.apart == ((0, 1, 2),)
    assert fixed(frame)[:, :3].tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert fixed.told([0, 0, 0, 7]) == "t = another, n = 4"
    assert fixed(frame.assign(t="new"))[:, :3].sum() == 0
    with pytest.raises(InputError, match="holds texts like 'a'"):
        fixed(frame.assign(n=list("abcde")))
    with pytest.raises(InputError, match="nothing to learn from"):
        bnnsat.FixedPoint.fit(frame[["k", "same"]])
    with pytest.raises(InputError, match="1 to 8 bits, not 9"):
        bnnsat.FixedPoint.fit(frame, 9)
    for wrong in (None, np.nan):
        with pytest.raises(InputError, match=r"column 'n' holds no value in row 2 \(1 row in all\)"):
            bnnsat.FixedPoint.fit(frame.assign(n=[0.5, wrong, 2, 3, 4]))


@pytest.mark.parametrize("norm", sorted(NORMS))
def test_changes_stay_among_what_rows_can_be(norm: str) -> None:
    """The least change by brute force over levels that there are, with at most one bit of a text."""
    most, apart = (7, 1, 1, 1), ((2, 3),)
    shape = IntegerShape.parse("4-2-1", "bit", 3, 3, True)
    possible = np.array([row for row in product(*(range(m + 1) for m in most)) if row[2] + row[3] <= 1])
    seen = set()
    for seed in range(5):
        rng = np.random.default_rng(seed)
        weights = [
            rng.integers(-4, 4, size) if len(size) == 2 else rng.integers(-9, 9, size) for size in shape.parameters
        ]
        network = IntegerNetwork.of(shape, weights)
        row = possible[rng.integers(len(possible))]
        others = possible[network.predict(possible) != network.predict(row[np.newaxis])[0]]
        far = np.abs(others - row)
        distances = {"l0": (far > 0).sum(1), "l1": far.sum(1), "l2": (far**2).sum(1), "linf": far.max(1, initial=0)}[
            norm
        ]
        found = changed(network, row, norm, most=most, apart=apart)
        assert (found.status, found.value) == (("OPTIMAL", distances.min()) if len(others) else ("IMPOSSIBLE", None))
        seen.add(found.status)
        for label in (0, 1):
            there = (network.predict(possible) == label).any()
            assert reached(network, label, most=most, apart=apart).status == ("REFUTED" if there else "PROVED")
    assert "OPTIMAL" in seen


@pytest.fixture
def bnnsat_(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line in a folder with flowers.csv: exit code, and what it printed."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = [
        (rng.normal(3 * kind, 1), rng.normal(-900 * kind, 400), i % 2, "rg"[i % 3 > 0])
        for kind in (0, 1)
        for i in range(20)
    ]
    lines = [f"{a:.2f},{b:.0f},{c},{d},{'no' if i < 20 else 'yes'}" for i, (a, b, c, d) in enumerate(rows)]
    Path("flowers.csv").write_text("\n".join(["size,depth,wet,hue,kind", *lines, ""]))

    def called(words: str) -> tuple[int, str, str]:
        code = run(words.split())
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


TRAIN = "train --data flowers.csv --activation relu --hidden 2 --quiet --json --time-limit 3"


def test_the_way_of_a_table(bnnsat_: Command) -> None:
    code, out, _ = bnnsat_(f"{TRAIN} --test-size 0.25 --out m")
    found = json.loads(out)
    assert code == 0 and found["input_bits"] == 4 and found["topology"] == "5-2-1"
    assert (found["examples"], found["test_examples"]) == (30, 10)
    model = IntegerModel.load("m")
    assert model.columns is not None and json.loads(Path("m/model.json").read_text())["version"] == 2
    # Columns by name, in any order, with others and without labels.
    table = [line.split(",") for line in Path("flowers.csv").read_text().split()]
    turned = [",".join([*row[::-1], "more" if i == 0 else str(i / 7)]) for i, row in enumerate(table)]
    Path("turned.csv").write_text("\n".join([*turned, ""]))
    Path("bare.csv").write_text("\n".join([",".join(row[:-1]) for row in table] + [""]))
    said = [bnnsat_(f"predict m --data {name}.csv")[1:] for name in ("flowers", "turned", "bare")]
    assert said[0][0] == said[1][0] == said[2][0] and set(said[0][0].split()) <= {"no", "yes"}
    right = sum(a == row[-1] for a, row in zip(said[0][0].split(), table[1:], strict=True))
    assert said[0][1] == said[1][1] and f"{right} of 40 right" in said[0][1]
    assert said[2][1] == "40 examples, none with a label\n"
    Path("less.csv").write_text("\n".join([",".join(row[1:]) for row in table] + [""]))
    code, _, err = bnnsat_("predict m --data less.csv")
    assert (code, err.count("\n")) == (2, 1) and "column 'size' is missing" in err
    Path("holes.csv").write_text(Path("flowers.csv").read_text().replace(table[3][0] + ",", ",", 1))
    code, _, err = bnnsat_("predict m --data holes.csv")
    assert (code, err.count("\n")) == (2, 1) and "column 'size' holds no value in row 3" in err
    assert bnnsat_("predict m --data mnist8x8")[0] == 2
    shown = bnnsat_("show m")[1]
    assert "x2: wet (0 is 0, 1 is 1)" in shown and "x0: size (0 is " in shown and "x3: hue = g" in shown
    assert bnnsat_(f"certify m --bound {found['lower_bound']} --out c")[0] == 0
    assert f"makes {found['errors']} error" in bnnsat.check("c")
    # The same from elsewhere; other data are refused.
    Path("flowers.csv").rename("moved.csv")
    assert bnnsat_("certify m --data moved.csv --out c2")[0] == 0
    code, _, err = bnnsat_("certify m --data holes.csv --out c3")
    assert code == 2 and err.count("\n") == 1


def test_robustness_is_told_in_the_units_of_the_columns(bnnsat_: Command) -> None:
    assert bnnsat_(f"{TRAIN} --out m")[0] == 0
    model = IntegerModel.load("m")
    assert model.columns is not None
    code, out, _ = bnnsat_("verify m robust --data flowers.csv --example 3 --norm l1 --certificate c --json")
    found = json.loads(out)
    assert code == 0 and found["status"] == "OPTIMAL"
    assert found["values"] == json.loads(json.dumps(model.columns.values(found["counterexample"])))
    assert all(level <= most for level, most in zip(found["counterexample"], model.columns.most, strict=True))
    assert found["new_label"] == model.called(model.network.predict([found["counterexample"]]))[0] != found["label"]
    SCHEMA.check_schema(SCHEMA.schema)
    SCHEMA.validate(found)
    reached_ = json.loads(bnnsat_("verify m reach --label yes --json")[1])
    SCHEMA.validate(reached_)
    assert (reached_["status"], reached_["labels"]) == ("REFUTED", ["yes"])
    less = f"--norm l1 --radius {found['value'] - 1}"
    within = json.loads(bnnsat_(f"verify m robust --data flowers.csv --example 3 {less} --json")[1])
    SCHEMA.validate(within)
    assert (within["status"], within["lower_bound"], within["changed"]) == ("PROVED", found["value"], [])
    code, _, error = bnnsat_("verify m robust --data flowers.csv --example 3 --radius -3")
    assert (code, error.count("\n")) == (2, 1)
    assert "negative" in error
    assert f"attain {found['value']}" in bnnsat.check("c")
    out = bnnsat_("verify m robust --data flowers.csv --example 3 --norm l1")[1]
    assert "(l1, over levels)" in out and "that is size = " in out


def test_levels_are_fitted_on_what_is_learned_alone(bnnsat_: Command) -> None:
    lines = Path("flowers.csv").read_text().split()
    assert bnnsat_(f"{TRAIN} --test-size 0.25 --out m")[0] == 0
    first = IntegerModel.load("m").columns
    assert first is not None
    low = first.rules[0].low if isinstance(first.rules[0], Scale) else None
    # Whatever is held back goes far beyond: the levels are the same.
    kept = dict(enumerate(lines[1:]))
    from bnnsat.data.draws import held_back

    held = np.flatnonzero(held_back(np.repeat([0, 1], 20), 0.25, 0, None))
    for row in held.tolist():
        kept[row] = ",".join(["-12345.5", *kept[row].split(",")[1:]])
    Path("flowers.csv").write_text("\n".join([lines[0], *kept.values(), ""]))
    assert bnnsat_(f"{TRAIN} --test-size 0.25 --out n")[0] == 0
    assert IntegerModel.load("n").columns == first and low != -12345.5


def test_tables_of_whole_numbers_stay_as_they_are(bnnsat_: Command) -> None:
    Path("whole.csv").write_text("a,b,label\n200,12,1\n3,120,0\n250,9,1\n15,90,0\n")
    Path("small.csv").write_text("a,b,label\n20,12,1\n3,10,0\n25,9,1\n15,7,0\n")
    words = "train --activation relu --hidden 0 --quiet --json --data"
    for data, bits, shift in (("whole.csv", 8, 0), ("whole.csv --input-bits 4", 4, 4), ("small.csv", 5, 0)):
        assert json.loads(bnnsat_(f"{words} {data} --out m")[1])["input_bits"] == bits
        model = IntegerModel.load("m")
        assert (model.columns, model.shift) == (None, shift)
        assert json.loads(Path("m/model.json").read_text())["version"] == 1
    # Numbers that are no grey levels have levels where they are to have fewer bits.
    assert bnnsat_(f"{words} small.csv --input-bits 2 --out m")[0] == 0
    model = IntegerModel.load("m")
    assert model.columns is not None and model.columns.bits == 2
    assert bnnsat_("certify m --out c")[0] == 0


def test_shapes_and_cubes_of_a_table(bnnsat_: Command) -> None:
    words = "shapes --data flowers.csv --activation relu --input-bits 2 --weight-bits 2 --hidden-layers 0 --quiet"
    assert bnnsat_(f"{words} --columns size,depth --time-limit 20 --out s")[0] == 0
    model = IntegerModel.load("s")
    assert model.columns is not None and model.columns.columns == ("size", "depth")
    assert "no network" in bnnsat.check("s/certificate") or "makes" in bnnsat.check("s/certificate")
    assert bnnsat_("conquer s --cubes 2 --quiet --out q")[0] == 0
    assert bnnsat_("predict s --data flowers.csv")[0] == 0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("a,label\n0.5,x\n,y\n1.5,x\n", "column 'a' holds no value in row 2"),
        ("a,label\n0.5,x\n0.5,y\n", "no column tells its rows apart"),
        ("a,b,label\n0.5,p,x\n0.7,,y\n", "column 'b' holds no value in row 2"),
        ("a,b,label\n0.5,p,x\n0.5,q,y\n0.5,r,y\n", "apart, but b, of texts that are all rare"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(table: str, said: str, bnnsat_: Command) -> None:
    Path("t.csv").write_text(table)
    code, _, err = bnnsat_("train --data t.csv --activation relu --hidden 0")
    assert (code, err.count("\n")) == (2, 1) and said in err


def test_damaged_levels_are_refused() -> None:
    network = IntegerNetwork(IntegerShape.parse("1-1", input_bits=2), (((1,),),))
    model = IntegerModel(network, columns=bnnsat.FixedPoint.fit([[0.5], [1.5]], 2))
    text = model.dumps()
    assert IntegerModel.loads(text, "m") == model
    for old, new in (
        (b'"low": 0.5', b'"low": 2.5'),
        (b'"low": 0.5', b'"low": NaN'),
        (b'"low": 0.5', b'"low": true'),
        (b'"bits": 2', b'"bits": 3'),
        (b'"bits": 2', b'"bits": 9'),
        (b'"scale"', b'"scales"'),
        (b'"column": "x0"', b'"column": 0'),
        (b'"columns"', b'"column"'),
        (b'"version": 2', b'"version": 3'),
    ):
        assert old in text
        with pytest.raises(InputError):
            IntegerModel.loads(text.replace(old, new, 1), "m")
    with pytest.raises(InputError, match="no inputs of a network"):
        IntegerModel(network, columns=bnnsat.FixedPoint.fit([[0.5, 2], [1.5, 3]], 2))


def test_why_a_column_is_left_out_is_said(bnnsat_: Command) -> None:
    lines = [f"2024-{1 + i // 28:02}-{1 + i % 28:02},{i / 4},7,{'no' if i < 30 else 'yes'}" for i in range(60)]
    Path("dates.csv").write_text("\n".join(["day,size,same,label", *lines, ""]))
    code, _, err = bnnsat_("train --data dates.csv --activation relu --hidden 0 --time-limit 2")
    assert code == 0
    assert "of one value in training, and left out: same\n" in err
    assert "of texts that are all rare, and left out: day\n" in err
    assert "'day': dates are categories; to compare them write numbers" in err
