"""PySAT's watchdog (PBEnc, by Pindakaas), made reified.

A totalizer each way, since all weights are 1. PySAT counts one way only; see `bnnsat.reified`.
"""

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Bailleux, Boufkhad, Roussel: New encodings of pseudo-Boolean constraints into CNF, SAT 2009"
STRENGTH = (97, 100)
NEEDS = ("pindakaas", "pb")


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    # PySAT's module of pseudo-Boolean encodings cannot be imported without pindakaas.
    from pysat.pb import EncType, PBEnc

    return list(PBEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.watchdog).clauses)


count = counter("pb_watchdog", at_most)
