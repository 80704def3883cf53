"""PySAT's decision diagram (PBEnc, by Pindakaas), made reified.

About 2 k (n - k) clauses each way. PySAT counts one way only; see `bnnsat.reified`.
"""

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Abio et al.: A new look at BDDs for pseudo-Boolean constraints, JAIR 45 (2012)"
STRENGTH = (95, 100)
NEEDS = ("pindakaas", "pb")


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    # PySAT's module of pseudo-Boolean encodings cannot be imported without pindakaas.
    from pysat.pb import EncType, PBEnc

    return list(PBEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.bdd).clauses)


count = counter("pb_bdd", at_most)
