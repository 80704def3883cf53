"""Where a model comes from: which data it was trained on, and what was proved of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from bnnsat.criterion import Criterion
from bnnsat.data.chosen import TaskOptions
from bnnsat.errors import InputError
from bnnsat.tables.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMER = {"digit": "positive", "class_weights": "costs", "threshold": "thresholds"}
"""What models of version 0.1 call some of the fields."""


@dataclass(frozen=True)
class Origin:
    """What is known of a model's training; None where it is not.

    Attributes:
        status: OPTIMAL, or FEASIBLE with a gap.
        errors: on the training examples, each counted with its cost.
        lower_bound: proved; no network of the shape makes fewer.
        wrong: wrong training examples, whatever they cost.
        examples: training examples.
        then: further objectives, in their order.
        task: how the training examples can be made again.
        digest: SHA-256 of the training examples as text.
        target: the column that the labels are from, where the data are a table.
        columns: what the inputs are called, where they are columns of grey levels.
        positive: the label that was learned against the rest, where it was one of several.
        classes: labels of the data set.
        costs: what an error costs for each label; None for 1 each.
        thresholds: "learned", where each neuron's was free, or "given".
        imported: the file of another program that the network was read from, and how.
    """

    status: str | None = None
    errors: int | None = None
    lower_bound: int | None = None
    wrong: int | None = None
    examples: int | None = None
    then: tuple[Criterion, ...] = ()
    task: TaskOptions | None = None
    digest: str | None = None
    target: str | None = None
    columns: tuple[str, ...] = ()
    positive: Label | None = None
    classes: int | None = None
    costs: tuple[int, ...] | None = None
    thresholds: str | None = None
    imported: str | None = None

    def __post_init__(self) -> None:
        # As it is noted: what is read again is equal.
        task, costs = self.task, self.costs
        object.__setattr__(self, "task", None if task is None else task.settled)
        object.__setattr__(self, "costs", None if costs is None else tuple(costs))
        object.__setattr__(self, "then", tuple(self.then))
        object.__setattr__(self, "columns", tuple(self.columns))

    def noted(self) -> dict[str, Any]:
        """The origin as JSON."""
        task = None if self.task is None else self.task.noted()
        then = [{**asdict(criterion), "status": criterion.status} for criterion in self.then]
        return {**{field.name: getattr(self, field.name) for field in fields(self)}, "then": then, "task": task}

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> Origin:
        """The origin from JSON, also from a training's result; what is no part of an origin is left out.

        Args:
            noted: what `noted` returned, or a result.

        Raises:
            InputError: a part is not what it can be.
        """
        known = {FORMER.get(name, name): value for name, value in noted.items()}
        found = {field.name: known[field.name] for field in fields(cls) if known.get(field.name) is not None}
        try:
            if "then" in found:
                found["then"] = tuple(map(Criterion.of, found["then"]))
            if "task" in found:
                found["task"] = TaskOptions.of(found["task"])
            if "costs" in found:
                found["costs"] = tuple(found["costs"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"the origin is not what it can be: {error}") from None
        if not all(type(name) is str for name in found.get("columns", ())):
            raise InputError("the origin is not what it can be: a column's name is no text")
        whole = [found.get(name, 0) for name in ("errors", "lower_bound", "wrong", "examples", "classes")]
        if type(found.get("positive", 0)) not in (int, float, str, bool):
            raise InputError("the origin is not what it can be: the positive label is none")
        texts = [found.get(name, "") for name in ("status", "digest", "thresholds", "target", "imported")]
        if not all(type(n) is int for n in (*whole, *found.get("costs", ()))) or not all(type(t) is str for t in texts):
            raise InputError("the origin is not what it can be: a number or a text is of another type")
        return cls(**found)


UNKNOWN = Origin()
"""Nothing is known of the training."""
