"""What is claimed of a trained model, and of its answer for an example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bnnsat.certificates.claim import Claim, Statement
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.origin import Origin
from bnnsat.plural import counted
from bnnsat.questions.change import CHANGED, ChangeQuestion
from bnnsat.questions.parts import MODEL
from bnnsat.questions.property import INPUTS, PropertyQuestion
from bnnsat.questions.replay import replayed
from bnnsat.questions.robustness import INPUT, RobustnessQuestion, digits
from bnnsat.questions.sketch import FOUND, SketchQuestion
from bnnsat.questions.training import TrainingQuestion
from bnnsat.shape import Shape
from bnnsat.spelling import LEARNED, WEIGHTS
from bnnsat.types import Bits, Integers


def training_question(model: Model, inputs: Bits, labels: Integers) -> TrainingQuestion:
    """The question that a model is an answer to, with its thresholds free where they were learned.

    Args:
        model: a network.
        inputs: its training examples, (examples, n).
        labels: (examples,).
    """
    shape, origin = model.network.shape, model.origin
    if origin.thresholds == LEARNED:
        kind = WEIGHTS[shape.repeat - 1]
        shape = Shape.parse(shape.topology, shape.activation, shape.head, LEARNED, kind)
    return TrainingQuestion.on(inputs, labels, shape, origin.costs or ())


def training_claim(
    model: Model,
    question: TrainingQuestion,
    *,
    bound: int | None = None,
    impossible: Sequence[str] = (),
    data: str | Path | None = None,
) -> tuple[Claim, dict[str, bytes]]:
    """That a model makes so few errors, and that none does better, as far as its origin says; and its files.

    Args:
        model: the network, with its origin.
        question: about its training examples (see `training_question`).
        bound: no network makes fewer errors than this; what training proved, without.
        impossible: topologies of which no network makes so few.
        data: where the data set is now, if it is not where it was.

    Raises:
        InputError: the claim does not fit the model.
    """
    errors = question.attained({MODEL: model.dumps()})["errors"]
    origin, noted = model.origin, question.noted()
    if origin.errors not in (None, errors):
        raise InputError(
            f"the network makes {counted(errors, 'error')}, not {origin.errors}; "
            "are these the examples that it was trained on?"
        )
    bound = origin.lower_bound if bound is None else bound
    if bound is None:
        raise InputError("the model does not say what was proved of it; say which bound is to be claimed")
    attained, refuted = [Statement({"errors": errors})], [_fewer("errors", {"errors": bound - 1}, {})]
    if bound > errors:
        raise InputError(f"a lower bound of {bound} is above the {counted(errors, 'error')} that the network makes")
    if errors == bound:
        kept: dict[str, Any] = {}
        for criterion in origin.then:
            if criterion.status != "OPTIMAL":
                break
            if criterion.objective == "margin":
                kept = {"margin": criterion.value}
                attained.append(Statement({"errors": errors}, kept))
                if criterion.value < question.shape.matrices[-1][1]:
                    # No count is farther from a threshold than there is to be counted.
                    refuted.append(_fewer("margin", {"errors": errors}, {"margin": criterion.value + 1}))
            else:
                attained.append(Statement({"nonzero": criterion.value}))
                refuted.append(_fewer("sparse", {"errors": errors, "nonzero": criterion.value - 1}, kept))
    others = [(topology, _like(question.shape, topology)) for topology in impossible]
    refuted += [_fewer(f"not-{topology}", {"errors": errors}, {"shape": shape.noted()}) for topology, shape in others]
    source = _source(origin, data)
    claim = Claim(question.KIND, noted, tuple(attained), tuple(s for s in refuted if s is not None), source)
    return claim, {**question.files(), MODEL: model.dumps()}


def robustness_claim(
    question: RobustnessQuestion,
    radius: int,
    changed: Bits | None = None,
    example: int | None = None,
    data: str | Path | None = None,
) -> tuple[Claim, dict[str, bytes]]:
    """That no change of fewer than `radius` bits takes the network's label from an example; and the files.

    Args:
        question: about a model and an example.
        radius: bits.
        changed: an input, (n,), that has so many changed bits and another label, if one is known.
        example: which training example of the model it is, if it is one.
        data: where the data set is now, if it is not where it was.
    """
    files, attained = question.files(), []
    if changed is not None:
        files[INPUT] = (digits(changed) + "\n").encode()
        attained.append(Statement({"changes": replayed(question, {"inputs": changed}).value}))
    source = {} if example is None else {**_source(question.model.origin, data), "example": example}
    refuted = [] if radius < 1 else [Statement({"changes": radius - 1}, name="changes")]
    return Claim(question.KIND, question.noted(), tuple(attained), tuple(refuted), source), files


def change_claim(
    question: ChangeQuestion, bound: int, changed: Sequence[int] | None, *, counted: bool
) -> tuple[Claim, dict[str, bytes]]:
    """That no change below `bound` takes the network's label from an example; and the files.

    Args:
        question: about a model and an example.
        bound: what a change costs at least.
        changed: (values,) raw values with a change that does, if one is known.
        counted: whether all affordable changes are to be tried, in place of a formula with its proof.
    """
    files, attained = question.files(), []
    if changed is not None:
        files[CHANGED] = (" ".join(map(str, changed)) + "\n").encode()
        attained.append(Statement(question.attained(files)))
    refuted = [] if bound < 1 else [Statement({question.UNIT: bound - 1}, name="change", counted=counted)]
    return Claim(question.KIND, question.noted(), tuple(attained), tuple(refuted)), files


def property_claim(question: PropertyQuestion, refuting: tuple[Bits, Bits] | None) -> tuple[Claim, dict[str, bytes]]:
    """That a claim about all inputs holds, or that some refute it; and the files.

    Args:
        question: about a claim.
        refuting: (bits,) of an input and another that refute it; None where none do.
    """
    files = question.files()
    if refuting is None:
        return Claim(question.KIND, question.noted(), (), (Statement({question.UNIT: 0}, name=question.UNIT),)), files
    files[INPUTS] = ("\n".join(map(digits, refuting)) + "\n").encode()
    return Claim(question.KIND, question.noted(), (Statement(question.attained(files)),)), files


def sketch_claim(
    question: SketchQuestion, numbers: Mapping[str, Integers] | None, most: int | None
) -> tuple[Claim, dict[str, bytes]]:
    """What free variables of a sketch attain, and that none attain a sum of at most so much; and the files.

    Args:
        question: about a sketch.
        numbers: for its free variables, (*shape) by name; None where there are none.
        most: the sum that none attain; None where that is not claimed.
    """
    files, attained = question.files(), []
    if numbers is not None:
        files[FOUND] = question.found(numbers)
        attained.append(Statement(question.attained(files)))
    refuted = [] if most is None or most < 0 else [Statement({question.UNIT: most}, name=question.UNIT)]
    return Claim(question.KIND, question.noted(), tuple(attained), tuple(refuted)), files


def examples_of(model: Model, data: str | Path | None = None) -> Task:
    """The task that a model was trained on, made again.

    Args:
        model: with its origin.
        data: where the data set is now, if it is not where it was.

    Raises:
        InputError: its origin does not say, or the data cannot be read.
    """
    if model.origin.task is None:
        raise InputError(
            "the model does not say what it was trained on; give the examples, or a model that training saved"
        )
    options = model.origin.task if data is None else replace(model.origin.task, data=str(data))
    return Task.chosen(options, model.network.shape.sizes[-1])


def trained_on(model: Model, name: str, data: str | Path | None = None) -> Task:
    """The same, known to be the examples that the model was trained on.

    Args:
        model: with its origin.
        name: the model's, for errors.
        data: where the data set is now, if it is not where it was.

    Raises:
        InputError: the data are others, or the origin does not say.
    """
    task, origin = examples_of(model, data), model.origin
    if origin.digest is None:
        raise InputError(f"{name} has no digest of the examples that it was trained on; train it anew")
    fits = task.preprocessing == model.preprocessing and task.inputs.shape[1] == model.network.shape.sizes[0]
    if not fits or task.digest != origin.digest:
        raise InputError(
            f"the data that {name} names are not those that it was trained on; give those, or train it anew"
        )
    return task


def _source(origin: Origin, data: str | Path | None) -> dict[str, Any]:
    if origin.task is None:
        return {}
    return {"task": (origin.task if data is None else replace(origin.task, data=str(data))).noted()}


def _fewer(name: str, sums: Mapping[str, int], changes: Mapping[str, Any]) -> Statement | None:
    """That no solution has such sums; None where nobody needs to be told."""
    return Statement(sums, changes, name) if min(sums.values()) >= 0 else None


def _like(shape: Shape, topology: str) -> Shape:
    """The shape of another topology that is to do the same."""
    default = Shape.parse(shape.topology, shape.activation, shape.head, weights=WEIGHTS[shape.repeat - 1])
    free = any(shape.constants)
    if not free and shape != default:
        raise InputError(
            "other topologies have other thresholds; that none does as well can be claimed of a model "
            "with default or learned ones"
        )
    outputs = int(topology.split("-")[-1]) if topology.replace("-", "").isdigit() else 0
    head = shape.head if (outputs == 1) == (shape.head == "bit") else None
    other = Shape.parse(topology, shape.activation, head, LEARNED if free else (), WEIGHTS[shape.repeat - 1])
    if other.sizes[0] != shape.sizes[0] or other.sizes[-1] != shape.sizes[-1]:
        raise InputError(
            f"topology {topology} does not answer what {shape.topology} does; "
            f"start it with {shape.sizes[0]} and end it with {shape.sizes[-1]}"
        )
    return other
