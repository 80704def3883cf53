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
    try:
        # Deletions are only hints that make checking quicker, and dratify forgets to take back what a deleted clause
        # had implied; a step that holds beside more clauses is as good.
        result = check_proof(parse_dimacs(formula.decode("ascii")), proof.decode("ascii"), apply_deletions=False)
    except (ValueError, IndexError, KeyError) as error:
        return str(error)
    return None if result.ok else str(result.reason)
