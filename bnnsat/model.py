"""Model files: JSON that a person can read, with the network and what its inputs mean.

{"format": "bnnsat-model", "version": 1, "topology": "64-2-1", "activation": "half", "head": "bit",
 "thresholds": [[], []], "weights": [["0110...", "1010..."], ["01"]], "repeat": 1,
 "binarize": "threshold:128", "means": [], "input_order": null | [5, 0, ...], "origin": {...}}

`weights[l][j]` are the bits of neuron j of layer l in the order of its inputs; network input i is
raw input `input_order[i]` (with levels:N, that bit of the thermometer code). With "repeat" 2 a neuron
reads all its n inputs twice: its weights i and n + i are both 1 for +1, both 0 for -1, and unequal for 0.
`origin` says where the model comes from (see `Origin`); models of version 0.1 have it in free notes, "about".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bnnsat import files
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.errors import InputError
from bnnsat.files import reading
from bnnsat.network import Network
from bnnsat.origin import UNKNOWN, Origin
from bnnsat.plural import counted
from bnnsat.readings import packed
from bnnsat.weights import FORMAT, shape_and_weights

if TYPE_CHECKING:
    from bnnsat.types import Bits, Grey, Integers

MAX_BYTES = 1 << 28


@dataclass(frozen=True)
class Model:
    """A network together with the preprocessing of its inputs, and where it comes from.

    Attributes:
        network: shape and weights.
        preprocessing: what turns raw inputs into the network's.
        origin: what is known of its training.
    """

    network: Network
    preprocessing: Preprocessing
    origin: Origin = UNKNOWN

    def checked(self, raw: Grey) -> Grey:
        """Raw inputs of the right shape (examples, n); InputError for others."""
        n = self.network.shape.sizes[0] // self.preprocessing.binarizer.levels
        if raw.ndim != 2 or raw.shape[1] != n:
            raise InputError(f"the model takes {counted(n, 'input')}, and the data have shape {raw.shape}")
        return raw

    def bits(self, raw: Grey) -> Bits:
        """The network's inputs for raw ones, (examples, n)."""
        return self.preprocessing(self.checked(raw))

    def predict_bits(self, bits: Bits) -> Integers:
        """The label of each example of the network's own inputs (examples, n); -1 where onehot names none."""
        shape = self.network.shape
        if bits.ndim != 2 or bits.shape[1] != shape.sizes[0]:
            raise InputError(
                f"the network takes {counted(shape.sizes[0], 'bit')}, and the data have shape {bits.shape}"
            )
        return packed.predict(shape, self.network.matrices(), bits)

    def predict(self, raw: Grey) -> Integers:
        """The label of each example of raw inputs (examples, n); -1 where onehot names none."""
        return self.predict_bits(self.bits(raw))

    def dumps(self) -> bytes:
        """The model as a file's content."""
        shape, layers = self.network.shape.noted(), self.network.weights
        if any(shape.pop("constants")):
            raise ValueError("a model's thresholds are numbers, not the weights of constants")
        repeat = shape.pop("repeat")
        weights = {"weights": [[row.to01() for row in layer] for layer in layers], "repeat": repeat}
        return FORMAT.dumps({**shape, **weights, **self.preprocessing.noted(), "origin": self.origin.noted()})

    def save(self, path: Path | str) -> None:
        """Write the file, whole or not at all."""
        files.write(Path(path), self.dumps())

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
        content = FORMAT.loads(text, name)
        with reading(name):
            network = Network.of(*shape_and_weights(content))
            origin = content.get("origin", content.get("about", {}))
            if not isinstance(origin, dict):
                raise InputError("the origin is no object")
            return cls(network, Preprocessing.of(content, network.shape.sizes[0]), Origin.of(origin))
