"""Whether a DRAT proof refutes a formula."""

from __future__ import annotations

from contextlib import suppress

from dratify import check_proof, parse_dimacs


def refutes(formula: bytes, proof: bytes, checker: str | None = None) -> str | None:
    """None if a DRAT proof refutes a DIMACS formula, else what is wrong; by dratify or another program (`foreign`)."""
    if checker is not None:
        from bnnsat.certificates import foreign

        return foreign.refutes(formula, proof, checker)
    # Where it is installed (extra `proofs`) this makes dratify some fifteen times as fast.
    with suppress(ImportError):
        import cdclkit  # noqa: F401
    # Of a deleted clause dratify keeps the literals that it had implied. They follow from the formula as long as each
    # step follows by propagation, as almost always; so that is tried first, with deletions, which is much faster. Steps
    # of any kind are checked without deletions: these are only hints, and what holds beside more clauses is as good.
    wrong = None
    try:
        clauses, steps = parse_dimacs(formula.decode("ascii")), proof.decode("ascii")
        for any_kind in (False, True):
            result = check_proof(clauses, steps, check_rat=any_kind, apply_deletions=not any_kind)
            if result.ok:
                return None
            wrong = str(result.reason)
    except (ValueError, IndexError, KeyError) as error:
        return str(error)
    return wrong
