"""A greatest set of inputs that may be anything together, found where the network is about to say something else.

Flips that bring the network nearest to another answer are freed first: few inputs are free then, what they do is
proved soon, and for most others flips are seen by which they cannot be free, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from bnnsat.types import Bits, Floats, Integers
from bnnsat.verification.attack import STEPS, smooth
from bnnsat.verification.counting import FirstLayer
from bnnsat.verification.rest import Rest
from bnnsat.verification.turned import ManyError, escape

NEAREST, TIGHTEST, LOOKED = 32, 16, 4
"""Sets of flips that are kept: by the smoothed network, by the network; and by how many the next input is taken."""


class Brink:
    """A network of popcounts over bits, about to say something else of an example.

    Args:
        first: its first layer around the example.
        rest: what stands behind it.
        check: raises what ends the work.

    Attributes:
        free: places that may change together: proved.
        needed: (n,) which others cannot be free, too: seen.
        skipped: (n,) of which others neither is known.
    """

    def __init__(self, first: FirstLayer, rest: Rest, check: Callable[[], None]) -> None:
        self._first, self._rest, self._check = first, rest, check
        self._towards = first.towards.astype(np.int64)
        self.free: list[int] = []
        self.needed, self.skipped = np.zeros((2, len(first.towards)), dtype=np.bool_)
        self._sets = np.zeros((1, 0), dtype=np.bool_)

    def grown(self) -> Iterator[None]:
        """Free one more place, or find that it is needed; ends when no place is left. Each step yields."""
        try:
            flips = self._reached()
            while flips:
                flips.pop()
                found = escape(self._first, self._rest, np.array(flips, dtype=np.int64), None, self._check)
                if found is None:
                    break
                flips = found.tolist()
        except ManyError:
            flips = []
        self.free, self._sets = flips, np.ones((1, len(flips)), dtype=np.bool_)
        yield
        while (left := self._left()).size:
            self._check()
            place = self._nearest(left)
            try:
                found = escape(self._first, self._rest, np.array(self.free, dtype=np.int64), place, self._check)
            except ManyError:
                self.skipped[place] = True
                continue
            if found is None:
                with_it, without = np.ones((len(self._sets), 1)), np.zeros((len(self._sets), 1))
                both = [np.concatenate([self._sets, part.astype(np.bool_)], axis=1) for part in (without, with_it)]
                self.free, self._sets = [*self.free, place], np.concatenate(both)
            else:
                self.needed[place] = True
                self._seen(np.isin(self.free, found)[np.newaxis])
            yield

    def _reached(self) -> list[int]:
        """Flips, one by one, after which the network says something else, none of them in vain; none if not found."""
        flips, net = list[int](), np.zeros(self._towards.shape[1], dtype=np.int64)
        for _ in range(min(STEPS, len(self._towards))):
            self._check()
            margins = self._smoothed(net + self._towards)
            margins[flips] = np.inf
            flips.append(int(np.argmin(margins)))
            net = net + self._towards[flips[-1]]
            if self._margins(net[np.newaxis])[0] < 0:
                break
        else:
            return []
        while True:
            vain = np.flatnonzero(self._margins(net - self._towards[flips]) < 0)
            if not vain.size:
                return flips
            net = net - self._towards[flips.pop(int(vain[0]))]

    def _left(self) -> Integers:
        """Places of which nothing is known, after some more sets of flips were looked at."""
        k = len(self.free)
        for _ in range(2):
            near = np.repeat(self._sets, k, axis=0)
            near[np.arange(len(near)), np.tile(np.arange(k), len(self._sets))] ^= True
            sets = np.unique(np.concatenate([self._sets, near]), axis=0)
            net = sets.astype(np.int64) @ self._towards[self.free]
            self._sets = sets[np.argsort(self._smoothed(net), kind="stable")[:NEAREST]]
        tight = sets[np.argsort(self._margins(net), kind="stable")[:TIGHTEST]]
        self._seen(np.concatenate([self._sets, tight]))
        return self._unknown()

    def _unknown(self) -> Integers:
        known = self.needed | self.skipped
        known[self.free] = True
        return np.flatnonzero(~known)

    def _seen(self, sets: Bits) -> None:
        """Learn which places make a change with one of some sets (rows, free)."""
        for flips in sets:
            left = self._unknown()
            net = self._towards[self.free][flips].sum(axis=0) + self._towards[left]
            self.needed[left[self._margins(net) < 0]] = True

    def _nearest(self, left: Integers) -> int:
        """The place that brings the network nearest to another answer."""
        nets = self._sets[:LOOKED].astype(np.int64) @ self._towards[self.free]
        margins = np.min([self._smoothed(net + self._towards[left]) for net in nets], axis=0)
        return int(left[np.argmin(margins)])

    def _smoothed(self, net: Integers) -> Floats:
        return self._rest.margins(smooth(self._first, net, self._rest), smooth=True)

    def _margins(self, net: Integers) -> Floats:
        """(rows,) below 0 where the network says something else."""
        signs = np.where(net >= self._first.needed, -self._rest.base, self._rest.base)
        return self._rest.margins(signs.astype(np.float32))
