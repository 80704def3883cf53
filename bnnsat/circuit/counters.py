"""Sums of literals with costs, and their count as a totalizer along any tree of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnnsat.circuit.cnf import TRUE
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.unary import merge
from bnnsat.types import Integers, Literals

Plan = Sequence[tuple[int, int]]
"""Pairs of nodes to be merged in turn: the leaves are 0 to n - 1, and the i-th pair makes node n + i."""


@dataclass(frozen=True, eq=False)
class Objective:
    """constant + the sum of the costs of the literals that hold.

    Attributes:
        literals: (terms,).
        costs: (terms,), from 1.
        constant: what is due in any case.
    """

    literals: Literals
    costs: Integers
    constant: int

    @property
    def most(self) -> int:
        """The sum where all literals hold."""
        return self.constant + int(self.costs.sum())

    @classmethod
    def of(cls, literals: Literals, costs: Integers) -> Objective:
        """With each variable once: constants and repeats folded; c of x and d of not x are min(c, d) for certain.

        Args:
            literals: (terms,), in which constants, and variables more than once, may be.
            costs: (terms,).

        >>> Objective.of(np.array([5, -5, TRUE, 7, -5]), np.array([3, 1, 2, 1, 1]))
        Objective(literals=array([5, 7]), costs=array([1, 1]), constant=4)
        """
        variables, first, place = np.unique(np.abs(literals), return_index=True, return_inverse=True)
        positive, negative = np.zeros((2, len(variables)), dtype=np.int64)
        np.add.at(positive, place[literals > 0], costs[literals > 0])
        np.add.at(negative, place[literals < 0], costs[literals < 0])
        constant = int(positive[variables == TRUE].sum())
        constant += int(np.minimum(positive, negative)[variables != TRUE].sum())
        signed = np.where(positive >= negative, variables, -variables)
        cost = np.abs(positive - negative)
        # Back to the order in which the examples came: neighbours are counted together.
        order = np.argsort(first)
        order = order[(cost[order] > 0) & (variables[order] != TRUE)]
        return cls(signed[order], cost[order], constant)


class ErrorCounter:
    """The objective in unary, cut off at a cap: its bounds are single assumptions.

    Only "the errors imply the count" is written, all that an upper bound needs. Later bounds below
    the cap cost nothing. `nodes[i]` are the digits of node i of the plan, saturated at cap - constant.

    Args:
        circuit: where the clauses go.
        objective: what is counted.
        cap: what an incumbent attains, so there never is a bound above.
        plan: the tree along which it is added; None for a balanced one.
    """

    def __init__(self, circuit: Circuit, objective: Objective, cap: int, plan: Plan | None = None) -> None:
        self.constant = objective.constant
        self.cap = cap
        self.width = max(1, cap - objective.constant)
        # A literal of cost c is the unary number l, l, ..., l of width c.
        leaves = [
            np.full(min(int(cost), self.width), literal, dtype=np.int32)
            for literal, cost in zip(objective.literals, objective.costs, strict=True)
        ]
        self.nodes = self._merged(circuit, leaves, balanced(len(leaves)) if plan is None else plan)

    def at_most(self, bound: int) -> list[int]:
        """Assumptions under which the sum is at most so large.

        Args:
            bound: constant <= bound < cap.

        Raises:
            ValueError: the bound is not between these.
        """
        if not self.constant <= bound < self.cap:
            raise ValueError(f"the counter answers from {self.constant} to {self.cap - 1}, not {bound}")
        k = bound - self.constant
        digits = self.nodes[-1] if self.nodes else np.empty(0, dtype=np.int32)
        return [-int(digits[k])] if k < len(digits) else []

    def _merged(self, circuit: Circuit, nodes: list[Literals], plan: Plan) -> list[Literals]:
        """All nodes; those of one height and the same two widths are made in one batch."""
        widths, heights = [len(node) for node in nodes], [0] * len(nodes)
        batches: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for place, (a, b) in enumerate(plan, start=len(nodes)):
            heights.append(1 + max(heights[a], heights[b]))
            widths.append(min(widths[a] + widths[b], self.width))
            batches[heights[place], widths[a], widths[b]].append(place)
        made = nodes + [np.empty(0, dtype=np.int32)] * len(plan)
        for key in sorted(batches):
            places = batches[key]
            pairs = [plan[place - len(nodes)] for place in places]
            left, right = (np.stack([made[pair[side]] for pair in pairs]) for side in (0, 1))
            for place, row in zip(places, merge(circuit, left, right, cap=self.width, both=False), strict=True):
                made[place] = row
        return made


def balanced(leaves: int) -> Plan:
    """Neighbours in pairs, and those again.

    Args:
        leaves: how many numbers are to be added.

    >>> balanced(5)
    [(0, 1), (2, 3), (5, 6), (7, 4)]
    """
    plan: list[tuple[int, int]] = []
    level = list(range(leaves))
    while len(level) > 1:
        pairs = list(zip(level[0::2], level[1::2], strict=False))
        made = [leaves + len(plan) + i for i in range(len(pairs))]
        plan += pairs
        level = made + level[2 * len(pairs) :]
    return plan
