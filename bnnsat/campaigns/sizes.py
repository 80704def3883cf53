"""How large an encoding is: variables, clauses and literals for one count or comparison of n inputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import Encoding

WIDTHS = (8, 16, 32, 64, 128, 256, 784)
"""The widths of the golden table."""

MOST_CLAUSES = 10_000
"""The table of an encoding ends with the first width that takes more: all that grow with the square do by 256."""


@dataclass(frozen=True)
class Size:
    """How large a formula is.

    Attributes:
        variables: without the inputs.
        clauses: of all widths.
        literals: in all clauses.
    """

    variables: int
    clauses: int
    literals: int


def size(entry: Encoding, n: int) -> Size:
    """The size of "at least ceil(n / 2) of n", or of the comparison of two halves of n inputs.

    Args:
        entry: the encoding.
        n: inputs; even for a comparison.
    """
    circuit = Circuit(Cnf())
    row = circuit.cnf.fresh(n)[np.newaxis]
    if entry.kind == "popcount":
        entry.at_least(circuit, row, np.array([(n + 1) // 2]))
    else:
        entry.greater(circuit, row[:, : n // 2], row[:, n // 2 :])
    return Size(circuit.cnf.variables - n, circuit.cnf.clauses, circuit.cnf.literals)


def sizes(entry: Encoding) -> dict[int, Size]:
    """The golden table's part about an encoding: its size at every width that it takes and that is not too large.

    Args:
        entry: the encoding.
    """
    found = dict[int, Size]()
    for n in WIDTHS:
        if (entry.most is not None and n > entry.most) or any(s.clauses > MOST_CLAUSES for s in found.values()):
            break
        found[n] = size(entry, n)
    return found
