"""From a file of another program to a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from bnnsat.data.lines import sha256
from bnnsat.errors import InputError
from bnnsat.foreign.assemble import assembled, walked
from bnnsat.foreign.blocks import files_of, is_blocks
from bnnsat.foreign.graph import Graph, read_graph
from bnnsat.foreign.replay import replayed
from bnnsat.foreign.states import read_state
from bnnsat.foreign.walk import Walk
from bnnsat.model import Model
from bnnsat.origin import Origin
from bnnsat.types import Grey

KINDS = (".onnx", ".npz", ".safetensors")
PICKLES = (".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".bin")
MOST_SCALE, MOST_GREY, OPENED = 1 << 20, 255, 200
"""Of inputs; the largest grey level; random examples that are replayed where a file is opened for other questions."""


@dataclass(frozen=True, eq=False)
class Import:
    """A network from elsewhere.

    Attributes:
        model: what became of it.
        path: its file.
        graph: its operations.
        walk: its layers.
    """

    model: Model
    path: Path
    graph: Graph
    walk: Walk

    def replay(self, inputs: Grey) -> None:
        """Hold the model against the program that its file is for.

        Args:
            inputs: (examples, n) grey levels or bits.

        Raises:
            InputError: a bit or a label differs, or there is no such program.
        """
        replayed(self.path, self.graph, self.walk, self.model, np.asarray(self.model.checked(inputs)))

    def random(self, examples: int, seed: int) -> Grey:
        """Random inputs, (examples, n): grey levels, or bits where it takes bits.

        Args:
            examples: how many.
            seed: of what is random.
        """
        levels = 2 if self.walk.first is None else 256
        size = (examples, self.model.network.shape.sizes[0])
        return np.random.default_rng(seed).integers(levels, size=size).astype(np.uint8)

    @property
    def doubt(self) -> str:
        """What speaks against the scale of its inputs; nothing where nothing does."""
        if self.walk.first is None:
            return ""
        least = np.asarray(self.walk.first.least)
        telling = least[(least > 0) & (least <= MOST_GREY)]
        if len(telling) and telling.max() > 1:
            return ""
        seen = "only tells 0 from all other grey levels" if len(telling) else "tells no grey levels apart"
        return f"{self.path.name} {seen}; say --input-scale 255 if it takes them from 0 to 1, and 1 if it does not"


def is_foreign(path: Path) -> bool:
    """Whether a file is one of another program, by its name, or a folder of blocks.

    Args:
        path: of the file or folder.
    """
    return path.suffix.lower() in (*KINDS, *PICKLES) or is_blocks(path)


def divisor_of(scale: int | None) -> int:
    """What inputs are divided by before they come in.

    Args:
        scale: as it was given; None for nothing, which is 1.

    Raises:
        InputError: it is none.
    """
    if scale is not None and not 1 <= scale <= MOST_SCALE:
        raise InputError(f"input scale {scale} is none; give a whole number from 1, such as 255")
    return 1 if scale is None else scale


def imported(path: Path, scale: int = 1, layers: Sequence[str] = (), epsilon: float | None = None) -> Import:
    """The network in a file.

    Args:
        path: an ONNX file, an .npz or .safetensors file of a state dict, or a folder of blocks.
        scale: what a grey level is divided by before it comes in.
        layers: of a state dict, its layers in their order; as they stand in the file without.
        epsilon: of a state dict's normalisations.

    Raises:
        InputError: the file cannot be read, or something in it is not supported.
    """
    suffix = path.suffix.lower()
    if suffix in PICKLES:
        raise InputError(
            f"{path}: a pickle may run any code when it is opened, so it is not; convert it where you trust it: "
            "state = torch.load(FILE, map_location='cpu'); "
            "numpy.savez(OUT, **{name: value.numpy() for name, value in state.items()})"
        )
    if suffix not in KINDS and not is_blocks(path):
        raise InputError(
            f"{path}: unknown kind of network; .onnx, .npz or .safetensors of a state dict, and folders of blocks "
            "(blk1, ..., out_blk) are read"
        )
    scale = divisor_of(scale)
    if suffix == ".onnx" and (layers or epsilon is not None):
        raise InputError(f"{path}: says its layers and epsilons itself; leave {'layers' if layers else 'epsilon'} out")
    graph = read_graph(path) if suffix == ".onnx" else read_state(path, layers, epsilon)
    walk, result = walked(graph, Fraction(scale))
    model = assembled(walk, result, str(path))
    if scale != 1 and walk.first is None:
        raise InputError(f"{path}: its inputs are bits, which have no scale; leave the input scale out")
    how = f", inputs divided by {scale}" if walk.first is not None and scale != 1 else ""
    origin = Origin(imported=f"{path.name} (sha256 {sha256(_content(path))}){how}", classes=model.network.shape.classes)
    return Import(replace(model, origin=origin), path, graph, walk)


def _content(path: Path) -> bytes:
    """The bytes of a file, or of all files of a folder of blocks."""
    return b"".join(file.read_bytes() for _, file in files_of(path)) if path.is_dir() else path.read_bytes()


def opened(path: Path, scale: int | None = None, note: Callable[[str], object] = lambda _: None) -> Model:
    """The model in a file, of ours or of another program.

    Args:
        path: the file, or the folder of a model.
        scale: of another program's, what a grey level is divided by before it comes in; 1 without.
        note: is told what speaks against the scale, if none is given.

    Raises:
        InputError: it cannot be read.
    """
    if is_foreign(path):
        found = imported(path, divisor_of(scale))
        if scale is None and found.doubt:
            note(found.doubt)
        # Nobody should be told anything about a network that was not read rightly.
        found.replay(found.random(OPENED, 0))
        return found.model
    if scale is not None:
        raise InputError(f"{path}: a model says itself what its inputs are; leave the input scale out")
    return Model.load(path)
