"""What is proved of all inputs is what trying them all says; so are counts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product
from math import comb
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often

from bnnsat.certificates.check import check
from bnnsat.cli import _run
from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.errors import InputError, ResourceError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.properties import equal, ignores, keeps, monotone, reach
from bnnsat.shape import Shape
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.rules import Cuts, Groups, Truth
from bnnsat.tables.table import Column, Table
from bnnsat.types import Bits
from bnnsat.verification import counts as counting
from bnnsat.verification.answer import KEEPS, PROVED, REFUTED, UNKNOWN
from bnnsat.verification.counts import Ball, count
from bnnsat.verification.facts import SAT, TRIED, decided
from bnnsat.verification.fewest import fewest
from bnnsat.verification.minimum import minimum
from bnnsat.verification.simplify import simplified, without

ROOT = Path(__file__).resolve().parents[1]
RULES = (
    Cuts("age", True, (20.0, 40.0, 60.0)),
    Groups("colour", False, ("blue", "red"), ("grey", "pink")),
    Truth("member", True),
    Cuts("size", False, (1.0, 2.0), intervals=True),
)
VALUES: dict[str, list[Any]] = {
    "age": [10.0, 20.0, 30.0, 50.0, 99.0, None],
    "colour": ["blue", "red", "grey", "pink", "never seen", None],
    "member": [True, False, None],
    "size": [0.5, 1.5, 2.0, 3.0, None],
}
"""At least one of each kind that the rules tell apart, ascending where they are numbers."""


def table(rows: list[tuple[object, ...]]) -> Table:
    columns = []
    for name, cells in zip(VALUES, zip(*rows, strict=True), strict=True):
        missing = np.array([cell is None for cell in cells])
        if name == "colour":
            columns.append(Column.texts(name, np.array([str(cell) for cell in cells]), missing))
        elif name == "member":
            columns.append(Column(name, "truth", np.array([bool(cell) for cell in cells]), missing))
        else:
            columns.append(Column.numbers(name, np.array([np.nan if c is None else c for c in cells], dtype=float)))
    return Table(tuple(columns), "the table")


def network(rng: np.random.Generator, n: int, kind: str) -> Network:
    """A random network that reads n inputs; half-comparisons want an even number."""
    activation, _, head = kind.partition(" ")
    hidden = 2 * int(rng.integers(1, 3))
    topology = f"{n}-{hidden}-{1 if head == 'bit' else 3}"
    if activation == "half":
        shape = Shape.parse(topology, "half", head)
    else:
        weights = "ternary" if activation == "ternary" else "binary"
        plain = Shape.parse(topology, "popcount", head, weights=weights)
        shape = plain.with_thresholds([rng.integers(0, fan_in + 2, size=m).tolist() for m, fan_in in plain.matrices])
    return Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])


KINDS = ("popcount bit", "popcount argmax", "popcount onehot", "ternary bit", "half bit", "half onehot")


def of_bits(rng: np.random.Generator, kind: str, most: int = 6) -> Model:
    n = 2 * int(rng.integers(1, most // 2 + 1))
    order = tuple(rng.permutation(n).tolist()) if rng.integers(2) else None
    return Model(network(rng, n, kind), Preprocessing(Binarizer("bits"), order))


def of_columns(rng: np.random.Generator, kind: str) -> Model:
    every = sum(len(rule.terms) for rule in RULES)
    kept = sorted(rng.choice(every, size=2 * int(rng.integers(2, every // 2)), replace=False).tolist())
    binarizer = TableBinarizer("quantiles:4", RULES, tuple(kept))
    return Model(network(rng, len(kept), kind), Preprocessing(binarizer, tuple(rng.permutation(len(kept)).tolist())))


def everything(model: Model) -> Bits:
    """All inputs of a network, by the values of its columns or bits."""
    if isinstance(model.preprocessing.binarizer, TableBinarizer):
        bits = model.preprocessing.binarizer(table(list(product(*map(list, VALUES.values())))))
        return np.unique(bits, axis=0)
    n = model.network.shape.sizes[0]
    return ((np.arange(1 << n)[:, np.newaxis] >> np.arange(n)) & 1).astype(np.bool_)


def codes(model: Model, bits: Bits) -> list[int]:
    """Labels by the plain reading of each input alone."""
    order = model.preprocessing.order
    rows = bits if order is None else bits[:, list(order)]
    found = []
    for row in rows:
        labels = np.arange(model.network.shape.classes)
        right = model.network.right(np.tile(row, (len(labels), 1)), labels)
        found.append(int(labels[right][0]) if right.any() else -1)
    return found


models = st.builds(
    lambda seed, kind, columns: (of_columns if columns else of_bits)(np.random.default_rng(seed), kind),
    st.integers(0, 99999),
    st.sampled_from(KINDS),
    st.booleans(),
)


@given(models)
@often(40)
def test_inputs_are_those_of_values(model: Model) -> None:
    inputs = Inputs.of(model)
    found = inputs.numbered(0, inputs.total)
    assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, everything(model).tolist()))
    # Bits that all their clauses admit are those of an input, and no others.
    n = inputs.bits
    if n > 12:
        return
    every = ((np.arange(1 << n)[:, np.newaxis] >> np.arange(n)) & 1).astype(np.bool_)
    clauses = inputs.clauses(np.arange(1, n + 1, dtype=np.int32))
    admitted = ((every[:, np.abs(clauses) - 1] == (clauses > 0)).any(axis=2)).all(axis=1)
    assert admitted.tolist() == [inputs.hold(row) for row in every]
    assert sum(admitted) == inputs.total


def test_an_input_in_words_says_all_of_it_and_nothing_twice() -> None:
    model = of_columns(np.random.default_rng(0), "popcount bit")
    binarizer = TableBinarizer("quantiles:4", RULES, tuple(range(12)))
    inputs = Inputs.of(Model(model.network, Preprocessing(binarizer)))
    bits = binarizer(table([(30.0, "red", None, 1.5)]))[0]
    assert inputs.said(bits) == ["age > 20 or missing", "age <= 40", "colour = red", "member missing", "1 < size <= 2"]


@given(models, st.sampled_from([TRIED, SAT]), st.data())
@often(60)
def test_ignoring_is_what_trying_all_pairs_says(model: Model, method: str, data: st.DataObject) -> None:
    inputs = Inputs.of(model)
    names = [part.name for part in inputs.parts if len(part.places)]
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    places = [place for part in inputs.parts if part.name in chosen for place in part.places.tolist()]
    seen: dict[bytes, set[int]] = {}
    rows = everything(model)
    for row, label in zip(rows, codes(model, rows), strict=True):
        rest = row.copy()
        rest[places] = False
        seen.setdefault(rest.tobytes(), set()).add(label)
    found = decided(ignores(model, chosen), method)
    assert (found.status == PROVED) == all(len(labels) == 1 for labels in seen.values())
    if found.status == REFUTED:
        assert list(found.labels) == codes(model, np.array(found.inputs))


@given(models, st.sampled_from([TRIED, SAT]), st.booleans(), st.data())
@often(60)
def test_rising_is_what_trying_all_pairs_says(model: Model, method: str, falling: bool, data: st.DataObject) -> None:
    inputs = Inputs.of(model)
    ordered = [part for part in inputs.parts if len(part.ascending) and len(part.places)]
    if model.network.shape.head == "onehot" or not ordered:
        return
    part = data.draw(st.sampled_from(ordered))
    # Each value of the column with each larger one, all others being the same.
    values = part.ascending
    rows = everything(model)
    holds = True
    for row in np.unique(np.where(np.isin(np.arange(inputs.bits), part.places), False, rows), axis=0):
        several = np.tile(row, (len(values), 1))
        several[:, part.places] = values
        labels = codes(model, several)
        holds &= labels == sorted(labels, reverse=falling)
    found = decided(monotone(model, part.name, falling=falling), method)
    assert (found.status == PROVED) == holds


@given(models, st.sampled_from([TRIED, SAT]), st.data())
@often(40)
def test_a_label_is_reached_where_some_input_has_it(model: Model, method: str, data: st.DataObject) -> None:
    inputs = Inputs.of(model)
    labels = [*range(model.network.shape.classes), *(["none"] if model.network.shape.head == "onehot" else [])]
    label = data.draw(st.sampled_from(labels))
    bit, wanted = data.draw(st.integers(0, inputs.bits - 1)), data.draw(st.booleans())
    rows = everything(model)
    rows = rows[rows[:, bit] == wanted]
    condition = inputs.names[bit] if wanted else f"not {inputs.names[bit]}"
    if not len(rows):
        with pytest.raises(InputError, match="no input is such"):
            reach(model, label, [condition])
        return
    found = decided(reach(model, label, [condition]), method)
    assert (found.status == REFUTED) == ((-1 if label == "none" else label) in codes(model, rows))
    if found.inputs:
        assert found.inputs[0][bit] == wanted
    found = decided(keeps(model, label, [condition]), method)
    assert (found.status == PROVED) == (set(codes(model, rows)) == {-1 if label == "none" else label})


@given(models, st.sampled_from([TRIED, SAT]), st.integers(0, 99999))
@often(40)
def test_networks_are_equal_where_all_inputs_say_so(model: Model, method: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrices = [matrix.copy() for matrix in model.network.matrices()]
    layer = int(rng.integers(len(matrices)))
    matrices[layer].flat[rng.integers(matrices[layer].size)] ^= True
    other = Model(Network.of(model.network.shape, matrices), model.preprocessing)
    rows = everything(model)
    found = decided(equal(model, other), method)
    assert (found.status == PROVED) == (codes(model, rows) == codes(other, rows))
    assert decided(equal(model, model), method).status == PROVED


@given(models, st.data())
@often(40)
def test_counts_are_those_of_all_inputs(model: Model, data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    other = Model(network(rng, model.network.shape.sizes[0], data.draw(st.sampled_from(KINDS))), model.preprocessing)
    rows = everything(model)
    labels, classes = np.array(codes(model, rows)), model.network.shape.classes
    centre = rows[rng.integers(len(rows))]
    ball = Ball(centre, data.draw(st.integers(0, 4))) if data.draw(st.booleans()) else None
    near = np.ones(len(rows), dtype=bool) if ball is None else (rows != centre).sum(axis=1) <= ball.radius
    expected = [int((labels[near] == label).sum()) for label in range(classes)]
    compared = other.network.shape.classes == classes
    differing = int((labels != codes(other, rows))[near].sum()) if compared else None
    for method in ("enumeration", "counts"):
        try:
            with pytest.MonkeyPatch.context() as patch:
                # Large tables of counts take long, and are no other than small ones.
                patch.setattr(counting, "MOST_STATES", 1 << 13)
                found = count(model, other=other if compared else None, ball=ball, method=method)
        except ResourceError:
            # Half-comparisons are followed only over bits, each read once; the counts of two networks may be too many.
            assert method == "counts"
            continue
        assert list(found.by_label) == expected
        assert found.none == int((labels[near] == -1).sum())
        assert found.differing == differing


@given(models, st.data())
@often(60)
def test_the_fewest_bits_are_those_of_all_inputs(model: Model, data: st.DataObject) -> None:
    inputs = Inputs.of(model)
    rows = everything(model)
    labels = np.array(codes(model, rows))
    place = data.draw(st.integers(0, len(rows) - 1))
    if labels[place] < 0:
        return
    within = data.draw(st.none() | st.lists(st.integers(0, inputs.bits - 1), unique=True))
    kept = ~np.isin(np.arange(inputs.bits), np.arange(inputs.bits) if within is None else within)
    other = (labels != labels[place]) & (rows[:, kept] == rows[place, kept]).all(axis=1)
    changes = (rows != rows[place]).sum(axis=1)
    wanted = int(changes[other].min()) if other.any() else None
    bits = rows[place][inputs.order]
    found = fewest(model, bits, tied=KEEPS, within=within)
    assert (found.status, found.value) == ("PROVED" if wanted is None else "OPTIMAL", wanted)
    if found.counterexample is not None:
        at = rows.tolist().index(found.counterexample.astype(bool).tolist())
        assert changes[at] == wanted and labels[at] == found.new_label
        assert found.changed == tuple(np.flatnonzero(rows[at] != rows[place]).tolist())
    radius = data.draw(st.integers(0, inputs.bits))
    near = fewest(model, bits, tied=KEEPS, within=within, radius=radius)
    assert near.status == ("REFUTED" if wanted is not None and wanted <= radius else "PROVED")


def test_half_comparisons_and_single_layers_are_asked_by_a_solver(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("6-2-1", "half")
    model = Model(
        Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]),
        Preprocessing(Binarizer("threshold:100"), (5, 4, 3, 2, 1, 0)),
    )
    row = rng.integers(256, size=6).astype(np.uint8)
    found = minimum(model, row)
    assert found.method == "sat" and found.counterexample is not None and found.value is not None
    assert np.flatnonzero(found.counterexample != row).tolist() == list(found.changed)
    assert model.codes(model.bits(found.counterexample[np.newaxis]))[0] == found.new_label != found.label
    assert minimum(model, row, seconds=0.0).status == "UNKNOWN"
    with pytest.raises(InputError, match="say so with tied keeps"):
        fewest(of_bits(rng, "popcount argmax"), np.zeros(2, dtype=bool))
    rows = "".join(f"{i % 4},{'red' if i % 3 else 'blue'},{'yes' if i % 4 > 1 else 'no'}\n" for i in range(24))
    (tmp_path / "t.csv").write_text("size,colour,kind\n" + rows)
    assert _run(f"train --data {tmp_path / 't.csv'} --hidden 0 --time-limit 5 --out {tmp_path / 'm'} -q".split()) == 0
    capsys.readouterr()
    command = f"verify {tmp_path / 'm'} robust --data {tmp_path / 't.csv'} --example 3"
    assert _run(command.split()) == 0
    said = capsys.readouterr().out
    assert said.startswith("OPTIMAL: l0 2, at least 2 proved: label yes becomes no") and "size <= 1" in said
    assert _run([*command.split(), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["label"], answer["new_label"], answer["method"]) == ("yes", "no", "sat")


def test_answers_are_certified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(5)
    shape = Shape.parse("8-3-1")
    # Two bits of each grey level.
    network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
    model = Model(network, Preprocessing(Binarizer("levels:2")))
    model.save(tmp_path / "m.json")
    np.savez(tmp_path / "x.npz", X=rng.integers(256, size=(3, 4)).astype(np.uint8))
    command = f"verify {tmp_path / 'm.json'} robust --data {tmp_path / 'x.npz'} --example 1"
    assert _run([*command.split(), "--certificate", str(tmp_path / "c"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert f"{found['value']} bit" in check(tmp_path / "c")
    if found["value"] > 1:
        radius = str(found["value"] - 1)
        assert _run([*command.split(), "--radius", radius, "--certificate", str(tmp_path / "r")]) == 0
        assert "no change of fewer than" in check(tmp_path / "r")
    more = {
        "--within 2": "certificates are of any changed bits (l0)",
    }
    for options, message in more.items():
        assert _run([*command.split(), *options.split(), "--certificate", str(tmp_path / "x")]) == 2
        assert message in capsys.readouterr().err and not (tmp_path / "x").exists()


def _ignored_is_right(model: Model, names: tuple[str, ...]) -> None:
    """Labels are the same whatever these inputs are, and of no further one."""
    inputs, rows = Inputs.of(model), everything(model)
    labels = dict[tuple[bool, ...], set[int]]()

    def depends(ignored: set[str]) -> bool:
        places = np.concatenate([np.zeros(0, int), *(p.places for p in inputs.parts if p.name not in ignored)])
        labels.clear()
        for row, code in zip(rows, codes(model, rows), strict=True):
            labels.setdefault(tuple(row[places].tolist()), set()).add(code)
        return any(len(said) > 1 for said in labels.values())

    assert not depends({*names})
    assert all(depends({*names, part.name}) for part in inputs.parts if part.name not in names)


@given(models)
@often(30)
def test_what_is_left_says_the_same_and_needs_all_of_it(model: Model) -> None:
    if model.network.shape.activation == "half":
        with pytest.raises(InputError, match="half-comparison compares pairs"):
            simplified(model)
        return
    rows = everything(model)
    wanted = codes(model, rows)
    found = simplified(model)
    assert codes(found.model, rows) == wanted and not found.open
    _ignored_is_right(found.model, found.ignored)
    hidden = model.network.shape.sizes[1]
    assert found.model.network.shape.sizes[1] == hidden - len(found.removed)
    if found.model.network.shape.sizes[1] == 1:
        return
    # One after the other was tried; of those before the last that was left out some might be needed no longer.
    last = max((neuron for _, neuron in found.removed), default=-1)
    kept = [neuron for neuron in range(hidden) if (0, neuron) not in found.removed]
    for neuron in (neuron for neuron in kept if neuron > last):
        for value in (False, True):
            less = replace(found.model, network=without(found.model.network, 0, kept.index(neuron), value))
            assert codes(less, rows) != wanted


def test_a_planted_neuron_is_found_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("12-4-3", "popcount", "argmax").with_thresholds([[6, 13, 6, 6], [2, 2, 2]])
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    model.save(tmp_path / "m.json")
    given, made = str(tmp_path / "m.json"), str(tmp_path / "s.json")
    assert _run(["verify", given, "redundant", "--simplify", made, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # The second neuron never fires.
    assert "1.2" in found["removed"] and found["status"] == "PROVED" and found["open"] == []
    left = Model.load(made)
    assert left.network.shape.topology == found["topology"]
    rows = everything(model)
    assert (left.codes(rows) == model.codes(rows)).all()
    assert _run(["verify", given, "equal", "--other", made, "--method", SAT]) == 0
    assert "PROVED: equal holds" in capsys.readouterr().out
    assert _run(["verify", made, "redundant"]) == 0
    assert "PROVED: none left out" in capsys.readouterr().out
    assert simplified(model, 0.0).open


@pytest.mark.parametrize("n", [62, 63, 100, 201])
def test_numbers_beyond_a_word_are_exact(n: int) -> None:
    rng = np.random.default_rng(n)
    least = n // 2 + 3
    shape = Shape.parse(f"{n}-1", thresholds=[least])
    model = Model(Network.of(shape, [rng.integers(2, size=(1, n))]), Preprocessing(Binarizer("bits")))
    above = sum(comb(n, agreeing) for agreeing in range(least, n + 1))
    found = count(model)
    assert (found.by_label, found.method) == ((2**n - above, above), "counts")


def test_half_comparisons_of_any_width_are_counted() -> None:
    """A neuron and its opposite: of the inputs whose halves are not equal each says half."""
    n = 80
    weights = np.array([[1] * n, [0] * n])
    shape = Shape.parse(f"{n}-2-2", "half", "onehot")
    out = np.array([[1, 1], [0, 0]])
    model = Model(Network.of(shape, [weights, out]), Preprocessing(Binarizer("bits")))
    found = count(model)
    equal_halves = 2 ** (n // 2)
    assert found.by_label == ((2**n - equal_halves) // 2,) * 2
    assert found.none == equal_halves


def test_a_limit_leaves_no_answer_and_no_false_one() -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("64-16-16-1")
    ours, theirs = (Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])) for _ in range(2))
    assert decided(ignores(ours, ["0"]), SAT, 0.0).status == UNKNOWN
    assert decided(equal(ours, theirs)).status == REFUTED
    with pytest.raises(InputError, match="too many to be tried"):
        decided(equal(ours, theirs), TRIED)
    with pytest.raises(ResourceError, match="cannot be counted so"):
        count(ours)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: ignores(model, ["aeg"]), "there is no input 'aeg'; there are age, colour, member, size"),
        (lambda model: monotone(model, "colour"), "the values of 'colour' have no order"),
        (lambda model: reach(model, "yes"), "the network has no label 'yes'; its labels are 0, 1"),
        (lambda model: reach(model, 1, ["age <= 41"]), "no input says 'age <= 41'; there are age <= 20, age <= 40"),
        (lambda model: reach(model, 1, ["age <= 20", "not age <= 40"]), "no input is such"),
        (lambda model: equal(model, of_bits(np.random.default_rng(0), "popcount bit")), "do not read the same inputs"),
        (lambda model: decided(reach(model, 1), "fast"), "unknown method 'fast'; there are auto, enumeration, sat"),
        (lambda model: count(model, method="fast"), "unknown method 'fast'; there are auto, enumeration, counts"),
    ],
)
def test_what_cannot_be_asked_is_refused(call: object, message: str) -> None:
    rng = np.random.default_rng(1)
    made = Model(
        network(rng, 12, "popcount bit"), Preprocessing(TableBinarizer("quantiles:4", RULES, tuple(range(12))))
    )
    assert callable(call)
    with pytest.raises(InputError, match=message):
        call(made)


def test_the_command_line_asks_them_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shape = Shape.parse("4-1", thresholds=[3])
    first = Model(Network.of(shape, [[[1, 1, 1, 0]]]), Preprocessing(Binarizer("bits")))
    first.save(tmp_path / "a.json")
    second = Model(Network.of(shape, [[[1, 1, 1, 1]]]), Preprocessing(Binarizer("bits")))
    second.save(tmp_path / "b.json")
    a = str(tmp_path / "a.json")

    def said(*arguments: str) -> str:
        assert _run([*arguments]) == 0
        return capsys.readouterr().out

    assert "PROVED: monotone holds" in said("verify", a, "monotone", "--input", "0")
    assert json.loads(said("verify", a, "monotone", "--input", "3", "--json"))["status"] == "REFUTED"
    assert "PROVED: monotone holds" in said("verify", a, "monotone", "--input", "3", "--falling")
    text = said("verify", a, "ignores", "--input", "1")
    assert "REFUTED: ignores does not hold (16 inputs" in text
    assert "with not input 1" in text or "with input 1" in text
    assert "no input gets this label" in said(
        "verify", a, "reach", "--label", "1", "--where", "not input 0", "--where", "input 3"
    )
    found = json.loads(said("verify", a, "equal", "--other", str(tmp_path / "b.json"), "--json"))
    assert (found["status"], len(found["counterexample"]), found["labels"][0] != found["labels"][1]) == (
        "REFUTED",
        2,
        True,
    )
    counts = json.loads(said("count", a, "--json"))
    assert (counts["counts"], counts["exact"], counts["differing"]) == ([11, 5], True, None)
    assert "the networks differ on 6 of 16 inputs" in said("count", a, "--other", str(tmp_path / "b.json"))
    np.savez(tmp_path / "x.npz", X=np.array([[1, 1, 1, 0]], dtype=np.uint8))
    near = said("count", a, "--data", str(tmp_path / "x.npz"), "--radius", "1")
    assert "1  5" in near.splitlines()[1]
    for arguments, message in [
        (["verify", a, "reach"], "reach needs --label"),
        (["verify", a, "equal", "--label", "1"], "equal needs --other"),
        (["verify", a, "ignores", "--input", "0", "--label", "1"], "ignores takes no --label"),
        (["verify", a, "reach", "--label", "1", "--falling"], "reach takes no --falling"),
        (["verify", a, "reach", "--label", "1", "--radius", "1"], "takes no --radius"),
        (["verify", a, "robust"], "robust needs --data"),
        (["verify", a, "reach", "--label", "1", "--examples", "all"], "takes no --examples"),
        (["verify", a, "robust", "--data", a, "--method", "magic"], "of robust there are auto, counting, sat"),
        (["verify", a, "robust", "--data", a, "--method", SAT, "--examples", "0"], "--method is for one example"),
        (["verify", a, "robust", "--data", a, "--input", "0"], "robust takes no --input"),
        (["verify", a, "fair"], "unknown property 'fair'"),
        (["count", a, "--radius", "1"], "need both --data and --radius"),
    ]:
        assert _run(arguments) == 2
        assert message in capsys.readouterr().err


def test_the_python_of_the_docs_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shape = Shape.parse("4-3-1")
    rng = np.random.default_rng(3)
    Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])).save(tmp_path / "model.json")
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "verify.md").read_text(), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "verify.md", "exec"), {})
    said = capsys.readouterr().out
    assert "of 16" in said and "PROVED" in said and "values have to change" in said


def test_what_is_printed_for_programs_is_as_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = json.loads((ROOT / "docs" / "answers.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(described)
    rng = np.random.default_rng(1)
    for name, head in (("one", "1"), ("three", "3")):
        shape = Shape.parse(f"6-3-{head}", "popcount", "bit" if head == "1" else "argmax")
        Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])).save(tmp_path / name)
    np.savez(tmp_path / "x.npz", X=rng.integers(2, size=(3, 6)).astype(np.uint8))
    one, three, data = tmp_path / "one", tmp_path / "three", tmp_path / "x.npz"
    commands = {
        f"verify {one} robust --data {data} --example 1": "robust",
        f"verify {one} robust --data {data} --radius 1": "robust",
        f"verify {three} robust --data {data} --time-limit 0.000001": "robust",
        f"verify {three} robust --data {data} --examples all --time-limit 9": "robust-many",
        f"verify {one} ignores --input 2": "property",
        f"verify {three} reach --label 2": "property",
        f"verify {three} redundant": "redundant",
        f"count {three}": "count",
        f"count {one} --other {one}": "count",
        f"explain {three} --data {data}": "reason",
        f"explain {one} --data {data} --kind all": "reasons",
    }
    for command, kind in commands.items():
        assert _run([*command.split(), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        jsonschema.validate(found, {"$ref": f"#/$defs/{kind}", "$defs": described["$defs"]})
        jsonschema.validate(found, described)


@pytest.mark.parametrize("method", ["ganak", "approxmc"])
@pytest.mark.parametrize("kind", ["popcount bit", "popcount argmax", "half", "table"])
def test_other_counters_count_the_same(method: str, kind: str) -> None:
    pytest.importorskip({"ganak": "pyganak", "approxmc": "pyapproxmc"}[method], reason="the counter is not installed")
    rng = np.random.default_rng(4)
    if kind == "table":
        rules = TableBinarizer("quantiles:4", RULES, tuple(range(12)))
        model = Model(network(rng, 12, "popcount bit"), Preprocessing(rules))
    else:
        shapes = {"popcount bit": "9-3-1", "popcount argmax": "9-3-4", "half": "8-2-1"}
        head = "argmax" if kind == "popcount argmax" else "bit"
        shape = Shape.parse(shapes[kind], kind.split()[0], head)
        model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    true, found = count(model), count(model, method=method)
    assert found.method == method and found.exact == (method == "ganak")
    if found.exact:
        assert found.by_label == true.by_label
        assert count(model, other=model, method=method).differing == 0
    else:
        # Within a factor of 1.8, as far as one seed goes; small counts are exact.
        assert all(n / 1.8 <= m <= n * 1.8 for m, n in zip(found.by_label, true.by_label, strict=True))
    with pytest.raises(ResourceError, match="no time"):
        count(model, method=method, seconds=0)
    with pytest.raises(InputError, match="leave the radius out"):
        count(model, method=method, ball=Ball(np.zeros(model.network.shape.sizes[0], dtype=np.bool_), 1))


def test_properties_stand_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shape = Shape.parse("4-1", thresholds=[3])
    for name, weights in (("a", [1, 1, 1, 0]), ("b", [1, 1, 1, 1])):
        Model(Network.of(shape, [[weights]]), Preprocessing(Binarizer("bits"))).save(tmp_path / f"{name}.json")
    path = tmp_path / "asked.toml"
    path.write_text(
        """
[[property]]
ask = "monotone"
input = 3
falling = true

[[property]]
ask = "reach"
label = 1
where = ["not input 0", "input 3"]

[[property]]
ask = "equal"
other = "b.json"
"""
    )
    command = ["verify", str(tmp_path / "a.json"), str(path)]
    assert _run([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["properties"]
    assert [one["status"] for one in found] == ["PROVED", "PROVED", "REFUTED"]
    assert _run(command) == 0
    said = capsys.readouterr().out
    assert "monotone input 3, falling True" in said or "monotone input 3 falling True" in said
    assert "reach label 1 where not input 0, input 3\n  PROVED" in said
    for text, message in {
        "x = 1": "a table [[property]] for each property is due",
        '[[property]]\nask = "fair"': "property 1 asks 'fair'; there are reach",
        '[[property]]\nask = "reach"\nlabels = 1': "says 'labels'; it may say ask",
        '[[property]]\nask = "ignores"\ninput = 1.5': "has input = 1.5",
        '[[property]]\nask = "ignores"\ninput = "9"': "property 1: there is no input '9'",
        '[[property]]\nask = "equal"\nother = "c.json"': "c.json",
        "[[property": "asked.toml",
    }.items():
        path.write_text(text)
        assert _run(command) == 2
        err = capsys.readouterr().err
        assert message in err and len(err.splitlines()) == 1
