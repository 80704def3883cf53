"""A task by its options, as the command line and certificates name it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bnnsat.data.dataset import Dataset
from bnnsat.data.embedded import SETS
from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.errors import InputError

DEFAULT_DIGIT = 0
DEFAULT_SAMPLES = 250


def way_to_bits(binarize: str | None, levels: int | None) -> str | None:
    """The way that --binarize or --levels names."""
    if levels is None:
        return binarize
    if binarize is not None:
        raise InputError("--levels is a way to binarize; leave --binarize out")
    return f"levels:{levels}"


@dataclass(frozen=True)
class TaskOptions:
    """Which data, and what is made of them."""

    data: str
    digit: int | None
    samples: int | None
    seed: int
    binarize: str | None
    input_order: str
    label: str | None
    reduce: str | None
    test_data: str | None = None
    levels: int | None = None

    def __post_init__(self) -> None:
        # They may come from a file.
        kinds = {"data": str, "seed": int, "digit": int, "samples": int, "levels": int}
        for name, value in asdict(self).items():
            needed = name in ("data", "seed", "input_order")
            if not (value is None and not needed) and not isinstance(value, kinds.get(name, str)):
                raise InputError(f"{name} {value!r} does not describe a task; {kinds.get(name, str).__name__} is due")

    def noted(self) -> dict[str, Any]:
        """What is needed to make the training examples again, from any folder; the test examples are left out."""
        place = Path(self.data)
        data = str(place.resolve()) if self.data not in SETS and place.exists() else self.data
        return {key: value for key, value in asdict(replace(self, data=data)).items() if key != "test_data"}

    def task(self, outputs: int) -> Task:
        """The task for a network with that many outputs, with the defaults of an embedded set."""
        dataset = read(self.data, label=self.label, reduce=self.reduce)
        digit, samples = self.digit, self.samples
        if self.test_data is not None:
            other = read(self.test_data, label=self.label, reduce=self.reduce)
            made = Dataset.of(dataset.name, dataset.train, other.train, dataset.binarize)
            dataset = replace(made, full=dataset.full, reduction=dataset.reduction)
        if self.data in SETS:
            digit = DEFAULT_DIGIT if digit is None and outputs == 1 else digit
            samples = DEFAULT_SAMPLES if samples is None else samples
        return Task.of(
            dataset,
            digit=digit,
            samples=samples,
            seed=self.seed,
            binarize=way_to_bits(self.binarize, self.levels),
            input_order=self.input_order,
        )
