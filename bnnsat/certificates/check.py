"""Checking a certificate: `python -m bnnsat.certificates.check DIR`, or `bnnsat check DIR`.

Nothing of the search is imported here, and nothing that a certificate says is believed: the network is replayed by
the plain numpy reading, each formula is written anew by the plain encoder and compared byte by byte, and each
proof is checked. See docs/trust.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bnnsat.certificates.claim import CLAIM, DEFAULT, EXAMPLES, GIVEN, MODEL, Claim, fails
from bnnsat.certificates.drat import refutes
from bnnsat.certificates.question import ask
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.embedded import SETS
from bnnsat.data.lines import read_examples, sha256
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.problem import Problem
from bnnsat.shape import LEARNED
from bnnsat.types import Bits, Integers


class RefusedError(Exception):
    """Something in the certificate is wrong; the message says what."""


def check(
    folder: Path,
    *,
    checker: str | None = None,
    proofs: dict[str, Path] | None = None,
    data: str | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> str:
    """What is verified, in words. Raises RefusedError with what is wrong.

    `checker` is a program to check proofs with, `proofs` are other files for the questions of these names, `data`
    is where the data set is, if not where the certificate says. `note` is told what is being done.
    """
    try:
        return _checked(folder, checker, proofs or {}, data, note)
    except RefusedError:
        raise
    except (InputError, ValueError) as error:
        raise RefusedError(str(error)) from None
    except Exception as error:
        # Whatever goes wrong with a certificate, it is not verified.
        raise RefusedError(f"it cannot be read: {type(error).__name__} {error}".strip()) from None


def _checked(
    folder: Path, checker: str | None, proofs: dict[str, Path], data: str | None, note: Callable[[str], object]
) -> str:
    claim = Claim.loads(_read(folder / CLAIM))
    files = _files(folder, claim, proofs)
    model = Model.loads(files[MODEL], MODEL)
    inputs, labels = read_examples(files[EXAMPLES])
    shape = model.network.shape
    if inputs.shape[1] != shape.sizes[0] or not np.isin(labels, np.arange(shape.classes)).all():
        raise RefusedError(f"the examples do not fit a network {shape.topology}")
    if claim.class_weights and len(claim.class_weights) != shape.classes:
        raise RefusedError("the class weights do not fit the labels")
    problem = Problem.of(inputs, labels, claim.class_weights)
    note(f"replaying the network on {len(labels)} examples")
    if wrong := fails(claim, model.network, problem):
        raise RefusedError(wrong)
    needed = [question for question in claim.questions(shape) if not question.trivial(problem)]
    if set(claim.trees) != {question.name for question in needed}:
        raise RefusedError("the formulas are not those that the claim needs")
    for question in needed:
        name = question.name
        note(f"{name}: writing the formula anew")
        formula = ask(question, problem, claim.trees[name]).dimacs()
        if formula != files[f"{name}.cnf"]:
            raise RefusedError(f"{name}.cnf is not the formula of this claim")
        proof = files[f"{name}.drat"]
        note(f"{name}: checking a proof of {len(proof)} bytes")
        if wrong := refutes(formula, proof, checker):
            raise RefusedError(f"{name}.drat is no proof: {wrong}")
    return _words(claim, len(labels), len(needed), _source(claim, model, inputs, labels, data, note))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror or error}") from None


def _files(folder: Path, claim: Claim, proofs: dict[str, Path]) -> dict[str, bytes]:
    """The content of every file, read once: those that the claim names, except for proofs by others."""
    named = {MODEL, EXAMPLES} | {f"{name}.{kind}" for name in claim.trees for kind in ("cnf", "drat")}
    if set(claim.files) != named:
        raise RefusedError("the claim does not name the files that it needs")
    if unknown := proofs.keys() - claim.trees.keys():
        raise RefusedError(f"there is no formula {', '.join(sorted(unknown))}; there are {', '.join(claim.trees)}")
    others = {f"{name}.drat": path for name, path in proofs.items()}
    contents = {name: _read(others.get(name, folder / name)) for name in named}
    for name, digest in claim.files.items():
        if name not in others and sha256(contents[name]) != digest:
            raise RefusedError(f"{name} is not the file that the claim was made with")
    return contents


def _source(
    claim: Claim, model: Model, inputs: Bits, labels: Integers, data: str | None, note: Callable[[str], object]
) -> str:
    """Where the examples come from, as far as that can be seen here."""
    if not claim.task:
        return "examples, as the certificate has them"
    options = TaskOptions(**{**claim.task, **({} if data is None else {"data": data})})
    place = options.data
    if data is None and place not in SETS and Path(place).exists() and not Path(place).is_absolute():
        raise RefusedError(f"the data {place} are not named by their whole path; say where they are with --data")
    note(f"reading the data {place} again")
    try:
        task = options.task(model.network.shape.sizes[-1])
    except InputError as error:
        if data is not None or not Path(place).is_absolute() or Path(place).exists():
            raise
        return f"examples, as the certificate has them ({error})"
    same = np.array_equal(task.inputs, inputs) and np.array_equal(task.labels, labels)
    if not same or task.preprocessing != model.preprocessing:
        raise RefusedError(f"the data {place} do not give these examples")
    drawn = "" if options.samples is None and place not in SETS else f", drawn by seed {options.seed}"
    digit = "" if task.digit is None else f", digit {task.digit} against the rest"
    return f"examples of {task.name} ({task.preprocessing.binarizer.way}{digit}{drawn})"


def _words(claim: Claim, examples: int, proofs: int, source: str) -> str:
    weights = ", ".join(map(str, claim.class_weights))
    noun = ("error" if claim.errors == 1 else "errors") + (f", weighted {weights} by class," if weights else "")
    thresholds = {DEFAULT: "", LEARNED: ", any thresholds", GIVEN: ", these thresholds"}[claim.thresholds]
    kind = f"{claim.activation}{thresholds}{', ternary weights' if claim.kind == 'ternary' else ''}, head {claim.head}"
    fewer = "fewer" if claim.lower_bound == claim.errors else f"fewer than {claim.lower_bound}"
    parts = [f"{claim.errors} {noun} on {examples} {source}", f"no network {claim.topology} ({kind}) makes {fewer}"]
    if claim.margin is not None:
        parts.append(f"margin {claim.margin}, and none as good has more")
    if claim.nonzero is not None:
        parts.append(f"{claim.nonzero} weights other than 0, and none as good has fewer")
    parts += [f"no network {topology} ({claim.activation}{thresholds}) makes so few" for topology in claim.impossible]
    return "; ".join(parts) + (
        f" ({proofs} proof{'s' if proofs > 1 else ''} checked)" if proofs else " (no proof needed)"
    )


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(
        prog="bnnsat check", description="Check a certificate; exit code 1 if it is wrong."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--checker", help="another program for proofs: CHECKER FORMULA PROOF has to say VERIFIED")
    parser.add_argument("--proof", action="append", default=[], help="another proof, as QUESTION=FILE")
    parser.add_argument("--data", help="where the data set is, if not where the certificate says")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    proofs = {name: Path(path) for name, _, path in (given.partition("=") for given in options.proof)}

    def note(words: str) -> None:
        if not options.quiet:
            print(words, file=sys.stderr, flush=True)

    try:
        words, code = (
            f"VERIFIED: {check(options.folder, checker=options.checker, proofs=proofs, data=options.data, note=note)}",
            0,
        )
    except RefusedError as error:
        words, code = f"NOT VERIFIED: {error}", 1
    except KeyboardInterrupt:
        sys.exit(130)
    try:
        print(words, flush=True)
    except OSError as error:
        sys.stdout = sys.stderr
        print(f"bnnsat: cannot write to standard output: {error.strerror}", file=sys.stderr)
        code = InputError.exit_code
    sys.exit(code)


if __name__ == "__main__":
    main()
