"""Which inputs a network can have: columns and pixels, each with the bits that its values become.

The bits of a grey level are a thermometer's, those of a category at most one of a group: most patterns of bits are no
input. What is proved of all inputs is proved of these.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import prod

import numpy as np

from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.types import Bits, Integers, Literals

GREY_LEVELS = 256
FEW = 20
"""Columns up to which an error lists them all."""
THERE, UNSURE = " not missing", " or missing"
"""How terms on missing values end."""


@dataclass(frozen=True, eq=False)
class Part:
    """A column, a pixel or a bit.

    Attributes:
        name: of the column, or the place of the raw input.
        places: (bits,) of its bits among all.
        patterns: (patterns, bits) that they can have.
        every: (patterns, bits) the same without conditions.
        ascending: (values, bits) those of ascending values; none where values have no order.
    """

    name: str
    places: Integers
    patterns: Bits
    ascending: Bits
    every: Bits


@dataclass(frozen=True, eq=False)
class Inputs:
    """All inputs of a network.

    Attributes:
        parts: independent of each other.
        order: (n,) which bit each of the network's inputs reads.
        terms: (bits,) what each bit says when it is 1, and when it is 0.
    """

    parts: tuple[Part, ...]
    order: Integers
    terms: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, model: Model) -> Inputs:
        """Those of a model.

        Args:
            model: a network and what its inputs mean.
        """
        preprocessing, n = model.preprocessing, model.network.shape.sizes[0]
        bits, binarizer = preprocessing.bits(n), preprocessing.binarizer
        order = np.arange(n) if preprocessing.order is None else np.array(preprocessing.order)
        if isinstance(binarizer, TableBinarizer):
            found = [
                Part(name, places, patterns, ascending, patterns)
                for name, places, patterns, ascending in binarizer.parts()
            ]
            return cls(tuple(found), order, binarizer.terms)
        pixels = bits // binarizer.levels
        if binarizer.way in ("bits", "image-mean"):
            # Beside a mean of the same image any pattern is taken for one.
            every = np.repeat(np.array([[False], [True]]), bits, axis=1)
        else:
            levels = np.arange(GREY_LEVELS, dtype=np.uint8)[:, np.newaxis]
            every = binarizer(np.repeat(levels, pixels, axis=1))
        parts = []
        for pixel in range(pixels):
            places = np.arange(pixel, bits, pixels)
            patterns = np.unique(every[:, places], axis=0)
            parts.append(Part(str(pixel), places, patterns, every[:, places], patterns))
        return cls(tuple(parts), order, tuple((f"input {i}", f"not input {i}") for i in range(bits)))

    @property
    def bits(self) -> int:
        """How many bits there are."""
        return len(self.terms)

    @property
    def read(self) -> Integers:
        """(bits,) which of the network's inputs reads each bit: the first of them."""
        return np.unique(self.order, return_index=True)[1]

    @property
    def names(self) -> list[str]:
        """What each bit says when it is 1."""
        return [said for said, _ in self.terms]

    @property
    def total(self) -> int:
        """How many inputs there are."""
        return prod(len(part.patterns) for part in self.parts)

    def part(self, name: str) -> int:
        """The place of a part.

        Args:
            name: of the column, or the number of the raw input from 0.

        Raises:
            InputError: there is none.
        """
        names = [part.name for part in self.parts]
        if name not in names:
            there = f"{names[0]} to {names[-1]}" if names == list(map(str, range(len(names)))) else ", ".join(names)
            near = "" if len(names) < FEW else f"; did you mean {get_close_matches(name, names, 1, 0.0)[0]!r}?"
            raise InputError(f"there is no input {name!r}{near or f'; there are {there}'}")
        return names.index(name)

    def where(self, conditions: Sequence[str]) -> Inputs:
        """Those of which conditions hold.

        Args:
            conditions: what a bit says, such as `colour = red` or `input 3`; with `not ` before it, the opposite.

        Raises:
            InputError: no bit says that, or no input is so.
        """
        parts = list(self.parts)
        for condition in conditions:
            meant = self._meant(condition) or self._meant(condition.strip())
            if len(meant) > 1:
                raise InputError(f"the condition {condition!r} means {len(meant)} things; give the columns other names")
            if not meant:
                said = condition.strip().removeprefix("not ")
                # What else is said of the same column, or else what looks like it.
                same = [name for name in self.names if name.split(" ")[0] == said.split(" ")[0]]
                near = same[:FEW] or get_close_matches(said, self.names, 3, 0.0)
                raise InputError(f"no input says {said!r}; there are {', '.join(near)}, and `not` before them")
            ((bit, wanted),) = meant
            place, part = next((i, part) for i, part in enumerate(parts) if bit in part.places)
            column = part.patterns[:, part.places.tolist().index(bit)]
            if not (column == wanted).any():
                raise InputError(f"no input is such that {' and '.join(conditions)}")
            within = part.ascending[:, part.places.tolist().index(bit)] == wanted
            parts[place] = replace(part, patterns=part.patterns[column == wanted], ascending=part.ascending[within])
        return replace(self, parts=tuple(parts))

    def _meant(self, condition: str) -> list[tuple[int, bool]]:
        """Bits that a condition may be about, and what they are to be."""
        says = [(bit, True) for bit, name in enumerate(self.names) if name == condition]
        return says + [(bit, False) for bit, name in enumerate(self.names) if f"not {name}" == condition]

    def with_last(self, places: Collection[int]) -> Inputs:
        """The same, in `numbered` some parts changing first.

        Args:
            places: of these parts.
        """
        rest = [part for place, part in enumerate(self.parts) if place not in places]
        return replace(self, parts=(*rest, *(self.parts[place] for place in sorted(places))))

    def numbered(self, start: int, stop: int) -> Bits:
        """The bits (inputs, bits) of some inputs in their order, in which the last part changes first.

        Args:
            start: the first's number, from 0.
            stop: the number behind the last.
        """
        rows, left = np.zeros((stop - start, self.bits), dtype=np.bool_), np.arange(start, stop, dtype=np.int64)
        for part in reversed(self.parts):
            left, which = np.divmod(left, len(part.patterns))
            rows[:, part.places] = part.patterns[which]
        return rows

    def drawn(self, count: int, rng: np.random.Generator) -> Bits:
        """The bits (count, bits) of random inputs.

        Args:
            count: how many.
            rng: of what is random.
        """
        rows = np.zeros((count, self.bits), dtype=np.bool_)
        for part in self.parts:
            rows[:, part.places] = part.patterns[rng.integers(len(part.patterns), size=count)]
        return rows

    def hold(self, bits: Bits) -> bool:
        """Whether there is an input of these bits.

        Args:
            bits: (bits,).
        """
        return all((part.patterns == bits[part.places]).all(axis=1).any() for part in self.parts)

    def said(self, bits: Bits) -> list[str]:
        """An input in words, part by part; what follows from other words about a part is left out.

        Args:
            bits: (bits,) of one that there is.
        """
        words = []
        for part in self.parts:
            there = bits[part.places]
            if not there.any() and not len(part.ascending) and len(there) > 1:
                # None of the categories that have a bit of their own, and not missing.
                words.append(f"{part.name} = another value")
                continue
            agree = part.every == there
            # Whether what bit i says implies what bit j says.
            implies = ~(agree[:, :, np.newaxis] & ~agree[:, np.newaxis, :]).any(axis=0)
            # Of two that imply each other what is says more than what is not.
            order = np.argsort(~there, kind="stable")
            earlier = np.argsort(order)[:, np.newaxis] < np.argsort(order)
            stronger = implies & (~implies.T | earlier)
            kept = np.flatnonzero(~stronger.any(axis=0))
            words += _joined([self.terms[part.places[i]][0 if there[i] else 1] for i in kept])
        return words

    def apart(self) -> Integers:
        """Pairs (pairs, 2) of literals that never hold together: bit i stands for its 0, bit i + bits for its 1."""
        found = [np.zeros((0, 2), dtype=np.int64)]
        for part in self.parts:
            signed = np.concatenate([~part.patterns, part.patterns], axis=1).astype(np.int64)
            places = np.concatenate([part.places, part.places + self.bits])
            first, second = np.nonzero(np.triu(signed.T @ signed == 0))
            # A bit and its opposite say nothing.
            useful = (first % len(part.places) != second % len(part.places)) | (first == second)
            found.append(np.stack([places[first], places[second]], axis=1)[useful])
        return np.concatenate(found)

    def clauses(self, bits: Literals) -> Integers:
        """Pairs (clauses, 2) of literals, one of which holds for each input.

        Args:
            bits: (bits,) literals of the bits.
        """
        signed = np.concatenate([-bits, bits]).astype(np.int64)
        return np.asarray(-signed[self.apart()])


def _joined(terms: list[str]) -> list[str]:
    """Terms of one part: what may be missing and is not is there."""
    there = {term.removesuffix(THERE) for term in terms if term.endswith(THERE)}
    kept = [term.removesuffix(UNSURE) if there and term.endswith(UNSURE) else term for term in terms]
    return [term for term in kept if not term.endswith(THERE)] if kept != terms else kept
