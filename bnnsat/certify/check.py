"""Checking a certificate: `python -m bnnsat.certify.check DIR`, or `bnnsat check DIR`.

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

from bnnsat.certify.claim import CLAIM, EXAMPLES, MODEL, Claim, fails, read_examples, sha256
from bnnsat.certify.drat import refutes
from bnnsat.certify.question import Question, ask
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.problem import Problem
from bnnsat.errors import InputError
from bnnsat.model import Model
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
        claim = Claim.loads(_read(folder / CLAIM))
        _digests(folder, claim, set(proofs or ()))
        model = Model.load(folder / MODEL)
        inputs, labels = read_examples(_read(folder / EXAMPLES))
        shape = model.network.shape
        if inputs.shape[1] != shape.sizes[0] or not np.isin(labels, np.arange(shape.classes)).all():
            raise RefusedError(f"the examples do not fit a network {shape.topology}")
        if claim.class_weights and len(claim.class_weights) != shape.classes:
            raise RefusedError("the class weights do not fit the labels")
        problem = Problem.of(inputs, labels, claim.class_weights)
        note(f"replaying the network on {problem.examples} examples")
        if wrong := fails(claim, model.network, problem):
            raise RefusedError(wrong)
        questions = claim.questions(shape)
        needed = [question for question in questions if not question.trivial(problem)]
        if set(claim.trees) != {question.name for question in needed}:
            raise RefusedError("the formulas are not those that the claim needs")
        for question in needed:
            name = question.name
            proof = (proofs or {}).get(name, folder / f"{name}.drat")
            _impossible(question, problem, claim, folder / f"{name}.cnf", proof, checker, note)
        source = _source(claim, model, inputs, labels, data, note)
    except (InputError, TypeError, ValueError) as error:
        raise RefusedError(str(error)) from None
    return _words(claim, len(labels), len(needed), source)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror or error}") from None


def _digests(folder: Path, claim: Claim, replaced: set[str]) -> None:
    """Every file is the one that the claim names."""
    named = {MODEL, EXAMPLES} | {f"{name}.{kind}" for name in claim.trees for kind in ("cnf", "drat")}
    if set(claim.files) != named:
        raise RefusedError("the claim does not name the files that it needs")
    for name, digest in claim.files.items():
        if name.removesuffix(".drat") not in replaced and sha256(_read(folder / name)) != digest:
            raise RefusedError(f"{name} is not the file that the claim was made with")


def _impossible(
    question: Question,
    problem: Problem,
    claim: Claim,
    formula: Path,
    proof: Path,
    checker: str | None,
    note: Callable[[str], object],
) -> None:
    note(f"{question.name}: writing the formula anew")
    if ask(question, problem, claim.trees[question.name]).dimacs() != _read(formula):
        raise RefusedError(f"{formula.name} is not the formula of this claim")
    note(f"{question.name}: checking a proof of {len(_read(proof))} bytes")
    if wrong := refutes(formula, proof, checker):
        raise RefusedError(f"{proof.name} is no proof: {wrong}")


def _source(
    claim: Claim, model: Model, inputs: Bits, labels: Integers, data: str | None, note: Callable[[str], object]
) -> str:
    """Where the examples come from, as far as that can be seen here."""
    if not claim.task:
        return "examples as written in the certificate"
    try:
        options = TaskOptions(**claim.task)
    except TypeError as error:
        raise RefusedError(f"the claim's data: {error}") from None
    place = options.data if data is None else data
    note(f"reading the data {place} again")
    try:
        task = TaskOptions(**{**claim.task, "data": place}).task(model.network.shape.sizes[-1])
    except InputError as error:
        if data is not None or not Path(place).is_absolute() or Path(place).exists():
            raise
        return f"examples as written in the certificate ({error})"
    same = np.array_equal(task.inputs, inputs) and np.array_equal(task.labels, labels)
    if not same or task.preprocessing != model.preprocessing:
        raise RefusedError(f"the data {place} do not give these examples")
    return f"examples of {task.name}"


def _words(claim: Claim, examples: int, proofs: int, source: str) -> str:
    parts = [f"{claim.errors} errors on {examples} {source}"]
    if claim.lower_bound == claim.errors:
        parts.append(f"no network {claim.topology} ({claim.activation}) makes fewer")
    else:
        parts.append(f"no network {claim.topology} ({claim.activation}) makes fewer than {claim.lower_bound}")
    if claim.margin is not None:
        parts.append(f"margin {claim.margin}, and none has more")
    if claim.weights is not None:
        parts.append(f"{claim.weights} weights other than 0, and none has fewer")
    parts += [f"no network {topology} makes so few" for topology in claim.impossible]
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
        print("VERIFIED:", check(options.folder, checker=options.checker, proofs=proofs, data=options.data, note=note))
    except RefusedError as error:
        print("NOT VERIFIED:", error)
        sys.exit(1)


if __name__ == "__main__":
    main()
