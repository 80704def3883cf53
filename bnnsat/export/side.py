"""The file beside an exported formula: where it comes from, what is to be expected, what its variables mean.

{"format": "bnnsat-export", "version": 1, "file": "x.cnf", "kind": "decision", "bound": 37, "task": {...},
 "shape": {...}, "class_weights": [], "expected": {"answer": "UNSAT", "errors": 38, "by": "..."} | null,
 "examples": SHA-256 of the training examples,
 "variables": 1234, "clauses": 5678, "constant": 0, "groups": {"weights.0": [[1, 2, ...]], ...}}
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat.data.chosen import TaskOptions
from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.shape import LEARNED, WEIGHTS, Shape
from bnnsat.types import Bits

FORMAT, VERSION = "bnnsat-export", 1


@dataclass(frozen=True)
class Side:
    """The content of the file."""

    content: dict[str, Any]

    def dumps(self) -> bytes:
        """As JSON, a group on a line."""
        groups = self.content["groups"]
        rest = {key: value for key, value in self.content.items() if key != "groups"}
        head = json.dumps({"format": FORMAT, "version": VERSION, **rest}, indent=1)
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(literals)}" for name, literals in groups.items())
        return f'{head[:-2]},\n "groups": {{\n{lines}\n }}\n}}\n'.encode()

    @classmethod
    def load(cls, path: Path) -> Side:
        """Read a file; InputError for anything else."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from None
        except ValueError as error:
            raise InputError(f"{path}: not the file beside an exported formula ({error})") from None
        if not isinstance(content, dict) or (content.get("format"), content.get("version")) != (FORMAT, VERSION):
            raise InputError(f"{path}: not the file beside an exported formula")
        missing = {"kind", "task", "shape", "class_weights", "bound", "variables", "groups", "expected", "examples"}
        if missing := missing - content.keys():
            raise InputError(f"{path} lacks {', '.join(sorted(missing))}")
        side = cls(content)
        try:
            # All that is used later is used once, so that what is damaged is found here.
            side.network(np.zeros(content["variables"] + 1, dtype=np.bool_))
            TaskOptions(**content["task"])
            if content["bound"] is not None and type(content["bound"]) is not int:
                raise ValueError("the bound is no number")
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path}: damaged ({type(error).__name__} {error}); export the formula again") from None
        return side

    @property
    def shape(self) -> Shape:
        """The networks that the formula is about."""
        given = self.content["shape"]
        return Shape.parse(given["topology"], given["activation"], given["head"], given["thresholds"], given["weights"])

    def network(self, found: Bits) -> Network:
        """The network that values of the variables are."""
        matrices = []
        for layer in range(self.shape.layers):
            literals = np.array(self.content["groups"][f"weights.{layer}"], dtype=np.int64)
            matrices.append(found[np.abs(literals)] ^ (literals < 0))
        return Network.of(self.shape, matrices)


def described(shape: Shape) -> dict[str, Any]:
    """A shape as `Side.shape` reads it; its thresholds are one per layer, or learned."""
    thresholds: object = LEARNED if any(shape.constants) else [row[0] for row in shape.thresholds if row]
    return {
        "topology": shape.topology,
        "activation": shape.activation,
        "head": shape.head,
        "thresholds": thresholds,
        "weights": WEIGHTS[shape.repeat - 1],
    }
