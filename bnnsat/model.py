"""Model files: JSON that a person can read, with the network and what its inputs mean.

{"format": "bnnsat-model", "version": 1, "topology": "64-2-1", "activation": "half", "head": "bit",
 "thresholds": [[], []], "weights": [["0110...", "1010..."], ["01"]], "repeat": 1,
 "binarize": "threshold:128", "means": [], "input_order": null | [5, 0, ...], "about": {...}}

`weights[l][j]` are the bits of neuron j of layer l in the order of its inputs; network input i is
raw input `input_order[i]` (with levels:N, that bit of the thermometer code). With "repeat" 2 a neuron
reads all its n inputs twice: its weights i and n + i are both 1 for +1, both 0 for -1, and unequal for 0.
`about` says where the model comes from and is not interpreted.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from bitarray import frozenbitarray

from bnnsat import files
from bnnsat.data.binarize import Binarizer
from bnnsat.data.dataset import Grey
from bnnsat.data.task import Preprocessing
from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.readings import packed
from bnnsat.shape import WEIGHTS, Shape
from bnnsat.types import Bits, Integers

FORMAT, VERSION = "bnnsat-model", 1
MAX_BYTES = 1 << 28


@dataclass(frozen=True)
class Model:
    """A network together with the preprocessing of its inputs, and notes on its origin."""

    network: Network
    preprocessing: Preprocessing
    about: dict[str, Any] = field(default_factory=dict)

    def checked(self, raw: Grey) -> Grey:
        """Raw inputs of the right shape (examples, n); InputError for others."""
        n = self.network.shape.sizes[0] // self.preprocessing.binarizer.levels
        if raw.ndim != 2 or raw.shape[1] != n:
            raise InputError(f"the model takes {n} inputs, and the data have shape {raw.shape}")
        return raw

    def bits(self, raw: Grey) -> Bits:
        """The network's inputs for raw ones, (examples, n)."""
        return self.preprocessing(self.checked(raw))

    def predict_bits(self, bits: Bits) -> Integers:
        """The same for the network's own inputs (examples, n)."""
        n = self.network.shape.sizes[0]
        if bits.ndim != 2 or bits.shape[1] != n:
            raise InputError(f"the network takes {n} bits, and the data have shape {bits.shape}")
        return packed.predict(self.network, bits)

    def predict(self, raw: Grey) -> Integers:
        """The label of each example of raw inputs (examples, n); -1 where onehot names none."""
        return packed.predict(self.network, self.bits(raw))

    def save(self, path: Path | str) -> None:
        """Write the file, whole or not at all."""
        network, preprocessing = self.network.folded(), self.preprocessing
        shape = network.shape
        content = {
            "format": FORMAT,
            "version": VERSION,
            "topology": shape.topology,
            "activation": shape.activation,
            "head": shape.head,
            "thresholds": shape.thresholds,
            "weights": [[row.to01() for row in layer] for layer in network.weights],
            "repeat": shape.repeat,
            "binarize": preprocessing.binarizer.way,
            "means": preprocessing.binarizer.means,
            "input_order": preprocessing.order,
            "about": self.about,
        }
        files.write(Path(path), (json.dumps(content, indent=1) + "\n").encode())

    @classmethod
    def load(cls, path: Path | str) -> Model:
        """Read a file; InputError, with what is wrong, for anything but a whole and consistent model."""
        try:
            if Path(path).stat().st_size > MAX_BYTES:
                raise InputError(f"{path}: larger than {MAX_BYTES} bytes, which no model is")
            content = Path(path).read_bytes()
        except OSError as error:
            raise InputError(f"cannot read model {path}: {error.strerror or error}") from None
        return cls.loads(content, str(path))

    @classmethod
    def loads(cls, text: bytes, name: str) -> Model:
        """The same from the content of a file of that name."""
        try:
            content = json.loads(text.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}: not a model file ({error})") from None
        try:
            return _model(content)
        except KeyError as error:
            raise InputError(f"{name}: the model lacks {error}") from None
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(f"{name}: {error}") from None


def _model(content: Any) -> Model:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f'not a model file (its "format" is not "{FORMAT}")')
    if content["version"] != VERSION:
        raise InputError(f"version {content['version']} of the model format is unknown; this program reads {VERSION}")
    repeat = content.get("repeat", 1)
    if repeat not in (1, 2):
        raise InputError(f'"repeat" is {repeat}; 1 or 2 is due')
    kind = WEIGHTS[repeat - 1]
    shape = Shape.parse(str(content["topology"]), str(content["activation"]), str(content["head"]), weights=kind)
    weights = _weights(content["weights"], shape)
    shape = shape.with_thresholds(content["thresholds"])
    about = content.get("about", {})
    if not isinstance(about, dict):
        raise InputError('"about" is not an object of notes')
    return Model(Network(shape, weights), _preprocessing(content, shape.sizes[0]), about)


def _weights(layers: Any, shape: Shape) -> tuple[tuple[frozenbitarray, ...], ...]:
    """The packed weights; lengths and characters are looked at first, since bitarray takes nearly anything."""
    fits = isinstance(layers, list) and len(layers) == shape.layers
    for layer, (m, n) in zip(layers if fits else (), shape.matrices, strict=False):
        fits &= isinstance(layer, list) and len(layer) == m
        fits = fits and all(isinstance(row, str) and len(row) == n and set(row) <= {"0", "1"} for row in layer)
    if not fits:
        raise InputError(f"the weights do not fit topology {shape.topology}: a string of 0 and 1 per neuron is due")
    return tuple(tuple(frozenbitarray(row) for row in layer) for layer in layers)


def _preprocessing(content: dict[str, Any], n: int) -> Preprocessing:
    order, means = content["input_order"], content["means"]
    if order is not None and (
        not isinstance(order, list) or not all(type(i) is int for i in order) or sorted(order) != list(range(n))
    ):
        raise InputError(f"input_order is not a permutation of 0 to {n - 1}")
    if not isinstance(means, list) or not all(type(m) in (int, float) and math.isfinite(m) for m in means):
        raise InputError("means are not a list of numbers")
    binarizer = Binarizer(str(content["binarize"]), tuple(float(mean) for mean in means))
    if len(means) != (n if binarizer.way == "pixel-mean" else 0):
        raise InputError(f"{len(means)} means do not fit {binarizer.way} of {n} inputs")
    if binarizer(np.zeros((1, n // binarizer.levels), dtype=np.uint8)).shape[1] != n:
        raise InputError(f"{n} inputs do not fit {binarizer.way}; a multiple is due")
    return Preprocessing(binarizer, None if order is None else tuple(order))
