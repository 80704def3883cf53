"""Checking a certificate: `python -m bnnsat.certificates.check DIR`, or `bnnsat check DIR`.

No search is imported, and nothing that a certificate says is believed: solutions are replayed by the numpy reading,
formulas written anew by the plain one and compared byte by byte, and proofs checked. See docs/trust.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bnnsat.certificates.claim import CLAIM, Claim, Statement
from bnnsat.certificates.drat import refutes
from bnnsat.certificates.refutation import Refutation
from bnnsat.data.lines import sha256
from bnnsat.errors import InputError, RefusedError

if TYPE_CHECKING:
    from bnnsat.questions.question import Question


def check(
    folder: Path | str,
    *,
    checker: str | None = None,
    proofs: Mapping[str, Path] | None = None,
    data: str | Path | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> str:
    """What is verified, in words. Raises RefusedError with what is wrong.

    Args:
        folder: the certificate.
        checker: a program to check proofs with, in place of dratify: CHECKER FORMULA PROOF has to say VERIFIED.
        proofs: other files for the proofs of these names.
        data: where the data set is, if not where the certificate says.
        note: is told what is being done.
    """
    try:
        claim = Claim.loads(Path(folder, CLAIM).read_bytes())
        files = _files(Path(folder), claim, proofs or {}, checker)
        words = _checked(claim, files, checker, note)
        if claim.source or claim.question == "box":
            # To read data again is more than what the claim rests on.
            from bnnsat.certificates.source import compared

            words.append(compared(claim, files, data, note))
    except (RefusedError, InputError) as error:
        raise RefusedError(str(error)) from None
    except OSError as error:
        raise RefusedError(f"{error.filename} cannot be read: {error.strerror or error}") from None
    except Exception as error:
        # Whatever goes wrong with a certificate, it is not verified.
        raise RefusedError(f"it cannot be read: {type(error).__name__} {error}".strip()) from None
    proved = sum(statement.trees is not None for statement in claim.impossible)
    least = {name for s in claim.attained for name, value in s.sums.items() if value and not claim.impossible}
    words += [f"of the fewest nothing is claimed but 0 <= {name}" for name in sorted(least)]
    return "; ".join([*words, f"{proved or 'no'} {'proof' if proved == 1 else 'proofs'} checked"])


def _checked(claim: Claim, files: Mapping[str, bytes], checker: str | None, note: Callable[[str], object]) -> list[str]:
    """Each statement in words, once it is verified."""
    question, words = claim.about(Statement({}), files), []
    named = [f"{s.name}.{ending}" for s in claim.impossible if s.trees is not None for ending in ("cnf", "drat")]
    if more := claim.files.keys() - {*question.files(), question.SOLUTION, *named}:
        raise RefusedError(f"{', '.join(sorted(more))} is none of the files that the claim needs")
    for statement in claim.attained:
        note("replaying the solution")
        question = claim.about(statement, files)
        found = question.attained(files)
        for name, value in statement.sums.items():
            if found.get(name) != value:
                raise RefusedError(f"the solution has {found.get(name, 'no')} {name}, not {value}")
        words.append(question.told({**statement.changes, **statement.sums}))
    for statement in claim.impossible:
        question, name = claim.about(statement, files), statement.name
        if not statement.sums.keys() <= {*question.sums} or (statement.counted and statement.trees is not None):
            raise RefusedError(f"{name} says more than what is checked")
        words.append(question.refuted(statement.sums))
        if statement.counted:
            note(f"{name}: counting")
            words.append(_counted(claim, statement, question))
            continue
        if statement.trees is None:
            if not question.certain(statement.sums):
                raise RefusedError(f"{name} needs a proof, and there is none")
            continue
        note(f"{name}: writing the formula anew")
        formula = Refutation.of(question, statement.sums, statement.trees, exchanged=statement.exchanged).dimacs()
        proof = files[f"{name}.drat"]
        if formula != files[f"{name}.cnf"]:
            raise RefusedError(f"{name}.cnf is not the formula of this claim")
        note(f"{name}: checking a proof of {len(proof)} bytes")
        if wrong := refutes(formula, proof, checker):
            raise RefusedError(f"{name}.drat is no proof: {wrong}")
    if claim.space:
        from bnnsat.certificates.space import whole

        words.append(whole(claim, files))
    return words


def _counted(claim: Claim, statement: Statement, question: Question) -> str:
    """What was counted for a statement, in words."""
    if question.KIND == "change":
        from bnnsat.certificates.recount import recounted

        return f"{recounted(cast(Any, question), statement.sums[question.UNIT])} sets of turned bits tried"
    if question.KIND == "box":
        from bnnsat.certificates.patterns import retried

        return retried(cast(Any, question), statement, claim.impossible)
    raise RefusedError(f"{statement.name} is no statement that is counted")


def _files(folder: Path, claim: Claim, proofs: Mapping[str, Path], checker: str | None) -> dict[str, bytes]:
    """The content of every file that the claim names, read once; of some proofs those by others."""
    others = {f"{name}.drat": path for name, path in proofs.items()}
    if unknown := others.keys() - claim.files.keys():
        raise RefusedError(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(claim.files)}")
    contents = {name: Path(others.get(name, folder / name)).read_bytes() for name in claim.files}
    for name, digest in claim.files.items():
        if name not in others and sha256(contents[name]) != digest:
            raise RefusedError(f"{name} is not the file that the claim was made with")
    if others and checker is None:
        # Certificates have proofs as text; those by others come in other forms, too.
        from bnnsat.certificates.foreign import text

        contents |= {name: text(contents[name]) for name in others}
    return contents


def main() -> None:
    """Check a certificate by the command line's arguments, and exit with 0 if it is verified, else with 1."""
    parser = argparse.ArgumentParser(prog="bnnsat check")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--checker")
    parser.add_argument("--proof", action="append", default=[])
    parser.add_argument("--data")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    proofs = {name: Path(path) for name, _, path in (given.partition("=") for given in options.proof)}

    def note(words: str) -> None:
        if not options.quiet:
            print(words, file=sys.stderr, flush=True)

    try:
        found = check(options.folder, checker=options.checker, proofs=proofs, data=options.data, note=note)
        words, code = f"VERIFIED: {found}", 0
    except RefusedError as error:
        words, code = f"NOT VERIFIED: {error}", 1
    except KeyboardInterrupt:
        sys.exit(130)
    try:
        # What a certificate says of itself cannot end the line, or steer a terminal.
        print("".join(c if c.isprintable() else ascii(c)[1:-1] for c in words), flush=True)
    except OSError as error:
        sys.stdout, code = sys.stderr, InputError.exit_code
        print(f"bnnsat: cannot write to standard output: {error.strerror}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
