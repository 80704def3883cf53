"""Families of programs, each as a list of shapes from small to large, and how many programs a shape has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from bnnsat.errors import InputError
from bnnsat.questions.member import MOST_DEPTH
from bnnsat.shape import Shape
from bnnsat.spelling import LEARNED

LIST, LISTS, CARD, CARDS, TREE = FAMILIES = "decision-list", "decision-lists", "score-card", "score-cards", "tree"
DEPTH = 3
"""Of trees: to which they go without being told."""
MOST_INPUTS = 10_000


@dataclass(frozen=True)
class Member:
    """A shape of a family.

    Attributes:
        family: one of FAMILIES.
        order: which bit each input reads; of half-comparisons of an odd number the first one once more at the end.
        shape: of the network, thresholds that are learned still free; None for trees.
        depth: tests on the longest path of a tree; 0 for the others.
    """

    family: str
    order: tuple[int, ...]
    shape: Shape | None = None
    depth: int = 0

    @property
    def topology(self) -> str:
        """What users call it."""
        return f"depth {self.depth}" if self.shape is None else self.shape.topology

    @property
    def words(self) -> str:
        """The programs in question."""
        return f"tree of depth {self.depth}" if self.shape is None else f"network {self.shape.words}"

    @property
    def programs(self) -> int:
        """In how many ways its holes can be filled; programs that compute the same are counted each by itself."""
        if self.shape is None:
            return int(len(self.order) ** (2**self.depth - 1) * 2 ** (2**self.depth))
        if self.shape.activation == "half":
            return int(2**self.shape.weight_bits)
        # Of a ternary neuron: its weights, and thresholds from always to never.
        sizes = self.shape.sizes
        return prod((3**n * (2 * n + 2)) ** m for n, m in pairwise(sizes))


def members(family: str, bits: Sequence[int], depth: int | None = None) -> list[Member]:
    """The shapes of a family, the smallest first.

    Args:
        family: one of FAMILIES.
        bits: the places of those that are read, in the order in which programs read them.
        depth: of the deepest trees; None for 3.

    Raises:
        InputError: there is no such family, or its shapes do not fit.

    >>> [member.topology for member in members("decision-lists", range(6))]
    ['6-1', '6-2-1', '6-4-1']
    >>> [member.programs for member in members("tree", range(6), 2)]
    [24, 3456]
    """
    if family not in FAMILIES:
        raise InputError(f"unknown family {family!r}; there are {', '.join(FAMILIES)}")
    if not 1 <= len(bits) <= MOST_INPUTS:
        raise InputError(f"{len(bits)} inputs cannot be distilled; from 1 to {MOST_INPUTS} can")
    if depth is not None and family != TREE:
        raise InputError(f"a depth is of trees, not of {family}; leave it out")
    if depth is not None and not (type(depth) is int and 1 <= depth <= MOST_DEPTH):
        raise InputError(f"depth {depth} is none; give a whole number from 1 to {MOST_DEPTH}")
    order = tuple(int(bit) for bit in bits)
    if family == TREE:
        return [Member(family, order, depth=d) for d in range(1, (depth or DEPTH) + 1)]
    if family in (LIST, LISTS):
        order += order[:1] * (len(order) % 2)
        hidden = ("",) if family == LIST else ("", "2-", "4-")
        return [Member(family, order, Shape.parse(f"{len(order)}-{m}1", "half")) for m in hidden]
    hidden = ("",) if family == CARD else ("", "2-", "3-")
    topologies = [f"{len(order)}-{m}1" for m in hidden]
    return [Member(family, order, Shape.parse(t, thresholds=LEARNED, weights="ternary")) for t in topologies]
