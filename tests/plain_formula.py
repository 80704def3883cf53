"""An encoder with a forward pass of its own, small, slow and obvious: tests hold the readings to it.

One clause after the other, every example by itself, counts by dynamic programming. The only liberty: a
gate whose inputs are those of an earlier one is that one. No code in common with `circuit`, `gates` and `encodings`.
"""

from __future__ import annotations

from collections.abc import Sequence

from bnnsat.shape import Shape

State = tuple[int, int]
"""A comparison after some pairs of bits: whether all were equal, and whether it is decided that upper > lower."""
Call = tuple[str, tuple[int, ...], int]
"""A gate as it was asked for: its kind, inputs and output."""


class PlainFormula:
    """The training formula. `weights[l][j][i]` are variables; `errors` has one literal per example: it is wrong.

    With a `margin` an example is right only if the last layer's counts are so far from saying anything else.
    `states[s][j]` are those of first-layer neuron j on example s, pair after pair (half-comparison only).
    """

    def __init__(
        self,
        inputs: Sequence[Sequence[int]],
        labels: Sequence[int],
        shape: Shape,
        *,
        margin: int = 0,
    ) -> None:
        self.clauses: list[list[int]] = []
        self.top = 0
        self.calls: list[Call] = []
        self.states: list[list[list[State]]] = []
        self._shape, self._margin = shape, margin
        self._known: dict[tuple[str, tuple[int, ...]], int] = {}
        self.weights = [[[self._new() for _ in range(n)] for _ in range(m)] for m, n in shape.matrices]
        self.true = self._new()
        self.clauses.append([self.true])
        self.errors = [self._error(row, label) for row, label in zip(inputs, labels, strict=True)]

    def outputs(self, values: list[int], first: int) -> list[int]:
        """The outputs of the layers from `first` on, for the inputs of that layer."""
        for layer in range(first, self._shape.layers):
            values = self._layer(layer, values)
        return values

    def count(self, leaves: Sequence[list[int]], tree: Sequence[Sequence[int]], width: int) -> list[list[int]]:
        """Unary numbers, digit k - 1 of which is implied by a count of k, up to `width` digits: the leaves first,
        and then for each pair of the tree the sum of two numbers, each used once. The last is the count of all.
        """
        nodes, unused = list(leaves), set(range(len(leaves)))
        for a, b in tree:
            if a == b or not {a, b} <= unused:
                raise ValueError("the tree of a count does not use every number once")
            unused = unused - {a, b} | {len(nodes)}
            left, right = nodes[a], nodes[b]
            digits = [self._new() for _ in range(min(len(left) + len(right), width))]
            for i in range(len(left) + 1):
                for j in range(0 if i else 1, min(len(right), len(digits) - i) + 1):
                    self.clauses.append([digits[i + j - 1], *(-d for d in left[i - 1 : i] + right[max(j - 1, 0) : j])])
            nodes.append(digits)
        if unused != {len(nodes) - 1}:
            raise ValueError("the tree of a count does not use every number once")
        return nodes

    def xnor(self, a: int, b: int) -> int:
        """1 where a and b agree."""
        if self.true in (abs(a), abs(b)):
            return b if a == self.true else -b if a == -self.true else a if b == self.true else -a
        if abs(a) == abs(b):
            return self.true if a == b else -self.true
        # A sign in front of an input is one in front of the output.
        y = self._gate("xnor", (abs(a), abs(b)))
        y = y if (a > 0) == (b > 0) else -y
        self.calls.append(("xnor", (a, b), y))
        return y

    def _error(self, row: Sequence[int], label: int) -> int:
        shape = self._shape
        values = [self.true if bit else -self.true for bit in row]
        last = shape.layers - 1
        if shape.activation == "half":
            first = [self._products(0, values, j) for j in range(shape.sizes[1])]
            compared = [self._compared(z[: len(z) // 2], z[len(z) // 2 :]) for z in first]
            self.states.append(compared)
            values = self.outputs([states[-1][1] for states in compared], 1)
        else:
            for layer in range(last):
                values = self._layer(layer, values)
            counts = [self._counts(self._products(last, values, j)) for j in range(shape.sizes[-1])]
            if shape.head == "argmax":
                return -self._all([self._beats(counts, label, c) for c in range(len(counts)) if c != label])
        right = []
        for j in range(shape.sizes[-1]):
            wanted = label == 1 if shape.head == "bit" else label == j
            if shape.activation == "half":
                output = values[j]
            else:
                # The count is the margin above its threshold, or not even the margin below.
                t = shape.thresholds[last][j] + (self._margin if wanted else -self._margin)
                output = self._digit(counts[j], t)
            right.append(output if wanted else -output)
        return -self._all(right)

    def _layer(self, layer: int, values: list[int]) -> list[int]:
        products = [self._products(layer, values, j) for j in range(self._shape.sizes[layer + 1])]
        if self._shape.activation == "half":
            return [self._compared(z[: len(z) // 2], z[len(z) // 2 :])[-1][1] for z in products]
        return [
            self._digit(self._counts(z, t), t) for z, t in zip(products, self._shape.thresholds[layer], strict=True)
        ]

    def _products(self, layer: int, values: list[int], neuron: int) -> list[int]:
        constants = self._shape.constants[layer] if self._shape.constants else 0
        read = values * self._shape.repeat + [self.true] * constants
        return [self.xnor(x, w) for x, w in zip(read, self.weights[layer][neuron], strict=True)]

    def _compared(self, upper: list[int], lower: list[int]) -> list[State]:
        """The states of upper > lower, the most significant bit first: the first bit that differs decides."""
        states, equal, greater = [], self.true, -self.true
        for u, v in zip(upper, lower, strict=True):
            greater = self._or(greater, self._all([equal, u, -v]))
            equal = self._all([equal, self.xnor(u, v)])
            states.append((equal, greater))
        return states

    def _counts(self, literals: list[int], most: int | None = None) -> list[int]:
        """ "At least k of the literals", for k from 0 to `most`, or to one more than there are."""
        most = len(literals) + 1 if most is None else most
        row = [self.true] + [-self.true] * most
        for x in literals:
            row = [self.true] + [self._or(row[k], self._all([x, row[k - 1]])) for k in range(1, most + 1)]
        return row

    def _digit(self, counts: list[int], k: int) -> int:
        return self.true if k <= 0 else counts[k] if k < len(counts) else -self.true

    def _beats(self, counts: list[list[int]], label: int, other: int) -> int:
        """The label's count is the greater by the margin, or equal and the label the lower."""
        extra = self._margin + (0 if label < other else 1)
        n = len(counts[0]) - 2
        # Whenever the other has at least k, the label has at least k + extra.
        return self._all([self._or(-counts[other][k], self._digit(counts[label], k + extra)) for k in range(n + 1)])

    def _or(self, a: int, b: int) -> int:
        return -self._all([-a, -b])

    def _all(self, literals: list[int]) -> int:
        kept = tuple(literal for literal in literals if literal != self.true)
        if -self.true in kept or any(-literal in kept for literal in kept):
            return -self.true
        if len(kept) < 2:
            return kept[0] if kept else self.true
        y = self._gate("all", kept)
        self.calls.append(("all", kept, y))
        return y

    def _gate(self, kind: str, inputs: tuple[int, ...]) -> int:
        y = self._known.get((kind, inputs))
        if y is None:
            y = self._known[kind, inputs] = self._new()
            # The output comes first in each clause: in a proof, where a gate may be added, it is what is defined.
            if kind == "xnor":
                a, b = inputs
                self.clauses += [[y, -a, -b], [y, a, b], [-y, -a, b], [-y, a, -b]]
            else:
                self.clauses += [[-y, literal] for literal in inputs] + [[y, *(-literal for literal in inputs)]]
        return y

    def _new(self) -> int:
        self.top += 1
        return self.top
