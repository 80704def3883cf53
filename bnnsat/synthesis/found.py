"""What was found for a sketch: its holes, and what is proved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat.certificates.certify import certify_sketch
from bnnsat.certificates.claim import Claim
from bnnsat.certificates.prover import Prover
from bnnsat.errors import InputError
from bnnsat.exports.export import export, kind_of
from bnnsat.exports.side import Side
from bnnsat.exports.source import TextSource
from bnnsat.questions.sketch import VERIFY, SketchQuestion
from bnnsat.sketch.numbers import Numbers
from bnnsat.sketch.program import ordered
from bnnsat.sketch.tracing import Traced, traced
from bnnsat.synthesis.examples import described, fixed, numbers

SOLVED, OPTIMAL, FEASIBLE, IMPOSSIBLE, PROVED, REFUTED, UNKNOWN = (
    *("SOLVED", "OPTIMAL", "FEASIBLE", "IMPOSSIBLE"),
    *("PROVED", "REFUTED", "UNKNOWN"),
)

MOST_COUNTED = 5_000
"""The largest sum that a certificate is made of."""


@dataclass(frozen=True)
class Step:
    """A solution on the way, or a better bound.

    Attributes:
        seconds: since the beginning.
        value: the best so far; None before there is one.
        bound: what is proved: nothing is better.
    """

    seconds: float
    value: int | None
    bound: int | None


@dataclass(frozen=True, eq=False)
class Found:
    """The answer to a question about a sketch.

    Attributes:
        status: SOLVED, OPTIMAL, FEASIBLE (the time was over), IMPOSSIBLE (proved), PROVED or REFUTED (of what is
            claimed of all inputs), UNKNOWN (the time was over).
        holes: numbers for the holes, by name; empty where there are none.
        value: what is least, or most; None where nothing is.
        bound: nothing is better than this; None where nothing is known.
        inputs: that refute a claim, by name; empty where none do.
        seconds: it took.
        steps: solutions on the way.
        question: that was answered last, for `certify` and `export`.
        traced: the sketch.
    """

    status: str
    holes: Mapping[str, Any]
    value: int | None
    bound: int | None
    inputs: Mapping[str, Any]
    seconds: float
    steps: tuple[Step, ...] = field(repr=False)
    question: SketchQuestion = field(repr=False)
    traced: Traced = field(repr=False)

    def __call__(self, *inputs: Any) -> Any:
        """What the sketch computes with the holes that were found: a number, or an array.

        Args:
            inputs: one for each of the sketch's; all with one axis more in front for many at once.

        Raises:
            InputError: they do not fit, or no holes were found.
        """
        if not self.holes and self.traced.holes:
            raise InputError(f"there are no holes to compute with: {self.status}")
        if len(inputs) != len(self.traced.inputs):
            raise InputError(f"the sketch takes {len(self.traced.inputs)} inputs, not {len(inputs)}")
        arrays = [numbers(values, f"input {name!r}") for name, values in zip(self.traced.inputs, inputs, strict=True)]
        forms = self.traced.inputs.values()
        many = bool(arrays) and all(a.ndim == node.ndim + 1 for a, node in zip(arrays, forms, strict=True))
        rows = dict(zip(self.traced.inputs, arrays if many else [a[np.newaxis] for a in arrays], strict=True))
        if arrays and not all(len(values) for values in rows.values()):
            raise InputError("there are no inputs; give one or more")
        # Read anew: inputs that the sketch does not describe may be other ones than the examples were.
        made = traced(self.traced.sketch, {name: described(name, values) for name, values in rows.items()})
        for name, values in rows.items():
            low, high = made.inputs[name].form.low, made.inputs[name].form.high
            if values.shape[1:] != self.traced.inputs[name].shape or (values < low).any() or (values > high).any():
                raise InputError(
                    f"input {name!r} has shape {self.traced.inputs[name].shape} and numbers from {low} to {high}"
                )
        rows |= fixed(self.holes, made.holes)
        judge = Numbers({node: rows[name] for name, node in {**made.inputs, **made.holes}.items()})
        for node in ordered((made.output,)):
            judge.value(node)
        found = judge.value(made.output)
        assert found is not None
        return found if many else found[0] if made.output.shape else int(found[0])

    def certify(self, out: Path | str, *, prover: Prover | None = None) -> Claim:
        """Write a certificate of what was found and proved, which `bnnsat check` verifies.

        Args:
            out: the folder; it appears once it is complete.
            prover: how proofs are made.

        Raises:
            InputError: nothing was found out, or the folder is taken.
            ResourceError: the prover's deadline is past.
        """
        if self.status == UNKNOWN:
            raise InputError("nothing was found out, so there is nothing to certify; give it more time")
        question, found, bound = self.question, self.holes, None
        if question.goal == VERIFY:
            # Without a sum, that there is no solution is that none has the sum 0.
            found, bound = self.inputs, None if self.inputs else 1
        elif self.status == IMPOSSIBLE:
            question, bound = question.unbounded(), 1
        elif self.bound is not None:
            bound = question.loss_of(self.bound)
            if bound > MOST_COUNTED:
                raise InputError(
                    f"certificates count in unary, up to {MOST_COUNTED}, and this would be {bound}; ask for what is to "
                    "be best in larger units"
                )
        numbers = {name: np.asarray(values, dtype=np.int64) for name, values in found.items()}
        return certify_sketch(question, numbers or None, bound, out, prover=prover)

    def export(self, out: Path | str, *, value: int | None = None, format: str | None = None) -> Side:
        """Write the question as a formula for other solvers; `bnnsat import-model` reads what these say.

        Formats that ask for the least (wcnf, opb) need no value. Others ask for what is as good as a value: without
        one, as what was found, or for any solution where none was.

        Args:
            out: the file, whose name's ending says the format.
            value: that is to be attained.
            format: in place of the ending.

        Raises:
            InputError: the parts do not fit each other, or the file cannot be written.
        """
        question, asked = self.question, self.value if value is None else value
        bound: int | None = None
        if kind_of(out, format) != "optimisation":
            if question.program.objective is not None and asked is not None:
                bound = question.loss_of(asked)
            else:
                question, bound = question.unbounded(), 0
        return export(question, out, source=TextSource.of(question), bound=bound, format=format)

    def noted(self) -> dict[str, Any]:
        """The answer as JSON, without the question."""
        lists = {name: np.asarray(values).tolist() for name, values in self.holes.items()}
        inputs = {name: np.asarray(values).tolist() for name, values in self.inputs.items()}
        return {
            "status": self.status,
            "sketch": self.traced.name,
            "holes": lists,
            "value": self.value,
            "bound": self.bound,
            "inputs": inputs,
            "seconds": self.seconds,
            "steps": [[step.seconds, step.value, step.bound] for step in self.steps],
        }
