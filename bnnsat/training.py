"""What exact training found: a network, what is proved of it, and what it was learned from."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnnsat import files
from bnnsat.criterion import Criterion
from bnnsat.data.chosen import TaskOptions
from bnnsat.data.lines import sha256, write_examples
from bnnsat.fitting import Given
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.options import Options
from bnnsat.origin import Origin
from bnnsat.plural import counted
from bnnsat.search.progress import Event
from bnnsat.shape import Shape
from bnnsat.spelling import GIVEN, LEARNED
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.files import written
from bnnsat.tables.frames import column, table_of
from bnnsat.tables.table import Table


@dataclass(frozen=True)
class Training:
    """What a run returns. Times are in seconds from its start.

    Attributes:
        shape: as it was asked for; learned thresholds are free in it.
        options: those of the run.
        network: the best that was found.
        errors: on the training examples, each counted with its cost.
        lower_bound: proved; no network of the shape makes fewer.
        examples: training examples.
        wrong: wrong training examples, whatever they cost.
        then: further objectives, in their order.
        events: each step.
        seconds: the whole run.
        seconds_encode: writing the formula that was written last; 0 if none was.
        variables: of that formula.
        clauses: of that formula.
        encoding: of that formula.
        solver: of that formula.
        stopped: why a run without proof ended: "time limit", "interrupted", "memory", "solver failed", or
            "goal accuracy": it was none of fewer errors.
        given: the examples as they were learned.
    """

    shape: Shape
    options: Options
    network: Network
    errors: int
    lower_bound: int
    examples: int
    wrong: int
    then: tuple[Criterion, ...]
    events: tuple[Event, ...]
    seconds: float
    seconds_encode: float
    variables: int
    clauses: int
    encoding: str
    solver: str
    stopped: str | None
    given: Given = field(compare=False, repr=False)

    def __repr__(self) -> str:
        words = [
            f"<Training of {self.shape.words}",
            f"{self.status}: {counted(self.errors, 'error')} of {counted(self.examples, 'example')}, "
            f"at least {self.lower_bound} proved, {self.seconds:.2f} s"
            + (f" ({self.stopped})" if self.stopped else ""),
            "predict(X), show(), model, save(path)>",
        ]
        return "\n ".join(words)

    def _repr_html_(self) -> str:
        return self.model._repr_html_()

    def show(self, format: str = "text") -> str:
        """What the network does, as `Model.show` says it.

        Args:
            format: text, markdown, html, svg or json.
        """
        return self.model.show(format)

    @property
    def model(self) -> Model:
        """The network with its inputs and labels, as `predict` and files take it."""
        origin = self.origin()
        return Model(self.network, self.given.preprocessing, origin, self.given.names)

    def origin(self, **more: Any) -> Origin:
        """Where the network comes from.

        Args:
            more: fields of an origin that only the data tell: `task`, `target`, `positive`, `classes`.
        """
        return Origin(
            status=self.status,
            errors=self.errors,
            lower_bound=self.lower_bound,
            wrong=self.wrong,
            examples=self.examples,
            then=self.then,
            digest=sha256(write_examples(self.given.inputs, self.given.labels)),
            costs=self.options.costs or None,
            thresholds=LEARNED if any(self.shape.constants) else GIVEN,
            **more,
        )

    def predict(self, inputs: Any) -> NDArray[Any]:
        """The label of each row, (rows,), as it is called.

        Args:
            inputs: as they were learned: bits, numbers, or a data frame with the same columns.

        Raises:
            InputError: they do not fit the network.
        """
        return self.model.predict(inputs)

    def save(self, path: Path | str) -> Model:
        """Write the model, and beside it the training examples, by which it can be certified.

        Args:
            path: of the model's file; the examples' has .examples.npz or .examples.parquet behind that name.

        Returns the model.

        Raises:
            InputError: a file cannot be written.
        """
        place, made = Path(path), self.given
        if made.table is None:
            beside = place.with_name(place.name + ".examples.npz")
            buffer = io.BytesIO()
            np.savez_compressed(buffer, X=made.inputs.astype(np.uint8), y=made.labels)
            chosen, content = TaskOptions(str(beside), binarize="bits"), buffer.getvalue()
            if isinstance(made.preprocessing.binarizer, TableBinarizer):
                # Columns of bits are known by their names.
                table = table_of(made.inputs, names=made.preprocessing.binarizer.columns)
                beside, content, chosen = _beside(place, table, made)
        else:
            beside, content, chosen = _beside(place, made.table, made)
        files.write(beside, content)
        model = Model(self.network, made.preprocessing, self.origin(task=chosen), made.names)
        model.save(place)
        return model

    @property
    def status(self) -> str:
        """OPTIMAL where the bound meets the errors, else FEASIBLE."""
        return "OPTIMAL" if self.errors == self.lower_bound else "FEASIBLE"

    @property
    def seconds_to_best(self) -> float:
        """When a network as good as the returned one was found."""
        best = self.errors, [level.value for level in self.then]
        same = (e.seconds for e in self.events if (e.errors, [level.value for level in e.then]) == best)
        return next(same, self.seconds)

    @property
    def seconds_to_proof(self) -> float | None:
        """When the bound met the errors."""
        met = (event.seconds for event in self.events if event.errors == event.lower_bound)
        return next(met, None) if self.status == "OPTIMAL" else None


def _beside(place: Path, table: Table, made: Given) -> tuple[Path, bytes, TaskOptions]:
    """Where the columns and labels go, their file's content, and how they are made examples again."""
    beside = place.with_name(place.name + ".examples.parquet")
    name = next(name for name in ("label", "label of bnnsat") if name not in table.names)
    answers = column([made.names[code] if made.names else code for code in made.labels.tolist()], name, name)
    content = written(Table((*table.columns, answers), table.source), beside.name)
    return beside, content, TaskOptions(str(beside), target=name)
