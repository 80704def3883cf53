"""Training networks of whole numbers, from arrays to a certificate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bnnsat.certificates.certificate import write
from bnnsat.certificates.claim import Claim, Statement
from bnnsat.certificates.prover import Prover
from bnnsat.errors import InputError
from bnnsat.integers.model import IntegerModel
from bnnsat.integers.network import IntegerNetwork, checked, labelled
from bnnsat.integers.shape import IntegerShape
from bnnsat.plural import counted
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.parts import MODEL
from bnnsat.search.integers.run import Event, integers
from bnnsat.tables.fixed import FixedPoint
from bnnsat.types import Integers

OPTIMAL, FEASIBLE = "OPTIMAL", "FEASIBLE"


@dataclass(frozen=True, eq=False)
class IntegerTraining:
    """What a training found.

    Attributes:
        network: the best.
        errors: its errors on the training examples.
        lower_bound: proved; no network of the shape makes fewer.
        seconds: it took.
        events: better networks and bounds on the way.
        question: that was asked.
    """

    network: IntegerNetwork
    errors: int
    lower_bound: int
    seconds: float
    events: tuple[Event, ...] = field(repr=False)
    question: IntegersQuestion = field(repr=False)

    @property
    def status(self) -> str:
        """OPTIMAL, or FEASIBLE with a gap."""
        return OPTIMAL if self.errors == self.lower_bound else FEASIBLE

    @property
    def examples(self) -> int:
        """How many there were."""
        return len(self.question.labels)

    def predict(self, inputs: Any) -> Integers:
        """The label of each example, (examples,).

        Args:
            inputs: (examples, n) whole numbers.
        """
        return self.network.predict(inputs)

    def model(
        self,
        labels: tuple[Any, ...] = (),
        task: dict[str, Any] | None = None,
        shift: int = 0,
        columns: FixedPoint | None = None,
    ) -> IntegerModel:
        """The network with what was found out about it.

        Args:
            labels: what the labels 0, 1, ... are called.
            task: how the examples can be made again, as JSON.
            shift: lower bits of grey levels that are left out.
            columns: what made the inputs from the columns of a table.
        """
        digest = self.question.noted()["digest"]
        known = {"status": self.status, "errors": self.errors, "lower_bound": self.lower_bound}
        return IntegerModel(self.network, labels, shift, {**known, "digest": digest, "task": task}, columns)

    def certify(self, out: Path | str, *, prover: Prover | None = None) -> Claim:
        """Write a certificate of the errors, and that no network of the shape makes fewer than the bound.

        Args:
            out: the folder; it appears once it is complete.
            prover: how proofs are made.

        Raises:
            InputError: the folder is taken.
            ResourceError: the prover's deadline is past.
        """
        return certify_integers(self.question, self.network, self.lower_bound, out, prover=prover)


def train_integers(
    inputs: Any,
    labels: Any,
    shape: IntegerShape | str,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    start: IntegerNetwork | None = None,
    on_event: Callable[[Event, IntegerNetwork | None], object] | None = None,
) -> IntegerTraining:
    """The network of whole numbers with the fewest errors: found by descents and exact moves, proved by SAT.

    Args:
        inputs: (examples, n) whole numbers from 0 to 255; a `FixedPoint` makes them of a table of any numbers.
        labels: (examples,), from 0; of head exact any whole numbers.
        shape: of the network, or its topology, for inputs as wide as they need to be.
        time_limit: seconds; None for as long as the proof takes.
        seed: of whatever is random.
        start: a network of that shape that is known.
        on_event: is told of each better network or bound.

    Raises:
        InputError: the parts do not fit.
        KeyboardInterrupt: it was interrupted; what `on_event` was told stands.

    >>> xor = train_integers([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], "2-2-1")
    >>> xor.status, xor.errors, xor.predict([[1, 0], [1, 1]]).tolist()
    ('OPTIMAL', 0, [1, 0])
    """
    began = time.monotonic()
    if isinstance(shape, str):
        array = np.asarray(inputs)
        most = int(array.max()) if array.size and array.dtype.kind in "biu" else 1
        shape = IntegerShape.parse(shape, input_bits=max(1, most.bit_length()))
    question = IntegersQuestion(shape, checked(shape, inputs), labelled(shape, labels))
    run = integers(question, time_limit, seed, start=start, on_event=on_event)
    assert run.network is not None
    seconds = time.monotonic() - began
    return IntegerTraining(run.network, run.errors, run.lower_bound, seconds, tuple(run.events), question)


def certify_integers(
    question: IntegersQuestion,
    network: IntegerNetwork | None,
    bound: int,
    out: Path | str,
    *,
    impossible: tuple[IntegerShape, ...] = (),
    prover: Prover | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> Claim:
    """Write a certificate of a network's errors, and that no network of its shape makes fewer than a bound.

    Args:
        question: about the network's examples.
        network: the network; None to claim the bound alone.
        bound: no network makes fewer errors.
        out: the folder; it appears once it is complete.
        impossible: other shapes, no network of which makes as few errors.
        prover: how proofs are made.
        note: is told what is being done.

    Raises:
        InputError: the claim does not hold, or the folder is taken.
        ResourceError: the prover's deadline is past.
    """
    files, attained, refuted = question.files(), [], []
    if network is not None:
        files[MODEL] = IntegerModel(network).dumps()
        attained.append(Statement(question.attained(files)))
        errors = attained[0].sums[question.UNIT]
        if bound > errors:
            raise InputError(f"a lower bound of {bound} is above the {counted(errors, 'error')} that the network makes")
    if bound > 0:
        refuted.append(Statement({question.UNIT: bound - 1}, name=question.UNIT))
    least = attained[0].sums[question.UNIT] if attained else bound
    names = [(other.noted(), f"not-{other.topology}") for other in impossible]
    refuted += [Statement({question.UNIT: least}, {"shape": shape}, name) for shape, name in names]
    claim = Claim(question.KIND, question.noted(), tuple(attained), tuple(refuted))
    return write(claim, files, Path(out), prover or Prover(), note)
