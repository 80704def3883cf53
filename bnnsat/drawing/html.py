"""A network as a piece of HTML, which notebooks show and pages can hold."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from bnnsat.drawing.cards import Card, Reading
from bnnsat.drawing.svg import svg
from bnnsat.drawing.text import outcome, said

if TYPE_CHECKING:
    from bnnsat.model import Model

STYLE = (
    "font-family: system-ui, sans-serif; font-size: 14px; line-height: 1.4; display: flex; flex-wrap: wrap; gap: 1em; "
    "align-items: flex-start"
)
CARD = "border: 1px solid #8aa4c2; border-radius: 6px; padding: .5em 1em; background: #f5f8fc; color: #111"


def html(model: Model, reading: Reading, title: str, facts: list[str]) -> str:
    """A card for each neuron, layer after layer; weights of images as a drawing.

    Args:
        model: the network with its weights.
        reading: the same in words.
        title: stands above it.
        facts: stand below that.
    """
    parts = [f'<div class="bnnsat"><p><strong>{escape(title)}</strong></p>']
    parts += [f"<p>{'<br/>'.join(map(escape, facts))}</p>"]
    if model.preprocessing.terms(1) is None:
        parts.append(svg(model, reading))
    else:
        layers = ("".join(_card(card, reading) for card in cards) for cards in reading.layers)
        parts += [f'<div style="{STYLE}">{cards}</div>' for cards in layers]
        parts.append(f"<p>{escape(outcome(reading)[0])}</p>")
    return "\n".join([*parts, "</div>", ""])


def page(fragment: str, title: str) -> str:
    """A page of its own.

    Args:
        fragment: what it holds.
        title: of the page.
    """
    head = f'<meta charset="utf-8"/><title>{escape(title)}</title>'
    return f"<!doctype html>\n<html><head>{head}</head><body>\n{fragment}</body></html>\n"


def _card(card: Card, reading: Reading) -> str:
    items = ""
    if card.fixed is None:
        terms = card.terms
        if card.listed:
            terms = tuple(
                f"yes if {a} without {b}, no if the other way round"
                for a, b in zip(terms[::2], terms[1::2], strict=True)
            )
        kind = "ol" if card.listed else "ul"
        items = f"<{kind}>{''.join(f'<li>{escape(term)}</li>' for term in terms)}</{kind}>"
    return f'<div style="{CARD}"><strong>{escape(said(card, reading))}</strong>{items}</div>'
