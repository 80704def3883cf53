"""A question as a file in one of the formats, and the file beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnnsat import files
from bnnsat.circuit.cnf import FALSE, TRUE, Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.encodings.catalogue import Encoding, usable
from bnnsat.encodings.defaults import encoding_for
from bnnsat.encodings.orders import reading_order
from bnnsat.errors import InputError
from bnnsat.exports.best import attained
from bnnsat.exports.formats import FORMATS, constant, constraints
from bnnsat.exports.instance import Instance, asked_for
from bnnsat.exports.side import Side
from bnnsat.exports.source import Source
from bnnsat.questions.formula import encode
from bnnsat.questions.question import Question
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.least import Best
from bnnsat.types import Integers, Literals
from bnnsat.version import __version__


@dataclass(frozen=True)
class Form:
    """How a question is written.

    Attributes:
        format: one of `formats.FORMATS`.
        kind: decision, optimisation, loop or cardinality.
        encoding: of its counts or comparisons.
        order: of the literals of counts.
    """

    format: str
    kind: str
    encoding: Encoding
    order: str = "given"

    @classmethod
    def of(cls, name: str, question: Question, encoding: str = "auto", order: str = "given", *, bounded: bool) -> Form:
        """The form by the names of its parts.

        Args:
            name: of the format.
            question: what is asked.
            encoding: its name; auto for the default.
            order: of the literals of counts.
            bounded: whether a bound is asked about.

        Raises:
            InputError: the parts do not fit each other.
        """
        kind, activation = FORMATS[name][0], (*question.neurons, "popcount")[0]
        # Whether there is something so good can be asked in linear constraints as well.
        kind = "cardinality" if name == "opb" and bounded else kind
        if name == "bnn" and not question.neurons:
            raise InputError("format bnn has a line for each popcount neuron, and there are none; take another format")
        if name == "bnn" and activation != "popcount":
            raise InputError(
                f"format bnn has a line for each popcount neuron, and the activation is {activation}; "
                "take activation popcount, or another format"
            )
        if encoding == "auto":
            native = name == "bnn" or (name == "opb" and activation == "popcount")
            encoding = "native" if native else encoding_for(activation)
        entry = usable(encoding, activation)
        if name == "bnn" and encoding != "native":
            raise InputError(f"format bnn has a line for each neuron, not clauses of encoding {encoding}; leave it out")
        if encoding == "native" and name not in ("bnn", "opb"):
            raise InputError(f"format {name} has only clauses for counts; native is for bnn and opb")
        return cls(name, kind, entry, order)


@dataclass(frozen=True, eq=False)
class Exported:
    """An instance and all that is written about it.

    Attributes:
        instance: the formula, and what is asked of it.
        form: how it is written.
        parameters: lines for readers of the file.
        about: what is written beside it.
    """

    instance: Instance
    form: Form
    parameters: dict[str, Any]
    about: dict[str, Any]

    @classmethod
    def of(
        cls, question: Question, source: Source | None, form: Form, bound: int, best: Best | None = None
    ) -> Exported:
        """The instance, and what is known of it.

        Args:
            question: what is asked.
            source: where what it is about can be had again; None where nobody can tell.
            form: how it is written.
            bound: the objective is at most so much, where the form has a bound.
            best: what is known of the least value.
        """
        circuit = Circuit(Cnf())
        made = encode(question, circuit, [form.encoding], _order(question, form.order))
        start = attained(question, 0 if source is None else source.seed) if form.kind == "loop" else 0
        instance = asked_for(circuit, made.objective, form.kind, bound, start)
        asked = None if form.kind == "optimisation" else bound
        how = {"encoding": form.encoding.name, "literal_order": form.order}
        expected = None
        if best is not None:
            answer = best.answer(None if form.kind in ("optimisation", "loop") else bound)
            expected = {"answer": answer, question.UNIT: best.value, "by": best.by}
        # What a solver minimises leaves out what is certain.
        offset = constant(instance, form.format)
        told = {question.UNIT: f"cost + {offset}"} if form.kind == "optimisation" else {}
        about = {
            "question": question.KIND,
            "kind": form.kind,
            "bound": asked,
            "noted": question.noted(),
            "source": {} if source is None else source.noted(),
            **how,
            "expected": expected,
            "variables": circuit.cnf.variables,
            "constraints": constraints(instance, form.format),
            "constant": offset,
            "groups": {key: _named(literals) for key, literals in circuit.cnf.groups.items()},
        }
        return cls(
            instance,
            form,
            {
                **({} if source is None else source.parameters()),
                **_flat(question.noted()),
                **how,
                "bound": asked,
                **told,
            },
            about,
        )

    def pieces(self) -> Iterator[bytes]:
        """The file, as it is unpacked."""
        lines = [f"{key} = {json.dumps(value)}" for key, value in self.parameters.items()]
        first = f"bnnsat export {__version__}: {self.form.kind}"
        return FORMATS[self.form.format][1](self.instance, [first, *lines])

    def digest(self) -> str:
        """Its SHA-256."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()

    def write(self, out: Path) -> Side:
        """The formula as a file, and OUT.json beside it; an error while writing leaves both as they were.

        Args:
            out: the file; .gz and .xz are packed.

        Raises:
            InputError: it cannot be written.
        """
        side, beside = Side({"file": out.name, **self.about}), out.with_name(out.name + ".json")
        with files.staged(beside, (side.dumps(),)), files.staged(out, self.pieces(), packing=True):
            return side


def _order(question: Question, name: str) -> Integers | None:
    if isinstance(question, TrainingQuestion):
        return reading_order(question.problem, question.shape, name)
    if name != "given":
        raise InputError("literal orders are those of training's examples; leave the order out")
    return None


def _flat(noted: dict[str, Any]) -> dict[str, Any]:
    """A question as JSON in one level."""
    flat: dict[str, Any] = {}
    for key, value in noted.items():
        flat |= _flat(value) if isinstance(value, dict) else {key: value}
    return flat


def _named(literals: Literals) -> Any:
    """An array of literals as lists, its constants as true and false."""
    named = literals.astype(object)
    named[literals == TRUE], named[literals == FALSE] = True, False
    return named.tolist()
