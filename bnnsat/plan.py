"""A training before its data are read: which data, which shape, how it is searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from bnnsat.costs import costs_of
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.options import Options
from bnnsat.outline import Outline
from bnnsat.search.local.ensembles import widened
from bnnsat.search.variants import Augment, Flips, Noise, Swaps, Variants
from bnnsat.shape import Shape

NOISES: dict[str, type[Noise]] = {"flip": Flips, "swap": Swaps}
"""By what stands before their share and a colon."""
TUPLES = ("costs", "then")


@dataclass(frozen=True)
class Plan:
    """A training by its options.

    Attributes:
        task: which data, and what is made of them.
        outline: the shape; of one member where an ensemble is asked for.
        options: how the search is done, but for costs and augment, which depend on the data.
        costs: what an error costs for each label, as users say it.
        augment: shift, affine, wide, flip:P or swap:P; None for nothing.
        copies: of each image.
    """

    task: TaskOptions
    outline: Outline
    options: Options
    costs: str | None = None
    augment: str | None = None
    copies: int = 99

    def made(self, fold: tuple[int, int] | None = None) -> tuple[Task, Shape, Options]:
        """The examples, the shape and the options.

        Args:
            fold: which of how many folds is tested and not learned; None for none.

        Raises:
            InputError: the parts do not fit each other or the data.
        """
        task, shape = self.outline.on(self.task, fold)
        costs = costs_of(self.costs, task.labels, shape.classes)
        augment = None if self.augment is None else self._augment(task, self.augment)
        return task, widened(shape, self.options.ensemble), replace(self.options, costs=costs, augment=augment)

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        options = asdict(replace(self.options, augment=None))
        return {**asdict(self), "task": self.task.noted(), "options": options}

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> Plan:
        """The plan that was noted.

        Args:
            noted: what `noted` returned.
        """
        content = dict(noted)
        options: dict[str, Any] = {
            name: tuple(v) if name in TUPLES else v for name, v in content.pop("options").items()
        }
        outline: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in content.pop("outline").items()
        }
        return cls(TaskOptions.of(content.pop("task")), Outline(**outline), Options(**options), **content)

    def _augment(self, task: Task, how: str) -> Augment:
        kind, colon, share = how.partition(":")
        if colon and kind in NOISES:
            try:
                number = float(share)
            except ValueError:
                raise InputError(f"augment {how} has no probability; write {kind}:0.05") from None
            return NOISES[kind](number)
        if self.copies < 1:
            raise InputError(f"{self.copies} copies are too few; give at least 1, or leave --augment out")
        inputs = task.variants(how, self.copies, self.options.seed)
        return Variants(inputs.reshape(-1, inputs.shape[-1]), np.tile(task.labels, self.copies))
