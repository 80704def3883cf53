"""A model in any of the formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bnnsat.drawing.cards import reading
from bnnsat.drawing.html import html
from bnnsat.drawing.pictures import network_pictures
from bnnsat.drawing.svg import svg
from bnnsat.drawing.text import markdown, text
from bnnsat.errors import InputError
from bnnsat.plural import counted

if TYPE_CHECKING:
    from bnnsat.model import Model

FORMATS = ("text", "markdown", "html", "svg", "json")


def show(model: Model, format: str = "text") -> str:
    """A model as people read it: score cards where its inputs have names, else pictures of its weights.

    Args:
        model: the network with its inputs.
        format: text, markdown, html, svg or json.

    Raises:
        InputError: the format is unknown.
    """
    said = reading(model)
    if format == "json":
        return json.dumps({"title": title(model), "facts": facts(model), **said.noted()}, indent=1) + "\n"
    if format == "svg":
        return svg(model, said, [title(model), *facts(model)])
    if format == "html":
        return html(model, said, title(model), facts(model))
    if format not in FORMATS:
        raise InputError(f"unknown format {format!r}; there are {', '.join(FORMATS)}")
    named = model.preprocessing.terms(1) is not None
    if format == "markdown":
        body = [markdown(said)] if named else ["```", *list(network_pictures(model))[1:], "```", ""]
        return "\n".join([f"# {title(model)}", "", *(f"{fact}." for fact in facts(model)), "", *body])
    body = ["", text(said).rstrip()] if named else list(network_pictures(model))
    return "\n".join([title(model), *facts(model), *body]) + "\n"


def title(model: Model) -> str:
    """What a network is, in a line.

    Args:
        model: the network.
    """
    shape = model.network.shape
    kind = ", ternary weights" if shape.repeat == 2 else ""
    return f"network {shape.topology}, {shape.activation}, head {shape.head}{kind}"


def facts(model: Model) -> list[str]:
    """What its inputs are and what is known of its training, a line each.

    Args:
        model: the network.
    """
    origin, preprocessing = model.origin, model.preprocessing
    lines = [f"inputs: {preprocessing.binarizer.way}, order {'raw' if preprocessing.raw else 'of its own'}"]
    if origin.imported is not None:
        lines.insert(0, f"read from {origin.imported}")
    if origin.target is not None:
        lines.insert(
            0, f"target: {origin.target}, {counted(len(model.labels) or model.network.shape.classes, 'label')}"
        )
    if None not in (origin.status, origin.lower_bound, origin.errors, origin.examples):
        assert origin.errors is not None
        assert origin.examples is not None
        wrong = origin.errors if origin.wrong is None else origin.wrong
        costs = " in costs" if origin.costs else ""
        lines.append(
            f"trained: {origin.status}, {counted(wrong, 'error')} on {counted(origin.examples, 'example')}, "
            f"at least {origin.lower_bound}{costs} proved"
        )
    return lines
