"""What distilling found: a program, and what is known of how it differs from what it stands for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from bnnsat import files
from bnnsat.certificates.certificate import write
from bnnsat.certificates.certify import certify_property
from bnnsat.certificates.claim import Claim
from bnnsat.certificates.prover import LateError, Prover
from bnnsat.distilling.differing import Disagreement
from bnnsat.distilling.equality import EQUAL, Attempt
from bnnsat.distilling.families import Member
from bnnsat.distilling.manner import Manner
from bnnsat.distilling.refuting import family_claim
from bnnsat.distilling.source import Source
from bnnsat.distilling.tree import Tree
from bnnsat.drawing.cards import reading
from bnnsat.drawing.text import text
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.questions.property import EQUAL as ASKED
from bnnsat.questions.property import PropertyQuestion
from bnnsat.types import Bits

MODEL, RESULT = "model.json", "result.json"


@dataclass(frozen=True, eq=False)
class Distilled:
    """A program in place of a network or another black box.

    Attributes:
        status: EQUAL (proved of all inputs), CONSISTENT (with all random queries), IMPOSSIBLE (proved: no program of
            the family says the same of all inputs that were asked about), UNKNOWN (the time was over, or queries were
            too few for any claim).
        family: of the program.
        topology: of the program's shape, or the depth of a tree; None without a program.
        model: the program; None without one.
        errors: inputs of which it says something else, among the `queries`; None without a program.
        queries: inputs by whose labels the program was chosen.
        claim: what is known, in words.
        disagreement: how often the program and what it stands for differ, where that is known; also of fresh queries.
        epsilon: the disagreement is at most this with a probability of 1 - delta; None where that is not claimed.
        delta: see epsilon.
        total: inputs that there are.
        shapes: that were tried.
        seconds: it took.
        source: what was distilled.
        tree: the program as a tree, where it is one.
        refuting: (rows, bits) inputs of which no program of any of the family's shapes, `members`, says what the
            network says; None where that was not proved of a network.
        members: the family's shapes.
    """

    status: str
    family: str
    topology: str | None
    model: Model | None = field(repr=False)
    errors: int | None
    queries: int
    claim: str
    disagreement: Disagreement | None
    epsilon: float | None
    delta: float | None
    total: int
    shapes: tuple[Attempt, ...]
    seconds: float
    source: Source = field(repr=False)
    tree: Tree | None = field(repr=False)
    refuting: Bits | None = field(default=None, repr=False)
    members: tuple[Member, ...] = field(default=(), repr=False)

    @property
    def rules(self) -> list[str]:
        """The program in words, a line each; none without a program."""
        if self.model is None:
            return []
        if self.tree is None:
            return text(reading(self.model)).rstrip().splitlines()
        names = self.source.inputs.names
        called = [str(label) for label in self.model.labels or (0, 1)]
        return self.tree.rules([names[bit] for bit in self.source.bits], called)

    def __str__(self) -> str:
        return "\n".join([f"{self.status}: {self.claim}", *([""] if self.rules else []), *self.rules])

    def predict(self, inputs: Any) -> NDArray[Any]:
        """The program's label of each row, (rows,), as it is called.

        Args:
            inputs: (rows, inputs), as what was distilled takes them.

        Raises:
            InputError: they do not fit, or there is no program.
        """
        return self._there().predict(inputs)

    def noted(self) -> dict[str, Any]:
        """The result as JSON."""
        return {
            "status": self.status,
            "family": self.family,
            "topology": self.topology,
            "errors": self.errors,
            "queries": self.queries,
            "claim": self.claim,
            "rules": self.rules,
            "disagreement": None if self.disagreement is None else asdict(self.disagreement),
            "epsilon": self.epsilon,
            "delta": self.delta,
            "inputs": self.total,
            "shapes": [asdict(shape) for shape in self.shapes],
            "seconds": self.seconds,
        }

    def save(self, folder: Path | str) -> None:
        """Write result.json, and model.json where there is a program.

        Args:
            folder: of both; it is made where there is none.

        Raises:
            InputError: they cannot be written.
        """
        place = files.folder(Path(folder))
        if self.model is not None:
            self.model.save(place / MODEL)
        files.write(place / RESULT, (json.dumps(self.noted(), indent=1) + "\n").encode())

    def certify(self, out: Path | str, *, prover: Prover | None = None) -> Claim:
        """Write a certificate of what was proved, which `bnnsat check` verifies.

        Where the status is EQUAL: that the program says the same as the network. Where it is IMPOSSIBLE: that no
        program of the family does, of each shape with a proof about few inputs.

        Args:
            out: the folder; it appears once it is complete.
            prover: how proofs are made.

        Returns the claim.

        Raises:
            InputError: that was not proved, or the folder is taken.
            ResourceError: the prover's deadline is past.
        """
        prover = prover or Prover()
        if self.refuting is not None:
            manner = Manner(jobs=1, deadline=prover.deadline)
            try:
                claim, contents = family_claim(self.source, self.members, self.refuting, manner)
            except TimeoutError:
                raise LateError("there was no time to find few inputs for proofs; give more") from None
            return write(claim, contents, Path(out), prover)
        if self.status != EQUAL:
            raise InputError(
                f"{self.status}: a certificate is of what was proved of a network; there is none to be written"
            )
        assert self.source.model is not None
        question = PropertyQuestion.on(self.source.model, ASKED, other=self._there(), label=self.source.label)
        return certify_property(question, None, out, prover=prover)

    def _there(self) -> Model:
        if self.model is None:
            raise InputError(f"{self.status}: there is no program; give more time")
        return self.model
