"""By width: direct for the narrowest counts, bounded totalizers up to 32 inputs, 7:3 compressors beyond.

The best at 2 to 6, at 17 and at 64 inputs in the measurements of docs/encodings.md.
"""

from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import Count, load
from bnnsat.types import Literals

KIND = "popcount"
PAPER = "our own"
STRENGTH = (100, 100)


def count(circuit: Circuit, literals: Literals) -> Count:
    n = literals.shape[1]
    return load("direct" if n <= 6 else "ktotalizer" if n <= 32 else "compressor7").count(circuit, literals)
