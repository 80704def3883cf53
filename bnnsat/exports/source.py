"""Where what an exported question is about can be had again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from bnnsat.data.chosen import TaskOptions
from bnnsat.data.lines import write_examples
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.model import Model, file_of
from bnnsat.questions.parts import EXAMPLES, MODEL
from bnnsat.questions.question import Question


@dataclass(frozen=True)
class ExamplesSource:
    """A task, for a network with so many outputs.

    Attributes:
        options: which data, and what is made of them.
        outputs: the network's, from 1.
    """

    options: TaskOptions
    outputs: int

    @property
    def seed(self) -> int:
        """Of whatever is random."""
        return self.options.seed

    @cached_property
    def task(self) -> Task:
        """The task."""
        return Task.chosen(self.options, self.outputs)

    def files(self) -> dict[str, bytes]:
        """The training examples as text."""
        return {EXAMPLES: write_examples(self.task.inputs, self.task.labels)}

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        return {"task": self.options.noted(), "outputs": self.outputs}

    def parameters(self) -> dict[str, Any]:
        """What a reader of the formula wants to know."""
        chosen = {key: value for key, value in self.options.noted().items() if value is not None}
        return {**chosen, "data": self.options.data}


@dataclass(frozen=True)
class ModelSource:
    """A model file.

    Attributes:
        path: the file, or the folder that holds it.
        seed: of whatever is random.
    """

    path: Path
    seed: int = 0

    def files(self) -> dict[str, bytes]:
        """The model."""
        # What it is not is said by whoever reads models.
        Model.load(self.path)
        return {MODEL: file_of(self.path).read_bytes()}

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        return {"model": str(file_of(self.path).resolve())}

    def parameters(self) -> dict[str, Any]:
        """What a reader of the formula wants to know."""
        network = Model.load(self.path).network
        return {"binarize": Model.load(self.path).preprocessing.binarizer.way, **network.shape.noted()}


@dataclass(frozen=True)
class TextSource:
    """What a question is about itself, small enough to lie beside the formula.

    Attributes:
        texts: contents of its files, by name.
        seed: of whatever is random.
    """

    texts: Mapping[str, str]
    seed: int = 0

    @classmethod
    def of(cls, question: Question) -> TextSource:
        """That of a question.

        Args:
            question: whose files are texts.
        """
        return cls({name: content.decode("utf-8") for name, content in question.files().items()})

    def files(self) -> dict[str, bytes]:
        """The files."""
        return {name: text.encode() for name, text in self.texts.items()}

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        return {"texts": dict(self.texts)}

    def parameters(self) -> dict[str, Any]:
        """Nothing but what the question says of itself."""
        return {}


Source = ExamplesSource | ModelSource | TextSource


def source_of(noted: Mapping[str, Any], place: str | None = None) -> Source:
    """The source that was noted.

    Args:
        noted: what `noted` of a source returned.
        place: another place of its data or model, where there is one.

    Raises:
        InputError: it is no source; KeyError and TypeError may be raised, too.
    """
    if not noted:
        raise InputError(
            "the formula does not say where the data are that it was made of: it was exported without a source; "
            "export it again with a bnnsat.ExamplesSource or ModelSource"
        )
    if "texts" in noted:
        if place is not None:
            raise InputError("the formula has with it what it is about; leave the place of the data out")
        if not all(type(text) is str for text in noted["texts"].values()):
            raise InputError("the question's files are no texts")
        return TextSource(noted["texts"])
    if "model" in noted:
        path = noted["model"] if place is None else place
        if type(path) is not str:
            raise InputError("the model's path is no text")
        return ModelSource(Path(path))
    options, outputs = TaskOptions.of(noted["task"]), noted["outputs"]
    if type(outputs) is not int or outputs < 1:
        raise InputError("the number of outputs is none")
    return ExamplesSource(options if place is None else replace(options, data=place), outputs)
