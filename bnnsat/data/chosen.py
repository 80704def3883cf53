"""A task by its options, as the command line, models and certificates name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from operator import index
from pathlib import Path
from typing import Any

from bnnsat.data.sets import SETS
from bnnsat.errors import InputError

DEFAULT_POSITIVE = 0
DEFAULT_EXAMPLES = 250
FORMER = {"digit": "positive", "samples": "examples", "label": "target"}
"""What files of version 0.1 call some of the options."""


@dataclass(frozen=True)
class TaskOptions:
    """Which data, and what is made of them.

    Attributes:
        data: an embedded set, a rule, a file or a folder; a path becomes text.
        positive: the label that is learned against the rest; None for the labels as they are.
        examples: how many training examples are drawn; None for all.
        seed: of the draw.
        binarize: the way from grey levels to bits; None for the data set's own.
        input_order: raw, or informative.
        target: the label's column in a csv file, first or last.
        reduce: the way from 28x28 to 8x8 pixels.
        test_data: another data set, whose training examples are the test examples.
        levels: bits per grey level, in place of `binarize`.
        even: the first of an odd number of inputs is read again at the end, for a half-comparison.

    Raises:
        InputError: an option is of another type, as it may be in a file.
    """

    data: str
    positive: int | None = None
    examples: int | None = None
    seed: int = 0
    binarize: str | None = None
    input_order: str = "raw"
    target: str | None = None
    reduce: str | None = None
    test_data: str | None = None
    levels: int | None = None
    even: bool = False

    def __post_init__(self) -> None:
        for name in ("data", "test_data"):
            if isinstance(path := getattr(self, name), Path):
                object.__setattr__(self, name, str(path))
        # They may come from a file.
        kinds = {"data": str, "seed": int, "positive": int, "examples": int, "levels": int}
        for name in (name for name, kind in kinds.items() if kind is int):
            # numpy's whole numbers are as good as Python's own; truth values are none.
            value = getattr(self, name)
            if hasattr(value, "__index__") and not isinstance(value, bool):
                object.__setattr__(self, name, index(value))
        for name, value in asdict(self).items():
            needed = name in ("data", "seed", "input_order")
            if name == "even":
                if type(value) is not bool:
                    raise InputError(f"even {value!r} does not describe a task; true or false is due")
                continue
            if not (value is None and not needed) and (
                isinstance(value, bool) or not isinstance(value, kinds.get(name, str))
            ):
                raise InputError(f"{name} {value!r} does not describe a task; {kinds.get(name, str).__name__} is due")

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> TaskOptions:
        """The options from JSON.

        Args:
            noted: what `noted` returned, also by version 0.1.

        Raises:
            InputError: it is anything else.
        """
        known = {FORMER.get(name, name): value for name, value in dict(noted).items()}
        if unknown := known.keys() - {field.name for field in fields(cls)} or ({"data"} - known.keys()):
            raise InputError(f"{', '.join(map(str, unknown))} does not describe a task")
        return cls(**known)

    @property
    def settled(self) -> TaskOptions:
        """What is needed to make the training examples again, from any folder; the test examples are left out."""
        place = Path(self.data)
        data = str(place.resolve()) if self.data not in SETS and place.exists() else self.data
        return replace(self, data=data, test_data=None)

    def noted(self) -> dict[str, Any]:
        """The same as JSON."""
        return {key: value for key, value in asdict(self.settled).items() if key != "test_data"}

    @property
    def way(self) -> str | None:
        """The way to bits.

        Raises:
            InputError: two are named.
        """
        if self.levels is None:
            return self.binarize
        if self.binarize is not None:
            raise InputError("levels are a way to binarize; leave binarize out")
        return f"levels:{self.levels}"
