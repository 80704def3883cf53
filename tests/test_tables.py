"""Tables as people have them: what is read, what is told apart, and the bits that are made of them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import operator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often

from bnnsat.cli import _run
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.options import Options
from bnnsat.prediction import predicted
from bnnsat.result import model_of
from bnnsat.shape import Shape
from bnnsat.tables import cuts, rules, ways
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.files import read_table, written
from bnnsat.tables.frames import table_of
from bnnsat.tables.labels import coded
from bnnsat.tables.roles import parted
from bnnsat.tables.table import Column, Label, Table
from bnnsat.trainer import train

IRIS = "sepal,petal,species\n5.1,1.5,setosa\n4.9,?,versicolor\n6,4,virginica\n,1,setosa\n7,4.5,versicolor\n"


def table(tmp_path: Path, content: str | bytes, name: str = "t.csv", **options: Any) -> Table:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = read_table(str(path), **options)
    # All of it is wanted.
    return found.keep(found.names)


def held(found: Table) -> dict[str, list[Label | None]]:
    return {column.name: column.said() for column in found.columns}


# Reading


def test_columns_are_of_the_type_that_all_their_cells_are(tmp_path: Path) -> None:
    found = table(tmp_path, 'a,b,c,d\n1,x,True,0.5\n,"y, ""z""",false,?\n-3,NA,, 1e3 \n')
    assert held(found) == {
        "a": [1, None, -3],
        "b": ["x", 'y, "z"', None],
        "c": [True, False, None],
        "d": [0.5, None, 1000],
    }
    assert [column.kind for column in found.columns] == ["number", "text", "truth", "number"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_line_ends_and_marks_are_told(tmp_path: Path, separator: str, start: str, end: str) -> None:
    rows = [["a", "b c", "y"], ["1.5", "x", "0"], ["2", "y", "1"]]
    found = table(tmp_path, (start + "".join(separator.join(row) + end for row in rows)).encode())
    assert held(found) == {"a": [1.5, 2], "b c": ["x", "y"], "y": [0, 1]}


def test_decimal_commas_are_told_where_they_are_unambiguous(tmp_path: Path) -> None:
    assert held(table(tmp_path, "a;y\n1,5;0\n2;1\n")) == {"a": [1.5, 2], "y": [0, 1]}
    for text, odd in (
        ("a;b;y\n1,5;0.5;0\n2;1;1\n", "1,5"),
        ("a;y\n1,200;0\n300;1\n", "1,200"),
        ("a;y\n1.200,5;0\n300,5;1\n", "1.200,5"),
        ("a,y\n1 200,0\n300,1\n", "1 200"),
    ):
        with pytest.raises(InputError, match=f"column 'a' holds '{odd}'"):
            table(tmp_path, text)
    assert held(table(tmp_path, "a;y\n0,125;0\n1,250;1\n")) == {"a": [0.125, 1.25], "y": [0, 1]}


def test_packed_and_wide_texts_are_read(tmp_path: Path) -> None:
    wanted = held(table(tmp_path, IRIS))
    assert held(table(tmp_path, gzip.compress(IRIS.encode()), "t.csv.gz")) == wanted
    assert held(table(tmp_path, IRIS.encode("utf-16"))) == wanted
    with pytest.raises(InputError, match="damaged gzip"):
        table(tmp_path, gzip.compress(IRIS.encode())[:-9], "t.csv.gz")


def test_typed_files_are_read_as_they_are(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"i": [1, None, 3], "f": [0.5, None, 2.0], "b": [True, None, False], "t": ["x", None, "y"]},
    ).with_columns(pl.col("t").cast(pl.Categorical).alias("c"))
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_ipc(tmp_path / "t.feather")
    wanted = {
        "i": [1, None, 3],
        "f": [0.5, None, 2],
        "b": [True, None, False],
        "t": ["x", None, "y"],
        "c": ["x", None, "y"],
    }
    for name in ("t.parquet", "t.feather"):
        assert held(read_table(str(tmp_path / name))) == wanted
    for cut in (4, 40, 400):
        whole = (tmp_path / "t.parquet").read_bytes()
        with pytest.raises(InputError, match=r"cut\.parquet: (damaged|neither)"):
            table(tmp_path, whole[:-cut], "cut.parquet")
    with pytest.raises(InputError, match="encrypted"):
        table(tmp_path, b"PARE" + b"x" * 40, "e.parquet")
    pl.DataFrame({"l": [[1], [2]]}).write_parquet(tmp_path / "l.parquet")
    with pytest.raises(InputError, match="column 'l' holds List"):
        read_table(str(tmp_path / "l.parquet")).column("l")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b,y\n1,2,0\n3,4,1\n", ["a", "b", "y"]),
        ("0,1,2\n0,1,1\n1,1,0\n", ["0", "1", "2"]),
        ("0,1,2,target\n5,1,1,0\n3,2,2,1\n", ["0", "1", "2", "target"]),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n6,3,virginica\n", ["1", "2", "3"]),
        ("1,0,1,0,y\n1,1,1,0,n\n0,0,1,0,y\n", ["1", "2", "3", "4", "5"]),
        ("1,0,1\n0,1,1\n", ["1", "2", "3"]),
        ("0,1\n1,0\n", ["1", "2"]),
        ("0,1,2\n1,1,2\n0,0,0\n", ["1", "2", "3"]),
        ("p,x,s\np,x,t\ne,b,s\n", ["1", "2", "3"]),
        ("name,town\nann,rome\nbob,bonn\n", ["name", "town"]),
        ("name,2019,2020\nann,1,2\nbob,3,4\n", ["name", "2019", "2020"]),
        ("name,1.5\nann,1\nbob,3\n", ["1", "2"]),
        ("a,y\n1,y\n2,n\n", ["a", "y"]),
        ("anna,23,77\nbob,31,66\ncarl,44,12\n", ["1", "2", "3"]),
    ],
)
def test_headers_are_told_by_what_they_say(tmp_path: Path, text: str, names: list[str]) -> None:
    found = table(tmp_path, text)
    assert found.names == names
    assert any("no header" in note for note in found.notes) == (names[0] == "1")
    assert len(table(tmp_path, text, header=False)) == text.count("\n")
    if "1,0,1" not in text:
        assert len(table(tmp_path, text, header=True)) == text.count("\n") - 1


def test_an_index_is_left_out_with_a_word(tmp_path: Path) -> None:
    for first in ("", "Unnamed: 0"):
        found = table(tmp_path, f"{first},a,y\n0,5,x\n1,6,y\n2,5,x\n")
        assert found.names == ["a", "y"] and "numbers the rows" in found.notes[0]
    assert table(tmp_path, ",a,y\n4,5,x\n1,6,y\n2,5,x\n").names == ["a", "y"]
    found = table(tmp_path, ",a,y\n4,5,x\n4,6,y\n2,5,x\n")
    assert found.names == ["column 1", "a", "y"] and not found.notes


BAD = {
    "empty": ("", "holds no row"),
    "blank lines": ("\n\n\n", "holds no row"),
    "only a header": ("a,b,c\n", "a header and no row below"),
    "short row": ("a,b\n1,2\n3\n", "line 3 has 1 column and the first has 2"),
    "long row": ("a,b\n1,2\n3,4,5\n", "line 3 has 3 columns and the first has 2"),
    "short quoted row": ('a,b\n1,"2"\n3\n', "row 3 has 1 column"),
    "open quote": ('a,b\n1,"2\n3,4\n', "not a text table"),
    "infinity": ("a,y\ninf,0\n1,1\n", "column 'a' holds inf in row 1"),
    "too large": ("a,y\n1,0\n1e400,1\n", "column 'a' holds inf in row 2"),
    "mixed": (
        "a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(30)) + "abc,1\n",
        "holds 'abc' in row 31 among numbers",
    ),
    "twice": ("a,a,y\n1,2,0\n3,4,1\n", "two columns are called 'a'"),
    "latin": ("größe,y\n1,0\n2,1\n".encode("latin-1"), "line 1 is no UTF-8 text"),
    "zero byte": (b"a,y\n1,0\n\0,1\n", "zero bytes"),
    "binary": (bytes(range(256)) * 4, "zero bytes|UTF-8|no table|columns"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD.keys())
def test_what_is_no_table_is_refused_with_its_place(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        table(tmp_path, content)
    assert "t.csv" in str(refusal.value) and "\n" not in str(refusal.value)


@given(data=st.data())
@often(60)
def test_texts_come_back_as_written(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    rows, width = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4))
    words = st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Cs", "Zl", "Zp")), min_size=1, max_size=6
    )
    cells = [[data.draw(words.map(lambda word: "x" + word)) for _ in range(width)] for _ in range(rows)]
    buffer = io.StringIO()
    separator = data.draw(st.sampled_from([",", ";", "\t"]))
    writer = csv.writer(
        buffer, delimiter=separator, quoting=data.draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
    )
    writer.writerow([f"name {place}" for place in range(width)])
    writer.writerows(cells)
    path = tmp_path_factory.mktemp("t") / ("t.csv" if separator == "," else "t.tsv")
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")
    found = read_table(str(path), True)
    if width > 1:
        assert [list(row) for row in zip(*held(found).values(), strict=True)] == cells
    else:
        assert len(found) == rows


@given(content=st.binary(max_size=60) | st.text('01,.-e\n\r" ;xé?', max_size=40).map(str.encode))
@often(200)
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        found = read_table(str(path))
    except InputError as error:
        refusal = str(error)
    else:
        assert len(found) >= 1 and len(set(found.names)) == len(found.names)
        return
    assert str(path) in refusal and "\n" not in refusal


def test_tables_are_written_as_they_are_read(tmp_path: Path) -> None:
    found = table(tmp_path, IRIS)
    for name in ("o.csv", "o.tsv", "o.parquet", "o.feather"):
        assert held(table(tmp_path, written(found, name), name)) == held(found)
    with pytest.raises(InputError, match="no format of tables"):
        written(found, "o.txt")


def test_frames_arrays_and_lists_are_tables() -> None:
    wanted = {"a": [1, 2, None], "b": ["x", None, "y"], "c": [True, False, True]}
    assert held(table_of(pl.DataFrame(wanted))) == wanted
    assert held(table_of([[1, "x", True], [2, None, False], [None, "y", True]], names=["a", "b", "c"])) == wanted
    assert held(table_of(np.array([[1.5, np.nan]]))) == {"x0": [1.5], "x1": [None]}
    bads: list[Any] = [[[1, 2], [3]], [1, 2], [[[1]]], [[{}]], [[1], ["x"]], [[float("inf")]]]
    for bad in bads:
        with pytest.raises(InputError):
            table_of(bad)


def test_pandas_frames_are_tables() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(
        {
            "a": [1, 2, 3],
            "b": pandas.Series([1, None, 3], dtype="Int64"),
            "c": pandas.Categorical(["x", None, "y"]),
            "d": ["u", "v", None],
            "e": pandas.Series([True, None, False], dtype="boolean"),
        }
    )
    assert held(table_of(frame)) == {
        "a": [1, 2, 3],
        "b": [1, None, 3],
        "c": ["x", None, "y"],
        "d": ["u", "v", None],
        "e": [True, None, False],
    }


# Roles


def test_targets_are_found_by_name_number_or_place(tmp_path: Path) -> None:
    found = table(tmp_path, "a,label,b\n1,x,3\n2,y,4\n")
    for target, wanted in ((None, "label"), ("b", "b"), ("1", "a"), ("first", "a"), ("last", "b")):
        roles = parted(found, target=target)
        assert roles.target == wanted and wanted not in roles.inputs.names
    assert parted(found, drop=["a"]).inputs.names == ["b"]
    assert parted(found, columns=["b", "a"]).inputs.names == ["b", "a"]
    last = parted(table(tmp_path, "a,b\n1,x\n2,y\n"))
    assert last.target == "b" and "last column" in last.notes[0]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,b\n1,x\n2,y\n", {"target": "c"}, "no column 'c' for target; its columns are a, b"),
        ("a,b\n1,x\n2,x\n", {}, "target 'b' has one value only, 'x'"),
        ("a,b\n1,\n2,?\n", {}, "all labels of target 'b' are missing"),
        ("a,b\n" + "".join(f"1,{i}\n" for i in range(1001)), {}, "1,001 distinct values"),
        ("a,b\n1,x\n2,y\n", {"drop": ["b"]}, "'b' is the target, which cannot be dropped"),
        ("a,b\n1,x\n2,y\n", {"drop": ["a"]}, "no column to learn from"),
        ("a,label,y\n1,x,0\n2,y,1\n", {}, "'label' and 'y' may be the target"),
    ],
)
def test_targets_that_cannot_be_learned_are_refused(
    tmp_path: Path, text: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        parted(table(tmp_path, text), **options)


def test_rows_without_a_label_and_empty_columns_are_left_out_with_a_word(tmp_path: Path) -> None:
    roles = parted(table(tmp_path, "a,b,y\n1,,u\n2,,\n3,,v\n"))
    assert roles.labels.tolist() == [0, 1] and roles.classes == ("u", "v") and roles.inputs.names == ["a"]
    assert "1 row without a label" in " ".join(roles.notes) and "left out: b" in " ".join(roles.notes)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["0", "1", "0"], ()),
        (["1", "2", "1"], (1, 2)),
        (["-1", "1", "1"], (-1, 1)),
        (["0.5", "1", "1"], (0.5, 1)),
        (["yes", "no", "no"], ("no", "yes")),
        (["True", "False", "True"], (False, True)),
        (["3", "7", "5"], (3, 5, 7)),
    ],
)
def test_labels_keep_their_type(tmp_path: Path, labels: list[str], classes: tuple[Label, ...]) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{i},{label}\n" for i, label in enumerate(labels)))
    dataset = read(tmp_path / "t.csv")
    assert dataset.names == classes
    assert [type(name) for name in dataset.names] == [type(name) for name in classes]


# Cuts


@given(st.lists(st.integers(-6, 6) | st.floats(-3, 3, width=16), min_size=2, max_size=30), st.integers(1, 6))
@often(100)
def test_cuts_part_neighbours(numbers: list[float], count: int) -> None:
    values = np.array(numbers, dtype=np.float64)
    distinct = np.unique(values)
    labels = (np.arange(len(values)) % 3).astype(np.int64)
    for found in (
        cuts.quantiles(values, count),
        cuts.uniform(values, count),
        cuts.supervised(values, labels, count),
    ):
        assert found == sorted(set(found)) and len(found) <= min(count, len(distinct) - 1)
        # Each has values on both sides, and no two part the same.
        parts = [int((values <= cut).sum()) for cut in found]
        assert len(set(parts)) == len(parts) and all(0 < part < len(values) for part in parts)
    if len(distinct) > 1:
        assert cuts.quantiles(values, count) and cuts.supervised(values, labels, count)
    if len(distinct) <= count + 1:
        assert len(cuts.quantiles(values, count)) == len(distinct) - 1


def _entropy(labels: list[int]) -> float:
    shares = np.array([labels.count(label) / len(labels) for label in set(labels)])
    return float(-(shares * np.log2(shares)).sum())


def _plain_cuts(rows: list[tuple[float, int]], first: bool) -> list[float]:
    """Fayyad and Irani's cuts by their recursion, word for word."""
    labels, best = [label for _, label in rows], None
    for place in range(1, len(rows)):
        if rows[place - 1][0] == rows[place][0]:
            continue
        left, right = labels[:place], labels[place:]
        here = (place * _entropy(left) + len(right) * _entropy(right)) / len(rows)
        if best is None or here < best[0] - 1e-12:
            best = here, place
    if best is None:
        return []
    gain, (left, right) = _entropy(labels) - best[0], (labels[: best[1]], labels[best[1] :])
    k, k1, k2 = (len(set(part)) for part in (labels, left, right))
    delta = np.log2(3**k - 2) - (k * _entropy(labels) - k1 * _entropy(left) - k2 * _entropy(right))
    if not first and not gain > (np.log2(len(rows) - 1) + delta) / len(rows):
        return []
    low, high = rows[best[1] - 1][0], rows[best[1]][0]
    return sorted([(low + high) / 2, *_plain_cuts(rows[: best[1]], False), *_plain_cuts(rows[best[1] :], False)])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), min_size=2, max_size=60), st.integers(0, 2**32 - 1))
@often(60)
def test_supervised_cuts_are_those_of_the_paper(drawn: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    # No two cuts tell the same, or it would be open which comes first.
    rows = sorted((value + float(rng.random()), label) for value, label in drawn)
    values, labels = np.array([v for v, _ in rows]), np.array([label for _, label in rows])
    wanted = _plain_cuts(rows, True)
    found = cuts.supervised(values, labels, 255)
    if len(set(map(tuple, (values[:, np.newaxis] <= np.array(wanted)).T))) == len(wanted):
        assert (values[:, np.newaxis] <= np.array(found)).sum() == (
            values[:, np.newaxis] <= np.array(wanted)
        ).sum() or (len(found) == len(wanted))


# Bits


def mixed(tmp_path: Path, rows: int = 40, seed: int = 0) -> Table:
    rng, lines = np.random.default_rng(seed), ["size,colour,ok,count,flag,y"]
    for _ in range(rows):
        colour = rng.choice(["red", "green", "blue", "rare one", ""], p=[0.4, 0.3, 0.2, 0.05, 0.05])
        size = "" if rng.random() < 0.1 else f"{rng.normal():.3f}"
        flag = rng.integers(2)
        lines.append(f"{size},{colour},{rng.random() < 0.5},{rng.integers(9)},{flag},{'uv'[rng.integers(2)]}")
    return table(tmp_path, "\n".join(lines))


def _holds(term: str, row: dict[str, Label | None]) -> bool:
    """A term by its plain words."""
    for name, value in row.items():
        if term == f"{name} missing":
            return value is None
        if term == name:
            return value is not None and bool(value)
        for word, compare in ((" <= ", operator.le), (" > ", operator.gt), (" = ", operator.eq)):
            if term.startswith(name + word):
                right = term.removeprefix(name + word)
                return value is not None and bool(compare(value, right if word == " = " else float(right)))
        if f" < {name} <= " in term:
            low, high = map(float, term.split(f" < {name} <= "))
            return value is not None and low < float(value) <= high
    raise AssertionError(term)


@pytest.mark.parametrize("way", ["quantiles:4", "uniform:3", "supervised:5", "quantiles:3:intervals"])
def test_bits_say_what_their_names_say(tmp_path: Path, way: str) -> None:
    for seed in range(4):
        roles = parted(mixed(tmp_path, seed=seed))
        binarizer = TableBinarizer.fit(roles.inputs, roles.labels, way, {"colour": "onehot"})
        new = parted(mixed(tmp_path, 60, seed + 10)).inputs
        bits, cells = binarizer(new), held(new)
        for i in range(len(new)):
            row = {name: column[i] for name, column in cells.items()}
            assert [_holds(term, row) for term in binarizer.names] == bits[i].tolist()
        assert not [name for name in binarizer.names if "rare" in name and "=" not in name]
        first = binarizer(roles.inputs)
        assert ((first.any(axis=0)) & (~first.all(axis=0))).all()
        assert len(np.unique(first ^ first[:1], axis=1).T) == len(binarizer.names)
        for one, other in binarizer.implied():
            assert not (bits[:, one] & ~bits[:, other]).any()


def test_rare_texts_share_a_bit_and_unknown_ones_have_none(tmp_path: Path) -> None:
    text = "c,y\n" + "a,0\nb,1\n" * 10 + "z,0\nq,1\n"
    roles = parted(table(tmp_path, text))
    binarizer = TableBinarizer.fit(roles.inputs, roles.labels)
    assert binarizer.names == ("c = a", "c = b", "c is rare")
    new = table(tmp_path, "c\nq\nnew\n\na\n", header=True)
    assert binarizer(new).tolist() == [[False, False, True], [False] * 3, [True, False, False]]
    assert binarizer.notes(new) == [
        "column 'c': 1 row with values that training did not have (new): none of its bits is 1"
    ]
    missing = table(tmp_path, "c,d\nq,1\n,1\na,1\n")
    assert binarizer.notes(missing) == [
        "column 'c': 1 row without a value, which training always had: none of its bits is 1"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size,ok,count,flag\n1,True,2,1\n", "column 'colour' is missing; the model was trained with size, colour"),
        ("size,colour,ok,count,flag\nbig,red,True,2,1\n", "column 'size' holds texts like 'big'.*numbers there"),
        ("size,colour,ok,count,flag\n1,3,True,2,1\n", "column 'colour' holds numbers like 3"),
    ],
)
def test_columns_that_do_not_fit_the_rules_are_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    roles = parted(mixed(tmp_path))
    binarizer = TableBinarizer.fit(roles.inputs, roles.labels)
    if "holds numbers like 3" in message:
        # Numbers may be categories, too.
        assert binarizer(table(tmp_path, text)).shape[1] == len(binarizer.names)
        return
    with pytest.raises(InputError, match=message):
        binarizer(table(tmp_path, text))


def test_columns_are_matched_by_name_in_any_order(tmp_path: Path) -> None:
    whole = mixed(tmp_path)
    roles = parted(whole)
    binarizer = TableBinarizer.fit(roles.inputs, roles.labels)
    turned = Table(tuple(reversed(whole.columns)), "turned")
    assert (binarizer(turned) == binarizer(roles.inputs)).all()


@pytest.mark.parametrize(
    ("way", "named", "message"),
    [
        ("quantiles", {}, "unknown binarisation 'quantiles'"),
        ("quantiles:0", {}, "N from 1 to 255"),
        ("quantiles:3:x", {}, "unknown binarisation"),
        ("supervised:999", {}, "unknown binarisation"),
        (None, {"colour": "quantiles:3"}, "column 'colour' holds no numbers"),
        (None, {"colour": "bit"}, "column 'colour' holds other values than 0 and 1"),
        (None, {"hue": "onehot"}, "no column 'hue' for binarize"),
    ],
)
def test_ways_that_do_not_fit_are_refused(tmp_path: Path, way: str | None, named: dict[str, str], message: str) -> None:
    roles = parted(mixed(tmp_path))
    with pytest.raises(InputError, match=message):
        TableBinarizer.fit(roles.inputs, roles.labels, way, named)


def test_a_table_without_differences_is_refused(tmp_path: Path) -> None:
    roles = parted(table(tmp_path, "a,y\n1,0\n1,1\n"))
    with pytest.raises(InputError, match="no column tells its rows apart"):
        TableBinarizer.fit(roles.inputs, roles.labels)


@pytest.mark.parametrize("change", ["kind", "column", "kept", "cuts", "texts", "twice", "missing"])
def test_noted_rules_come_back_or_are_refused(tmp_path: Path, change: str) -> None:
    roles = parted(mixed(tmp_path))
    binarizer = TableBinarizer.fit(roles.inputs, roles.labels, "supervised:3", {"count": "onehot:3"})
    noted = json.loads(json.dumps(binarizer.noted()))
    assert TableBinarizer.of("supervised:3", noted) == binarizer
    match change:
        case "kind":
            noted["rules"][0]["kind"] = "other"
        case "column":
            noted["rules"][0]["column"] = 3
        case "kept":
            noted["kept"][-1] = 999
        case "cuts":
            noted["rules"][0]["cuts"] = ["x"]
        case "texts":
            noted["rules"][1]["common"] = [3]
        case "twice":
            noted["rules"].append(noted["rules"][0])
        case "missing":
            del noted["rules"][0]["missing"]
    with pytest.raises(InputError):
        TableBinarizer.of("supervised:3", noted)


# From a table to a model and back


def task(path: Path, **options: Any) -> Task:
    return Task.chosen(TaskOptions(str(path), **options), None)


def test_models_of_tables_predict_what_training_counted(tmp_path: Path) -> None:
    mixed(tmp_path)
    made = task(tmp_path / "t.csv", target="y", rules=("count=uniform:2",))
    shape = Shape.parse(f"{made.inputs.shape[1]}-2-1", thresholds="learned")
    trained = train(made.inputs, made.labels, shape, Options(time_limit=2))
    model = model_of(made, trained)
    model.save(tmp_path / "m.json")
    loaded = Model.load(tmp_path / "m.json")
    assert loaded == model and loaded.labels == ("u", "v")
    found = read_table(str(tmp_path / "t.csv"))
    named = loaded.predict(found)
    wanted = held(found)["y"]
    assert sum(a != b for a, b in zip(named.tolist(), wanted, strict=True)) == trained.errors
    frame = pl.DataFrame(held(found))
    assert (loaded.predict(frame) == named).all()
    again = Task.chosen(TaskOptions.of(json.loads(json.dumps(made.options.noted() if made.options else {}))), 1)
    assert again.digest == made.digest


def test_columns_of_bits_are_the_bits_in_their_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    bits = rng.integers(2, size=(20, 5))
    bits[:, 2] = 1
    lines = [",".join(map(str, [*row, row[0] ^ row[1]])) for row in bits.tolist()]
    (tmp_path / "t.csv").write_text("a,b,c,d,e,y\n" + "\n".join(lines))
    made = task(tmp_path / "t.csv")
    assert (made.inputs == bits.astype(bool)).all() and made.names == ()
    assert made.preprocessing.names(5) == ("a", "b", "c", "d", "e")
    assert read(tmp_path / "t.csv").train.grey.tolist() == bits.tolist()


def test_grey_levels_in_columns_are_binarised_as_such(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(256, size=(20, 4))
    lines = [",".join(map(str, [*row, i % 2])) for i, row in enumerate(grey.tolist())]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    assert (task(tmp_path / "t.csv", binarize="threshold:100").inputs == (grey >= 100)).all()
    (tmp_path / "t.csv").write_text("3,-1,0\n4,5,1\n")
    with pytest.raises(InputError, match=r"column '2' holds -1 in row 1"):
        task(tmp_path / "t.csv", binarize="image-mean")


@pytest.mark.parametrize("positive", ["setosa", "virginica"])
def test_one_label_against_the_rest(tmp_path: Path, positive: str) -> None:
    (tmp_path / "t.csv").write_text(IRIS)
    made = task(tmp_path / "t.csv", positive=positive)
    assert made.names == (f"not {positive}", positive)
    labels = [line.split(",")[-1] for line in IRIS.split()[1:]]
    assert made.labels.tolist() == [int(label == positive) for label in labels]
    with pytest.raises(InputError, match="no label 'rose'; its labels are setosa, versicolor, virginica"):
        task(tmp_path / "t.csv", positive="rose")
    with pytest.raises(InputError, match="learn one against the rest"):
        Task.chosen(TaskOptions(str(tmp_path / "t.csv")), 1)


def test_test_examples_are_held_back_and_rules_never_see_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    lines = [f"{rng.normal():.4f},{i % 2}" for i in range(40)]
    (tmp_path / "t.csv").write_text("a,y\n" + "\n".join(lines))
    made = task(tmp_path / "t.csv", test_size=0.25, binarize="quantiles:255")
    assert made.test_labels is not None and np.bincount(made.test_labels).tolist() == [5, 5]
    assert np.bincount(made.labels).tolist() == [15, 15]
    # As many cuts as there are neighbours among those that are learned.
    assert made.inputs.shape[1] == 29
    # Folds are of what is learned from alone.
    options = TaskOptions(str(tmp_path / "t.csv"), test_size=0.25, binarize="quantiles:255")
    parts = [Task.chosen(options, None, (fold, 3)) for fold in range(3)]
    assert sum(len(part.labels) for part in parts) == 60
    assert sum(0 if part.test_labels is None else len(part.test_labels) for part in parts) == 30
    same = task(tmp_path / "t.csv", test_size=0.25, binarize="quantiles:255")
    assert same.digest == made.digest
    assert task(tmp_path / "t.csv", test_size=0.25, seed=1, binarize="quantiles:255").digest != made.digest


def test_test_data_are_another_table_with_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(IRIS)
    (tmp_path / "new.csv").write_text("species,petal,sepal\nvirginica,4,6\nsetosa,1,5\n,2,2\n")
    made = task(tmp_path / "t.csv", target="species", test_data=str(tmp_path / "new.csv"))
    assert made.test_labels is not None and made.test_labels.tolist() == [2, 0]
    (tmp_path / "new.csv").write_text("species,petal,sepal\nrose,4,6\nsetosa,1,5\n")
    with pytest.raises(InputError, match="row 1 has label 'rose' in 'species'; the model knows setosa"):
        task(tmp_path / "t.csv", target="species", test_data=str(tmp_path / "new.csv"))


def test_rules_are_one_file_a_kind_and_every_way_has_one(tmp_path: Path) -> None:
    column = Column.numbers("a", np.array([0.0, 1, 1, 0]))
    for way in ways.WAYS:
        assert ways.fitted(way.replace("N", "3"), column, np.array([0, 1, 1, 0])).column == "a"


def test_numbers_as_categories_are_the_same_whatever_stands_beside_them(tmp_path: Path) -> None:
    roles = parted(table(tmp_path, "c,y\n" + "1,0\n2,1\n3,0\n" * 4))
    binarizer = TableBinarizer.fit(roles.inputs, roles.labels, named={"c": "onehot"})
    assert binarizer.names == ("c = 1", "c = 2", "c = 3")
    new = table(tmp_path, "c\n1.0\n2\n2.5\n", header=True)
    assert binarizer(new).tolist() == [[True, False, False], [False, True, False], [False] * 3]


def test_whole_numbers_beyond_doubles_are_told_apart(tmp_path: Path) -> None:
    one, other = 9007199254740993, 9007199254740992
    found = table(tmp_path, f"id,y\n{one},{one}\n{other},{other}\n", header=True)
    assert held(found) == {"id": [one, other], "y": [one, other]}
    assert parted(found).classes == (other, one) and parted(found).labels.tolist() == [1, 0]
    assert held(table_of(pl.DataFrame({"id": [one, other]}))) == {"id": [one, other]}
    assert held(table_of(np.array([[one], [other]]))) == {"x0": [one, other]}
    large = table_of(np.array([[1e20], [3e20]]))
    assert held(table(tmp_path, written(large, "l.parquet"), "l.parquet")) == held(large)


# What a second look found


@pytest.mark.parametrize(
    "change",
    [
        {"cuts": [9.0, 7.0]},
        {"cuts": [1.0, 1.0]},
        {"intervals": "false"},
        {"cuts": "12"},
    ],
)
def test_rules_that_would_say_something_else_are_refused(change: dict[str, Any]) -> None:
    noted = {"kind": "cuts", "column": "a", "missing": False, "cuts": [1.0, 2.0], "intervals": False}
    assert rules.rule_of(noted).names == ["a <= 1", "a <= 2"]
    with pytest.raises(InputError):
        rules.rule_of({**noted, **change})
    groups = {"kind": "groups", "column": "a", "missing": False, "common": ["x"], "rare": ["y"], "spelled": True}
    assert rules.rule_of(groups).names == ["a = x", "a is rare"]
    for wrong in ({"common": "xy"}, {"common": ["x", "x"]}, {"rare": ["x"]}, {"spelled": 1}):
        with pytest.raises(InputError):
            rules.rule_of({**groups, **wrong})


@pytest.mark.parametrize(
    ("values", "some"),
    [(["true", "false", "maybe"], "true,false"), (["01", "02", "A1"], "02,01"), (["1", "2", "x"], "1,2")],
)
def test_texts_are_read_as_they_are_spelled_whatever_is_beside_them(
    tmp_path: Path, values: list[str], some: str
) -> None:
    roles = parted(table(tmp_path, "c,y\n" + "".join(f"{v},{i}\n" for i, v in enumerate(values)) * 4))
    binarizer = TableBinarizer.fit(roles.inputs, roles.labels)
    new = table(tmp_path, "c\n" + some.replace(",", "\n") + "\n", header=True)
    wanted = [[f"c = {v}" == name for name in binarizer.names] for v in some.split(",")]
    assert binarizer(new).tolist() == wanted and not binarizer.notes(new)


def test_labels_are_those_that_are_spelled_so(tmp_path: Path) -> None:
    text = "a,y\n" + "".join(f"{i},{label}\n" for i, label in enumerate(["1", "1.0", "x"] * 4))
    made = parted(table(tmp_path, text))
    assert made.classes == ("1", "1.0", "x")
    answers = table(tmp_path, "y\n1.0\n1\n", header=True).columns[0]
    assert coded(answers, made.classes, "t").tolist() == [1, 0]
    with pytest.raises(InputError, match="has label '1e0'"):
        coded(table(tmp_path, "y\n1e0\n1\n", header=True).columns[0], made.classes, "t")
    assert coded(answers, (0, 1), "t").tolist() == [1, 1]


def test_the_positive_label_is_the_one_that_is_spelled_so(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "1,1\n2,1.0\n3,x\n" * 5)
    made = task(tmp_path / "t.csv", positive="1.0")
    model = model_of(made, train(made.inputs, made.labels, "5-1" if made.inputs.shape[1] == 5 else "2-1"))
    assert predicted(model, str(tmp_path / "t.csv")).known.tolist() == [0, 1, 0] * 5
    assert predicted(model, str(tmp_path / "t.csv"), positive="1").known.tolist() == [1, 0, 0] * 5


def test_columns_that_nobody_wants_may_hold_anything(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i % 7},{'n' if i % 2 else 'm'}\n" for i in range(40))
    (tmp_path / "t.csv").write_text("messy,a,y\n" + rows + "oops,3,m\n")
    with pytest.raises(InputError, match="column 'messy' holds 'oops' in row 41 among numbers"):
        task(tmp_path / "t.csv")
    made = task(tmp_path / "t.csv", drop=("messy",))
    assert made.columns == ("a",) == task(tmp_path / "t.csv", columns=("a",)).columns
    with pytest.raises(InputError, match="column 'messy' holds 'oops'"):
        task(tmp_path / "t.csv", drop=("y",), target="messy")
    groups = parted(read_table(str(tmp_path / "t.csv")), group="messy").groups
    assert groups is not None and len(np.unique(groups)) == 41
    model = model_of(made, train(made.inputs, made.labels, f"{made.inputs.shape[1]}-1", Options(time_limit=5)))
    found = predicted(model, str(tmp_path / "t.csv"))
    # Its cells come back as they were.
    assert found.table is not None and found.table.columns[0].texts_of()[-1] == "oops"
    (tmp_path / "t.csv").write_text("a\n" + "3\n" * 30 + "5\n7\n9\n" * 9 + "oops\n")
    with pytest.raises(InputError, match="column 'a' holds"):
        predicted(model, str(tmp_path / "t.csv"))


def test_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    with pytest.raises(InputError, match="two columns are called 'a'"):
        table_of(pandas.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(InputError, match="two columns are called '0'"):
        table_of(pandas.DataFrame([[1, 2]], columns=[0, "0"]))
    assert table(tmp_path, ",column 1,y\n5,1,u\n5,2,v\n").names == ["column 1'", "column 1", "y"]


def test_test_tables_have_the_columns_by_name_and_no_say(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("0,1,2,y\n" + "1,0,1,0\n0,1,1,1\n0,0,1,0\n" * 3)
    (tmp_path / "new.csv").write_text("q,0,1,y\n1,0,1,0\n")
    with pytest.raises(InputError, match="column '2' is missing"):
        task(tmp_path / "t.csv", test_data=str(tmp_path / "new.csv"))
    (tmp_path / "new.csv").write_text("2,1,0,y\n1,,1,0\n")
    with pytest.raises(InputError, match="column '1' holds no value in row 1"):
        task(tmp_path / "t.csv", test_data=str(tmp_path / "new.csv"))


def test_columns_of_grey_levels_are_matched_by_name(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(256, size=(20, 3))
    names = ["a", "b", "c"]
    rows = ["".join(f"{row[names.index(n)]}," for n in names) + str(int(row[0] > 99)) for row in grey]
    (tmp_path / "g.csv").write_text("a,b,c,y\n" + "\n".join(rows))
    made = task(tmp_path / "g.csv", binarize="threshold:100")
    model = model_of(made, train(made.inputs, made.labels, Shape.parse("3-1"), Options(time_limit=5)))
    model.save(tmp_path / "m.json")
    loaded = Model.load(tmp_path / "m.json")
    turned = ["".join(f"{row[names.index(n)]}," for n in "cba") + str(int(row[0] > 99)) for row in grey]
    (tmp_path / "turned.csv").write_text("c,b,a,y\n" + "\n".join(turned))
    found = [predicted(loaded, str(tmp_path / name)) for name in ("g.csv", "turned.csv")]
    assert found[0].labels == found[1].labels and found[0].accuracy == found[1].accuracy
    (tmp_path / "turned.csv").write_text("c,b,y\n1,2,0\n")
    with pytest.raises(InputError, match="column 'a' is missing"):
        predicted(loaded, str(tmp_path / "turned.csv"))
    with pytest.raises(InputError, match="no row has label 'zzz'"):
        predicted(loaded, str(tmp_path / "g.csv"), positive="zzz")


def test_odd_texts_and_numbers_are_no_crash(tmp_path: Path) -> None:
    assert table(tmp_path, "a,inf,y\n1,2,u\n3,4,v\n").names == ["a", "inf", "y"]
    wide = ",".join(f"c{i}" for i in range(5_000)) + ",y\n"
    row = ",".join(["1.5"] * 5_000)
    assert len(table(tmp_path, wide + f"{row},0\n{row},1\n").names) == 5_001
    assert held(table(tmp_path, 'size,y\n5" disk,u\n7" disk,v\n')) == {"size": ['5" disk', '7" disk'], "y": ["u", "v"]}
    huge = np.array([1e308, 1.2e308, 1.6e308, 1.7e308])
    assert len(cuts.quantiles(huge, 3)) == 3
    with pytest.raises(InputError, match="too large"):
        table_of([[10**400], [1]])
    (tmp_path / "t.csv").write_text("a,y\n1,0\n2,1\n")
    with pytest.raises(InputError, match="name a column twice"):
        TaskOptions("t.csv", rules=("a=uniform:2", "a=onehot:3"))
    pl.DataFrame({"a": [1, 2]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="leave the header out"):
        read_table(str(tmp_path / "t.parquet"), False)


def test_columns_that_say_nothing_are_neither_kept_nor_asked_for(tmp_path: Path) -> None:
    rows = "".join(f"id{i},{i % 5},{'uv'[i % 2]}\n" for i in range(20))
    made = task_of(tmp_path, "id,a,y\n" + rows)
    assert made.preprocessing.noted()["columns"]["rules"][0]["column"] == "a"
    assert "id" not in json.dumps(made.preprocessing.noted()) and "left out: id" in " ".join(made.notes)


def task_of(tmp_path: Path, text: str) -> Task:
    (tmp_path / "t.csv").write_text(text)
    return task(tmp_path / "t.csv")


def test_many_classes_are_told(tmp_path: Path) -> None:
    rows = "".join(f"{i % 7},{i * 1.5}\n" for i in range(30))
    assert "numbers are not predicted" in " ".join(task_of(tmp_path, "a,y\n" + rows).notes)


def test_tables_are_described_as_they_are_learned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text("no;size;colour;kind\n1;1,5;red;u\n2;2,5;blue;v\n3;;red;u\n4;3,5;blue;v\n")
    command = f"data describe --data {tmp_path / 't.csv'} --drop no --binarize size=uniform:1"
    assert _run(command.split()) == 0
    output = capsys.readouterr()
    assert "target            kind" in output.out and "labels            u: 2, v: 2" in output.out
    assert "bits              size <= 3, size missing\n                  colour = blue\n" in output.out
    assert "decimals have a comma" in output.err
    assert _run([*command.split(), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["bits"] == ["size <= 3", "size missing", "colour = blue"]
    assert facts["inputs"] == 3 and facts["target"] == "kind" and facts["labels"] == {"u": 2, "v": 2}
    assert _run([*command.split(), "--positive", "v", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"] == {"u": 2, "v": 2}
