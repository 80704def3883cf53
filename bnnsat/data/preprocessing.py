"""What turns raw inputs into a network's, as a model carries it with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from bnnsat.data.binarize import Binarizer
from bnnsat.data.dataset import greyed
from bnnsat.errors import InputError
from bnnsat.plural import counted
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.frames import table_of
from bnnsat.tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bnnsat.types import Bits, Grey


@dataclass(frozen=True)
class Preprocessing:
    """The binariser, then the order of the inputs.

    Attributes:
        binarizer: from grey values, or the columns of a table, to bits.
        order: input i of the network is bit order[i]; None for the bits as they are. A bit may be read twice, where
            the network wants an even number of inputs.
    """

    binarizer: Binarizer | TableBinarizer
    order: tuple[int, ...] | None = None

    def __call__(self, inputs: Grey | Table) -> Bits:
        """Bits (examples, bits), column i of which is bit order[i].

        Args:
            inputs: (examples, n) grey values, or a table with the columns that the binariser reads.

        Raises:
            InputError: the binariser does not take them.
        """
        if isinstance(self.binarizer, TableBinarizer):
            bits = self.binarizer(table_of(inputs, names=self.binarizer.columns))
        else:
            bits = self.binarizer(greyed(inputs) if isinstance(inputs, Table) else inputs)
        return bits if self.order is None else bits[:, list(self.order)]

    def ordered(self, n: int) -> list[tuple[int, int]]:
        """Pairs of inputs of which the first implies the second, being bits of the same grey value, or the same bit.

        Args:
            n: the network's inputs.
        """
        bits, column = np.unique(np.arange(n) if self.order is None else self.order, return_index=True)
        if isinstance(self.binarizer, TableBinarizer):
            pairs = [(int(column[first]), int(column[second])) for first, second in self.binarizer.implied()]
        else:
            blocks = column.reshape(self.binarizer.levels, -1).tolist()
            pairs = [pair for low, high in pairwise(blocks) for pair in zip(high, low, strict=True)]
        if len(bits) < n:
            pairs += [(n - 1, self._twice), (self._twice, n - 1)]
        return pairs

    def bits(self, n: int) -> int:
        """How many bits there are for so many inputs of the network.

        Args:
            n: the network's inputs.
        """
        return n if self.order is None else n - (self._twice < n - 1)

    @property
    def raw(self) -> bool:
        """Whether the bits stay as they are."""
        return self.order is None or self.order[: self.bits(len(self.order))] == tuple(
            range(self.bits(len(self.order)))
        )

    def names(self, n: int) -> tuple[str, ...] | None:
        """What each input of the network says, where it is known.

        Args:
            n: the network's inputs.
        """
        terms = self.terms(n)
        return None if terms is None else tuple(said for said, _ in terms)

    def terms(self, n: int) -> tuple[tuple[str, str], ...] | None:
        """What each input of the network says when it is 1, and when it is 0, where that is known.

        Args:
            n: the network's inputs.
        """
        if not isinstance(self.binarizer, TableBinarizer):
            return None
        every = self.binarizer.terms
        return every if self.order is None else tuple(every[place] for place in self.order[:n])

    @property
    def _twice(self) -> int:
        """The first input that reads what the last one reads."""
        assert self.order is not None
        return self.order.index(self.order[-1])

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        if isinstance(self.binarizer, TableBinarizer):
            columns = {"columns": self.binarizer.noted()}
            return {"binarize": self.binarizer.way, "means": (), **columns, "input_order": self.order}
        return {"binarize": self.binarizer.way, "means": self.binarizer.means, "input_order": self.order}

    @classmethod
    def of(cls, content: Mapping[str, Any], n: int) -> Preprocessing:
        """What was noted.

        Args:
            content: of a model's file.
            n: the network's inputs.

        Raises:
            InputError: it is anything else; KeyError where a part is missing.
        """
        order, means = content["input_order"], content["means"]
        if order is not None:
            if not isinstance(order, list) or not all(type(i) is int for i in order) or len(order) != n:
                raise InputError(f"input_order is not a permutation of 0 to {n - 1}")
            # The last one may say again what another says.
            again = n > 1 and order[-1] in order[:-1]
            n -= again
            if sorted(order[: n if again else None]) != list(range(n)):
                raise InputError(f"input_order is not a permutation of 0 to {n - 1}")
        if not isinstance(means, list) or not all(type(m) in (int, float) and math.isfinite(m) for m in means):
            raise InputError("means are not a list of numbers")
        if (columns := content.get("columns")) is not None:
            if not isinstance(columns, dict) or means:
                raise InputError("the columns of the table are no object, or there are means beside them")
            if type(content["binarize"]) is not str:
                raise InputError("binarize is no text")
            table = TableBinarizer.of(content["binarize"], columns)
            if len(table.kept) != n:
                raise InputError(f"{counted(len(table.kept), 'bit')} of the columns do not fit {counted(n, 'input')}")
            return cls(table, None if order is None else tuple(order))
        binarizer = Binarizer(str(content["binarize"]), tuple(float(mean) for mean in means))
        if len(means) != (n if binarizer.way == "pixel-mean" else 0):
            raise InputError(f"{counted(len(means), 'mean')} do not fit {binarizer.way} of {counted(n, 'input')}")
        if binarizer(np.zeros((1, n // binarizer.levels), dtype=np.uint8)).shape[1] != n:
            raise InputError(f"{n} inputs do not fit {binarizer.way}; a multiple is due")
        return cls(binarizer, None if order is None else tuple(order))


AS_BITS = Preprocessing(Binarizer("bits"))
"""Of bits that stay as they are."""
