"""Networks from elsewhere: folded exactly, equal to the program that they come from, or refused with their node."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import often

from bnnsat.cli import _run
from bnnsat.errors import InputError
from bnnsat.foreign.exact import is_square, root
from bnnsat.foreign.imported import Import, imported, opened
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.offsets import nearer
from bnnsat.shape import Shape

onnx: Any = pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
FLOAT = onnx.TensorProto.FLOAT

Parts = list[tuple[str, list[Any], dict[str, Any]]]
"""Operations one behind the other: each reads what the one before it made, and constants."""


def file_of(place: Path, parts: Parts, dims: list[int]) -> Path:
    """An ONNX file of a chain of operations."""
    nodes, constants, value = [], [], "x"
    for i, (kind, arrays, attributes) in enumerate(parts):
        names = [f"c{i}.{j}" for j in range(len(arrays))]
        constants += [onnx.numpy_helper.from_array(np.asarray(a), n) for a, n in zip(arrays, names, strict=True)]
        domain = "qonnx.custom_op.general" if kind in ("BipolarQuant", "Quant") else ""
        nodes.append(onnx.helper.make_node(kind, [value, *names], [f"v{i}"], f"n{i}", domain=domain, **attributes))
        value = f"v{i}"
    source = onnx.helper.make_tensor_value_info("x", FLOAT, dims)
    kind = onnx.TensorProto.INT64 if parts[-1][0] == "ArgMax" else FLOAT
    result = onnx.helper.make_tensor_value_info(value, kind, None)
    graph = onnx.helper.make_graph(nodes, "g", [source], [result], constants)
    opsets = [onnx.helper.make_opsetid("", 13), onnx.helper.make_opsetid("qonnx.custom_op.general", 1)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)
    place.write_bytes(model.SerializeToString())
    return place


def normal(rng: np.random.Generator, n: int, spread: float) -> list[Any]:
    """Scale (of both signs), bias, mean and variance."""
    scale = rng.normal(size=n) + np.where(rng.random(n) < 0.5, 0.1, -0.1)
    made = scale, rng.normal(size=n), rng.normal(size=n) * spread, rng.random(n) * spread + 0.1
    return [array.astype(np.float32) for array in made]


def chain(rng: np.random.Generator, sizes: list[int], how: str, grey: bool) -> Parts:
    """A random binary network in one of the forms in which they are exported."""
    one = np.float32(1)
    forms: dict[str, Parts] = {
        "sign": [("Sign", [], {})],
        "larq": [("Sign", [], {}), ("Add", [np.float32(0.1)], {}), ("Sign", [], {})],
        "qonnx": [("BipolarQuant", [one], {})],
    }
    sign, parts = forms[how], list[tuple[str, list[Any], dict[str, Any]]]()
    if grey:
        parts += [("BatchNormalization", [*normal(rng, sizes[0], 0.5)], {"epsilon": 1e-4}), *sign]
    for i, (n, m) in enumerate(pairwise(sizes)):
        weights = rng.choice([-1, 1], size=(n, m)).astype(np.float32)
        last = i == len(sizes) - 2
        if how == "larq":
            parts += [("MatMul", [weights], {}), ("Mul", [(rng.random(m) + 0.5).astype(np.float32)], {})]
            parts += [("Add", [rng.normal(size=m).astype(np.float32)], {})]
        else:
            parts.append(("Gemm", [weights.T.copy(), rng.normal(size=m).astype(np.float32)], {"transB": 1}))
        if last and how == "larq":
            parts = parts[:-2]
        elif not last:
            parts += [("BatchNormalization", normal(rng, m, n**0.5), {}), *sign]
    return [*parts, ("Softmax", [], {"axis": 1})] if how == "sign" else parts


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=3),
    st.integers(2, 5),
    st.sampled_from(["sign", "larq", "qonnx"]),
    st.booleans(),
    st.integers(0, 999),
)
@often(60)
def test_networks_are_what_their_own_runtime_makes_of_them(
    tmp_path_factory: pytest.TempPathFactory, layers: list[int], classes: int, how: str, grey: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    file = file_of(tmp_path_factory.mktemp("f") / "n.onnx", chain(rng, [*layers, classes], how, grey), [1, layers[0]])
    found = imported(file, 255 if grey else 1)
    found.replay(found.random(200, seed))
    again = Model.loads(found.model.dumps(), "again")
    assert again == found.model


ENDS: dict[str, Parts] = {
    "argmax": [("ArgMax", [], {"axis": 1, "keepdims": 0})],
    "negative factor": [("Mul", [np.float32(-2)], {}), ("Add", [np.array([0.3, -0.8, 1.4], np.float32)], {})],
    "added, then negative": [("Add", [np.array([0.3, -0.8, 1.4], np.float32)], {}), ("Mul", [np.float32(-2)], {})],
    "mask": [("Add", [np.array([0, -3e38, 0.5], np.float32)], {})],
    "one at a time": [("Reshape", [np.array([1, 3])], {}), ("Softmax", [], {"axis": -1})],
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_ends_are_read_as_their_runtime_reads_them(tmp_path: Path, end: Parts) -> None:
    rng = np.random.default_rng(2)
    parts = [part for part in chain(rng, [8, 5, 3], "sign", grey=False) if part[0] != "Softmax"]
    found = imported(file_of(tmp_path / "n.onnx", [*parts, *end], [1, 8]))
    bits = ((np.arange(256)[:, np.newaxis] >> np.arange(8)) & 1).astype(np.uint8)
    found.replay(bits)
    assert np.array_equal(opened(found.path).predict(bits), found.model.predict(bits))


def test_values_in_another_order_are_read_as_they_stand(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    turned: Parts = [
        ("Reshape", [np.array([-1, 2, 3])], {}),
        ("Transpose", [], {"perm": [0, 2, 1]}),
        ("Reshape", [np.array([-1, 6])], {}),
    ]
    parts = chain(rng, [6, 6, 6, 3], "sign", grey=False)
    inner = next(i for i, part in enumerate(parts) if part[0] == "Sign") + 1
    for place in (0, inner - 1, inner):
        found = imported(file_of(tmp_path / "n.onnx", [*parts[:place], *turned, *parts[place:]], [1, 6]))
        found.replay(((np.arange(64)[:, np.newaxis] >> np.arange(6)) & 1).astype(np.uint8))
        assert found.model != imported(file_of(tmp_path / "m.onnx", parts, [1, 6])).model


@pytest.mark.parametrize("mode", ["ROUND", "FLOOR", "CEIL"])
def test_quantised_values_of_one_bit_are_bits(tmp_path: Path, mode: str) -> None:
    rng = np.random.default_rng(8)
    attributes = {"signed": 0, "narrow": 0, "rounding_mode": mode}
    # Halves and wholes occur, where the roundings differ.
    quant = ("Quant", [np.float32(0.5), np.float32(0), np.float32(1)], attributes)
    parts: Parts = [
        ("Gemm", [rng.choice([-1, 1], size=(6, 7)).astype(np.float32)], {"transB": 1}),
        ("Mul", [np.float32(0.25)], {}),
        quant,
        (
            "Gemm",
            [rng.choice([-1, 1], size=(3, 6)).astype(np.float32), np.array([0.1, 0.2, 0.4], np.float32)],
            {"transB": 1},
        ),
    ]
    found = imported(file_of(tmp_path / "n.onnx", parts, [1, 7]))
    found.replay(((np.arange(128)[:, np.newaxis] >> np.arange(7)) & 1).astype(np.uint8))
    wide = ("Quant", [np.float32(0.5), np.float32(0), np.float32(2)], attributes)
    with pytest.raises(InputError, match="one bit, 0 or 1, is supported"):
        imported(file_of(tmp_path / "n.onnx", [*parts[:2], wide, parts[3]], [1, 7]))


def test_quantised_weights_are_what_they_become(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    latent = rng.uniform(0.6, 2, size=(3, 7)).astype(np.float32) * rng.choice([-1, 1], size=(3, 7))
    file = file_of(tmp_path / "n.onnx", [("Gemm", [latent.astype(np.float32)], {"transB": 1})], [1, 7])
    model = onnx.load(str(file))
    for name, value in (("s", 0.5), ("z", 0), ("w", 2)):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(value, np.float32), name))
    quant = onnx.helper.make_node("Quant", ["c0.0", "s", "z", "w"], ["q"], "q", domain="qonnx", signed=1, narrow=1)
    model.graph.node.insert(0, quant)
    model.graph.node[1].input[1] = "q"
    model.opset_import.append(onnx.helper.make_opsetid("qonnx", 1))
    file.write_bytes(model.SerializeToString())
    # Two bits, without the lowest level, are -1, 0 and 1 times the scale.
    found = imported(file)
    found.replay(((np.arange(128)[:, np.newaxis] >> np.arange(7)) & 1).astype(np.uint8))
    assert (found.model.network.matrices()[0] == (latent > 0)).all()


def test_zeros_are_what_the_file_makes_of_them(tmp_path: Path) -> None:
    # Of two inputs that are 0 at level 100, one ascends and one descends.
    for shift in (0.1, -0.1):
        parts: Parts = [
            ("Mul", [np.array([1, -1], np.float32)], {}),
            ("Add", [np.array([-100, 100], np.float32)], {}),
            SIGN,
            ("Add", [np.float32(shift)], {}),
            SIGN,
            ("Gemm", [np.array([[1, -1], [1, 1], [-1, 1]], np.float32)], {"transB": 1}),
        ]
        found = imported(file_of(tmp_path / "n.onnx", parts, [1, 2]))
        assert found.walk.first is not None
        levels = np.array([[a, b] for a in (99, 100, 101) for b in (99, 100, 101)], dtype=np.uint8)
        found.replay(levels)
        # At level 100 both are what the file makes of 0.
        at = [True, True] if shift > 0 else [False, False]
        own = found.model.bits(np.array([[100, 100]], dtype=np.uint8))[0] ^ (found.walk.first.turned < 0)
        assert own.tolist() == at


def test_a_change_is_replayed_by_the_files_own_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    file = file_of(tmp_path / "n.onnx", chain(rng, [9, 5, 3], "larq", grey=False), [1, 9])
    np.savez(tmp_path / "x.npz", X=rng.integers(2, size=(1, 9)).astype(np.uint8))
    seen: list[int] = []
    replay = Import.replay

    def counted(self: Import, inputs: Any) -> None:
        seen.append(len(inputs))
        replay(self, inputs)

    monkeypatch.setattr(Import, "replay", counted)
    assert _run(["verify", str(file), "robust", "--data", str(tmp_path / "x.npz")]) == 0
    assert seen == [200, 1]


def test_what_differs_is_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    found = imported(file_of(tmp_path / "n.onnx", chain(rng, [6, 5, 3], "sign", grey=True), [1, 6]), 255)
    network = found.model.network
    turned = [matrix.copy() for matrix in network.matrices()]
    turned[0] ^= True
    wrong = Model(Network.of(network.shape, turned), found.model.preprocessing)
    other = replace(found, model=wrong)
    with pytest.raises(InputError, match=r"the bit of neuron \d of layer 1 is another one there"):
        other.replay(found.random(50, 0))


def state(rng: np.random.Generator) -> dict[str, Any]:
    """A state dict of PyTorch."""
    made: dict[str, Any] = {}
    for i, (n, m) in enumerate([(8, 6), (6, 5)]):
        made |= {f"fc{i}.weight": rng.uniform(-1, 1, size=(m, n)).astype(np.float32)}
        made |= {f"fc{i}.bias": rng.normal(size=m).astype(np.float32)}
        names = ("weight", "bias", "running_mean", "running_var")
        made |= {f"bn{i}.{name}": array for name, array in zip(names, normal(rng, m, 2), strict=True)}
        made |= {f"bn{i}.num_batches_tracked": np.array(9)}
    return {**made, "last.weight": rng.uniform(-1, 1, size=(3, 5)).astype(np.float32)}


def test_state_dicts_are_read_and_their_layers_told(tmp_path: Path) -> None:
    made = state(np.random.default_rng(1))
    np.savez(tmp_path / "s.npz", **made)
    found = imported(tmp_path / "s.npz")
    assert found.model.network.shape.topology == "8-6-5-3"
    bits = ((np.arange(256)[:, np.newaxis] >> np.arange(8)) & 1).astype(np.uint8)
    found.replay(bits)
    value = 2.0 * bits - 1
    for i in range(2):
        value = value @ np.sign(made[f"fc{i}.weight"]).T + made[f"fc{i}.bias"]
        spread = np.sqrt(made[f"bn{i}.running_var"].astype(float) + 1e-5)
        value = np.sign((value - made[f"bn{i}.running_mean"]) / spread * made[f"bn{i}.weight"] + made[f"bn{i}.bias"])
    wanted = np.argmax(value @ np.sign(made["last.weight"]).T, axis=1)
    assert (found.model.predict(bits) == wanted).all()
    # Sorted, as some files are, they have to be put in order.
    np.savez(tmp_path / "sorted.npz", **dict(sorted(made.items())))
    with pytest.raises(InputError, match="fit"):
        imported(tmp_path / "sorted.npz")
    again = imported(tmp_path / "sorted.npz", layers=("fc0", "bn0", "fc1", "bn1", "last"))
    assert again.model.network == found.model.network
    tensors = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    tensors.save_file(made, tmp_path / "s.safetensors")
    order = ("fc0", "bn0", "fc1", "bn1", "last")
    with pytest.raises(InputError, match="does not say in which order its layers are"):
        imported(tmp_path / "s.safetensors")
    assert imported(tmp_path / "s.safetensors", layers=order).model.network == found.model.network


W = np.array([[1, -1, 1], [-1, -1, 1]], dtype=np.float32)
BN = [np.ones(2, np.float32), np.full(2, 0.3, np.float32), np.zeros(2, np.float32), np.ones(2, np.float32)]
GEMM: tuple[str, list[Any], dict[str, Any]] = ("Gemm", [W], {"transB": 1})
NORMAL: tuple[str, list[Any], dict[str, Any]] = ("BatchNormalization", BN, {})
SIGN: tuple[str, list[Any], dict[str, Any]] = ("Sign", [], {})
END: tuple[str, list[Any], dict[str, Any]] = ("Gemm", [W[:, :2]], {"transB": 1})
BAD: dict[str, tuple[Parts, str]] = {
    "unsupported": ([GEMM, NORMAL, SIGN, ("Relu", [], {}), END], r"node 'n3' \(Relu\): not supported; Add, "),
    "weights": ([("Gemm", [W * [[1, 1, 2]]], {"transB": 1}), NORMAL, SIGN, END], "weight 2 of input 3 in neuron 1"),
    "zero weight": ([("Gemm", [W * 0], {"transB": 1}), NORMAL, SIGN, END], "weight 0 of input 1 in neuron 1"),
    "nan": ([GEMM, ("BatchNormalization", [*BN[:3], BN[3] * np.nan], {}), SIGN, END], r"variance: holds nan at \[0\]"),
    "variance": (
        [GEMM, ("BatchNormalization", [*BN[:3], BN[3] * 0], {"epsilon": 0.0}), SIGN, END],
        "the variance of value 1 is 0",
    ),
    "lost sign": ([GEMM, NORMAL, END], "reads sums that no Sign has made bits"),
    "shapes": ([GEMM, NORMAL, SIGN, GEMM], r"weights of shape \(2, 3\) do not fit 2 values"),
    "constants": ([GEMM, ("Add", [np.ones(3, np.float32)], {}), SIGN, END], "does not fit 2 values"),
    "zero": ([("Gemm", [W[:, :2]], {"transB": 1}), SIGN, END], "neuron 1 of layer 1 can be exactly 0"),
    "no end": ([GEMM, NORMAL, SIGN], "ends with neither the counts of two classes"),
    "divided": ([GEMM, ("Div", [np.float32(0)], {}), SIGN, END], "divides by 0"),
    "scales": ([GEMM, ("Mul", [np.array([1, 2], np.float32)], {})], "multiplied by different or negative"),
    "changed bit": (
        [
            GEMM,
            NORMAL,
            SIGN,
            ("Gemm", [W[:1, :2]], {"transB": 1}),
            ("Add", [np.float32(0.5)], {}),
            SIGN,
            ("Mul", [np.float32(-1)], {}),
        ],
        "or is changed afterwards",
    ),
    "zero bit": ([GEMM, NORMAL, SIGN, ("Gemm", [W[:1, :2]], {"transB": 1}), SIGN], "its last Sign can be 0"),
    "axis": ([GEMM, NORMAL, SIGN, END, ("Softmax", [], {"axis": 0})], "compares something else than the classes"),
    "last of equals": (
        [GEMM, NORMAL, SIGN, END, ("ArgMax", [], {"axis": 1, "select_last_index": 1})],
        "the lowest of equals first",
    ),
    "cast": ([GEMM, NORMAL, SIGN, ("Cast", [], {"to": 9}), END], "to other types than single or double precision"),
    "training": ([GEMM, ("BatchNormalization", BN, {"training_mode": 1}), SIGN, END], "is in training"),
    "epsilon": ([GEMM, ("BatchNormalization", BN, {"epsilon": float("nan")}), SIGN, END], "epsilon: holds nan"),
    "behind": ([GEMM, ("Softmax", [], {}), NORMAL, SIGN, END], "behind the comparison of the classes"),
}


@pytest.mark.parametrize(("parts", "message"), BAD.values(), ids=BAD.keys())
def test_what_is_no_binary_network_is_refused_with_its_node(tmp_path: Path, parts: Parts, message: str) -> None:
    file = file_of(tmp_path / "n.onnx", parts, [1, np.asarray(parts[0][1][0]).shape[1]])
    with pytest.raises(InputError, match=message) as refusal:
        imported(file)
    assert "\n" not in str(refusal.value)


def _circle(model: Any) -> None:
    model.graph.node[0].input[0] = model.graph.node[-1].output[0]


def _nowhere(model: Any) -> None:
    model.graph.node[1].input[0] = "gone"


def _external(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"


def _two(model: Any) -> None:
    model.graph.input.append(onnx.helper.make_tensor_value_info("z", FLOAT, [1, 3]))


def _undeclared(model: Any) -> None:
    model.graph.input[0].type.tensor_type.ClearField("shape")


CHANGES: dict[Callable[[Any], None], str] = {
    _circle: "circle",
    _nowhere: "value 'gone' comes from nowhere",
    _external: "keeps 'c0.0' in another file",
    _two: "has 2 inputs and 1 outputs",
    _undeclared: "the shape of input 'x' is not declared",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_damaged_graphs_are_refused(tmp_path: Path, change: Callable[[Any], None]) -> None:
    file = file_of(tmp_path / "n.onnx", [GEMM, NORMAL, SIGN, END], [1, 3])
    model = onnx.load(str(file))
    change(model)
    file.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=CHANGES[change]):
        imported(file)


def test_files_of_other_kinds_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content, message in (
        ("n.onnx", b"", "no ONNX file"),
        ("n.onnx", b"\x00\xff" * 99, "no ONNX file"),
        ("n.pt", b"PK", "a pickle may run any code"),
        ("n.npz", b"PK", "no npz file of arrays"),
        ("n.safetensors", b"PK", "no safetensors file"),
        ("n.h5", b"x", "unknown kind of network"),
    ):
        (tmp_path / name).write_bytes(content)
        assert _run(["import", str(tmp_path / name), "--out", str(tmp_path / "m")]) == 2
        error = capsys.readouterr().err
        assert message in error and error.count("\n") == 1
    objects: Any = {"fc.weight": np.array([{}], dtype=object)}
    np.savez(tmp_path / "o.npz", **objects)
    with pytest.raises(InputError, match="no npz file of arrays"):
        imported(tmp_path / "o.npz")
    assert not (tmp_path / "m").exists()


@given(st.fractions(min_value=Fraction(1, 10**9), max_value=10**9))
@often(200)
def test_roots_are_exact_or_as_near_as_said(number: Fraction) -> None:
    found = root(number)
    assert found**2 <= number < (found + Fraction(1, 1 << 239)) ** 2
    assert root(number * number) == number and is_square(number * number)
    assert is_square(number) == (found * found == number)


@given(st.lists(st.integers(-30, 30), min_size=2, max_size=4), st.integers(1, 4))
@often(100)
def test_offsets_are_no_farther_apart_than_matters(drawn: list[int], most: int) -> None:
    offsets = [Fraction(one, 3) for one in drawn]
    near = nearer(offsets, most)
    assert near[0] == 0 and max(near) - min(near) <= (most + 1) * (len(near) - 1)
    for counts in product(range(most + 1), repeat=len(offsets)):
        for own, other in product(range(len(offsets)), repeat=2):
            apart = counts[own] + offsets[own] - counts[other] - offsets[other]
            nearby = counts[own] + near[own] - counts[other] - near[other]
            assert (apart > 0) == (nearby > 0) and (apart == 0) == (nearby == 0)


@given(st.lists(st.fractions(-3, 3, max_denominator=4), min_size=3, max_size=3), st.integers(0, 99))
@often(100)
def test_argmax_with_offsets_is_the_plain_comparison(offsets: list[Fraction], seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = Shape((4, 3), "popcount", "argmax", ((2, 2, 2),), offsets=tuple(offsets)).checked()
    network = Network.of(shape, [rng.integers(2, size=(3, 4))])
    inputs = (np.arange(16)[:, np.newaxis] >> np.arange(4)) & 1
    counts = (inputs[:, np.newaxis] == network.matrices()[0]).sum(axis=2)
    totals = [[count + offset for count, offset in zip(row, offsets, strict=True)] for row in counts.tolist()]
    wanted = [row.index(max(row)) for row in totals]
    model = Model(network)
    assert model.predict(inputs.astype(np.uint8)).tolist() == wanted
    right = [network.right(inputs.astype(bool), np.full(16, label)) for label in range(3)]
    assert np.argmax(right, axis=0).tolist() == wanted and (np.sum(right, axis=0) == 1).all()
    assert Shape.of(json.loads(json.dumps(shape.noted()))) == shape


def test_an_imported_network_is_predicted_shown_and_certified(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path / "n.onnx", chain(np.random.default_rng(3), [9, 5, 3], "sign", grey=True), [1, 9])
    assert _run(f"import {file} --input-scale 255 --out {tmp_path / 'm'} --replay 99".split()) == 0
    assert "99 examples replayed: all bits and labels are equal" in capfd.readouterr().err
    found = Model.load(tmp_path / "m")
    inputs = np.random.default_rng(0).integers(256, size=(20, 9)).astype(np.uint8)
    np.savez(tmp_path / "d.npz", X=inputs, y=found.predict(inputs))
    for model in (f"{tmp_path / 'm'}", f"{file} --input-scale 255"):
        assert _run(f"predict {model} --data {tmp_path / 'd.npz'}".split()) == 0
        output = capfd.readouterr()
        assert list(map(int, output.out.split())) == found.predict(inputs).tolist() and "100.00%" in output.err
        assert _run(f"show {model}".split()) == 0
        assert "read from n.onnx (sha256 " in capfd.readouterr().out


def test_a_scale_that_does_not_seem_to_fit_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where nobody said it, and no grey level but 0 is told from the next one."""
    first: Parts = [("Sub", [np.float32(0.45)], {}), ("Sign", [], {})]
    rest = chain(np.random.default_rng(3), [9, 5, 3], "larq", grey=False)
    file = file_of(tmp_path / "n.onnx", [*first, *rest], [1, 9])
    for words in (f"import {file} --out {tmp_path / 'm'}", f"show {file}"):
        for said in ("", " --input-scale 1", " --input-scale 255"):
            assert _run((words + said).split()) == 0
            assert ("n.onnx only tells 0 from all other" in capfd.readouterr().err) == (not said)
        assert _run(f"{words} --input-scale 0".split()) == 2
        assert "input scale 0 is none" in capfd.readouterr().err
    assert _run(f"verify {file} --vnnlib none.vnnlib --input-scale 0".split()) == 2
    assert "input scale 0 is none" in capfd.readouterr().err
    assert imported(file, 1).doubt and not imported(file, 255).doubt
    assert "no grey levels apart" in imported(file, 1 << 20).doubt


@pytest.mark.skipif(not SHARED.exists(), reason="the foreign networks are not here")
@pytest.mark.parametrize(("name", "right"), [("bnn_mnist", 9587), ("TFC_1W1A", 9296)])
def test_published_networks_are_as_right_as_they_are(name: str, right: int) -> None:
    with np.load(SHARED / "mnist_test_10k.npz") as data:
        images, labels = data["images"].reshape(10_000, -1), data["labels"]
    found = imported(SHARED / "foreign" / f"{name}.onnx", 255)
    assert (found.model.predict(images) == labels).sum() == right
    found.replay(images[:1000])


@pytest.mark.skipif(not SHARED.exists(), reason="the foreign networks are not here")
def test_a_published_state_dict_names_each_class_as_often_as_it_does() -> None:
    found = imported(SHARED / "foreign" / "npaq_16-32-20-10.npz")
    bits = ((np.arange(1 << 16)[:, np.newaxis] >> np.arange(16)) & 1).astype(np.uint8)
    counts = np.bincount(found.model.predict(bits), minlength=10)
    assert counts.tolist() == [18019, 0, 2632, 1285, 3829, 88, 14229, 2417, 23032, 5]


def blocks(place: Path, sizes: list[int], seed: int) -> dict[str, Any]:
    """A random network as a folder of blocks, and as a state dict."""
    rng, made = np.random.default_rng(seed), dict[str, Any]()
    for number, (n, m) in enumerate(pairwise(sizes), 1):
        last = number == len(sizes) - 1
        block = "out_blk" if last else f"blk{number}"
        weight, bias = rng.choice([-1.0, 1.0], size=(m, n)), rng.normal(size=m)
        parts = {"lin_weight": weight.T, "lin_bias": bias}
        made |= {f"fc{number}.weight": weight, f"fc{number}.bias": bias}
        if not last:
            scale, shift, mean, variance = (one.astype(np.float64) for one in normal(rng, m, 2))
            parts |= {"bn_weight": scale, "bn_bias": shift, "bn_mean": mean, "bn_var": variance}
            made |= {f"bn{number}.weight": scale, f"bn{number}.bias": shift}
            made |= {f"bn{number}.running_mean": mean, f"bn{number}.running_var": variance}
        (place / block).mkdir(parents=True)
        for name, array in parts.items():
            lines = [",".join(map(repr, row)) for row in np.atleast_2d(array).tolist()]
            (place / block / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return made


@given(st.lists(st.integers(1, 7), min_size=2, max_size=3), st.integers(0, 999))
@often(20)
def test_blocks_are_state_dicts(tmp_path_factory: pytest.TempPathFactory, sizes: list[int], seed: int) -> None:
    place = tmp_path_factory.mktemp("b")
    np.savez(place / "s.npz", **blocks(place / "net", [*sizes, 3], seed))
    found = imported(place / "net")
    found.replay(found.random(50, seed))
    assert found.model.network == imported(place / "s.npz").model.network
    assert opened(place / "net") == found.model


def test_blocks_that_are_damaged_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = tmp_path / "net"
    blocks(net, [4, 3, 2], 0)
    assert _run(["import", str(net), "--out", str(tmp_path / "m")]) == 0
    capsys.readouterr()
    good = (net / "blk1" / "bn_var.csv").read_text()
    for text, message in (
        ("1,2,x", "no table of numbers"),
        ("", "holds no numbers"),
        ("1,2", "do not fit|of them"),
        ("1,nan,1", "nan|finite"),
    ):
        (net / "blk1" / "bn_var.csv").write_text(text)
        with pytest.raises(InputError, match=message):
            imported(net)
    (net / "blk1" / "bn_var.csv").write_text(good)
    (net / "out_blk" / "lin_bias.csv").unlink()
    with pytest.raises(InputError, match=r"lin_bias\.csv: No such file"):
        imported(net)
    (net / "blk1").rename(net / "blk2")
    with pytest.raises(InputError, match="no blk1"):
        imported(net)
