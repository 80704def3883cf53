"""Half-comparison networks n-1 and n-m-1 as decision lists: the formula whose proofs are quick.

Pair i of a neuron fires on an example iff d_i = w_upper xor w_lower differs from x_upper xor x_lower; the
neuron's value is then xnor(x_upper, w_upper), and 0 if no pair ever fires: a decision list, over known
inputs one mux a node of the trie of suffixes. The next layer's weight v is absorbed into w' =
xnor(w, v) and survives as the list's default bit. With the lower half of the hidden neurons
complemented, the second layer is F_k = majority(p_k, q_k, F_k+1) with F_end = 0: monotone, so one
direction of clauses is enough for each example, and the exchange of p_k and q_k is a symmetry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bnnsat.circuit import gates
from bnnsat.circuit.cnf import FALSE
from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit, Template
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.half.tries import pairs
from bnnsat.search.sat.symmetry import lexicographic
from bnnsat.shape import Shape
from bnnsat.types import Bits, Literals

UP = Template.of("majority-up", 3, [4], [[-4, 1, 2], [-4, 1, 3], [-4, 2, 3]])
"""The output implies the majority."""
DOWN = Template.of("majority-down", 3, [4], [[4, -1, -2], [4, -1, -3], [4, -2, -3]])
"""The majority implies the output."""


def fits(shape: Shape) -> bool:
    """Whether a shape is one that can be written so."""
    return shape.activation == "half" and shape.head == "bit" and shape.layers <= 2


@dataclass(frozen=True, eq=False)
class ListFormula:
    """`differs` and `values` (lists, pairs) and `defaults` (lists,) are d, w' and default bit of each list, the
    p_k first, then the q_k. The objective has a literal for each row, true at least if it is wrong.
    """

    shape: Shape
    circuit: Circuit
    differs: Literals
    values: Literals
    defaults: Literals
    objective: Objective

    def network(self, model: Bits) -> Network:
        """The network of a model, where model[v] is the value of variable v."""
        defaults = np.zeros(1, dtype=np.bool_) if self.shape.layers == 1 else model[self.defaults]
        return network(self.shape, model[self.differs], model[self.values], defaults)


def network(shape: Shape, differs: Bits, values: Bits, defaults: Bits) -> Network:
    """The network of lists: bits (lists, pairs), (lists, pairs) and (lists,)."""
    if shape.layers == 1:
        return Network.of(shape, [np.concatenate([values, values ^ differs], axis=1)])
    # v is the complement of the default; w = xnor(w', v), which is w' xor the default.
    complemented = np.arange(len(defaults)) >= len(defaults) // 2
    values, defaults = values ^ complemented[:, np.newaxis], defaults ^ complemented
    upper = values ^ defaults[:, np.newaxis]
    return Network.of(shape, [np.concatenate([upper, upper ^ differs], axis=1), [~defaults]])


def encode(problem: Problem, shape: Shape, circuit: Circuit, *, symmetry: bool = True) -> ListFormula:
    """The formula of a shape that `fits`. With `symmetry` one network of each class of equal ones remains."""
    lists, half = (shape.sizes[1] if shape.layers == 2 else 1), shape.sizes[0] // 2
    cnf = circuit.cnf
    differs, values = cnf.fresh(2 * lists * half).reshape(2, lists, half)
    defaults = cnf.fresh(lists) if shape.layers == 2 else np.full(1, FALSE)
    cnf.name("differs", differs)
    cnf.name("values", values)
    differ, upper = pairs(problem.inputs)
    outputs = np.broadcast_to(defaults, (len(differ), lists))
    for i in reversed(range(half)):
        fires = np.where(differ[:, i, np.newaxis], -differs[:, i], differs[:, i])
        value = np.where(upper[:, i, np.newaxis], values[:, i], -values[:, i])
        outputs = gates.mux(circuit, fires, value, outputs)
    if symmetry:
        _fix_what_cannot_matter(circuit, differ, differs, values, defaults)
        bits = np.concatenate([np.stack([differs, values], axis=2).reshape(lists, -1), defaults[:, np.newaxis]], axis=1)
        lexicographic(circuit, bits[: lists // 2], bits[lists // 2 : lists // 2 * 2])
    zero = problem.labels == 0
    errors = np.empty(len(zero), dtype=np.int32)
    errors[~zero] = -_output(circuit, UP, outputs[~zero])
    errors[zero] = _output(circuit, DOWN, outputs[zero])
    # Row for row, as the counter's plan wants it.
    return ListFormula(shape, circuit, differs, values, defaults, Objective(errors, problem.costs, 0))


def _output(circuit: Circuit, template: Template, lists: Literals) -> Literals:
    """The network's output (rows,) from its lists' (rows, lists), in one direction."""
    if lists.shape[1] == 1:
        return lists[:, 0]
    half = lists.shape[1] // 2
    result = np.full(len(lists), FALSE, dtype=np.int32)
    for k in reversed(range(half)):
        inputs = np.stack([lists[:, k], lists[:, half + k], result], axis=1)
        result = circuit.instantiate(template, inputs)[:, 0]
    return result


def _fix_what_cannot_matter(
    circuit: Circuit, differ: Bits, differs: Literals, values: Literals, defaults: Literals
) -> None:
    """Fix to 0 what has no influence on any example.

    Where x_upper xor x_lower is the same in all examples, a pair fires for all or for none: then what
    follows it, or its own value, cannot matter.
    """
    cnf = circuit.cnf
    dead = np.full(len(differs), FALSE, dtype=np.int32)
    for i in range(differs.shape[1]):
        for literals in (differs[:, i], values[:, i]):
            cnf.add(np.stack([-dead, -literals], axis=1), repeats=True)
        if (differ[:, i] == differ[0, i]).all():
            fires = -differs[:, i] if differ[0, i] else differs[:, i]
            cnf.add(np.stack([fires, -values[:, i]], axis=1), repeats=True)
            # Behind a dead pair d is 0, which would fire where x differs: dead stays dead either way.
            dead = gates.disj(circuit, dead, fires)
    cnf.add(np.stack([-dead, -defaults], axis=1), repeats=True)
