"""Sequential counter, two-sided: prefix by prefix, "at least j of the first i".

About k (n - k + 1) nodes of 4 clauses for each threshold. Prefixes that examples have in common are
shared; only nodes that the output depends on are made.
"""

from functools import partial

from bnnsat.circuit.diagram import diagram
from bnnsat.circuit.gates import STEP
from bnnsat.circuit.templates import Circuit
from bnnsat.circuit.thresholds import ThresholdCount
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "Sinz: Towards an optimal CNF encoding of boolean cardinality constraints, CP 2005"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> ThresholdCount:
    return ThresholdCount(literals, partial(diagram, circuit, STEP))
