"""What a question is: bits that are free, conditions that have to hold, and sums that are to be small.

A kind of question is a file of this folder whose `QUESTION` is a class with the members of `Question`. It is written
against the algebra of bits, so that each reading serves it: the fast one writes the formula that is searched or
exported, the plain one the formula that certificates are about, and numpy's judges every solution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Self

from bnnsat.questions.parts import Sum
from bnnsat.readings.algebra import Algebra, Value
from bnnsat.types import Bits

Holes = Mapping[str, Value]
"""The free bits of a question by name, as values of some algebra."""
Files = Mapping[str, bytes]
"""What a question is about (examples, a model), as contents of files by name."""


class Question(Protocol):
    """One kind of question; an object of it is asked about certain examples, or a certain model."""

    KIND: ClassVar[str]
    """Its name, which is that of its file."""
    UNIT: ClassVar[str]
    """The name of the sum that is to be small first."""

    CHANGES: ClassVar[tuple[str, ...]]
    """What of it, as it is noted, may be different in a statement of a claim."""
    SOLUTION: ClassVar[str]
    """The file of a certificate that holds the solution."""

    @property
    def neurons(self) -> tuple[str, ...]:
        """The activations that its formula needs encodings of: popcount, half, or none."""

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        """What is free: arrays of bits of these shapes, by name."""

    @property
    def sums(self) -> tuple[str, ...]:
        """The names of its sums, `UNIT` first."""

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        """Bits (conditions,) that all have to be 1.

        Args:
            algebra: the reading.
            holes: the free bits, in that algebra.
        """

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        """The sum of that name.

        Args:
            name: one of `sums`.
            algebra: the reading.
            holes: the free bits, in that algebra.

        Raises:
            InputError: there is none of that name.
        """

    def certain(self, most: Mapping[str, int]) -> bool:
        """Whether it is plain to see, without a proof, that no solution has such sums.

        Args:
            most: what each sum may be at most, by name.
        """

    def facts(self, holes: Mapping[str, Bits]) -> dict[str, Any]:
        """What there is to be told of a solution, as JSON.

        Args:
            holes: the values of the free bits.

        Raises:
            InputError: it is plainly none.
        """

    def attained(self, files: Files) -> dict[str, int]:
        """What the solution in the files of a certificate attains, replayed; empty if there is none.

        Args:
            files: of the certificate, contents by name.

        Raises:
            InputError: it is none; KeyError, TypeError and ValueError may be raised, too.
        """

    def told(self, sums: Mapping[str, int]) -> str:
        """In words: a solution attains these sums.

        Args:
            sums: their values, by name; what a statement changes may be among them, to be named.
        """

    def refuted(self, most: Mapping[str, int]) -> str:
        """In words: no solution has such sums.

        Args:
            most: what each sum is at most, by name.
        """

    def noted(self) -> dict[str, Any]:
        """Everything that is needed to ask it again, as JSON, but for what is in `files`."""

    def files(self) -> dict[str, bytes]:
        """What it is about, contents of files by name.

        Raises:
            InputError: it does not know.
        """

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> Self:
        """The question that was noted.

        Args:
            noted: what `noted` returned.
            files: what `files` returned.

        Raises:
            InputError: it is none; KeyError, TypeError and ValueError may be raised, too.
        """
