"""A task by its options, as the command line, models and certificates name it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from operator import index
from pathlib import Path
from typing import Any

from bnnsat.data.sets import SETS
from bnnsat.errors import InputError
from bnnsat.tables.table import Label

DEFAULT_POSITIVE = 0
DEFAULT_EXAMPLES = 250
FORMER = {"digit": "positive", "samples": "examples", "label": "target"}
"""What files of version 0.1 call some of the options."""

NOTHING = type(None)
TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "data": ((str,), "str"),
    "seed": ((int,), "int"),
    "input_order": ((str,), "str"),
    "even": ((bool,), "true or false"),
    "header": ((bool, NOTHING), "true or false"),
    "positive": ((int, str, float, bool, NOTHING), "a label"),
    **dict.fromkeys(("examples", "levels"), ((int, NOTHING), "int")),
    **dict.fromkeys(("binarize", "target", "reduce", "test_data", "group"), ((str, NOTHING), "str")),
    "test_size": ((float, NOTHING), "a share"),
}
"""What each field can be, and how errors call it."""


@dataclass(frozen=True)
class TaskOptions:
    """Which data, and what is made of them.

    Attributes:
        data: an embedded set, a rule, a file or a folder; a path becomes text.
        positive: the label that is learned against the rest; a text that is a whole number is that; None for the labels
            as they are.
        examples: how many training examples are drawn; None for all.
        seed: of the draw.
        binarize: the way from grey levels to bits; None for the data set's own.
        input_order: raw, or informative.
        target: the label's column in a table: its name or number from 1, first or last.
        reduce: the way from 28x28 to 8x8 pixels.
        test_data: another data set, whose training examples are the test examples.
        levels: bits per grey level, in place of `binarize`.
        even: the first of an odd number of inputs is read again at the end, for a half-comparison.
        drop: columns of a table that are not learned from.
        columns: those that are; all others without.
        header: whether the first row of a text names its columns; None to tell by what it holds.
        rules: other ways to bits for some columns, as column=way.
        test_size: the share of the examples that is held back to test with.
        group: a column of a table whose equal values stay together where examples are held back.

    Raises:
        InputError: an option is of another type, as it may be in a file.
    """

    data: str
    positive: Label | None = None
    examples: int | None = None
    seed: int = 0
    binarize: str | None = None
    input_order: str = "raw"
    target: str | None = None
    reduce: str | None = None
    test_data: str | None = None
    levels: int | None = None
    even: bool = False
    drop: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    header: bool | None = None
    rules: tuple[str, ...] = ()
    test_size: float | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        for name in ("data", "test_data"):
            if isinstance(path := getattr(self, name), Path):
                object.__setattr__(self, name, str(path))
        # They may come from a file.
        for name in ("seed", "examples", "levels", "positive"):
            # numpy's whole numbers are as good as Python's own; truth values are none.
            value = getattr(self, name)
            if hasattr(value, "__index__") and not isinstance(value, bool):
                object.__setattr__(self, name, index(value))
        for name in ("drop", "columns", "rules"):
            value = getattr(self, name)
            if isinstance(value, str) or not (isinstance(value, (list, tuple)) and all(type(v) is str for v in value)):
                raise InputError(f"{name} {value!r} does not describe a task; a list of texts is due")
            object.__setattr__(self, name, tuple(value))
        if isinstance(self.positive, str) and re.fullmatch(r"-?[0-9]{1,15}", self.positive):
            object.__setattr__(self, "positive", int(self.positive))
        for name, (kinds, due) in TYPES.items():
            if type(value := getattr(self, name)) not in kinds:
                raise InputError(f"{name} {value!r} does not describe a task; {due} is due")
        if self.test_size is not None and not 0 < self.test_size < 1:
            raise InputError(f"test size {self.test_size:g} is no share of the examples; give one between 0 and 1")
        if len(self.named) < len(self.rules):
            raise InputError(f"rules {', '.join(self.rules)} name a column twice; give one for each")
        if wrong := next((rule for rule in self.rules if "=" not in rule), None):
            raise InputError(f"rule {wrong!r} names no column; write column=way, like age=quantiles:4")

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
        content = asdict(self.settled)
        content |= {name: list(content[name]) for name in ("drop", "columns", "rules")}
        return {key: value for key, value in content.items() if key != "test_data"}

    @property
    def named(self) -> dict[str, str]:
        """Ways to bits by column."""
        return {column: way for column, _, way in (rule.rpartition("=") for rule in self.rules)}

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
