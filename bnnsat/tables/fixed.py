"""Tables as whole numbers: a level for each number, and a bit for each of the commonest texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables import ways
from bnnsat.tables.frames import table_of
from bnnsat.tables.matching import matched
from bnnsat.tables.rules import Groups, rule_of
from bnnsat.tables.scales import MOST_BITS, Scale, written
from bnnsat.tables.table import TEXT, Column, Table
from bnnsat.types import Integers

DEFAULT_BITS = 4


@dataclass(frozen=True)
class FixedPoint:
    """What makes whole numbers of the columns of a table, by rules that are fitted once and carried along.

    A number or truth value becomes one input, its level; a text one for each of the commonest texts, 0 or 1.

    Attributes:
        rules: one for each column that is read.

    >>> fixed = FixedPoint.fit([[0.5, -3], [2.0, 5], [1.1, 4]], bits=2)
    >>> fixed([[1.0, 0], [9.9, -9]]).tolist()
    [[1, 1], [3, 0]]
    """

    rules: tuple[Scale | Groups, ...]

    @classmethod
    def fit(cls, inputs: Any, bits: int = DEFAULT_BITS) -> FixedPoint:
        """Rules for the columns of training examples, but for those that are constant.

        Args:
            inputs: a data frame, an array or rows of numbers, truth values and texts.
            bits: of a level, 1 to 8; columns of 0 and 1 stay as they are.

        Raises:
            InputError: a value is missing, or no column tells rows apart.
        """
        if type(bits) is not int or not 1 <= bits <= MOST_BITS:
            raise InputError(f"levels have 1 to {MOST_BITS} bits, not {bits!r}")
        table = table_of(inputs)
        complete(table)
        found = [_fitted(table.column(name), bits) for name in table.names]
        rules = tuple(rule for rule in found if rule is not None)
        if not rules:
            rare = [name for name in table.names if _varies(table.column(name))]
            but = f", but {', '.join(rare)}, of texts that are all rare" if rare else ""
            raise InputError(f"{table.source}: no column tells its rows apart{but}; there is nothing to learn from")
        return cls(rules)

    def __call__(self, inputs: Any) -> Integers:
        """Whole numbers (rows, n) of a table that has its columns.

        Args:
            inputs: as `fit` takes them; of a table with names the columns in any order, and maybe others.

        Raises:
            InputError: a column is missing or of another type, or a value is missing.
        """
        table = matched(table_of(inputs, names=self.columns), self.rules)
        complete(table)
        parts = [rule(column).astype(np.int64) for rule, column in zip(self.rules, table.columns, strict=True)]
        return np.concatenate(parts, axis=1)

    @property
    def bits(self) -> int:
        """Of the inputs with the most levels."""
        return max(self.most).bit_length()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(rule.column for rule in self.rules)

    @property
    def names(self) -> tuple[str, ...]:
        """What each input says."""
        return tuple(name for rule in self.rules for name in rule.names)

    @property
    def most(self) -> tuple[int, ...]:
        """The highest level of each input."""
        return tuple(rule.most if isinstance(rule, Scale) else 1 for rule in self.rules for _ in rule.names)

    @property
    def apart(self) -> tuple[tuple[int, ...], ...]:
        """Inputs of the same text, of which at most one is 1."""
        return tuple(tuple(places) for rule, places in self._places() if isinstance(rule, Groups))

    def values(self, row: Any) -> dict[str, Any]:
        """What an example's levels stand for, by column; of a text None where it is none of those that are known.

        Args:
            row: (n,) levels.
        """
        found: dict[str, Any] = {}
        levels = np.asarray(row).tolist()
        for rule, places in self._places():
            own = [levels[place] for place in places]
            if isinstance(rule, Scale):
                found[rule.column] = rule.value(own[0])
            else:
                texts = [*rule.common, *([", ".join(rule.rare)] if rule.rare else [])]
                found[rule.column] = next((text for text, there in zip(texts, own, strict=True) if there), None)
        return found

    def told(self, row: Any) -> str:
        """An example in the columns' units, in words.

        Args:
            row: (n,) levels.
        """
        said = [(name, written(v) if isinstance(v, float) else v) for name, v in self.values(row).items()]
        return ", ".join(f"{name} = {'another' if value is None else value}" for name, value in said)

    @property
    def words(self) -> list[str]:
        """What each input says, in a line for each."""
        lines = []
        for rule, places in self._places():
            for place, name in zip(places, rule.names, strict=True):
                lines.append(f"x{place}: {name}" + (f" ({rule.words})" if isinstance(rule, Scale) else ""))
        return lines

    def noted(self) -> list[dict[str, Any]]:
        """As JSON."""
        return [rule.noted() for rule in self.rules]

    @classmethod
    def of(cls, noted: Any) -> FixedPoint:
        """The rules that were noted.

        Args:
            noted: what `noted` returned.

        Raises:
            InputError: it is anything else.
        """
        if not isinstance(noted, list) or not all(isinstance(part, dict) for part in noted):
            raise InputError("the rules of the columns are no list of objects")
        rules = [Scale.of(part) if part.get("kind") == Scale.KIND else rule_of(part) for part in noted]
        known = tuple(rule for rule in rules if isinstance(rule, (Scale, Groups)))
        if not known or len(known) < len(rules) or len({rule.column for rule in known}) < len(known):
            raise InputError("the columns have no levels, or others than they can have")
        return cls(known)

    def _places(self) -> list[tuple[Scale | Groups, range]]:
        """Each rule with where its inputs are among all."""
        ends = np.cumsum([0, *(len(rule.names) for rule in self.rules)]).tolist()
        return [(rule, range(ends[i], ends[i + 1])) for i, rule in enumerate(self.rules)]


def unread(inputs: Any, columns: FixedPoint) -> list[str]:
    """A word on columns of training examples that are not read.

    Args:
        inputs: as `FixedPoint.fit` takes them.
        columns: fitted on them.
    """
    table = table_of(inputs)
    left = [name for name in table.names if name not in columns.columns]
    rare = [name for name in left if _varies(table.column(name))]
    constant = [name for name in left if name not in rare]
    said = (("of one value in training", constant), ("of texts that are all rare", rare))
    return [f"{why}, and left out: {', '.join(names)}" for why, names in said if names]


def _varies(column: Column) -> bool:
    return bool((column.values != column.values[:1]).any())


def complete(table: Table) -> None:
    """Raise InputError where a value is missing: no level stands for that.

    Args:
        table: any.
    """
    for column in table.columns:
        if column.missing.any():
            gone = int(column.missing.sum())
            raise InputError(
                f"{table.source}: column {column.name!r} holds no value in row {int(np.argmax(column.missing)) + 1} "
                f"({counted(gone, 'row')} in all), and no level stands for that; fill it in, or leave the row or the "
                "column out"
            )


def _fitted(column: Column, bits: int) -> Scale | Groups | None:
    if column.kind != TEXT:
        return Scale.fit(column, bits)
    rule = ways.fitted(ways.DEFAULT_TEXTS, column, np.zeros(len(column.values), dtype=np.int64))
    assert isinstance(rule, Groups)
    made = rule(column)
    return None if (made == made[:1]).all() else rule
