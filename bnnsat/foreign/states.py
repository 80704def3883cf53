"""State dicts of PyTorch and Chainer (npz, safetensors, blocks) as graphs: linear maps, normalisations, signs."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat.errors import InputError
from bnnsat.foreign.blocks import read_blocks
from bnnsat.foreign.graph import MAX_BYTES, Graph, Node

EPSILON = 1e-5
"""PyTorch's; Chainer's is 2e-5."""
WEIGHT, BIAS = ("weight", "W"), ("bias", "b")
NORMAL = (("weight", "gamma"), ("bias", "beta"), ("running_mean", "avg_mean"), ("running_var", "avg_var"))
"""Scale, shift, mean and variance of a normalisation, as PyTorch and Chainer call them."""
COUNTERS = ("num_batches_tracked", "N")

Parameters = dict[str, NDArray[Any]]


def read_state(path: Path, layers: Sequence[str] = (), epsilon: float | None = None) -> Graph:
    """The network of a state dict: a Sign behind each layer (and its normalisation) but the last.

    Args:
        path: an .npz or .safetensors file, or a folder of blocks.
        layers: names of the layers in their order; as they stand in the file without.
        epsilon: of the normalisations.

    Raises:
        InputError: it cannot be read, or its layers do not follow each other.
    """
    groups = _grouped(_arrays(path), path)
    if not layers and path.suffix.lower() == ".safetensors":
        raise InputError(
            f"{path}: does not say in which order its layers are; name them (layers): {', '.join(sorted(groups))}"
        )
    if epsilon is not None and not 0 <= epsilon < 1:
        raise InputError(f"epsilon {epsilon} is none; give a small number from 0, such as 1e-5")
    if unknown := [name for name in layers if name not in groups]:
        raise InputError(f"{path}: there is no layer {unknown[0]!r}; there are {', '.join(groups)}")
    nodes, constants, value, size = list[Node](), dict[str, NDArray[Any]](), "input", 0
    names, first = list(layers or groups), 0
    for place, name in enumerate(names):
        found = groups[name]
        mean = _one(found, NORMAL[2])
        if mean is not None:
            parts = [_one(found, of) for of in NORMAL]
            given = [np.ones(len(mean)), np.zeros(len(mean)), mean, None]
            known = [part if part is not None else other for part, other in zip(parts, given, strict=True)]
            if known[3] is None:
                raise InputError(f"{path}: layer {name!r} has a mean and no variance")
            inputs = [f"{name}.{i}" for i in range(4)]
            constants |= {key: np.asarray(array) for key, array in zip(inputs, known, strict=True)}
            attributes: Mapping[str, Any] = {"epsilon": EPSILON if epsilon is None else epsilon}
            nodes.append(Node("BatchNormalization", name, (value, *inputs), (name,), attributes))
        else:
            weight = _one(found, WEIGHT)
            if weight is None or weight.ndim != 2:
                raise InputError(
                    f"{path}: layer {name!r} is neither a matrix of weights nor a normalisation; it holds "
                    f"{', '.join(f'{key} {array.shape}' for key, array in found.items())}"
                )
            if (weight == 0).any():
                j, i = np.argwhere(weight == 0)[0].tolist()
                raise InputError(f"{path}: weight {i + 1} of neuron {j + 1} in layer {name!r} is 0, which has no sign")
            inputs = [f"{name}.0", f"{name}.1"]
            bias = _one(found, BIAS)
            # What is trained are latent weights, whose signs are the network's.
            constants |= {inputs[0]: np.sign(weight), inputs[1]: np.zeros(len(weight)) if bias is None else bias}
            nodes.append(Node("Gemm", name, (value, *inputs), (name,), {"transB": 1}))
            first, size = first or weight.shape[1], len(weight)
        value = name
        following = groups[names[place + 1]] if place + 1 < len(names) else None
        if following is not None and _one(following, NORMAL[2]) is None:
            nodes.append(Node("Sign", f"sign {name}", (value,), (f"sign {name}",), {}))
            value = f"sign {name}"
    if not size:
        raise InputError(f"{path}: holds no matrix of weights")
    return Graph(tuple(nodes), constants, "input", (1, first), value)


def _arrays(path: Path) -> Parameters:
    if path.is_dir():
        return read_blocks(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES >> 30} GiB")
        if path.suffix.lower() == ".safetensors":
            if find_spec("safetensors") is None:
                raise InputError(f"{path}: needs the package safetensors: pip install 'bnnsat[onnx]'")
            from safetensors import SafetensorError
            from safetensors.numpy import load

            try:
                return dict(load(path.read_bytes()))
            except (SafetensorError, KeyError, TypeError) as error:
                raise InputError(f"{path}: no safetensors file, or damaged ({error})") from None
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if odd := [name for name, array in arrays.items() if array.dtype.kind not in "biuf"]:
            raise InputError(f"{path}: {odd[0]!r} holds no numbers")
        return {name: np.atleast_1d(array) for name, array in arrays.items()}
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except (ValueError, zipfile.BadZipFile, KeyError, EOFError) as error:
        raise InputError(f"{path}: no npz file of arrays, or damaged ({error})") from None


def _grouped(arrays: Parameters, path: Path) -> dict[str, Parameters]:
    """Parameters by layer, in the file's order."""
    groups: dict[str, Parameters] = {}
    for name, array in arrays.items():
        layer, dot, parameter = name.replace("/", ".").rpartition(".")
        if not dot:
            raise InputError(f"{path}: {name!r} is no parameter of a layer, as in fc1.weight")
        if parameter not in COUNTERS:
            groups.setdefault(layer, {})[parameter] = array
    if not groups:
        raise InputError(f"{path}: holds no parameter")
    return groups


def _one(found: Parameters, names: Sequence[str]) -> NDArray[Any] | None:
    return next((found[name] for name in names if name in found), None)
