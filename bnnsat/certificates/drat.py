"""Whether a DRAT proof refutes a formula."""

from __future__ import annotations

from contextlib import suppress

from dratify import CNF, check_proof, parse_dimacs, parse_proof


def refutes(formula: bytes, proof: bytes, checker: str | None = None) -> str | None:
    """None if a DRAT proof refutes a DIMACS formula, else what is wrong; by dratify or another program (`foreign`)."""
    if checker is not None:
        from bnnsat.certificates import foreign

        return foreign.refutes(formula, proof, checker)
    # Where it is installed (extra `proofs`) this makes dratify some fifteen times as fast.
    with suppress(ImportError):
        import cdclkit  # noqa: F401
    try:
        text = proof.decode("ascii")
        if _with_deletions(parse_dimacs(formula.decode("ascii")), parse_proof(text)):
            return None
        # Deletions are only hints that make checking quicker: a step that holds beside more clauses is as good.
        result = check_proof(parse_dimacs(formula.decode("ascii")), text, apply_deletions=False)
    except (ValueError, IndexError, KeyError) as error:
        return str(error)
    return None if result.ok else str(result.reason)


def _with_deletions(clauses: CNF, steps: list[tuple[str, tuple[int, ...]]]) -> bool:
    """Whether a proof is one where steps before its first deletion are of any kind, and follow by propagation after it.

    Of a deleted clause dratify keeps the literals that it had implied. They follow from the clauses as long as each
    step does, by propagation. So what may be added without that (definitions, say) is added first, to clauses that are
    all there: then there is a model still if there was one.
    """
    first = next((place for place, (kind, _) in enumerate(steps) if kind == "d"), len(steps))
    try:
        found = check_proof(clauses, steps[:first])
        if found.ok or found.failed_step > 0 or found.failed_clause is not None or found.steps != first:
            return bool(found.ok)
        for _, clause in steps[:first]:
            clauses.add(clause)
        return bool(check_proof(clauses, steps[first:], check_rat=False).ok)
    except ValueError:
        # Variables that only all of the text accounts for.
        return False
