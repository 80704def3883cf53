"""A formula's cubes: a tree over weights, in which each is the one whose values propagate most.

After Heule, Kullmann, Wieringa, Biere, "Cube and conquer: guiding CDCL SAT solvers by lookaheads", HVC 2011.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bnnsat.circuit.cnf import Cnf
from bnnsat.solvers.solver import DirectSolver

SOLVER = "cadical153"
LOOKED_AT = 24
"""Variables that are tried at each node, drawn of those that are left."""

Cube = tuple[int, ...]
"""Literals that hold together."""


@dataclass(frozen=True)
class Tree:
    """A node: a cube, or a variable with a node for each of its values.

    Attributes:
        cube: what holds here.
        variable: that is split on; 0 at a leaf.
        children: where it holds, and where it does not.
        refuted: propagation alone shows that nothing is left here.
    """

    cube: Cube
    variable: int = 0
    children: tuple[Tree, ...] = ()
    refuted: bool = False

    @property
    def leaves(self) -> list[Tree]:
        """The leaves, from left to right."""
        return [leaf for child in self.children for leaf in child.leaves] if self.children else [self]


def split(cnf: Cnf, variables: Sequence[int], leaves: int, check: Callable[[], None] = lambda: None) -> Tree:
    """A tree of cubes.

    Args:
        cnf: the formula.
        variables: that may be split on.
        leaves: so many at most, rounded down to a power of two.
        check: is called every now and then.
    """
    rng = random.Random(0)
    solver = DirectSolver(cnf, SOLVER)
    try:
        return _node(solver, tuple(variables), (), max(0, leaves.bit_length() - 1), rng, check)
    finally:
        solver.close()


def _node(
    solver: DirectSolver,
    variables: Cube,
    cube: Cube,
    depth: int,
    rng: random.Random,
    check: Callable[[], None],
) -> Tree:
    check()
    holds, known = solver.propagate(cube)
    if not holds:
        return Tree(cube, refuted=True)
    fixed = {abs(literal) for literal in known}
    free = [variable for variable in variables if variable not in fixed]
    if not depth or not free:
        return Tree(cube)
    best, most = 0, -1
    for variable in rng.sample(free, min(LOOKED_AT, len(free))):
        counts = []
        for literal in (variable, -variable):
            fine, found = solver.propagate((*cube, literal))
            counts.append(len(found) - len(known) if fine else len(free) ** 2)
        # Both sides have to become smaller; a product says so best.
        if (score := counts[0] * counts[1] + sum(counts)) > most:
            best, most = variable, score
    children = tuple(_node(solver, variables, (*cube, lit), depth - 1, rng, check) for lit in (best, -best))
    return Tree(cube, best, children)


def joined(tree: Tree, proofs: dict[Cube, bytes]) -> bytes:
    """One proof of the formula from those of its cubes.

    A step under a cube is one without it, with the cube's negation joined to it: whoever checks it by unit propagation
    assumes the cube then. Once the cube is refuted its steps are deleted; deletions before are left out, for what a
    deleted clause implied is implied under the cube alone. Each node follows from its children.

    Args:
        tree: of cubes.
        proofs: DRAT as text for each leaf that is not refuted by propagation, by its cube; without steps that are sound
            by resolution asymmetry alone, which the solvers here do not write.
    """
    parts: list[bytes] = []
    todo = [(tree, False)]
    while todo:
        node, ready = todo.pop()
        against = " ".join(str(-literal) for literal in node.cube).encode()
        end = against + b" 0\n" if against else b"0\n"
        if node.children and not ready:
            todo.append((node, True))
            todo += [(child, False) for child in reversed(node.children)]
            continue
        if not node.children and not node.refuted:
            steps = (line.strip() for line in proofs[node.cube].splitlines())
            # Each ends with its 0, which the negated cube comes before.
            found = [line[:-1] + end for line in steps if line and not line.startswith(b"d")]
            last = found.index(end) if end in found else len(found)
            parts += [*found[:last], end, *(b"d " + line for line in found[:last])]
            continue
        parts.append(end)
    return b"".join(parts)
