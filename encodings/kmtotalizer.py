"""PySAT's k-cardinality modulo totalizer (CardEnc), made reified.

O(n sqrt(k)) clauses. PySAT counts one way only; see `bnnsat.reified`.
"""

from pysat.card import CardEnc, EncType

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Morgado, Ignatiev, Marques-Silva: MSCG: robust core-guided MaxSAT solving, JSAT 9 (2014)"
STRENGTH = (56, 74)


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    return list(CardEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.kmtotalizer).clauses)


count = counter("kmtotalizer", at_most)
