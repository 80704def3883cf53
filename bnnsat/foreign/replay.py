"""A network that was read, held against the program that it comes from, bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.constants import constant
from bnnsat.foreign.graph import Graph, Node
from bnnsat.foreign.stack import Stack
from bnnsat.foreign.walk import Walk
from bnnsat.model import Model
from bnnsat.readings import packed
from bnnsat.types import Bits, Grey

TOLERANCE = 1e-3
"""Of scores in single precision, of the largest."""
ROWS = 256
"""Examples at a time."""


def replayed(path: Path, graph: Graph, walk: Walk, model: Model, inputs: Grey) -> None:
    """Hold a model against its origin.

    Args:
        path: the file that it was read from.
        graph: its operations.
        walk: its layers.
        model: what became of it.
        inputs: (examples, n) grey levels or bits.

    Raises:
        InputError: a layer's bits or a label differ, or there is no runtime.
    """
    run = _runtime(path, graph, walk) if path.suffix.lower() == ".onnx" else _by_numpy(graph, walk)
    for start in range(0, len(inputs), ROWS):
        rows = inputs[start : start + ROWS]
        *signs, scores = run(_fed(rows, graph, walk))
        bits, done = model.bits(rows), 0
        for layer, found in enumerate(signs):
            # Maxima are a layer of their own.
            for _ in range(0 if not layer else 1 if walk.layers[layer - 1].linear.pooled is None else 2):
                bits, done = _layer(model, done, bits), done + 1
            turned = walk.first is not None and not layer
            own = bits ^ (walk.first.turned < 0) if turned and walk.first is not None else bits
            order = walk.signs[layer].order
            if (bad := np.argwhere(own[:, order] != (found.reshape(own.shape) > 0))).size:
                row, neuron = int(bad[0, 0]), int(order[bad[0, 1]])
                what = f"input {neuron + 1}" if not layer else f"neuron {neuron + 1} of layer {layer}"
                raise InputError(
                    f"{path}: for example {start + row} the bit of {what} is another one there; it was not read rightly"
                )
        shape = model.network.shape
        labels = scores.reshape(len(rows), -1)
        there = np.argmax(labels, axis=1) if shape.head == "argmax" else (labels[:, 0] > 0).astype(np.int64)
        if "ArgMax" in walk.ended:
            there = labels[:, 0].astype(np.int64)
        if (differ := np.flatnonzero(there != model.codes(model.bits(rows)))).size:
            row = int(differ[0])
            raise InputError(
                f"{path}: for example {start + row} label {there[row]} is named there, and another one here"
            )


def replayed_numbers(path: Path, graph: Graph, walk: Walk, stack: Stack, inputs: Sequence[Sequence[Fraction]]) -> None:
    """Hold a network over numbers against its origin.

    Args:
        path: the file that it was read from.
        graph: its operations.
        walk: its layers.
        stack: what became of it.
        inputs: (examples, n) numbers.

    Raises:
        InputError: a layer's bits differ, or the label where no scores are equal, or there is no runtime.
    """
    run = _runtime(path, graph, walk)
    for row, numbers in enumerate(inputs):
        fed = np.array([float(x / walk.divisor) for x in numbers], dtype=np.float32).reshape(1, *graph.dims[1:])
        *signs, scores = run(fed)
        bits = stack.bits(numbers)
        for layer, (made, own, found) in enumerate(zip(walk.signs, bits, signs, strict=True)):
            if (bad := np.flatnonzero(own[made.order] != (found.ravel() > 0))).size:
                neuron, behind = int(made.order[bad[0]]) + 1, layer + (walk.first is None)
                raise InputError(
                    f"{path}: for example {row} the bit of neuron {neuron} of layer {behind} is another one there; "
                    "it was not read rightly, or its single precision is too coarse for such inputs"
                )
        own_scores = np.array([float(score) for score in stack.scores(bits[-1])])
        for end in walk.ended:
            own_scores = own_scores - own_scores.max()
            own_scores = own_scores - np.log(np.exp(own_scores).sum())
            own_scores = np.exp(own_scores) if end == "Softmax" else own_scores
        if not np.allclose(
            own_scores, scores.ravel(), rtol=TOLERANCE, atol=TOLERANCE * max(1, np.abs(own_scores).max())
        ):
            raise InputError(f"{path}: for example {row} the scores are others there; it was not read rightly")


def _layer(model: Model, index: int, bits: Bits) -> Bits:
    """The outputs of one layer of popcounts."""
    shape, weights = model.network.shape, model.network.matrices()[index]
    alone = replace(
        shape,
        sizes=(weights.shape[1] // shape.repeat, len(weights)),
        head="onehot" if len(weights) > 1 else "bit",
        thresholds=(shape.thresholds[index],),
        offsets=(),
    )
    return packed.outputs(alone, [weights], bits)


def _fed(rows: Grey, graph: Graph, walk: Walk) -> NDArray[np.float32]:
    """Examples as the file's network takes them."""
    if walk.first is not None:
        fed = rows.astype(np.float32) / np.float32(walk.divisor)
    else:
        no, yes = walk.domain or (0, 1)
        fed = np.where(rows > 0, np.float32(yes), np.float32(no))
    return np.asarray(fed.reshape(len(rows), *graph.dims[1:]), dtype=np.float32)


def _runtime(path: Path, graph: Graph, walk: Walk) -> Any:
    """A run of the file by onnxruntime: the signs of each layer, then its result."""
    if find_spec("onnxruntime") is None:
        raise InputError(f"{path}: its replay needs onnxruntime: pip install 'bnnsat[onnx]', or leave the replay out")
    import onnx
    import onnxruntime

    model = onnx.load_model_from_string(path.read_bytes())
    names = [made.name for made in walk.signs if made.name]
    _with_standard_signs(model)
    model.graph.output[0].type.tensor_type.ClearField("shape")
    for name in names:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # Whatever the runtime says.
        raise InputError(f"{path}: onnxruntime does not run it ({str(error).splitlines()[0]})") from None

    def answered(fed: NDArray[np.float32]) -> list[NDArray[Any]]:
        try:
            return list(session.run([*names, graph.result], {graph.source: fed}))
        except Exception as error:
            # Whatever the runtime says.
            raise InputError(f"{path}: onnxruntime does not run it ({str(error).splitlines()[0]})") from None

    def run(fed: NDArray[np.float32]) -> list[NDArray[Any]]:
        # One by one: some files are for one example at a time, and others mean another axis by what they say.
        rows = [answered(fed[i : i + 1]) for i in range(len(fed))]
        found = [np.concatenate([row[place].reshape(1, -1) for row in rows]) for place in range(len(names) + 1)]
        return found if all(made.name for made in walk.signs) else [fed, *found]

    return run


def _with_standard_signs(model: Any) -> None:
    """BipolarQuant and Quant, which no runtime knows, by operations that all know; of constants what they make."""
    import onnx

    known = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    made = []
    for node in model.graph.node:
        if node.op_type not in ("BipolarQuant", "Quant"):
            made.append(node)
            continue
        own, (value, scale, *_) = node.output[0], node.input
        zero, one = (onnx.numpy_helper.from_array(np.array(x, dtype=np.float32)) for x in (0, 1))
        steps: list[tuple[str, list[str], dict[str, Any]]] = [("Constant", [], {"value": zero})]
        attributes = {part.name: onnx.helper.get_attribute_value(part) for part in node.attribute}
        if node.op_type == "BipolarQuant":
            steps += [("Less", [value, f"{own} 0"], {}), ("Neg", [scale], {})]
            steps += [("Where", [f"{own} 1", f"{own} 2", scale], {})]
        elif all(name in known for name in node.input):
            array = constant(Node("Quant", own, (), (own,), attributes), [known[name] for name in node.input])
            steps = [("Constant", [], {"value": onnx.numpy_helper.from_array(array.astype(np.float32))})]
        else:
            # One bit without a sign is all that is read.
            mode = bytes(attributes.get("rounding_mode", b"ROUND")).decode().capitalize()
            steps += [("Constant", [], {"value": one}), ("Div", [value, scale], {}), (mode, [f"{own} 2"], {})]
            steps += [("Max", [f"{own} 3", f"{own} 0"], {}), ("Min", [f"{own} 4", f"{own} 1"], {})]
            steps += [("Mul", [f"{own} 5", scale], {})]
        names = [*(f"{own} {place}" for place in range(len(steps) - 1)), own]
        made += [
            onnx.helper.make_node(kind, inputs, [name], **more)
            for (kind, inputs, more), name in zip(steps, names, strict=True)
        ]
    del model.graph.node[:]
    model.graph.node.extend(made)


def _by_numpy(graph: Graph, walk: Walk) -> Any:
    """A run of a state dict in single precision: the signs of each layer, then its result."""

    def run(fed: NDArray[np.float32]) -> list[NDArray[Any]]:
        value, signs = fed, [] if walk.first is not None else [fed]
        for node in graph.nodes:
            known = [graph.constants[name].astype(np.float32) for name in node.inputs[1:]]
            if node.kind == "Gemm":
                value = value @ known[0].T + known[1]
            elif node.kind == "Sign":
                value = np.sign(value)
                signs.append(value)
            else:
                scale, bias, mean, variance = known
                spread = np.sqrt(variance + np.float32(node.attributes["epsilon"]))
                value = (value - mean) / spread * scale + bias
        return [*signs, value]

    return run
