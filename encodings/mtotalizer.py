"""PySAT's modulo totalizer (CardEnc), made reified.

O(n^1.5) clauses. PySAT counts one way only; see `bnnsat.reified`.
"""

from pysat.card import CardEnc, EncType

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Ogawa, Liu, Hasegawa, Koshimura, Fujita: Modulo based CNF encoding of cardinality constraints, ICTAI 2013"
STRENGTH = (56, 74)


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    return list(CardEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.mtotalizer).clauses)


count = counter("mtotalizer", at_most)
