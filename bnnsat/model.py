"""Model files: JSON that a person can read, with the network and what its inputs mean.

{"format": "bnnsat-model", "version": 1, "topology": "64-2-1", "activation": "half", "head": "bit",
 "thresholds": [[], []], "weights": [["0110...", "1010..."], ["01"]], "repeat": 1,
 "binarize": "threshold:128", "means": [], "input_order": null | [5, 0, ...], "origin": {...},
 "columns": {"rules": [...], "kept": [...]}, "labels": ["setosa", "virginica"]}

`weights[l][j]` are the bits of neuron j of layer l in the order of its inputs; network input i is
raw input `input_order[i]` (with levels:N, that bit of the thermometer code); the last may say again
what another says. With "repeat" 2 a neuron reads all its n inputs twice: its weights i and n + i are both 1
for +1, both 0 for -1, and unequal for 0. Of a table, "columns" has a rule for each column that is read and the places
of those of their bits that are, and "labels" what the labels 0, 1, ... are called.
`origin` says where the model comes from (see `Origin`); models of version 0.1 have it in free notes, "about".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bnnsat import arrays, files
from bnnsat.data.dataset import greyed
from bnnsat.data.preprocessing import AS_BITS, Preprocessing
from bnnsat.drawing.show import show
from bnnsat.errors import InputError
from bnnsat.files import reading
from bnnsat.integers.model import holds_integers
from bnnsat.network import Network
from bnnsat.origin import UNKNOWN, Origin
from bnnsat.plural import counted
from bnnsat.readings import packed
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.frames import is_frame, table_of
from bnnsat.tables.table import Label, Table
from bnnsat.weights import FORMAT, shape_and_weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from bnnsat.types import Bits, Grey, Integers

MAX_BYTES = 1 << 28
OF_INTEGERS = (
    "a network of whole numbers (relu), which cannot be asked this; `show`, `predict`, `verify` robust or reach, "
    "`certify` and `conquer` take it (in Python bnnsat.IntegerModel)"
)
"""Of a file that is no such model."""


@dataclass(frozen=True)
class Model:
    """A network together with the preprocessing of its inputs, and where it comes from.

    Attributes:
        network: shape and weights.
        preprocessing: what turns raw inputs into the network's.
        origin: what is known of its training.
        labels: what the labels 0, 1, ... are called; none where they are those numbers themselves.
    """

    network: Network
    preprocessing: Preprocessing = AS_BITS
    origin: Origin = UNKNOWN
    labels: tuple[Label, ...] = ()

    def checked(self, raw: Any) -> Grey | Table:
        """Raw inputs, if they are what the binariser takes.

        Args:
            raw: (examples, n) bits, or grey values from 0 to 255: an array, lists, or a data frame of numbers; for a
                network of a table, a table or data frame with its columns, or rows in their order.

        Raises:
            InputError: they have another shape, or other values.
        """
        binarizer = self.preprocessing.binarizer
        if isinstance(binarizer, TableBinarizer):
            if binarizer.way == "bits" and not isinstance(raw, Table) and not is_frame(raw):
                raw = arrays.whole(raw, "the data", 1)
            return binarizer.matched(table_of(raw, names=binarizer.columns))
        if isinstance(raw, Table):
            raw = greyed(raw)
        n, way = self.preprocessing.bits(self.network.shape.sizes[0]) // binarizer.levels, binarizer.way
        grey = arrays.whole(raw, "the data", 1 if way == "bits" else 255).astype(np.uint8)
        if grey.ndim != 2 or grey.shape[1] != n:
            raise InputError(f"the model takes {counted(n, 'input')}, and the data have shape {grey.shape}")
        if way != "bits" and grey.size and grey.max() == 1 and (len(grey) > 1 or np.asarray(raw).dtype != np.uint8):
            raise InputError(f"the model binarises grey levels from 0 to 255 ({way}), and the data hold only 0 and 1")
        return grey

    def bits(self, raw: Any) -> Bits:
        """The network's inputs, (examples, bits), for raw ones.

        Args:
            raw: as `checked` takes them.

        Raises:
            InputError: they do not fit the model.
        """
        return self.preprocessing(self.checked(raw))

    def codes(self, bits: ArrayLike) -> Integers:
        """The place of each example's label, (examples,), from the network's own inputs; -1 where onehot names none.

        Args:
            bits: (examples, bits) of 0 and 1, as `bits` makes them.

        Raises:
            InputError: they have another shape, or other values.
        """
        shape, inputs = self.network.shape, arrays.bits(bits, "the data")
        if inputs.ndim != 2 or inputs.shape[1] != shape.sizes[0]:
            raise InputError(
                f"the network takes {counted(shape.sizes[0], 'bit')}, and the data have shape {inputs.shape}"
            )
        return packed.predict(shape, self.network.matrices(), inputs)

    def predict_bits(self, bits: ArrayLike) -> NDArray[Any]:
        """The label of each example, (examples,), as it is called; -1 where onehot names none.

        Args:
            bits: (examples, bits) of 0 and 1, as `bits` makes them.

        Raises:
            InputError: they have another shape, or other values.
        """
        return self.called(self.codes(bits))

    def called(self, codes: Integers) -> NDArray[Any]:
        """What labels are called, (examples,).

        Args:
            codes: their places; -1 for none.
        """
        if not self.labels:
            return codes
        kinds = {type(label) for label in self.labels}
        if kinds <= {str}:
            names: NDArray[Any] = np.array([*self.labels, ""])
        elif len(kinds) > 1 or (codes < 0).any():
            names = np.array([*self.labels, None], dtype=object)
        else:
            names = np.array(self.labels)
        return names[codes]

    def label(self, code: int) -> Label:
        """What a label is called; -1 for none.

        Args:
            code: its place; -1 for none.
        """
        return code if code < 0 or not self.labels else self.labels[code]

    def predict(self, raw: Any) -> NDArray[Any]:
        """The label of each example, (examples,), as it is called; -1 where onehot names none.

        Args:
            raw: as `checked` takes them.

        Raises:
            InputError: they do not fit the model.
        """
        return self.predict_bits(self.bits(raw))

    def show(self, format: str = "text") -> str:
        """What the network does: score cards where its inputs have names, else pictures of its weights.

        Args:
            format: text, markdown, html, svg or json.

        Raises:
            InputError: the format is unknown.
        """
        return show(self, format)

    def _repr_html_(self) -> str:
        return show(self, "html")

    def dumps(self) -> bytes:
        """The model as a file's content.

        Raises:
            ValueError: the network still has constants for thresholds that are to be learned.
        """
        shape, layers = self.network.shape.noted(), self.network.weights
        if any(shape.pop("constants")):
            raise ValueError("a model's thresholds are numbers, not the weights of constants")
        repeat = shape.pop("repeat")
        weights = {"weights": [[row.to01() for row in layer] for layer in layers], "repeat": repeat}
        labels = {"labels": list(self.labels)} if self.labels else {}
        content = {**shape, **weights, **self.preprocessing.noted(), **labels, "origin": self.origin.noted()}
        return FORMAT.dumps(content)

    def save(self, path: Path | str) -> None:
        """Write the file, whole or not at all.

        Args:
            path: the file; its folder has to be there.

        Raises:
            InputError: it cannot be written.
        """
        files.write(Path(path), self.dumps())

    @classmethod
    def load(cls, path: Path | str) -> Model:
        """Read a file.

        Args:
            path: the file, or the folder that `bnnsat train --out` made, which holds it.

        Raises:
            InputError: it cannot be read, or is anything but a whole and consistent model.
        """
        if not isinstance(path, (str, Path)):
            raise InputError(f"{path!r} is no path of a model; give one, or its folder's")
        try:
            file = file_of(path)
            if Path(path).is_dir() and not file.exists():
                raise InputError(f"{path}: the folder holds no model.json; give one that does, or a model file")
            if file.stat().st_size > MAX_BYTES:
                raise InputError(f"{path}: larger than {MAX_BYTES} bytes, which no model is")
            content = file.read_bytes()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"cannot read model {path}: {why}; name a model.json, or its folder") from None
        return cls.loads(content, str(file))

    @classmethod
    def loads(cls, text: bytes, name: str) -> Model:
        """A model from the content of a file.

        Args:
            text: the content.
            name: the file's, for errors.

        Raises:
            InputError: it is anything but a whole and consistent model.
        """
        try:
            content = FORMAT.loads(text, name)
        except InputError:
            if holds_integers(text):
                raise InputError(f"{name}: {OF_INTEGERS}") from None
            raise
        with reading(name):
            network = Network.of(*shape_and_weights(content))
            origin = content.get("origin", content.get("about", {}))
            if not isinstance(origin, dict):
                raise InputError("the origin is no object")
            labels = content.get("labels", [])
            if not isinstance(labels, list) or not all(type(label) in (int, float, str, bool) for label in labels):
                raise InputError("the labels are no list of numbers, texts and truth values")
            if len({(type(label), label) for label in labels}) < len(labels) or any(label != label for label in labels):
                raise InputError("a label stands there twice, or is not a number")
            if labels and len(labels) != network.shape.classes:
                raise InputError(f"{counted(len(labels), 'label')} do not fit {network.shape.topology}")
            inputs = Preprocessing.of(content, network.shape.sizes[0])
            return cls(network, inputs, Origin.of(origin), tuple(labels))


def file_of(path: Path | str) -> Path:
    """The model's file.

    Args:
        path: of it, or of the folder that holds it as model.json.
    """
    return Path(path, "model.json") if Path(path).is_dir() else Path(path)
