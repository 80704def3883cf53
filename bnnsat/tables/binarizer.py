"""From the columns of a table to bits, by rules that are fitted once and carried along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables import matching, ways
from bnnsat.tables.alike import repeated
from bnnsat.tables.rules import Cuts, Rule, Truth, rule_of
from bnnsat.tables.table import Table
from bnnsat.types import Bits, Integers


@dataclass(frozen=True)
class TableBinarizer:
    """A rule for each column, and which of their bits are read.

    Attributes:
        way: what numbers are read by, where nothing else was said.
        rules: one for each column that is read.
        kept: places of those bits that are neither constant nor say what one before them says.
    """

    way: str
    rules: tuple[Rule, ...]
    kept: tuple[int, ...]

    @classmethod
    def fit(
        cls, table: Table, labels: Integers, way: str | None = None, named: Mapping[str, str] | None = None
    ) -> TableBinarizer:
        """Rules for the columns of training examples.

        Args:
            table: the columns that are learned from.
            labels: (rows,), from 0.
            way: for numbers, such as quantiles:5; the default without.
            named: other ways, by column.

        Raises:
            InputError: a way is unknown, or not one for its column, or there is no bit that tells rows apart.
        """
        way, named = way or ways.DEFAULT_NUMBERS, dict(named or {})
        ways.checked(way)
        for name, special in named.items():
            table.place(name, "binarize")
            ways.checked(special)
        found = []
        for column in table.columns:
            try:
                found.append(ways.fitted(named.get(column.name) or ways.usual(column, way), column, labels))
            except InputError as error:
                raise InputError(f"{table.source}: {error}") from None
        bits = cls(way, tuple(found), ())._all(table)
        kept = ~(repeated(bits) | (bits == bits[:1]).all(axis=0))
        if not kept.any():
            why = "constant ones, and texts that occur once, say nothing"
            raise InputError(f"{table.source}: no column tells its rows apart ({why}); there is nothing to learn from")
        # What is not read is not asked for either, and its values are nobody's business.
        parts = np.split(kept, np.cumsum([len(rule.terms) for rule in found])[:-1])
        read = [(rule, part) for rule, part in zip(found, parts, strict=True) if part.any()]
        places = np.flatnonzero(np.concatenate([part for _, part in read]))
        return cls(way, tuple(rule for rule, _ in read), tuple(places.tolist()))

    @classmethod
    def of_bits(cls, columns: Sequence[str]) -> TableBinarizer:
        """Columns of 0 and 1 as they are, also those that say nothing new.

        Args:
            columns: their names.
        """
        return cls("bits", tuple(Truth(name, missing=False) for name in columns), tuple(range(len(columns))))

    def __call__(self, table: Table) -> Bits:
        """Bits (rows, bits) of a table that has its columns.

        Args:
            table: see `matched`.

        Raises:
            InputError: a column is missing or of another type.
        """
        return self._all(self.matched(table))[:, list(self.kept)]

    def matched(self, table: Table) -> Table:
        """The columns that the rules read, in their order.

        Args:
            table: with these columns in any order, and maybe others.

        Raises:
            InputError: a column is missing or of another type.
        """
        return matching.matched(table, self.rules)

    @property
    def levels(self) -> int:
        """Bits that stand for one value together, as a robustness question counts changes: each for itself."""
        return 1

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(rule.column for rule in self.rules)

    @property
    def names(self) -> tuple[str, ...]:
        """What each bit says."""
        return tuple(said for said, _ in self.terms)

    @property
    def terms(self) -> tuple[tuple[str, str], ...]:
        """What each bit says when it is 1, and when it is 0."""
        every = [term for rule in self.rules for term in rule.terms]
        return tuple(every[place] for place in self.kept)

    def listed(self) -> list[str]:
        """The bits that are read, in a line for each column."""
        read = set(self.kept)
        lines = ([rule.names[bit - places.start] for bit in places if bit in read] for rule, places in self._places())
        return [", ".join(names) for names in lines]

    def notes(self, table: Table) -> list[str]:
        """Words on values that were not there when the rules were made.

        Args:
            table: with these columns.
        """
        words = []
        for rule, column in zip(self.rules, self.matched(table).columns, strict=True):
            strange = rule.unknown(column) & ~column.missing
            if strange.any():
                seen = list(dict.fromkeys(map(str, column.take(strange).said())))
                words.append(
                    f"column {rule.column!r}: {counted(int(strange.sum()), 'row')} with values that training did not "
                    f"have ({', '.join(seen[:3])}{', ...' if len(seen) > 3 else ''}): none of its bits is 1"
                )
            if column.missing.any() and not rule.missing:
                words.append(
                    f"column {rule.column!r}: {counted(int(column.missing.sum()), 'row')} without a value, which "
                    "training always had: none of its bits is 1"
                )
        return words

    def implied(self) -> list[tuple[int, int]]:
        """Pairs of bits of which the first is never 1 without the second: of neighbouring cuts."""
        place = {bit: i for i, bit in enumerate(self.kept)}
        pairs = []
        for rule, places in self._places():
            if isinstance(rule, Cuts) and not rule.intervals:
                there = [place[bit] for bit in places[: len(rule.cuts)] if bit in place]
                pairs += list(pairwise(there))
        return pairs

    def parts(self) -> list[tuple[str, Integers, Bits, Bits]]:
        """Each column with the places of its bits that are read, their patterns, and those of ascending values."""
        place = {bit: i for i, bit in enumerate(self.kept)}
        found = []
        for rule, places in self._places():
            read = [bit - places.start for bit in places if bit in place]
            patterns = np.unique(rule.patterns()[:, read], axis=0)
            there = np.array([place[places.start + bit] for bit in read], dtype=np.int64)
            found.append((rule.column, there, patterns, rule.ascending()[:, read]))
        return found

    def _places(self) -> list[tuple[Rule, range]]:
        """Each rule with where its bits are among all."""
        ends = np.cumsum([0, *(len(rule.terms) for rule in self.rules)]).tolist()
        return [(rule, range(*ends)) for rule, ends in zip(self.rules, pairwise(ends), strict=True)]

    def _all(self, table: Table) -> Bits:
        parts = [rule(column) for rule, column in zip(self.rules, table.columns, strict=True)]
        return np.concatenate(parts, axis=1) if parts else np.zeros((len(table), 0), dtype=np.bool_)

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        return {"rules": [rule.noted() for rule in self.rules], "kept": list(self.kept)}

    @classmethod
    def of(cls, way: str, noted: Mapping[str, Any]) -> TableBinarizer:
        """The binariser that was noted.

        Args:
            way: its own.
            noted: what `noted` returned.

        Raises:
            InputError: it is anything else.
        """
        parts, kept = noted.get("rules"), noted.get("kept")
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise InputError("the rules of the columns are no list of objects")
        made = cls(way, tuple(map(rule_of, parts)), ())
        every = sum(len(rule.names) for rule in made.rules)
        if not isinstance(kept, list) or any(type(k) is not int or not 0 <= k < every for k in kept):
            raise InputError(f"the bits that are read are not places from 0 to {every - 1}")
        if sorted(set(kept)) != kept or len(set(made.columns)) < len(made.columns):
            raise InputError("a column or a bit stands there twice")
        return cls(way, made.rules, tuple(kept))
