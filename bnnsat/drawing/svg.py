"""A network as a drawing: a card for each neuron, a column for each layer; weights of square images as pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from bnnsat.drawing.cards import Card, Reading
from bnnsat.drawing.pictures import planes
from bnnsat.drawing.text import outcome, said

if TYPE_CHECKING:
    from bnnsat.model import Model

CHARACTER, LINE, GAP = 7, 18, 24
"""Width of a letter, height of a line and space between cards, in pixels."""
PIXEL, MOST_TERMS = 6, 40
"""Side of a pixel's square; terms of a card that are listed."""
COLOURS = ("#b2182b", "#f7f7f7", "#2166ac")
"""Of weights -1, 0 and +1."""
LEAST_SIDE = 3


def svg(model: Model, reading: Reading, heading: Sequence[str] = ()) -> str:
    """A drawing, which browsers and editors show.

    Args:
        model: the network with its weights.
        reading: the same in words.
        heading: lines above it, what it is in the first.
    """
    parts = [f"<title>{escape(heading[0])}</title>"] if heading else []
    parts += [_text(GAP, GAP + LINE * (i + 1), line, bold=i == 0) for i, line in enumerate(heading)]
    left, first = GAP, GAP + (LINE * len(heading) + GAP if heading else 0)
    bottom, widest = first, 2 * GAP + CHARACTER * max(map(len, heading), default=0)
    for index, cards in enumerate(reading.layers):
        top, width = first, 0
        pictures = planes(model, index) if index == 0 and model.preprocessing.terms(1) is None else None
        for j, card in enumerate(cards):
            rows = None if pictures is None else pictures[j]
            square = rows is not None and _side(len(rows[0])) > 0
            drawn, wide, high = _picture(card, reading, rows) if rows and square else _words(card, reading)
            parts.append(f'<g transform="translate({left},{top})">{drawn}</g>')
            top, width = top + high + GAP, max(width, wide)
        left, bottom = left + width + 2 * GAP, max(bottom, top)
    last = outcome(reading)[0]
    parts.append(_text(GAP, bottom + LINE, last))
    width, height = max(left, widest, GAP * 2 + CHARACTER * len(last)), bottom + 2 * LINE + GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    style = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12"'
    return f'{head} {style}><rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n'


def _words(card: Card, reading: Reading) -> tuple[str, int, int]:
    """A card with its terms, its width and its height."""
    lines = [said(card, reading)]
    if card.fixed is None:
        terms = card.terms
        if card.listed:
            terms = tuple(f"{a} | {b}" for a, b in zip(terms[::2], terms[1::2], strict=True))
        lines += [f"  {term}" for term in terms[:MOST_TERMS]]
        if len(terms) > MOST_TERMS:
            lines.append(f"  and {len(terms) - MOST_TERMS} more")
    wide, high = CHARACTER * max(map(len, lines)) + GAP, LINE * len(lines) + GAP // 2
    box = f'<rect width="{wide}" height="{high}" rx="6" fill="#f5f8fc" stroke="#8aa4c2"/>'
    texts = [_text(GAP // 2, LINE * (i + 1), line, bold=i == 0) for i, line in enumerate(lines)]
    return box + "".join(texts), wide, high


def _picture(card: Card, reading: Reading, rows: list[list[int]]) -> tuple[str, int, int]:
    """A neuron's weights, one square for each level of grey."""
    side, parts = _side(len(rows[0])), []
    title = card.name if card.least is None else f"{card.name}: at least {card.least} of {len(card.terms)}"
    for place, weights in enumerate(rows):
        for i, weight in enumerate(weights):
            x, y = (i % side) * PIXEL + place * (side + 1) * PIXEL, (i // side) * PIXEL + LINE
            parts.append(f'<rect x="{x}" y="{y}" width="{PIXEL}" height="{PIXEL}" fill="{COLOURS[weight]}"/>')
    wide = max(len(rows) * (side + 1) * PIXEL, CHARACTER * len(title))
    frame = f'<rect y="{LINE}" width="{side * PIXEL}" height="{side * PIXEL}" fill="none" stroke="#999"/>'
    return _text(0, LINE - 5, title, bold=True) + "".join(parts) + frame, wide, side * PIXEL + LINE


def _text(x: int, y: int, line: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}"{weight} xml:space="preserve">{escape(line)}</text>'


def _side(pixels: int) -> int:
    side = math.isqrt(pixels)
    return side if side * side == pixels and side >= LEAST_SIDE else 0
