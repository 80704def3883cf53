"""What classes are called: labels of any type as places among them, however they are spelled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bnnsat.errors import InputError
from bnnsat.tables.table import NUMBER, TRUTH, Column, Label
from bnnsat.types import Integers

MOST_CLASSES = 1_000


def classes_of(column: Column, source: str) -> tuple[Integers, tuple[Label, ...]]:
    """Labels as places among the classes, and the classes, ascending.

    Args:
        column: the target, without missing values.
        source: names the table in errors.

    Raises:
        InputError: there is one class, or too many.
    """
    said = column.said() if column.beyond else column.values.tolist()
    distinct = sorted(set(said))
    if len(distinct) < 2:
        raise InputError(f"{source}: target {column.name!r} has one value only, {column.said()[0]!r}; two are due")
    if len(distinct) > MOST_CLASSES:
        raise InputError(
            f"{source}: target {column.name!r} has {len(distinct):,} distinct values; at most {MOST_CLASSES:,} classes "
            "can be learned, and numbers are not predicted"
        )
    places = {value: place for place, value in enumerate(distinct)}
    codes = np.array([places[value] for value in said], dtype=np.int64)
    return codes, tuple(_plain(column, value) for value in distinct)


def coded(column: Column, classes: Sequence[Label], source: str) -> Integers:
    """Labels as places among known classes; -1 for a missing one.

    Args:
        column: the target.
        classes: what the model calls them.
        source: names the table in errors.

    Raises:
        InputError: a label is none of them.
    """
    # Labels that were texts are read as they are spelled.
    spelled = all(isinstance(label, str) for label in classes)
    said = column.texts_of() if spelled else column.said()
    places = {label: place_among(label, classes) for label in {*said} if label is not None}
    for row, label in enumerate(said):
        if label is not None and places[label] is None:
            raise InputError(
                f"{source}: row {row + 1} has label {label!r} in {column.name!r}; the model knows {listed(classes)}"
            )
    return np.array([-1 if label is None else places[label] for label in said], dtype=np.int64)


def one_of(column: Column, label: Label, source: str, *, needed: bool) -> Integers:
    """1 where a column says a label, 0 where another one, -1 where none.

    Args:
        column: the target.
        label: what it is called, however it is written.
        source: names the table in errors.
        needed: one row has that label.

    Raises:
        InputError: none has it, and it is needed.
    """
    said = column.texts_of() if isinstance(label, str) else column.said()
    distinct = [there for there in dict.fromkeys(said) if there is not None]
    place = place_among(label, distinct)
    if place is None and needed:
        raise InputError(f"{source}: no row has label {label!r} in {column.name!r}")
    right = None if place is None else distinct[place]
    return np.array([-1 if there is None else int(there == right) for there in said], dtype=np.int64)


def place_among(label: Label, classes: Sequence[Label]) -> int | None:
    """The place of a class: the one that is spelled so, else the only one that means the same; None for none.

    Args:
        label: what it is called.
        classes: all of them.
    """
    texts = [str(known) for known in classes]
    if str(label) in texts:
        return texts.index(str(label))
    same = [place for place, known in enumerate(classes) if key(known) == key(label)]
    return same[0] if len(same) == 1 else None


def place_of(label: Label, classes: Sequence[Label], what: str) -> int:
    """The place of a class, however it is written.

    Args:
        label: what it is called: 3, "3" and 3.0 are the same.
        classes: all of them.
        what: the data, for the error.

    Raises:
        InputError: it is none of them.
    """
    place = place_among(label, classes)
    if place is None:
        raise InputError(f"{what} has no label {label!r}; its labels are {listed(classes)}")
    return place


def listed(classes: Sequence[Label]) -> str:
    """The classes in words, the first of many.

    Args:
        classes: what they are called.
    """
    if len(classes) > 2 and list(classes) == list(range(len(classes))):
        return f"0 to {len(classes) - 1}"
    return ", ".join(map(str, classes[:12])) + (", ..." if len(classes) > 12 else "")


def _plain(column: Column, value: float | int) -> Label:
    if column.kind == NUMBER:
        return int(value) if value == int(value) else float(value)
    return bool(value) if column.kind == TRUTH else column.levels[int(value)]


def key(label: Label) -> str:
    """What spellings of a label have in common: 3, 3.0 and "3" are one.

    Args:
        label: of any type.
    """
    text = str(label).strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    try:
        return repr(float(text))
    except ValueError:
        return text
