"""PySAT's adder (PBEnc, by Pindakaas), made reified.

Linear, twice. PySAT counts one way only; see `bnnsat.reified`.
"""

from bnnsat.circuit.reified import counter

KIND = "popcount"
PAPER = "Warners: A linear-time transformation of linear inequalities into CNF, Inf. Process. Lett. 68 (1998)"
STRENGTH = (73, 73)
NEEDS = ("pindakaas", "pb")


def at_most(literals: list[int], bound: int, top: int) -> list[list[int]]:
    # PySAT's module of pseudo-Boolean encodings cannot be imported without pindakaas.
    from pysat.pb import EncType, PBEnc

    return list(PBEnc.atmost(literals, bound=bound, top_id=top, encoding=EncType.adder).clauses)


count = counter("pb_adder", at_most)
