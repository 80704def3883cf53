"""The training formula as searches use it: weights of models, and models of weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.network import Network
from bnnsat.questions import formula
from bnnsat.questions.replay import network_of
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.context import Search
from bnnsat.search.sat.symmetry import break_popcount
from bnnsat.types import Bits, Literals


@dataclass(frozen=True, eq=False)
class TrainingFormula:
    """A question of training and its formula."""

    question: TrainingQuestion
    formula: formula.Formula

    @property
    def objective(self) -> Objective:
        """The errors."""
        return self.formula.objective

    @property
    def weights(self) -> list[Literals]:
        """The weight variables, (neurons, fan-in) per layer."""
        return [self.formula.holes[name] for name in self.question.holes]

    def network(self, model: Bits) -> Network:
        """The network of a model, where model[v] is the value of variable v."""
        return network_of(self.question, self.formula.solution(model))

    def literals(self, network: Network) -> Literals:
        """The weights of a network as literals, (weights,)."""
        pairs = zip(self.weights, network.matrices(), strict=True)
        return np.concatenate([np.where(bits, matrix, -matrix).reshape(-1) for matrix, bits in pairs])


def written(search: Search, circuit: Circuit, *, symmetry: bool) -> TrainingFormula:
    """The formula of the search's problem, which need not be that of its run."""
    question = TrainingQuestion(search.problem, search.shape)
    made = TrainingFormula(question, formula.encode(question, circuit, [search.encoding], search.order))
    if symmetry and search.shape.activation == "popcount":
        break_popcount(circuit, search.shape, made.weights, search.problem)
    return made


def bounding(search: Search, circuit: Circuit, *, symmetry: bool) -> TrainingFormula:
    """The same; what is wrong whatever the weights (a neuron that is always 1, say) shows in it already."""
    made = written(search, circuit, symmetry=symmetry)
    search.run.bound(made.objective.constant, "formula")
    return made
