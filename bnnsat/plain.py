"""A second encoder and trainer: small, slow and obvious, to hold the fast ones against.

Nothing is shared, nothing is clever: one clause after the other, every example by itself, counts by
dynamic programming, errors by PySAT's own totalizer. It has no code in common with `circuit`,
`gates` and `encodings`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pysat.card import ITotalizer
from pysat.solvers import Solver

from bnnsat.shape import Shape


class PlainFormula:
    """The training formula. `weights[l][j][i]` are variables; `errors` has one literal per example."""

    def __init__(self, inputs: Sequence[Sequence[int]], labels: Sequence[int], shape: Shape) -> None:
        self.clauses: list[list[int]] = []
        self.top = 0
        self.weights = [[[self._new() for _ in range(n)] for _ in range(m)] for m, n in shape.matrices]
        self.true = self._new()
        self.clauses.append([self.true])
        self.errors = [self._error(row, label, shape) for row, label in zip(inputs, labels, strict=True)]

    def _new(self) -> int:
        self.top += 1
        return self.top

    def _error(self, row: Sequence[int], label: int, shape: Shape) -> int:
        values = [self.true if bit else -self.true for bit in row]
        counts: list[list[int]] = []
        for layer, neurons in enumerate(self.weights):
            values = values * shape.repeat + [self.true] * (shape.constants[layer] if shape.constants else 0)
            products = [[self._xnor(x, w) for x, w in zip(values, weights, strict=True)] for weights in neurons]
            if shape.activation == "half":
                values = [self._greater(z[: len(z) // 2], z[len(z) // 2 :]) for z in products]
                continue
            # counts[j][k]: at least k of neuron j's products are 1.
            counts = [self._counts(z) for z in products]
            values = [count[t] for count, t in zip(counts, shape.thresholds[layer], strict=True)]
        if shape.head == "argmax":
            return -self._all([self._beats(counts, label, other) for other in range(len(counts)) if other != label])
        wanted = [label == 1] if shape.head == "bit" else [j == label for j in range(len(values))]
        return -self._all([value if want else -value for value, want in zip(values, wanted, strict=True)])

    def _beats(self, counts: list[list[int]], label: int, other: int) -> int:
        """The label's count is the greater, or equal and the label the lower."""
        extra = 0 if label < other else 1
        n = len(counts[0]) - 2
        # Whenever the other has at least k, the label has at least k + extra.
        return self._all([self._or(-counts[other][k], counts[label][k + extra]) for k in range(n + 1)])

    def _counts(self, literals: list[int]) -> list[int]:
        """ "At least k of the literals", for k from 0 to one more than there are."""
        row = [self.true] + [-self.true] * (len(literals) + 1)
        for x in literals:
            row = [self.true] + [self._or(row[k], self._all([x, row[k - 1]])) for k in range(1, len(row))]
        return row

    def _greater(self, upper: list[int], lower: list[int]) -> int:
        """upper > lower, the most significant bit first: from the last bit up, the first that differs decides."""
        result = -self.true
        for u, v in zip(reversed(upper), reversed(lower), strict=True):
            result = self._or(self._all([u, -v]), self._all([self._xnor(u, v), result]))
        return result

    def _xnor(self, a: int, b: int) -> int:
        if abs(a) == self.true:
            return b if a > 0 else -b
        y = self._new()
        self.clauses += [[-a, -b, y], [a, b, y], [-a, b, -y], [a, -b, -y]]
        return y

    def _all(self, literals: list[int]) -> int:
        y = self._new()
        self.clauses += [[-y, literal] for literal in literals] + [[y, *(-literal for literal in literals)]]
        return y

    def _or(self, a: int, b: int) -> int:
        return -self._all([-a, -b])


def optimum(
    inputs: Sequence[Sequence[int]], labels: Sequence[int], shape: Shape, solver: str = "glucose4"
) -> tuple[int, list[list[list[int]]]]:
    """The fewest errors of any network of `shape`, and the weights of one that attains them."""
    formula = PlainFormula(inputs, labels, shape)
    bound, assumptions = len(formula.errors), list[int]()
    with ITotalizer(formula.errors, ubound=bound, top_id=formula.top) as counter, Solver(name=solver) as sat:
        sat.append_formula(formula.clauses + counter.cnf.clauses)
        while bound and sat.solve(assumptions=assumptions):
            model = {abs(literal): literal > 0 for literal in sat.get_model()}
            weights = [[[int(model[v]) for v in row] for row in layer] for layer in formula.weights]
            bound = sum(model[abs(e)] == (e > 0) for e in formula.errors)
            assumptions = [-counter.rhs[bound - 1]]
    return bound, weights
