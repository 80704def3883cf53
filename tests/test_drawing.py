"""What is said of a network is what it does."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks, often

from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.drawing.cards import Card, reading
from bnnsat.drawing.show import FORMATS, show
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.readings import packed
from bnnsat.search.folding import folded
from bnnsat.shape import Shape
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.rules import Cuts, Groups, Rule, Truth


def named(network: Network) -> Model:
    """A model of a network whose inputs are columns a, b, ... of 0 and 1."""
    n = network.shape.sizes[0]
    return Model(network, Preprocessing(TableBinarizer.of_bits([f"c{i}" for i in range(n)])))


def _card(card: Card, said: dict[str, bool]) -> int:
    """What a card says, by its words; of argmax the points."""

    def holds(term: str) -> bool:
        return not said[term.removeprefix("not ")] if term.startswith("not ") else said[term]

    if card.listed:
        for one, other in zip(card.terms[::2], card.terms[1::2], strict=True):
            if holds(one) != holds(other):
                return int(holds(one))
        return 0
    points = sum(map(holds, card.terms))
    return int(card.start) + card.unit * points if card.least is None else int(points >= card.least)


@given(network=networks(), data=st.data())
@often(100)
def test_cards_say_what_the_network_does(network: Network, data: st.DataObject) -> None:
    network = folded(network)
    model, shape = named(network), network.shape
    found = reading(model)
    n = shape.sizes[0]
    inputs = np.array([[i >> j & 1 for j in range(n)] for i in range(2**n)], dtype=np.bool_)
    labels = packed.predict(shape, network.matrices(), inputs)
    for row, label in zip(inputs.tolist(), labels.tolist(), strict=True):
        said = {f"c{i}": value for i, value in enumerate(row)}
        for cards in found.layers:
            values = [_card(card, said) for card in cards]
            for card, value in zip(cards, values, strict=True):
                assert card.fixed in (None, value)
            said = {card.name: bool(value) for card, value in zip(cards, values, strict=True)}
        match shape.head:
            case "bit":
                named_label = values[0]
            case "argmax":
                named_label = values.index(max(values))
            case _:
                named_label = values.index(1) if sum(values) == 1 else -1
        assert named_label == label
    for format in FORMATS:
        assert show(model, format)


RULES: tuple[Rule, ...] = (
    Cuts("size", True, (1.5, 3.0)),
    Cuts("age", False, (10.0, 20.0), intervals=True),
    Groups("colour", False, ("red", "blue & <green>"), ("x", "y")),
    Truth("ok", False),
)


def model_of_rules(activation: str = "popcount") -> Model:
    binarizer = TableBinarizer("quantiles:2", RULES, tuple(range(sum(len(rule.terms) for rule in RULES))))
    n = len(binarizer.kept)
    rng = np.random.default_rng(0)
    shape = Shape.parse(f"{n}-2-1", activation)
    weights = [rng.integers(2, size=size) for size in shape.matrices]
    return Model(Network.of(shape, weights), Preprocessing(binarizer), labels=("no", "yes & <no>"))


@pytest.mark.parametrize("activation", ["popcount", "half"])
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_names_columns_and_labels(format: str, activation: str) -> None:
    said = show(model_of_rules(activation), format)
    if format == "json":
        content = json.loads(said)
        assert content["labels"] == ["no", "yes & <no>"] and len(content["layers"]) == 2
        return
    if format in ("svg", "html"):
        root = ElementTree.fromstring(said)
        assert f"{model_of_rules(activation).network.shape.topology}, {activation}" in said
        said = " ".join(root.itertext())
    plain = re.sub(r"\s+", " ", said.replace("&lt;", "<"))
    for term in ("size <= 1.5", "size > 1.5", "age", "colour", "blue & <green>", "yes & <no>"):
        assert term in plain or (term.startswith("size") and "size" in plain)
    assert "no" in plain


@pytest.mark.parametrize("format", FORMATS)
def test_networks_show_themselves_as_models_of_bits(format: str) -> None:
    network = model_of_rules().network
    assert network.show(format) == show(Model(network), format)
    assert network._repr_html_() == network.show("html")


def test_unknown_formats_are_refused() -> None:
    with pytest.raises(InputError, match="unknown format 'pdf'; there are text, markdown"):
        show(model_of_rules(), "pdf")


def test_images_are_pictures(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("16-3-1")
    network = Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])
    model = Model(network, Preprocessing(Binarizer("threshold:9")))
    root = ElementTree.fromstring(show(model, "svg"))
    # A square for each weight of each neuron of the first layer.
    colours = [
        shape.get("fill") for shape in root.iter("{http://www.w3.org/2000/svg}rect") if shape.get("width") == "6"
    ]
    wanted = ["#2166ac" if weight else "#b2182b" for row in network.matrices()[0] for weight in row]
    assert colours == wanted
    assert "neuron 1  T=8" in show(model, "markdown") and "input 0" not in show(model, "markdown")
