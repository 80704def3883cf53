"""PySAT's cardinality network (CardEnc), made reified.

About n log2(k)^2 comparators, 3 clauses each, twice. PySAT counts one way only; see `bnnsat.reified`.
"""

from pysat.card import CardEnc, EncType

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Asin, Nieuwenhuis, Oliveras, Rodriguez-Carbonell: Cardinality networks, Constraints 16 (2011)"
STRENGTH = (100, 100)


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    return list(CardEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.cardnetwrk).clauses)


count = counter("cardnetwrk", at_most)
