"""A network as plain text or Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from bnnsat.drawing.cards import Card, Reading
from bnnsat.plural import counted

WIDTH = 100


def text(reading: Reading) -> str:
    """Cards as indented text.

    Args:
        reading: the network in words.
    """
    lines = []
    for heading, cards in _layers(reading):
        lines.append(heading)
        for card in cards:
            lines += ["", f"  {said(card, reading)}"]
            lines += _pairs(card, reading) if card.listed else _wrapped(card)
        lines.append("")
    return "\n".join([*lines, *outcome(reading)]).rstrip() + "\n"


def markdown(reading: Reading) -> str:
    """Cards as Markdown: a heading for each layer, a list of terms for each neuron.

    Args:
        reading: the network in words.
    """
    lines = []
    for heading, cards in _layers(reading):
        lines += [f"## {heading[:1].upper()}{heading[1:]}", ""]
        for card in cards:
            lines += [f"**{said(card, reading)}**", ""]
            terms = [line.strip() for line in _pairs(card, reading)] if card.listed else card.terms
            if card.fixed is None:
                lines += [*(f"- {term}" for term in terms), ""]
    # Names are no tags.
    return re.sub(r"<(?=[A-Za-z/!])", "&lt;", "\n".join([*lines, *outcome(reading)]).rstrip()) + "\n"


def said(card: Card, reading: Reading) -> str:
    """What makes a neuron 1, before its terms.

    Args:
        card: the neuron.
        reading: its network.
    """
    if card.fixed is not None:
        return f"{card.name}: always" if card.fixed else f"{card.name}: never"
    if card.listed:
        return f"{card.name}: the first pair that differs decides; if none does, no"
    if card.least is None:
        each = "a point" if card.unit == 1 else f"{card.unit} points"
        start = f"{card.start:g} {'point' if card.start == 1 else 'points'}, and " if card.start else ""
        return f"{card.name}: {start}{each} for each of"
    if card.least == len(card.terms):
        return f"{card.name}: all of" if card.least > 1 else f"{card.name}: if"
    return f"{card.name}: at least {card.least} of"


def outcome(reading: Reading) -> list[str]:
    """How the outputs name a label.

    Args:
        reading: the network in words.
    """
    if reading.head == "bit":
        return [f"Otherwise the answer is {reading.labels[0]}."]
    if reading.head == "argmax":
        return ["The answer is the label with the most points, of equals the first."]
    return ["The answer is the label that is the only one to be named; otherwise there is none."]


def _layers(reading: Reading) -> Iterator[tuple[str, tuple[Card, ...]]]:
    for index, cards in enumerate(reading.layers):
        last = index == len(reading.layers) - 1
        what = "the answer is" if reading.head == "bit" else "the answer"
        yield what if last else f"layer {index + 1}, {counted(len(cards), 'neuron')}", cards


def _wrapped(card: Card) -> list[str]:
    if card.fixed is not None or not card.terms:
        return []
    joined = ", ".join(term.replace(" ", "\0") for term in card.terms)
    wrapped = textwrap.wrap(joined, WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)
    return [line.replace("\0", " ") for line in wrapped]


def _pairs(card: Card, reading: Reading) -> list[str]:
    """Lines of a decision list."""
    width = len(str(len(card.terms) // 2))
    return [
        f"    {place + 1:{width}}. yes if {card.terms[2 * place]} without {card.terms[2 * place + 1]}, "
        "no if the other way round"
        for place in range(len(card.terms) // 2)
    ]
