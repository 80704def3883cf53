"""Each neuron as a score card, or as a decision list, over what its inputs say."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from bnnsat.types import Bits

if TYPE_CHECKING:
    from bnnsat.model import Model
    from bnnsat.shape import Shape


@dataclass(frozen=True)
class Card:
    """A neuron.

    Attributes:
        name: of the neuron, or of the label that it stands for.
        least: it is 1 where so many terms hold; None where the counts are compared (argmax), or of a decision list.
        terms: what is counted; of a decision list two for each pair: the first that holds without its partner decides,
            an even one for 1, an odd one for 0.
        listed: whether it is a decision list.
        start: points that it has from the start, where counts are compared.
        unit: points of each term.
    """

    name: str
    least: int | None
    terms: tuple[str, ...]
    listed: bool = False
    start: float = 0
    unit: int = 1

    @property
    def fixed(self) -> int | None:
        """What it always is; None where that depends."""
        if self.listed or self.least is None:
            return 0 if self.listed and not self.terms else None
        return 1 if self.least <= 0 else 0 if self.least > len(self.terms) else None


@dataclass(frozen=True)
class Reading:
    """A network in words.

    Attributes:
        layers: the cards of each layer.
        labels: what the labels 0, 1, ... are called.
        head: how the outputs name a label.
    """

    layers: tuple[tuple[Card, ...], ...]
    labels: tuple[str, ...]
    head: str

    def noted(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def reading(model: Model) -> Reading:
    """A model's network in words.

    Args:
        model: of a table or of other inputs, which are called by their numbers.
    """
    shape, layers = model.network.shape, []
    labels = tuple(map(str, model.labels or range(shape.classes)))
    terms = _inputs(model)
    for index, weights in enumerate(model.network.matrices()):
        last = index == shape.layers - 1
        names = [f"neuron {j + 1}" for j in range(len(weights))]
        if shape.layers > 2 and not last:
            names = [f"neuron {index + 1}.{j + 1}" for j in range(len(weights))]
        if last:
            names = [labels[1]] if shape.head == "bit" else list(labels)
        cards = tuple(
            _card(model, index, j, name, row, terms) for j, (name, row) in enumerate(zip(names, weights, strict=True))
        )
        layers.append(_compared(cards, shape) if last and shape.head == "argmax" else cards)
        terms = [(name, f"not {name}") for name in names]
    return Reading(tuple(layers), labels, shape.head)


def _compared(cards: tuple[Card, ...], shape: Shape) -> tuple[Card, ...]:
    """The same points, as small as they can be for the comparison to stay the same; offsets to six digits."""
    if shape.offsets:
        begun = [card.start + float(offset) for card, offset in zip(cards, shape.offsets, strict=True)]
        return tuple(replace(card, start=round(one - min(begun), 6)) for card, one in zip(cards, begun, strict=True))
    starts = [card.start - min(card.start for card in cards) for card in cards]
    unit = 1 if all(start % 2 == 0 for start in starts) and cards[0].unit == 2 else cards[0].unit
    scale = cards[0].unit // unit
    return tuple(replace(card, start=start // scale, unit=unit) for card, start in zip(cards, starts, strict=True))


def _inputs(model: Model) -> list[tuple[str, str]]:
    """What each input of the network says when it is 1, and when it is 0."""
    n = model.network.shape.sizes[0]
    order = model.preprocessing.order or range(n)
    if (said := model.preprocessing.terms(n)) is not None:
        return list(said)
    return [(f"input {place}", f"not input {place}") for place in order]


def _card(model: Model, layer: int, neuron: int, name: str, weights: Bits, terms: list[tuple[str, str]]) -> Card:
    shape = model.network.shape
    if shape.activation == "half":
        half = len(weights) // 2
        said = [term[0 if weight else 1] for term, weight in zip(terms, weights, strict=True)]
        pairs = zip(said[:half], said[half:], strict=True)
        return Card(name, None, tuple(term for a, b in pairs if a != b for term in (a, b)), listed=True)
    parts = weights.reshape(shape.repeat, -1)
    # Read twice, one of two unequal weights always agrees.
    heavy = parts[0] == parts[-1]
    counted = [term[0 if up else 1] for term, up, there in zip(terms, parts[0], heavy, strict=True) if there]
    if not shape.thresholds[layer] or (shape.head == "argmax" and layer == shape.layers - 1):
        # Each weight 0 agrees once, each other one twice or not at all.
        return Card(name, None, tuple(counted), start=int((~heavy).sum()), unit=shape.repeat)
    need = shape.thresholds[layer][neuron] - int((~heavy).sum())
    return Card(name, -(-need // shape.repeat), tuple(counted))
