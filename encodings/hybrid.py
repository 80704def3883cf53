"""By width: direct for the narrowest counts, block counter up to 32 inputs, carry-save adders beyond.

The widths are a first choice: full propagation while it is cheap, the smallest formula beyond.
"""

from bnnsat.circuit import Circuit
from bnnsat.encodings import Count, load
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "our own"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> Count:
    n = literals.shape[1]
    return load("direct" if n <= 6 else "block" if n <= 32 else "adder").count(circuit, literals)
