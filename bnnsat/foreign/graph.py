"""An ONNX file as nodes and constants, its form looked at before its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError

MAX_BYTES = 1 << 30


@dataclass(frozen=True, eq=False)
class Node:
    """An operation.

    Attributes:
        kind: its name in ONNX.
        name: its own, or its first output's.
        inputs: names of values; empty for one that is left out.
        outputs: names of values.
        attributes: by name.
    """

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    @property
    def told(self) -> str:
        """The node in errors."""
        return f"node {self.name!r} ({self.kind})"


@dataclass(frozen=True, eq=False)
class Graph:
    """A network's operations, in an order in which they can be done.

    Attributes:
        nodes: the operations.
        constants: by name.
        source: the input's name.
        dims: the input's shape, with 1 for the batch.
        result: the output's name.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, NDArray[Any]]
    source: str
    dims: tuple[int, ...]
    result: str

    def needed(self) -> list[Node]:
        """The nodes that the result depends on, in their order."""
        wanted, found = {self.result}, list[Node]()
        for node in reversed(self.nodes):
            if wanted.intersection(node.outputs):
                found.insert(0, node)
                wanted.update(node.inputs)
        return found


def read_graph(path: Path) -> Graph:
    """The graph in an ONNX file.

    Args:
        path: the file.

    Raises:
        InputError: it cannot be read, keeps its weights elsewhere, has several inputs or outputs, or is no graph.
    """
    if find_spec("onnx") is None:
        raise InputError(f"{path}: ONNX files need the package onnx: pip install 'bnnsat[onnx]'")
    import onnx
    from google.protobuf.message import DecodeError

    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES >> 30} GiB")
        model = onnx.load_model_from_string(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except (DecodeError, ValueError) as error:
        raise InputError(f"{path}: no ONNX file, or damaged ({error})") from None
    graph = model.graph
    if not graph.node:
        raise InputError(f"{path}: no ONNX file, or one without a node")
    constants = {tensor.name: _array(tensor, path) for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        told = f"{path}: node {node.name or (node.output[0] if node.output else '')!r} ({node.op_type})"
        try:
            attributes = {attribute.name: _attribute(attribute, path) for attribute in node.attribute}
        except (TypeError, ValueError, NotImplementedError) as error:
            raise InputError(f"{told} has an attribute that cannot be read ({error})") from None
        if not node.output:
            raise InputError(f"{told} has no output")
        nodes.append(Node(node.op_type, node.name or node.output[0], tuple(node.input), tuple(node.output), attributes))
    free = [value for value in graph.input if value.name not in constants]
    if len(free) != 1 or len(graph.output) != 1:
        raise InputError(
            f"{path}: has {len(free)} inputs and {len(graph.output)} outputs; networks of one input and one output "
            "are read"
        )
    dims = tuple(dim.dim_value for dim in free[0].type.tensor_type.shape.dim)
    if not dims or any(size < 1 for size in dims[1:]):
        raise InputError(f"{path}: the shape of input {free[0].name!r} is not declared")
    ordered = _ordered(nodes, {*constants, free[0].name}, path)
    return Graph(ordered, constants, free[0].name, (1, *dims[1:]), graph.output[0].name)


def _array(tensor: Any, path: Path) -> NDArray[Any]:
    from onnx import TensorProto, numpy_helper

    if tensor.data_location == TensorProto.EXTERNAL:
        raise InputError(f"{path}: keeps {tensor.name!r} in another file; save it as one (save_as_external_data=False)")
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: constant {tensor.name!r} cannot be read ({error})") from None


def _attribute(attribute: Any, path: Path) -> Any:
    import onnx

    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, onnx.TensorProto):
        return _array(value, path)
    return value.decode() if isinstance(value, bytes) else value


def _ordered(nodes: list[Node], known: set[str], path: Path) -> tuple[Node, ...]:
    """The nodes, each behind what it reads."""
    made: dict[str, Node] = {}
    for node in nodes:
        for name in node.outputs:
            if name in known or name in made:
                raise InputError(f"{path}: value {name!r} is made twice")
            made[name] = node
    done, ordered, left = set(known) | {""}, [], list(nodes)
    while left:
        ready = [node for node in left if done.issuperset(node.inputs)]
        if not ready:
            missing = sorted({name for node in left for name in node.inputs} - made.keys() - done)
            why = f"value {missing[0]!r} comes from nowhere" if missing else "the graph runs in a circle"
            raise InputError(f"{path}: {left[0].told}: {why}")
        ordered += ready
        done |= {name for node in ready for name in node.outputs}
        left = [node for node in left if not done.issuperset(node.outputs)]
    return tuple(ordered)
