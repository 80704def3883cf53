"""Reasons and contrasts: those that are found are minimal, and all of them those that brute force finds."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import often
from test_facts import VALUES, codes, everything, models, table

from bnnsat.cli import _run
from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.questions.inputs import Inputs
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.shape import Shape
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.rules import Cuts
from bnnsat.types import Grey
from bnnsat.verification import near, oracle, turned
from bnnsat.verification.brink import Brink
from bnnsat.verification.counting import FirstLayer
from bnnsat.verification.near import Near
from bnnsat.verification.oracle import asked
from bnnsat.verification.ranges import ranges
from bnnsat.verification.reasons import axp, cxp, every, smallest_axp, smallest_cxp
from bnnsat.verification.rest import Rest
from bnnsat.verification.turned import escape


def forced(model: Model, row: Grey, fixed: tuple[int, ...]) -> bool:
    """Whether all inputs that agree on some places have the row's label, by trying them."""
    n = len(row)
    rows = ((np.arange(1 << n)[:, np.newaxis] >> np.arange(n)) & 1).astype(np.uint8)
    agree = (rows[:, list(fixed)] == row[list(fixed)]).all(axis=1)
    return len(set(model.codes(rows[agree]).tolist())) == 1


def minimal(sets: list[tuple[int, ...]]) -> set[frozenset[int]]:
    """Those that hold no other."""
    found = [frozenset(one) for one in sets]
    return {one for one in found if not any(other < one for other in found)}


WAYS = ("all", "multipliers", "patterns", "solver")


def only(patch: pytest.MonkeyPatch, way: str) -> None:
    """Leave one way of telling whether inputs force a label, where it can be told so."""
    if way != "all":
        patch.setattr(oracle, "FEW", 0)
        patch.setattr(oracle, "MOST", 0)
        patch.setattr(oracle, "SAMPLES", 1)
    if way in ("patterns", "solver"):
        patch.setattr(turned, "MOST_PATTERNS", 0)
    if way == "solver":
        patch.setattr(near, "MOST_OPEN", -1)


@given(models, st.sampled_from(WAYS), st.integers(0, 9999))
@often(60)
def test_inputs_force_a_label_where_all_that_agree_have_it(model: Model, way: str, seed: int) -> None:
    """Of bits and of columns, whose bits depend on each other; some inputs are read twice, or in another order."""
    rng, every_input = np.random.default_rng(seed), everything(model)
    labels = np.array(codes(model, every_input))
    here = int(rng.integers(len(labels)))
    if labels[here] < 0:
        return
    order = model.preprocessing.order or tuple(range(every_input.shape[1]))
    rows = every_input[:, list(order)]
    with pytest.MonkeyPatch.context() as patch:
        only(patch, way)
        with asked(RobustnessQuestion.on(model, rows[here]), None) as asking:
            for _ in range(6):
                fixed = rng.permutation(rows.shape[1])[: rng.integers(rows.shape[1] + 1)].tolist()
                agree = (rows[:, fixed] == rows[here, fixed]).all(axis=1)
                found, core = asking.escaped(fixed)
                assert (found is None) == (set(labels[agree].tolist()) == {labels[here]})
                assert found is not None or core <= set(fixed)
                free = set(range(rows.shape[1])) - set(fixed)
                for place in asking.needed(free, fixed):
                    wider = [one for one in fixed if one != place]
                    agree = (rows[:, wider] == rows[here, wider]).all(axis=1)
                    assert len(set(labels[agree].tolist())) > 1


def test_patterns_of_the_first_layer_prove_what_solvers_take_long_for() -> None:
    rng = np.random.default_rng(3)
    shape = Shape.parse("300-30-20-3", "popcount", "argmax")
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    seen = 0
    for row in rng.integers(2, size=(30, 300)).astype(np.bool_):
        label = int(model.codes(row[np.newaxis])[0])
        around = Near(model, row, label)
        inputs = Inputs.of(model)
        for size in (1, 2, 3):
            free = rng.choice(300, size=size, replace=False)
            parts = [
                part if place in free else replace(part, patterns=row[np.newaxis, part.places])
                for place, part in enumerate(inputs.parts)
            ]
            some = replace(inputs, parts=tuple(parts))
            same = set(model.codes(some.numbered(0, some.total)).tolist()) == {label}
            if around.kept(some, lambda: None):
                assert same
                seen += 1
    assert seen > 3


@given(
    st.sampled_from([("popcount", "bit"), ("popcount", "argmax"), ("popcount", "onehot"), ("half", "bit")]),
    st.sampled_from(WAYS),
    st.integers(0, 9999),
)
@often(60)
def test_reasons_and_contrasts_are_those_of_brute_force(kind: tuple[str, str], way: str, seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        only(patch, way)
        _compared(kind, seed)


def _compared(kind: tuple[str, str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    activation, head = kind
    n = int(rng.integers(1, 4)) * 2
    shape = Shape.parse(f"{n}-{2 * int(rng.integers(1, 3))}-{1 if head == 'bit' else 3}", activation, head)
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    row = rng.integers(2, size=n).astype(np.uint8)
    if model.codes(row[np.newaxis])[0] < 0:
        return
    subsets = [one for size in range(n + 1) for one in combinations(range(n), size)]
    forcing = {one: forced(model, row, one) for one in subsets}
    forcings = minimal([one for one in subsets if forcing[one]])
    changes = minimal([one for one in subsets if not forcing[tuple(sorted(set(range(n)) - set(one)))]])
    with asked(RobustnessQuestion.on(model, row.astype(bool)), None) as asking:
        order = rng.permutation(n).tolist()
        assert frozenset(axp(asking, order)) in forcings
        for wide in (0, oracle.WIDE):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(oracle, "WIDE", wide)
                assert frozenset(axp(asking)) in forcings
        found = cxp(asking, order)
        assert (frozenset(found) in changes) if found is not None else not changes
        assert len(smallest_axp(asking)) == min(map(len, forcings))
        fewest = smallest_cxp(asking)
        assert (len(fewest) == min(map(len, changes))) if fewest is not None else not changes
        every_axp, every_cxp, whole = every(asking, 10_000)
        assert whole and set(map(frozenset, every_axp)) == forcings and set(map(frozenset, every_cxp)) == changes
        some = every(asking, 1)
        assert len(some[0]) + len(some[1]) <= 1 and (not some[2] or len(forcings) + len(changes) <= 1)


def test_a_reason_is_drawn_on_the_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shape = Shape.parse("9-1", thresholds=[9])
    Model(Network.of(shape, [[[0, 1, 0, 1, 1, 1, 0, 1, 0]]])).save(tmp_path / "m.json")
    np.savez(tmp_path / "x.npz", X=np.array([[0, 1, 0, 1, 1, 1, 0, 1, 0]], dtype=np.uint8))
    assert _run(f"explain {tmp_path / 'm.json'} --data {tmp_path / 'x.npz'}".split()) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == ["· ██· ", "██████", "· ██· "]


@given(models, st.integers(0, 9999))
@often(30)
def test_values_within_ranges_keep_what_a_reason_says(model: Model, seed: int) -> None:
    binarizer = model.preprocessing.binarizer
    if not isinstance(binarizer, TableBinarizer):
        return
    rng = np.random.default_rng(seed)
    values = {name: VALUES[name][int(rng.integers(len(VALUES[name])))] for name in VALUES}
    inputs = Inputs.of(model)
    example = binarizer(table([tuple(values.values())]))[0][inputs.order]
    reason = rng.permutation(len(example))[: rng.integers(len(example) + 1)].tolist()
    for name, (low, high) in ranges(model, example, reason).items():
        # A missing value may have the bits of numbers, where its own bit is not read.
        here = values[name]
        assert here is None or ((low is None or here > low) and (high is None or here <= high))
        places = [place for place in reason if inputs.order[place] in inputs.parts[inputs.part(name)].places]
        for number in np.arange(0, 100, 0.25):
            row = binarizer(table([tuple({**values, name: float(number)}.values())]))[0][inputs.order]
            inside = (low is None or number > low) and (high is None or number <= high)
            if inside:
                assert (row[places] == example[places]).all()


def test_grey_levels_move_up_to_their_thresholds() -> None:
    network = Network.of(Shape.parse("2-1"), [[[1, 1]]])
    model = Model(network, Preprocessing(Binarizer("pixel-mean", (99.5, 9.5)), (1, 0)))
    bits = model.bits(np.array([[120, 5]], dtype=np.uint8))[0]
    assert ranges(model, bits, [0, 1]) == {"0": (100, None), "1": (None, 9)}
    assert ranges(model, bits, [1]) == {"0": (100, None)}


def test_no_range_is_told_where_bits_fit_numbers_on_both_sides() -> None:
    """Of `1 < size <= 2` alone it is not known on which side a number is that is outside."""
    rule = Cuts("size", False, (1.0, 2.0), True)
    network = Network.of(Shape.parse("1-1"), [[[1]]])
    model = Model(network, Preprocessing(TableBinarizer("quantiles:2", (rule,), (1,))))
    assert ranges(model, np.array([True]), [0]) == {"size": (1.0, 2.0)}
    assert ranges(model, np.array([False]), [0]) == {}


def test_a_deadline_is_kept() -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("20-4-1")
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    with (
        asked(RobustnessQuestion.on(model, np.zeros(20, dtype=bool)), 0.0) as asking,
        pytest.raises(TimeoutError),
    ):
        axp(asking)


def test_the_command_line_says_reasons_by_their_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{i % 4},{'red' if i % 3 else 'blue'},{'yes' if i % 4 > 1 else 'no'}\n" for i in range(24))
    (tmp_path / "t.csv").write_text("size,colour,kind\n" + rows)
    assert _run(f"train --data {tmp_path / 't.csv'} --hidden 2 --time-limit 5 --out {tmp_path / 'm'} -q".split()) == 0
    capsys.readouterr()
    command = f"explain {tmp_path / 'm'} --data {tmp_path / 't.csv'} --example 3"
    assert _run(command.split()) == 0
    output = capsys.readouterr().out
    assert output.startswith("label yes is forced by (1 of ") and "size > 1" in output
    assert _run([*command.split(), "--kind", "smallest-cxp", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["label"] == "yes" and len(found["reason"]) == len(found["values"]) > 0
    assert _run([*command.split(), "--kind", "all"]) == 0
    output = capsys.readouterr().out
    assert "it is forced by size > 1" in output and "it can change with" in output
    assert "of the reasons: size > 1" in output and "in all reasons: " in output
    assert _run([*command.split(), "--kind", "all", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["complete"] and len(found["terms"]) == len(found["relevant"]) + len(found["irrelevant"])
    for place, share in found["attribution"].items():
        assert share == round(sum(int(place) in reason for reason in found["axps"]) / len(found["axps"]), 4)
    assert found["necessary"] == sorted(set.intersection(*map(set, found["axps"])))
    refused = {"--kind why": "unknown kind 'why'", "--most 0": "--most 0 is none", "--example 24": "there is no 24"}
    for more, message in refused.items():
        assert _run([*command.split(), *more.split()]) == 2
        assert message in capsys.readouterr().err


@st.composite
def around(draw: st.DrawFn) -> tuple[Model, FirstLayer, Rest, np.ndarray]:
    """A random network of popcounts with a hidden layer around a random example of bits."""
    n, hidden = draw(st.integers(2, 9)), draw(st.lists(st.integers(1, 6), min_size=1, max_size=2))
    head, outputs = draw(st.sampled_from([("bit", 1), ("onehot", 3), ("argmax", 3)]))
    weights = draw(st.sampled_from(["binary", "ternary"]))
    shape = Shape.parse("-".join(map(str, [n, *hidden, outputs])), head=head, weights=weights)
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    rows = [rng.integers(size[1] // 3, 2 * size[1] // 3 + 2, size=size[0]) for size in shape.matrices]
    shape = shape.with_thresholds([row.tolist() for row in rows])
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    example = rng.integers(2, size=n).astype(np.bool_)
    label = int(model.codes(example[np.newaxis])[0])
    assume(label >= 0)
    first, on = FirstLayer.of(model.network, example)
    return model, first, Rest.of(model.network, on, label, tied_changes=False), example


def changing(model: Model, example: np.ndarray, places: list[int], always: int | None) -> bool:
    """Whether some flips within places, one of them in any case, change the label, by trying them."""
    rows = np.tile(example, (1 << len(places), 1))
    rows[:, places] ^= (np.arange(len(rows))[:, np.newaxis] >> np.arange(len(places)) & 1).astype(np.bool_)
    if always is not None:
        rows[:, always] ^= True
    return bool((model.codes(rows) != model.codes(example[np.newaxis])).any())


@given(around(), st.integers(0, 9999), st.integers(0, 2))
@often(150)
def test_flips_within_places_are_found_or_proved_not_to_be(
    drawn: tuple[Model, FirstLayer, Rest, np.ndarray], seed: int, steps: int
) -> None:
    """Also with hardly any multipliers, so that flips are decided one by one."""
    model, first, rest, example = drawn
    order = np.random.default_rng(seed).permutation(len(example))
    places, always = order[: seed % len(order)], (int(order[-1]) if seed % 3 else None)
    with pytest.MonkeyPatch.context() as patch:
        if steps < 2:
            patch.setattr(turned, "STEPS", steps)
            patch.setattr(turned, "MORE_STEPS", 1)
        found = escape(first, rest, places, always, lambda: None)
    assert (found is not None) == changing(model, example, places.tolist(), always)
    if found is not None:
        assert set(found.tolist()) <= {*places.tolist(), always} and (always is None or always in found)
        other = example.copy()
        other[found] ^= True
        assert model.codes(other[np.newaxis])[0] != model.codes(example[np.newaxis])[0]


@given(around(), st.booleans())
@often(60)
def test_what_is_freed_on_the_brink_is_all_that_can_be(
    drawn: tuple[Model, FirstLayer, Rest, np.ndarray], many: bool
) -> None:
    model, first, rest, example = drawn
    brink = Brink(first, rest, lambda: None)
    with pytest.MonkeyPatch.context() as patch:
        if many:
            patch.setattr(turned, "MOST_PATTERNS", 2)
        for _ in brink.grown():
            assert not changing(model, example, brink.free, None)
    others = [place for place in range(len(example)) if place not in brink.free]
    assert many or not brink.skipped.any()
    for place in others:
        if brink.needed[place]:
            assert changing(model, example, [*brink.free, place], None)
        else:
            assert brink.skipped[place]


def test_patterns_are_sums_of_multipliers_that_are_exact() -> None:
    """A network of which floats of single precision would not be exact."""
    rng, n, hidden = np.random.default_rng(0), 12, 5
    shape = Shape.parse(f"{n}-{hidden}-1")
    model = Model(Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices]))
    example = rng.integers(2, size=n).astype(np.bool_)
    first, on = FirstLayer.of(model.network, example)
    rest = Rest.of(model.network, on, int(model.codes(example[np.newaxis])[0]), tied_changes=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turned, "EXACT", 1)
        for k in range(n):
            found = escape(first, rest, np.arange(k), None, lambda: None)
            assert (found is not None) == changing(model, example, list(range(k)), None)
