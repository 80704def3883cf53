"""PySAT's sorting network (CardEnc), made reified.

About n log2(n)^2 comparators, 3 clauses each, twice. PySAT counts one way only; see `bnnsat.reified`.
"""

from pysat.card import CardEnc, EncType

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Batcher: Sorting networks and their applications, AFIPS 1968"
STRENGTH = (100, 100)


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    return list(CardEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.sortnetwrk).clauses)


count = counter("sortnetwrk", at_most)
