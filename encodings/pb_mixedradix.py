"""PySAT's mixed radix counter (PBEnc, by Pindakaas), made reified.

Between a totalizer and an adder. PySAT counts one way only; see `bnnsat.reified`.
"""

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Codish, Fekete, Fuhs, Schneider-Kamp: Optimal base encodings for pseudo-Boolean constraints, TACAS 2011"
STRENGTH = (86, 80)
NEEDS = ("pindakaas", "pb")


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    # PySAT's module of pseudo-Boolean encodings cannot be imported without pindakaas.
    from pysat.pb import EncType, PBEnc

    return list(PBEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.mixedradix).clauses)


count = counter("pb_mixedradix", at_most)
