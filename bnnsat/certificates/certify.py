"""From a trained model to a certificate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bnnsat.certificates.certificate import write
from bnnsat.certificates.claim import Claim
from bnnsat.certificates.models import (
    change_claim,
    examples_of,
    property_claim,
    robustness_claim,
    sketch_claim,
    trained_on,
    training_claim,
    training_question,
)
from bnnsat.certificates.prover import Prover
from bnnsat.certificates.recount import recountable
from bnnsat.data.lines import sha256, write_examples
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.plural import counted
from bnnsat.questions.change import ChangeQuestion
from bnnsat.questions.property import PropertyQuestion
from bnnsat.questions.robustness import RobustnessQuestion
from bnnsat.questions.sketch import SketchQuestion
from bnnsat.search.least import NoSolutionError, least
from bnnsat.training import Training
from bnnsat.typed import typed
from bnnsat.types import Bits, Integers


def certify(
    model: Model | Training,
    out: Path | str,
    *,
    bound: int | None = None,
    impossible: Sequence[str] = (),
    data: str | Path | None = None,
    examples: tuple[Bits, Integers] | None = None,
    prover: Prover | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> Claim:
    """Write a certificate that no network of its shape is better than a model, as far as that was proved.

    Args:
        model: what was trained, with its origin; or what `train` returned, which knows its examples.
        out: the folder; it appears once it is complete.
        bound: claim that no network makes fewer errors than this, in place of what training proved.
        impossible: claim, too, that no network of these topologies is as good.
        data: where the data set is, if it is not where it was.
        examples: inputs (examples, n) and labels (examples,) of the training, where they come from no data set.
        prover: how proofs are made.
        note: is told what is being done.

    Returns the claim.

    Raises:
        InputError: the claim does not hold, or the folder is taken.
        ResourceError: the prover's deadline is past.
    """
    if isinstance(model, Training):
        examples = model.given.inputs, model.given.labels
        model = model.model
    typed(model, Model, "model")
    typed(prover or Prover(), Prover, "prover")
    if bound is not None and not (type(bound) is int and bound >= 0):
        raise InputError(f"bound {bound!r} is none; give a whole number of errors from 0")
    if examples is None:
        task = examples_of(model, data) if model.origin.digest is None else trained_on(model, "the model", data)
        examples = task.inputs, task.labels
    elif model.origin.digest not in (None, sha256(write_examples(*examples))):
        raise InputError("these are not the examples that the model was trained on")
    if model.origin.digest is None:
        note("the model has no digest of its examples: that these are the same is seen by the number of errors alone")
    question = training_question(model, *examples)
    claim, files = training_claim(model, question, bound=bound, impossible=impossible, data=data)
    return write(claim, files, Path(out), prover or Prover(), note)


def certify_robustness(
    model: Model,
    example: int | Bits | Sequence[int],
    out: Path | str,
    *,
    radius: int | None = None,
    data: str | Path | None = None,
    prover: Prover | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> Claim:
    """Write a certificate that no change of fewer than so many bits takes a model's label from an example.

    Args:
        model: a network.
        example: which of the examples that the model was trained on, or the network's own input bits, (n,).
        out: the folder; it appears once it is complete.
        radius: bits; without, the fewest that have to change, which are found first, and then a changed example is
            in the certificate, too.
        data: where the data set of the training is, if it is not where it was.
        prover: how proofs are made, and the deadline of everything.
        note: is told what is being done.

    Returns the claim.

    Raises:
        InputError: the claim does not hold, or the folder is taken.
        ResourceError: the prover's deadline is past.
    """
    typed(model, Model, "model")
    typed(prover or Prover(), Prover, "prover")
    if radius is not None and not (type(radius) is int and radius >= 1):
        raise InputError(f"radius {radius!r} is none; give a whole number of bits from 1")
    neither = InputError(f"example {example!r} is neither the number of an example nor an input's bits")
    try:
        prover, number, bits = prover or Prover(), None, np.asanyarray(example)
    except ValueError:
        raise neither from None
    if bits.ndim == 0:
        if not np.issubdtype(bits.dtype, np.integer):
            raise neither
        number, task = int(bits), trained_on(model, "the model", data)
        if not 0 <= number < len(task.inputs):
            raise InputError(f"there is no example {number}; they are 0 to {len(task.inputs) - 1}")
        bits = task.inputs[number]
    question = RobustnessQuestion.on(model, bits)
    # Before anything is searched for: a network that names no label for the example has none to be kept.
    _ = question.label
    if radius is not None and radius > len(question.example) + 1:
        raise InputError(
            f"radius {radius} is too large: an input has {counted(len(question.example), 'bit')}; "
            f"give at most {len(question.example) + 1}, which says that no change at all does it"
        )
    changed = None
    if radius is None:
        note("looking for the fewest changes")
        radius, changed = _fewest(question, prover)
        note(
            f"{radius} changed {'bit suffices' if radius == 1 else 'bits suffice'}"
            if changed is not None
            else "no change suffices"
        )
    claim, files = robustness_claim(question, radius, changed, number, data)
    return write(claim, files, Path(out), prover, note)


def certify_change(
    question: ChangeQuestion,
    bound: int,
    changed: Sequence[int] | None,
    out: Path | str,
    *,
    prover: Prover | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> Claim:
    """Write a certificate of the least change of an example.

    Where the network is of popcounts with a hidden layer, `check` tries all affordable changes; else there is a proof.

    Args:
        question: about a model and an example.
        bound: what a change costs at least.
        changed: (values,) raw values with a change that does, if one is known.
        out: the folder; it appears once it is complete.
        prover: how proofs are made.
        note: is told what is being done.

    Returns the claim.

    Raises:
        InputError: the claim does not hold, or the folder is taken.
        ResourceError: the prover's deadline is past.
    """
    claim, files = change_claim(question, bound, changed, counted=recountable(question, bound - 1))
    return write(claim, files, Path(out), prover or Prover(), note)


def certify_property(
    question: PropertyQuestion,
    refuting: tuple[Bits, Bits] | None,
    out: Path | str,
    *,
    prover: Prover | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> Claim:
    """Write a certificate that a claim about all inputs holds, or of inputs that refute it.

    Args:
        question: about a claim.
        refuting: (bits,) of an input and another that refute it; None where none do.
        out: the folder; it appears once it is complete.
        prover: how proofs are made.
        note: is told what is being done.

    Returns the claim.

    Raises:
        InputError: it does not hold, or the folder is taken.
        ResourceError: the prover's deadline is past.
    """
    claim, files = property_claim(question, refuting)
    return write(claim, files, Path(out), prover or Prover(), note)


def certify_sketch(
    question: SketchQuestion,
    numbers: Mapping[str, Integers] | None,
    bound: int | None,
    out: Path | str,
    *,
    prover: Prover | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> Claim:
    """Write a certificate of what a sketch's free variables attain, and of what none do.

    Args:
        question: about a sketch.
        numbers: for its free variables, (*shape) by name; None where there are none.
        bound: the least that its sum can be, as was proved; None where nothing is claimed impossible.
        out: the folder; it appears once it is complete.
        prover: how proofs are made.
        note: is told what is being done.

    Returns the claim.

    Raises:
        InputError: it does not hold, or the folder is taken.
        ResourceError: the prover's deadline is past.
    """
    claim, files = sketch_claim(question, numbers, None if bound is None else bound - 1)
    return write(claim, files, Path(out), prover or Prover(), note)


def _fewest(question: RobustnessQuestion, prover: Prover) -> tuple[int, Bits | None]:
    """The fewest changes with an input that has them; one more than there are bits where no change does it."""
    try:
        found = least(question, prover.left)
    except NoSolutionError:
        return len(question.example) + 1, None
    return found.value, None if found.solution is None else found.solution["inputs"]
