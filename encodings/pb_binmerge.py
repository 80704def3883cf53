"""PySAT's binary merge (PBEnc, by Pindakaas: watchdog over sorting networks), made reified.

About n log2(n)^2 comparators, twice. PySAT counts one way only; see `bnnsat.reified`.
"""

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Manthey, Philipp, Steinke: A more compact translation of pseudo-Boolean constraints into CNF, KI 2014"
STRENGTH = (100, 100)
NEEDS = ("pindakaas", "pb")


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    # PySAT's module of pseudo-Boolean encodings cannot be imported without pindakaas.
    from pysat.pb import EncType, PBEnc

    return list(PBEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.binmerge).clauses)


count = counter("pb_binmerge", at_most)
