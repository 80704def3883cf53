"""What becomes of one column: cuts of numbers, groups of texts, truth values, and a bit where values are missing."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from bnnsat.errors import InputError
from bnnsat.tables.table import NUMBER, TEXT, TRUTH, Column
from bnnsat.types import Bits


@dataclass(frozen=True)
class Rule(ABC):
    """How one column is read.

    Attributes:
        column: its name.
        missing: whether there is a bit for missing values, the last one.
    """

    KIND: ClassVar[str]
    TYPES: ClassVar[tuple[str, ...]]

    column: str
    missing: bool

    @property
    def names(self) -> list[str]:
        """What each of its bits says."""
        return [said for said, _ in self.terms]

    @property
    def called(self) -> str:
        """The column as it stands in sentences: one that has a number for a name is told from numbers."""
        return f"column {self.column}" if self.column.isdecimal() else self.column

    @property
    def terms(self) -> list[tuple[str, str]]:
        """What each of its bits says when it is 1, and when it is 0."""
        name = self.called
        return [*self._terms(), *([(f"{name} missing", f"{name} not missing")] if self.missing else [])]

    def __call__(self, column: Column) -> Bits:
        """Bits (rows, bits) of a column; all but the last are 0 where a value is missing.

        Args:
            column: of one of its types.
        """
        bits = self._bits(column) & ~column.missing[:, np.newaxis]
        return np.concatenate([bits, column.missing[:, np.newaxis]], axis=1) if self.missing else bits

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        return {"kind": self.KIND, **asdict(self)}

    def unknown(self, column: Column) -> Bits:
        """Which rows (rows,) hold what was not there when the rule was made.

        Args:
            column: of one of its types.
        """
        return np.zeros_like(column.missing) if self.missing else column.missing

    def patterns(self) -> Bits:
        """All bits (patterns, bits) that a value can have, also one that was not there when the rule was made."""
        some = np.concatenate([self._patterns(), np.zeros((1, len(self._terms())), dtype=np.bool_)])
        if not self.missing:
            return some
        gone = np.arange(len(self.terms)) == len(self.terms) - 1
        return np.concatenate([np.pad(some, [(0, 0), (0, 1)]), gone[np.newaxis]])

    def ascending(self) -> Bits:
        """The bits (values, bits) of values that are there, ascending; none of values that have no order."""
        return np.zeros((0, len(self.terms)), dtype=np.bool_)

    @abstractmethod
    def _patterns(self) -> Bits:
        """The bits (patterns, bits) but that for missing values, of values that there were."""

    @abstractmethod
    def _terms(self) -> list[tuple[str, str]]:
        """What the bits but that for missing values say when they are 1, and when they are 0."""

    @abstractmethod
    def _bits(self, column: Column) -> Bits:
        """These bits, (rows, bits); anything where a value is missing."""


@dataclass(frozen=True)
class Cuts(Rule):
    """Numbers: a bit `column <= cut` for each cut, or one for each interval between them.

    Attributes:
        cuts: ascending.
        intervals: whether a bit is an interval, from which its lower end is left out.
    """

    KIND: ClassVar[str] = "cuts"
    TYPES: ClassVar[tuple[str, ...]] = (NUMBER,)

    cuts: tuple[float, ...]
    intervals: bool = False

    def __post_init__(self) -> None:
        if type(self.cuts) is not tuple or type(self.intervals) is not bool:
            raise InputError(f"the cuts of column {self.column!r} are not what they can be")
        if not all(type(cut) in (int, float) and math.isfinite(cut) for cut in self.cuts):
            raise InputError(f"the cuts of column {self.column!r} are not finite numbers")
        # That one cut implies the next is what robustness rests on.
        if not all(low < high for low, high in pairwise(self.cuts)):
            raise InputError(f"the cuts of column {self.column!r} do not ascend")

    def _terms(self) -> list[tuple[str, str]]:
        name, cuts = self.called, [repr(cut).removesuffix(".0") for cut in self.cuts]
        # No bit is 1 where a value is missing.
        more = " or missing" if self.missing else ""
        terms = [(f"{name} <= {cut}", f"{name} > {cut}{more}") for cut in cuts]
        if not self.intervals or not cuts:
            return terms
        inner = [f"{low} < {name} <= {high}" for low, high in pairwise(cuts)]
        last = f"{name} > {cuts[-1]}", f"{name} <= {cuts[-1]}{more}"
        return [terms[0], *((said, f"not {said}") for said in inner), last]

    def ascending(self) -> Bits:
        return np.pad(self._patterns(), [(0, 0), (0, int(self.missing))])

    def _patterns(self) -> Bits:
        if self.intervals and self.cuts:
            return np.eye(len(self.cuts) + 1, dtype=np.bool_)
        # From the least value, which is below all cuts, to the largest.
        return np.arange(len(self.cuts)) >= np.arange(len(self.cuts) + 1)[:, np.newaxis]

    def _bits(self, column: Column) -> Bits:
        below = column.values[:, np.newaxis] <= np.array(self.cuts).reshape(1, -1)
        if not self.intervals or not self.cuts:
            return np.asarray(below, dtype=np.bool_)
        edge = np.ones((len(below), 1), dtype=np.bool_)
        return np.asarray(np.concatenate([below, edge], axis=1) & ~np.concatenate([~edge, below], axis=1))


@dataclass(frozen=True)
class Groups(Rule):
    """Texts: a bit for each common one, and one for all rare ones together.

    Attributes:
        common: texts with a bit each.
        rare: those that share one.
        spelled: whether the column was one of texts, so that what now looks like numbers is read as it is spelled.
    """

    KIND: ClassVar[str] = "groups"
    TYPES: ClassVar[tuple[str, ...]] = (TEXT, TRUTH, NUMBER)

    common: tuple[str, ...]
    rare: tuple[str, ...] = ()
    spelled: bool = False

    def __post_init__(self) -> None:
        texts = (*self.common, *self.rare)
        kinds = type(self.common) is tuple and type(self.rare) is tuple and type(self.spelled) is bool
        if not kinds or not all(type(text) is str for text in texts) or len(set(texts)) < len(texts):
            raise InputError(f"the categories of column {self.column!r} are not texts, each once")

    def unknown(self, column: Column) -> Bits:
        known = np.isin(texts_of(column, self.spelled), [*self.common, *self.rare])
        return super().unknown(column) | (~known & ~column.missing)

    def _terms(self) -> list[tuple[str, str]]:
        name = self.called
        called = [f'"{text}"' if "," in text else text for text in self.common]
        terms = [(f"{name} = {text}", f"{name} is not {text}") for text in called]
        return [*terms, *([(f"{name} is rare", f"{name} is not rare")] if self.rare else [])]

    def _patterns(self) -> Bits:
        return np.eye(len(self._terms()), dtype=np.bool_)

    def _bits(self, column: Column) -> Bits:
        texts = texts_of(column, self.spelled)
        bits = texts[:, np.newaxis] == np.array(self.common, dtype=np.dtypes.StringDType()).reshape(1, -1)
        if self.rare:
            bits = np.concatenate([bits, np.isin(texts, list(self.rare))[:, np.newaxis]], axis=1)
        return np.asarray(bits, dtype=np.bool_)


@dataclass(frozen=True)
class Truth(Rule):
    """Truth values, or numbers 0 and 1: themselves."""

    KIND: ClassVar[str] = "bit"
    TYPES: ClassVar[tuple[str, ...]] = (TRUTH, NUMBER)

    def unknown(self, column: Column) -> Bits:
        there: Bits = (column.values != 0) & (column.values != 1) & ~column.missing
        return super().unknown(column) | there

    def _terms(self) -> list[tuple[str, str]]:
        return [(self.called, f"not {self.called}" + (" or missing" if self.missing else ""))]

    def ascending(self) -> Bits:
        return np.array([[False], [True]]) if not self.missing else np.array([[False, False], [True, False]])

    def _patterns(self) -> Bits:
        return np.array([[True]])

    def _bits(self, column: Column) -> Bits:
        return np.asarray(column.values[:, np.newaxis] == 1, dtype=np.bool_)


RULES = {rule.KIND: rule for rule in (Cuts, Groups, Truth)}


def rule_of(noted: Mapping[str, Any]) -> Rule:
    """The rule that was noted.

    Args:
        noted: what `noted` returned.

    Raises:
        InputError: it is anything else.
    """
    content = dict(noted)
    kind = content.pop("kind", None)
    if kind not in RULES or type(content.get("column")) is not str or type(content.get("missing")) is not bool:
        raise InputError("a rule of a column is not what it can be")
    try:
        parts: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in content.items()}
        return RULES[kind](**parts)
    except TypeError:
        raise InputError(f"the rule of column {content['column']!r} is not what it can be") from None


def texts_of(column: Column, spelled: bool) -> Any:
    """The values as texts, (rows,).

    Args:
        column: of any kind.
        spelled: as they are spelled; without, numbers are written as categories are.
    """
    if column.kind == TEXT:
        return np.array(column.levels or ("",), dtype=np.dtypes.StringDType())[column.values]
    if spelled:
        return np.array([text or "" for text in column.texts_of()], dtype=np.dtypes.StringDType())
    # Each by itself: whatever else a column holds, 1 and 1.0 are one category.
    cells = zip(column.values.tolist(), column.missing.tolist(), strict=True)
    return np.array(["" if gone else _written(value) for value, gone in cells], dtype=np.dtypes.StringDType())


def _written(value: float | bool) -> str:
    """A number or truth value as a category is called."""
    return str(value if isinstance(value, bool) or value != int(value) else int(value))
