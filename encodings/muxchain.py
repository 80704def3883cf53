"""The shared mux chain: the first pair of bits that differs decides.

One xor and one mux a pair. With known inputs all examples share one xor a pair and neuron, and
equal tails of the chain exist once: 3 to 5 times fewer clauses than the plain comparison.
"""

import numpy as np

from bnnsat.circuit import gates
from bnnsat.circuit.cnf import FALSE
from bnnsat.circuit.templates import Circuit
from bnnsat.types import Literals

KIND = "half"
PAPER = "the textbook comparator, with structural hashing: Kuehlmann, Krohm: Equivalence checking, DAC 1997"
STRENGTH = (66, 66)


def greater(circuit: Circuit, upper: Literals, lower: Literals) -> Literals:
    result = np.full(len(upper), FALSE, dtype=np.int32)
    for pair in reversed(range(upper.shape[1])):
        differ = gates.xor(circuit, upper[:, pair], lower[:, pair])
        result = gates.mux(circuit, differ, upper[:, pair], result)
    return result
