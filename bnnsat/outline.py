"""A shape as users say it before the data are known: the hidden neurons, or all layers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bnnsat.data.chosen import TaskOptions
from bnnsat.data.sets import SETS
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.shape import Shape
from bnnsat.spelling import GIVEN, LEARNED

DEFAULT_TOPOLOGY = "64-2-1"
"""Of the embedded sets."""


@dataclass(frozen=True)
class Outline:
    """What is said of a shape; None for what fits the data.

    Attributes:
        hidden: neurons between inputs and outputs: "3", "8-4", "0" for none.
        topology: all sizes in its place: "64-2-1".
        activation: popcount or half.
        head: bit, onehot or argmax.
        thresholds: of popcounts: one for each layer, "learned", or "given", half the inputs.
        weights: binary or ternary; popcounts of a table are ternary where nobody says.
    """

    hidden: str | None = None
    topology: str | None = None
    activation: str | None = None
    head: str | None = None
    thresholds: tuple[int, ...] | str | None = None
    weights: str | None = None

    def on(self, options: TaskOptions, fold: tuple[int, int] | None = None) -> tuple[Task, Shape]:
        """The task, and a shape that fits it: a half-comparison's has an even number of inputs.

        Args:
            options: which data, and what is made of them.
            fold: which of how many folds is tested and not learned; None for none.

        Raises:
            InputError: the parts do not fit each other or the data.
        """
        if self.hidden is not None and self.topology is not None:
            raise InputError(f"hidden {self.hidden} and topology {self.topology} are two shapes; give one")
        topology = self.given(options)
        if topology is None:
            return self._around(options, fold)
        shape, even = self._shape(topology, "half"), self._odd(topology, "half")
        task = Task.chosen(replace(options, even=even), shape.sizes[-1], fold)
        if even and task.inputs.shape[1] != shape.sizes[0]:
            there = task.inputs.shape[1] - 1
            raise InputError(
                f"topology {topology} starts with {shape.sizes[0] - 1}, but the data have "
                f"{counted(there, 'input')}; start it with {there}"
            )
        return task, shape

    def given(self, options: TaskOptions) -> str | None:
        """The topology, also where it is the embedded sets' own; None where the data say it.

        Args:
            options: which data.
        """
        usual = self.topology is None and self.hidden is None and options.data in SETS
        return DEFAULT_TOPOLOGY if usual else self.topology

    def around(self, inputs: int, outputs: int, *, table: bool) -> Shape:
        """The shape with so many inputs and outputs.

        Args:
            inputs: of the network; an even number for a half-comparison.
            outputs: of the network.
            table: whether the inputs are made of the columns of a table.

        Raises:
            InputError: the hidden neurons are none, or the parts do not fit each other.
        """
        hidden, popcount = self.hidden or "", self.activation != "half"
        layers(hidden)
        head = self.head or ("bit" if outputs == 1 else "argmax" if popcount else "onehot")
        # The counts of argmax are compared with each other, so that a single layer of it has no thresholds.
        free = popcount and not (head == "argmax" and hidden == "0")
        made = replace(
            self,
            head=head,
            thresholds=LEARNED if free and self.thresholds is None else self.thresholds,
            weights=self.weights or ("ternary" if popcount and table else None),
        )
        return made._shape("-".join(map(str, [inputs, *([] if hidden == "0" else [hidden]), outputs])), "popcount")

    def _around(self, options: TaskOptions, fold: tuple[int, int] | None) -> tuple[Task, Shape]:
        """The task, and the shape with as many inputs and outputs as it has."""
        if self.hidden is None:
            raise InputError("say how many hidden neurons there are to be (0 for none), or the topology")
        made = replace(self, activation=self.activation or ("half" if options.data in SETS else "popcount"))
        task = Task.chosen(options, None, fold)
        if made.activation == "half" and task.inputs.shape[1] % 2:
            task = Task.chosen(replace(options, even=True), None, fold)
        return task, made.beside(task)

    def beside(self, task: Task) -> Shape:
        """The shape with as many inputs and outputs as a task has.

        Args:
            task: its examples; an even number of inputs for a half-comparison.

        Raises:
            InputError: as `around`.
        """
        outputs = 1 if task.positive is not None or task.classes == 2 else task.classes
        return self.around(task.inputs.shape[1], outputs, table=task.target is not None)

    def _shape(self, topology: str, usual: str) -> Shape:
        """The shape of a topology, with an even number of inputs for a half-comparison."""
        if self._odd(topology, usual):
            inputs, _, rest = topology.partition("-")
            topology = f"{int(inputs) + 1}-{rest}"
        if isinstance(self.thresholds, str) and self.thresholds not in (LEARNED, GIVEN):
            raise InputError(f"thresholds {self.thresholds!r} are neither {LEARNED} nor {GIVEN} nor one for each layer")
        given = () if self.thresholds in (None, GIVEN) else self.thresholds
        return Shape.parse(topology, self.activation or usual, self.head, given, self.weights or "binary")

    def _odd(self, topology: str, usual: str) -> bool:
        """Whether a half-comparison would have an odd number of inputs."""
        inputs, _, rest = topology.partition("-")
        return (self.activation or usual) == "half" and inputs.isdecimal() and int(inputs) % 2 == 1 and bool(rest)


def layers(hidden: str) -> None:
    """Raise InputError for what says no hidden neurons.

    Args:
        hidden: 3; of several layers 8-4; 0 for none.
    """
    if not re.fullmatch(r"0|[1-9]\d{0,5}(-[1-9]\d{0,5})*", hidden):
        raise InputError(f"hidden {hidden!r} is no number of neurons; write 3, of several layers 8-4, or 0 for none")
