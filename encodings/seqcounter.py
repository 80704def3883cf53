"""PySAT's sequential counter (CardEnc), made reified.

About 4 k (n - k) clauses for each distinct k. PySAT counts one way only; see `bnnsat.reified`.
"""

from pysat.card import CardEnc, EncType

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Sinz: Towards an optimal CNF encoding of boolean cardinality constraints, CP 2005"
STRENGTH = (100, 100)


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    return list(CardEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.seqcounter).clauses)


count = counter("seqcounter", at_most)
