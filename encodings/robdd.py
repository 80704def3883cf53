"""ROBDD of the threshold, a full if-then-else a node.

About k (n - k + 1) nodes of 6 clauses for each threshold, the two redundant clauses included. The root
reads the last literal, so that the nodes of common prefixes are shared.
"""

from functools import partial

from bnnsat.circuit.diagram import diagram
from bnnsat.circuit.gates import NODE
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.thresholds import ThresholdCount
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Een, Sorensson: Translating pseudo-Boolean constraints into SAT, JSAT 2 (2006)"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> ThresholdCount:
    return ThresholdCount(literals, partial(diagram, circuit, NODE))
