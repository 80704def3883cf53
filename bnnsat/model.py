"""Model files: JSON that a person can read, with the network and what its inputs mean.

{"format": "bnnsat-model", "version": 1, "topology": "64-2-1", "activation": "half", "head": "bit",
 "thresholds": [[], []], "weights": [["0110...", "1010..."], ["01"]],
 "binarize": "threshold:128", "means": [], "input_order": null | [5, 0, ...], "about": {...}}

`weights[l][j]` are the bits of neuron j of layer l in the order of its inputs; network input i is
raw input `input_order[i]`. `about` says where the model comes from and is not interpreted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from bitarray import frozenbitarray

from bnnsat import files, inference
from bnnsat.data.binarize import Binarizer
from bnnsat.data.dataset import Grey
from bnnsat.data.task import Preprocessing
from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

FORMAT, VERSION = "bnnsat-model", 1
MAX_BYTES = 1 << 28


@dataclass(frozen=True)
class Model:
    """A network together with the preprocessing of its inputs, and notes on its origin."""

    network: Network
    preprocessing: Preprocessing
    about: dict[str, Any] = field(default_factory=dict)

    def bits(self, raw: Grey) -> Bits:
        """The network's inputs for raw ones, (examples, n)."""
        n = self.network.shape.sizes[0]
        if raw.ndim != 2 or raw.shape[1] != n:
            raise InputError(f"the model takes {n} inputs, and the data have shape {raw.shape}")
        return self.preprocessing(raw)

    def predict(self, raw: Grey) -> Integers:
        """The label of each example of raw inputs (examples, n); -1 where onehot names none."""
        return inference.predict(self.network, self.bits(raw))

    def save(self, path: Path | str) -> None:
        """Write the file, whole or not at all."""
        shape, preprocessing = self.network.shape, self.preprocessing
        content = {
            "format": FORMAT,
            "version": VERSION,
            "topology": shape.topology,
            "activation": shape.activation,
            "head": shape.head,
            "thresholds": shape.thresholds,
            "weights": [[row.to01() for row in layer] for layer in self.network.weights],
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
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"cannot read model {path}: {error.strerror or error}") from None
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"{path}: not a model file ({error})") from None
        try:
            return _model(content)
        except KeyError as error:
            raise InputError(f"{path}: the model lacks {error}") from None
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(f"{path}: {error}") from None


def _model(content: Any) -> Model:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f'not a model file (its "format" is not "{FORMAT}")')
    if content["version"] != VERSION:
        raise InputError(f"version {content['version']} of the model format is unknown; this program reads {VERSION}")
    shape = Shape.parse(str(content["topology"]), str(content["activation"]), str(content["head"]))
    shape = shape.with_thresholds(content["thresholds"])
    weights = tuple(tuple(frozenbitarray(row) for row in layer) for layer in content["weights"])
    order = content["input_order"]
    if order is not None and sorted(order) != list(range(shape.sizes[0])):
        raise InputError(f"input_order is not a permutation of 0 to {shape.sizes[0] - 1}")
    binarizer = Binarizer(str(content["binarize"]), tuple(float(mean) for mean in content["means"]))
    if len(binarizer.means) != (shape.sizes[0] if binarizer.way == "pixel-mean" else 0):
        raise InputError(f"{len(binarizer.means)} means do not fit {binarizer.way} of {shape.sizes[0]} inputs")
    binarizer(np.zeros((1, shape.sizes[0]), dtype=np.uint8))
    preprocessing = Preprocessing(binarizer, None if order is None else tuple(order))
    return Model(Network(shape, weights), preprocessing, dict(content.get("about", {})))
