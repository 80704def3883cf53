"""What a certificate says: how good a network is on which examples, and that nothing better exists.

A certificate is a folder with claim.json, model.json (the network), examples.txt (the training examples, one a
line: bits, a space, the label), and for each question that needs one a formula NAME.cnf and a proof NAME.drat.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bnnsat.certificates.question import Question, Tree
from bnnsat.errors import InputError
from bnnsat.network import Network
from bnnsat.problem import MAX_COST, Problem
from bnnsat.shape import LEARNED, WEIGHTS, Shape

FORMAT, VERSION = "bnnsat-certificate", 1
CLAIM, MODEL, EXAMPLES = "claim.json", "model.json", "examples.txt"
DEFAULT, GIVEN = "default", "given"
MOST = 10**9
"""No number in a claim is larger."""


@dataclass(frozen=True)
class Claim:
    """The network in `MODEL` makes `errors` errors on the examples, and none of its shape fewer than `lower_bound`.

    `thresholds` says which networks these are: those with half the inputs as threshold ("default"), with any
    ("learned"), or with the model's ("given"); `kind` whether their weights are binary or ternary. `margin` and
    `nonzero` are what was reached beyond the fewest errors, in that order, where it is claimed to be the best.
    No network of a topology in `impossible` makes so few errors.
    `class_weights` says what an error counts for each label (empty: 1).
    `trees` say for each formula in which order errors are added, `files` what SHA-256 each file has, and `task` which
    data the examples come from.
    """

    topology: str
    activation: str
    head: str
    errors: int
    lower_bound: int
    thresholds: str = DEFAULT
    kind: str = "binary"
    margin: int | None = None
    nonzero: int | None = None
    impossible: tuple[str, ...] = ()
    class_weights: tuple[int, ...] = ()
    task: dict[str, Any] = field(default_factory=dict)
    trees: dict[str, Tree] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def questions(self, model: Shape) -> list[Question]:
        """What must be impossible for the claim to hold, for a model of that shape."""
        free: str | tuple[()] = LEARNED if self.thresholds == LEARNED else ()
        shape = Shape.parse(model.topology, model.activation, model.head, free, self.kind) if free else model
        asked = [Question("errors", shape, self.lower_bound - 1)]
        if self.margin is not None:
            asked.append(Question("margin", shape, self.errors, self.margin + 1))
        if self.nonzero is not None:
            asked.append(Question("sparse", shape, self.errors, self.margin or 0, self.nonzero - 1))
        if self.impossible and self.thresholds == GIVEN:
            raise InputError(
                "other topologies have other thresholds; that none does as well can be claimed of a model "
                "with default or learned ones"
            )
        for topology in self.impossible:
            outputs = int(topology.split("-")[-1]) if topology.replace("-", "").isdigit() else 0
            head = model.head if (outputs == 1) == (model.head == "bit") else None
            other = Shape.parse(topology, model.activation, head, free, self.kind)
            if other.sizes[0] != model.sizes[0] or other.sizes[-1] != model.sizes[-1]:
                raise InputError(
                    f"topology {topology} does not answer what {model.topology} does; "
                    f"start it with {model.sizes[0]} and end it with {model.sizes[-1]}"
                )
            asked.append(Question(f"not-{topology}", other, self.errors))
        return asked

    def dumps(self) -> bytes:
        """The claim as JSON."""
        return (json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=1) + "\n").encode()

    @classmethod
    def loads(cls, text: bytes) -> Claim:
        """The claim from JSON; ValueError, with what is wrong, for anything else."""
        content = json.loads(text)
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise ValueError(f'its "format" is not "{FORMAT}"')
        if content.pop("version", None) != VERSION:
            raise ValueError(f'its "version" is not {VERSION}')
        try:
            claim = cls(**content)
            claim = replace(claim, impossible=tuple(claim.impossible), class_weights=tuple(claim.class_weights))
        except TypeError as error:
            raise ValueError(str(error)) from None
        numbers = [claim.errors, claim.lower_bound, *(n for n in (claim.margin, claim.nonzero) if n is not None)]
        if not all(type(n) is int and 0 <= n <= MOST for n in numbers):
            raise ValueError(f"a number is not a whole one from 0 to {MOST}")
        if not all(type(n) is int and 1 <= n <= MAX_COST for n in claim.class_weights):
            raise ValueError(f"a class weight is not a whole number from 1 to {MAX_COST}")
        texts = [claim.topology, claim.activation, claim.head, claim.kind, *claim.impossible, *claim.files.values()]
        if not all(type(part) is str for part in texts):
            raise ValueError("a text is none")
        if claim.thresholds not in (DEFAULT, LEARNED, GIVEN) or not (type(claim.task) is type(claim.trees) is dict):
            raise ValueError("a part is not what it can be")
        return claim


def fails(claim: Claim, network: Network, problem: Problem) -> str | None:
    """What is wrong with what the claim says of the network itself, by the plain numpy reading; None if nothing."""
    shape = network.shape
    if (shape.topology, shape.activation, shape.head) != (claim.topology, claim.activation, claim.head):
        return f"the model is {shape.topology}, {shape.activation}, {shape.head}, not what is claimed"
    if claim.kind != WEIGHTS[shape.repeat - 1]:
        return f"the weights are {WEIGHTS[shape.repeat - 1]}, not {claim.kind}"
    if claim.thresholds == DEFAULT and shape != _default(shape):
        return "the model's thresholds are not half the inputs"
    errors = problem.errors(network.right(problem.inputs, problem.labels))
    if errors != claim.errors:
        return f"the network makes {errors} errors, not {claim.errors}"
    if claim.lower_bound > claim.errors:
        return f"a lower bound of {claim.lower_bound} is above the {claim.errors} errors"
    if claim.margin is not None:
        kept = problem.errors(network.right(problem.inputs, problem.labels, claim.margin))
        if kept != errors:
            return f"not all right examples have a margin of {claim.margin}"
    if claim.nonzero is not None:
        if shape.repeat != 2:
            return "only ternary weights can be 0"
        used = sum(_nonzero(network, layer) for layer in range(shape.layers))
        if used != claim.nonzero:
            return f"{used} weights are not 0, not {claim.nonzero}"
    if (claim.margin, claim.nonzero) != (None, None) and claim.lower_bound != claim.errors:
        return "further objectives are only for networks with the fewest errors"
    return None


def _nonzero(network: Network, layer: int) -> int:
    """The weights of a layer that are not 0: both readings of the input agree."""
    n, matrix = network.shape.sizes[layer], network.matrices()[layer]
    return int((matrix[:, :n] == matrix[:, n : 2 * n]).sum())


def thresholds_of(shape: Shape, *, learned: bool) -> str:
    """What a claim about a model of that shape says of its thresholds."""
    return LEARNED if learned else DEFAULT if shape == _default(shape) else GIVEN


def _default(shape: Shape) -> Shape:
    return Shape.parse(shape.topology, shape.activation, shape.head, weights=WEIGHTS[shape.repeat - 1])
