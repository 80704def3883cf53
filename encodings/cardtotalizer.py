"""PySAT's totalizer (CardEnc), made reified.

About n^2 / 2 clauses each way. PySAT counts one way only; see `bnnsat.reified`.
"""

from pysat.card import CardEnc, EncType

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Bailleux, Boufkhad: Efficient CNF encoding of boolean cardinality constraints, CP 2003"
STRENGTH = (71, 100)


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    return list(CardEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.totalizer).clauses)


count = counter("cardtotalizer", at_most)
