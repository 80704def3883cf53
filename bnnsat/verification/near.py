"""What can become of an example within some inputs: patterns of the first layer that are tried, places that are needed.

Of popcounts with a hidden layer. Most neurons of the first layer cannot change while few inputs do; what the rest says
of all patterns of the others decides whether anything changes. That more patterns are tried than there may be is sound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bnnsat.model import Model
from bnnsat.questions.inputs import Inputs
from bnnsat.types import Bits, Integers
from bnnsat.verification.brink import Brink
from bnnsat.verification.counting import FirstLayer
from bnnsat.verification.rest import Rest
from bnnsat.verification.turned import escape

MOST_OPEN = 20
"""Neurons all of whose patterns are tried."""
CHUNK = 1 << 15
SAMPLES, NEAREST = 1 << 11, 16
"""Random changes of what is free, and those of them that are tried with each further input."""


class Near:
    """A network around an example.

    Args:
        model: of popcounts, with a hidden layer.
        example: (n,) the network's own input.
        label: what it says of it.
    """

    def __init__(self, model: Model, example: Bits, label: int) -> None:
        shape, matrices = model.network.shape, model.network.matrices()
        signs = (2 * matrices[0].astype(np.int64) - 1).reshape(len(matrices[0]), shape.repeat, -1).sum(axis=1)
        self._model, self._example, self._label = model, example, label
        # Weights of what is read, (neurons, n), and how far each sum is from where the neuron changes.
        self._signs = signs
        self._far = signs @ (2 * example.astype(np.int64) - 1) - (
            2 * np.array(shape.thresholds[0]) - matrices[0].shape[1]
        )
        self._first, _ = FirstLayer.of(model.network, example)
        self._rest = Rest.of(model.network, self._far >= 0, label, tied_changes=False)

    def brink(self, check: Callable[[], None]) -> Brink:
        """The network about to say something else; all inputs are bits by themselves.

        Args:
            check: raises what ends the work.
        """
        return Brink(self._first, self._rest, check)

    def escaped(self, free: Sequence[int], check: Callable[[], None]) -> Bits | None:
        """An input (n,) of which the network says something else; None is a proof that there is none.

        Args:
            free: places that may change; all inputs are bits by themselves.
            check: raises what ends the work.

        Raises:
            ManyError: there are too many patterns of the first layer to know.
        """
        flips = escape(self._first, self._rest, np.array(free, dtype=np.int64), None, check)
        return None if flips is None else self._example ^ np.isin(np.arange(len(self._example)), flips)

    def kept(self, some: Inputs, check: Callable[[], None]) -> bool:
        """Whether the label is kept for all of some inputs, as far as that is seen here: True is a proof.

        Args:
            some: inputs, the example among them.
            check: raises what ends the work.
        """
        low, high = np.zeros((2, len(self._far)), dtype=np.int64)
        # Each part moves a sum by no less and no more than the worst of its patterns.
        for part in (part for part in some.parts if len(part.patterns) > 1):
            reads = np.isin(some.order, part.places)
            place = np.searchsorted(np.sort(part.places), some.order[reads])
            columns = np.argsort(part.places)[place]
            moved = part.patterns[:, columns].astype(np.int64) - self._example[reads]
            by = 2 * moved @ self._signs[:, reads].T
            low += by.min(axis=0)
            high += by.max(axis=0)
        on = self._far >= 0
        opened = np.flatnonzero(np.where(on, self._far + low < 0, self._far + high >= 0))
        if len(opened) > MOST_OPEN:
            return False
        for start in range(0, 1 << len(opened), CHUNK):
            check()
            numbers = np.arange(start, min(start + CHUNK, 1 << len(opened)))
            patterns = ((numbers[:, np.newaxis] >> np.arange(len(opened))) & 1).astype(np.bool_)
            if self._rest.changes(opened, patterns).any():
                return False
        return True

    def needed(self, free: Integers, others: Integers, rng: np.random.Generator) -> Integers:
        """Some of the other places that cannot be free, too, without another label; all inputs are bits by themselves.

        Args:
            free: places that may change.
            others: places that may not.
            rng: of what is random.
        """
        if not len(free):
            rows = self._example[np.newaxis]
        else:
            rows = np.tile(self._example, (SAMPLES, 1))
            rows[:, free] ^= rng.integers(2, size=(SAMPLES, len(free))).astype(np.bool_)
            sums = self._far + 2 * (rows.astype(np.int64) - self._example) @ self._signs.T
            margins = self._rest.margins(np.where(sums >= 0, 1, -1).astype(np.float32))
            rows = rows[np.argsort(margins, kind="stable")[:NEAREST]]
        found = np.zeros(len(others), dtype=np.bool_)
        for row in rows:
            left = np.flatnonzero(~found)
            tried = np.tile(row, (len(left), 1))
            tried[np.arange(len(left)), others[left]] ^= True
            found[left] = self._model.codes(tried) != self._label
        return others[found]
