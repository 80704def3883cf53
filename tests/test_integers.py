"""Networks of whole numbers: each part against brute force, and the whole way from data to a certificate."""

from __future__ import annotations

import json
from functools import partial
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
from bnnsat.cli import _run as run
from bnnsat.errors import InputError
from bnnsat.integers import forward
from bnnsat.integers.containment import contains, embedded
from bnnsat.integers.model import IntegerModel
from bnnsat.integers.network import IntegerNetwork
from bnnsat.integers.shape import IntegerShape
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.readings.numpy import NUMPY
from bnnsat.search.integers.alike import alike
from bnnsat.search.integers.judged import missed
from bnnsat.search.least import descended
from bnnsat.search.sat.symmetry import break_integers
from bnnsat.synthesis.changes import NORMS, changed, reached
from bnnsat.synthesis.integers import certify_integers

TOPOLOGIES = {"bit": ("3-1", "3-2-1", "3-2-2-1"), "exact": ("3-1", "3-2-1"), "argmax": ("3-2", "3-2-3")}


@st.composite
def shapes(draw: st.DrawFn) -> IntegerShape:
    head = draw(st.sampled_from(sorted(TOPOLOGIES)))
    topology = draw(st.sampled_from(TOPOLOGIES[head]))
    return IntegerShape.parse(topology, head, draw(st.integers(2, 8)), draw(st.integers(1, 8)), draw(st.booleans()))


def some(shape: IntegerShape, seed: int) -> tuple[IntegerNetwork, Any, Any]:
    """A random network, with inputs and labels."""
    rng = np.random.default_rng(seed)
    low, high = shape.ends
    most = 1 << shape.bias_bits - 1
    parameters = [
        rng.integers(low, high + 1, size) if len(size) == 2 else rng.integers(-most, most, size)
        for size in shape.parameters
    ]
    x = rng.integers(0, 1 << shape.input_bits, (9, shape.sizes[0]))
    return IntegerNetwork.of(shape, parameters), x, rng.integers(0, shape.classes or 4, 9)


def called(words: str) -> int:
    """The command line's exit code."""
    return run(words.split())


def said(network: IntegerNetwork, x: list[int]) -> int:
    """What a network says of one example, in plain Python."""
    values = list(x)
    for layer, rows in enumerate(network.weights):
        added = network.biases[layer] if network.biases else [0] * len(rows)
        values = [sum(w * v for w, v in zip(row, values, strict=True)) + b for row, b in zip(rows, added, strict=True)]
        if layer < len(network.weights) - 1:
            values = [max(0, v) for v in values]
    if network.shape.head == "argmax":
        return values.index(max(values))
    return values[0] if network.shape.head == "exact" else int(values[0] > 0)


@often(40)
@given(shapes(), st.integers(0, 10**6))
def test_all_readings_say_what_plain_python_says(shape: IntegerShape, seed: int) -> None:
    network, x, labels = some(shape, seed)
    expected = [said(network, row) for row in x.tolist()]
    assert network.predict(x).tolist() == expected
    wrong = sum(a != b for a, b in zip(expected, labels.tolist(), strict=True))
    question = IntegersQuestion(shape, x, labels)
    assert question.errors(network) == wrong
    out = forward.outputs(shape, network.parameters(), x)
    assert ((missed(shape, out.astype(float), labels) > 0) == (np.array(expected) != labels)).all()
    holes = question.inner.bits(dict(zip(question.holes, network.parameters(), strict=True)))
    found = question.sum("errors", NUMPY, holes)
    assert int(found.costs[found.bits].sum()) == wrong
    assert question.network(holes) == network
    again = IntegersQuestion.of(question.noted(), question.files())
    assert again.errors(network) == wrong and again.lower_bound <= wrong
    assert IntegerModel.loads(IntegerModel(network).dumps(), "m").network == network


@pytest.mark.parametrize("head", ["bit", "exact", "argmax"])
@pytest.mark.parametrize("seed", range(3))
def test_the_fewest_errors_are_those_of_brute_force(head: str, seed: int) -> None:
    shape = IntegerShape.parse({"bit": "2-1-1", "exact": "2-1-1", "argmax": "2-2"}[head], head, 2, 2)
    rng = np.random.default_rng(seed)
    x, labels = rng.integers(0, 4, (8, 2)), rng.integers(0, 2 if head != "exact" else 5, 8)
    low, high = shape.ends
    best = 8
    sizes = shape.parameters
    counts = [int(np.prod(size)) for size in sizes]
    for values in product(range(low, high + 1), repeat=sum(counts)):
        parts = np.split(np.array(values), np.cumsum(counts)[:-1])
        parameters = [part.reshape(size) for part, size in zip(parts, sizes, strict=True)]
        best = min(best, int((forward.named(shape, forward.outputs(shape, parameters, x)) != labels).sum()))
    training = bnnsat.train_integers(x, labels, shape)
    assert (training.status, training.errors, training.lower_bound) == ("OPTIMAL", best, best)
    assert (training.predict(x) != labels).sum() == best


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_neurons_loses_nothing(seed: int, bias: bool) -> None:
    """By the solver alone: the fewest errors with the order are those without it."""
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 2, (7, 2)), rng.integers(0, 2, 7)
    for topology in ("2-2-1", "2-3-1", "2-2-2-1"):
        question = IntegersQuestion(IntegerShape.parse(topology, "bit", 2, 1, bias), x, y)
        kept = descended(question, narrow=partial(break_integers, question))
        free = descended(question)
        assert kept.done and free.done and kept.value == free.value


@pytest.mark.parametrize("seed", range(3))
def test_the_best_network_that_treats_inputs_alike_is_that_of_brute_force(seed: int) -> None:
    """Of a function of how many of the first two inputs are 1, and of the third; errors count as in the question."""
    shape, rng = IntegerShape.parse("3-2-1", weight_bits=2), np.random.default_rng(seed)
    x = np.array(list(product((0, 1), repeat=3)))
    labels = rng.integers(2, size=6)[x[:, 0] + x[:, 1] + 3 * x[:, 2]]
    question = IntegersQuestion(shape, x, labels)
    assert (0, 1) in question.exchanges
    every, fewest = len(question.exchanges) > 1, 8
    for a, b, c, d, e, f in product(range(-2, 2), repeat=6):
        if every and (a, c) != (b, d):
            continue
        out = np.maximum(x @ np.array([[a, a, b], [c, c, d]]).T, 0) @ np.array([e, f])
        fewest = min(fewest, int(((out > 0) != labels).sum()))
    found = alike(question, None, 60.0)
    assert found is not None
    network = question.network(found[1])
    assert found[0] == fewest == question.errors(network)
    assert alike(question, (fewest, found[1]), 60.0) is None
    assert all(row[0] == row[1] for row in network.weights[0])


@often(40)
@given(shapes(), shapes(), st.integers(0, 10**6))
def test_a_network_in_a_larger_one_does_the_same(small: IntegerShape, large: IntegerShape, seed: int) -> None:
    network, x, _ = some(small, seed)
    made = embedded(network, large)
    assert (made is not None) == contains(large, small)
    if made is not None:
        assert made.shape == large
        assert made.predict(x).tolist() == network.predict(x).tolist()


def test_what_contains_what() -> None:
    def shape(topology: str, **more: Any) -> IntegerShape:
        return IntegerShape.parse(topology, **more)

    assert contains(shape("3-1-1"), shape("3-1"))
    assert not contains(shape("3-1-1", head="exact"), shape("3-1", head="exact"))
    assert contains(shape("3-4-2-1"), shape("3-2-1")) and contains(shape("3-2-4-1"), shape("3-2-1"))
    assert not contains(shape("3-1-4-1"), shape("3-2-1")) and contains(shape("3-3-4-1"), shape("3-4-1"))
    assert contains(shape("3-2-1", bias=True), shape("3-2-1")) and not contains(
        shape("3-2-1"), shape("3-2-1", bias=True)
    )
    assert not contains(shape("3-2-1"), shape("3-2-1", weight_bits=5))


def test_equal_inputs_with_different_labels_are_a_bound() -> None:
    training = bnnsat.train_integers([[1], [1], [1], [0]], [0, 1, 1, 0], "1-1")
    assert (training.errors, training.lower_bound, training.status) == (1, 1, "OPTIMAL")


def test_the_way_of_xor(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("xor.npz", X=np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), y=np.array([0, 1, 1, 0]))
    words = "train --data xor.npz --activation relu --weight-bits 4 --head exact --quiet --json"
    assert called(f"{words} --topology 2-2-1 --out two") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["errors"], found["weight_bits"]) == ("OPTIMAL", 0, 4)
    assert called(f"{words} --topology 2-1 --out one") == 0
    assert json.loads(capsys.readouterr().out)["errors"] == 1
    assert called("certify two --out c2 --not 2-1") == 0
    assert called("certify one --out c1") == 0
    assert "no network 2-1 (relu" in bnnsat.check("c2") and "fewer than 1 error" in bnnsat.check("c1")
    capsys.readouterr()
    assert called("predict two --data xor.npz") == 0
    out = capsys.readouterr()
    assert out.out.split() == ["0", "1", "1", "0"] and "4 of 4 right" in out.err
    assert called("show two") == 0
    assert "h1 = max(0, " in capsys.readouterr().out
    assert called("verify two reach --label 2") == 0
    assert capsys.readouterr().out.startswith("PROVED")
    assert called("verify two robust --data xor.npz --example 1 --certificate c3 --json") == 0
    assert json.loads(capsys.readouterr().out)["value"] == 1
    assert "attain 1" in bnnsat.check("c3")
    assert called("export --data xor.npz --activation relu --topology 2-2-1 --out x.cnf --bound 0") == 0
    lines = [line for line in Path("x.cnf").read_text().splitlines() if line[0] not in "cp"]
    with Cadical153(bootstrap_with=[list(map(int, line.split()[:-1])) for line in lines]) as solver:
        assert solver.solve()
        Path("said").write_text("s SATISFIABLE\nv " + " ".join(map(str, solver.get_model() or [])) + " 0\n")
    capsys.readouterr()
    assert called("import-model said --of x.cnf") == 0
    assert "makes 0 errors on 4 examples, replayed" in capsys.readouterr().out


def test_grey_levels_of_digits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = "train --positive 3 --examples 60 --activation relu --quiet --json --time-limit 20 --out three"
    assert called(f"{words} --hidden 2 --weight-bits 5 --input-bits 4") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["topology"] == "64-2-1" and found["input_bits"] == 4 and found["errors"] == 0
    assert found["test_examples"] == 10_000 and found["test_accuracy"] > 0.6
    assert called("predict three --json") == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == found["test_accuracy"]
    assert called("certify three --out c") == 0
    assert "makes 0 errors on 60 examples" in bnnsat.check("c")


@pytest.mark.parametrize("norm", sorted(NORMS))
def test_the_least_change_is_that_of_brute_force(norm: str) -> None:
    shape = IntegerShape.parse("2-2-1", "bit", 3, 3, True)
    for seed in range(4):
        network, x, _ = some(shape, seed)
        row = x[0]
        everything = np.array(list(product(range(8), repeat=2)))
        others = everything[network.predict(everything) != network.predict(row[np.newaxis])[0]]
        apart = np.abs(others - row)
        distances = {
            "l0": (apart > 0).sum(1),
            "l1": apart.sum(1),
            "l2": (apart**2).sum(1),
            "linf": apart.max(1, initial=0),
        }[norm]
        found = changed(network, row, norm)
        if not len(others):
            assert found.status == "IMPOSSIBLE"
            continue
        assert (found.status, found.value) == ("OPTIMAL", distances.min())
        assert changed(network, row, norm, radius=int(distances.min())).status == "REFUTED"
        assert changed(network, row, norm, radius=int(distances.min()) - 1).status == "PROVED"
        for label in (0, 1):
            there = (network.predict(everything) == label).any()
            assert reached(network, label).status == ("REFUTED" if there else "PROVED")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--topology 2-2-1 --weight-bits 9", "2 to 8 bits"),
        ("--topology 2-2-1 --head onehot", "head onehot is none"),
        ("--topology 3-2-1", "start it with 2"),
        ("--topology 2-2-1 --method sat", "take no --method"),
        ("--topology 2-2-1 --cv 2", "take no --cv"),
        ("--topology 2-2-1 --weights ternary", "take no --weights"),
        ("--topology 2-2-1 --binarize bits", "leave binarize"),
        ("--topology x", "write sizes"),
        ("", "need --topology"),
        ("--hidden auto", "take no --hidden auto; give a number"),
        ("--hidden -1", "hidden '-1' is no number of neurons"),
    ],
)
def test_what_is_wrong_is_said(
    words: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("xor.npz", X=np.array([[0, 0], [0, 1]]), y=np.array([0, 1]))
    assert called(f"train --data xor.npz --activation relu {words}") == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
    assert called("train --data xor.npz --topology 2-1 --activation popcount --weight-bits 3") == 2
    assert "--activation relu" in capsys.readouterr().err


def test_damaged_models_are_refused() -> None:
    network = IntegerNetwork(IntegerShape.parse("2-1"), (((1, 2),),))
    text = IntegerModel(network).dumps()
    for old, new in ((b"    2\n", b"    20\n"), (b'"bit"', b'"bat"'), (b'"sizes"', b'"size"'), (b"false", b"1")):
        assert old in text
        with pytest.raises(InputError):
            IntegerModel.loads(text.replace(old, new, 1), "m")
    with pytest.raises(InputError, match="from 0 to 1"):
        network.predict([[0, 2]])


def test_grey_levels_are_cut_as_in_training(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    grey = np.array([[200, 12], [3, 120], [250, 9], [15, 90]])
    np.savez("all.npz", X=grey, y=np.array([1, 0, 1, 0]))
    np.savez("dark.npz", X=np.array([[3, 12], [15, 9]]), y=np.array([0, 0]))
    np.savez("both.npz", X=np.array([[3, 12], [15, 9], [255, 0]]), y=np.array([0, 0, 1]))
    words = "train --data all.npz --activation relu --topology 2-1 --input-bits 4 --quiet --json --out m"
    assert called(words) == 0
    capsys.readouterr()
    assert IntegerModel.load("m").shift == 4
    said = []
    for data in ("dark.npz", "both.npz"):
        assert called(f"predict m --data {data} --json") == 0
        said.append(json.loads(capsys.readouterr().out)["predictions"][:2])
        assert called(f"verify m robust --data {data} --example 0 --json") == 0
        found = json.loads(capsys.readouterr().out)
        said.append([found["status"], found["value"], found["label"], found["new_label"]])
    assert said[0] == said[2] and said[1] == said[3] and said[1][0] == "OPTIMAL"


def test_a_beginning_of_another_shape_is_refused() -> None:
    start = IntegerNetwork(IntegerShape.parse("2-1", "exact"), (((-1, 2),),))
    with pytest.raises(InputError, match=r"not 2-1 .relu, weights of 4 bits, inputs of 1, head bit"):
        bnnsat.train_integers([[0, 0], [0, 1]], [0, 1], IntegerShape.parse("2-1"), start=start)


def test_labels_are_those_of_the_model(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    IntegerModel(IntegerNetwork(IntegerShape.parse("1-1"), (((1,),),)), ("no", "yes")).save("m.json")
    for label in ("1", "--5", "maybe"):
        assert run(["verify", "m.json", "reach", f"--label={label}"]) == 2
        assert "there are no, yes" in capsys.readouterr().err
    assert called("verify m.json reach --label yes") == 0
    assert called("verify m.json reach --label yes --jobs 3") == 2


def test_no_more_is_claimed_than_there_are_errors(tmp_path: Path) -> None:
    training = bnnsat.train_integers([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], "2-1")
    assert training.errors == 1
    with pytest.raises(InputError, match="a lower bound of 3 is above the 1 error"):
        certify_integers(training.question, training.network, 3, tmp_path / "c")


def test_where_networks_of_bits_are_asked_for_it_is_said_what_these_can_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    IntegerModel(IntegerNetwork(IntegerShape.parse("2-1"), (((1, 2),),))).save("relu.json")
    bits = bnnsat.Network.of(bnnsat.Shape.parse("2-1", "popcount"), [np.zeros((1, 2), dtype=bool)])
    bnnsat.Model(bits).save("bits.json")
    for words in (
        "explain relu.json --data parity:2",
        "count relu.json",
        "export --model relu.json --out r.cnf",
        "verify bits.json equal --other relu.json",
    ):
        assert called(words) == 2
        err = capsys.readouterr().err
        assert "relu.json: a network of whole numbers (relu), which cannot be asked this; `show`" in err
        assert err.count("\n") == 1


def test_formats_of_popcounts_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = "export --data parity:2 --activation relu --hidden 2 --bound 0 --out m.bnn"
    assert called(words) == 2
    err = capsys.readouterr().err
    assert "format bnn has a line for each popcount neuron, and there are none; take another format" in err
    assert err.count("\n") == 1 and not Path("m.bnn").exists()
