"""Properties in a TOML file: several questions about a network, asked one after the other."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from bnnsat.cli.facts import FACTS, answer, asked, words
from bnnsat.cli.options import seconds
from bnnsat.errors import InputError
from bnnsat.model import Model
from bnnsat.questions.properties import Property
from bnnsat.verification.facts import decided

TABLE = "property"
KINDS: dict[str, tuple[type, ...]] = {
    "ask": (str,),
    "input": (str, int, list),
    "label": (str, int, float, bool),
    "other": (str,),
    "where": (str, list),
    "falling": (bool,),
}
"""What a property may say, and how."""


def properties_of(path: Path) -> list[dict[str, Any]]:
    """The properties in a file.

    Args:
        path: of a TOML file with a table [[property]] for each.

    Raises:
        InputError: it cannot be read, or says something else.
    """
    try:
        content = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    found = content.get(TABLE)
    if set(content) != {TABLE} or not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InputError(f"{path}: a table [[{TABLE}]] for each property is due, and nothing else")
    for number, one in enumerate(found, 1):
        where = f"{path}: property {number}"
        if unknown := sorted(one.keys() - KINDS.keys()):
            raise InputError(f"{where} says {unknown[0]!r}; it may say {', '.join(KINDS)}")
        if one.get("ask") not in FACTS:
            raise InputError(f"{where} asks {one.get('ask')!r}; there are {', '.join(FACTS)}")
        for name, value in one.items():
            texts = not isinstance(value, list) or all(type(part) in (str, int) for part in value)
            if type(value) not in KINDS[name] or not texts:
                raise InputError(f"{where} has {name} = {value!r}, which it cannot be")
    return found


def ask_all(model: Model, path: Path, method: str, limit: float | None, scale: int | None, as_json: bool) -> None:
    """Decide all properties of a file and print the answers.

    Args:
        model: the network.
        path: of the file; other networks that it names lie beside it.
        method: how they are decided.
        limit: seconds for each, as users give them.
        scale: what grey levels of other networks' files are divided by.
        as_json: print JSON.
    """
    # What does not fit is seen before anything is asked.
    found, claims, answers = properties_of(path), list[Property](), list[dict[str, Any]]()
    for number, one in enumerate(found, 1):
        other = None if "other" not in one else path.parent / one["other"]
        label = None if "label" not in one else str(one["label"])
        try:
            claims.append(
                asked(
                    model,
                    one["ask"],
                    _texts(one.get("input", [])),
                    label,
                    other,
                    _texts(one.get("where", [])),
                    one.get("falling", False),
                    scale,
                ).claim
            )
        except InputError as error:
            raise InputError(f"{path}: property {number}: {error}") from None
    for one, claim in zip(found, claims, strict=True):
        fact = decided(claim, method, seconds(limit))
        answers.append(answer(model, one["ask"], fact))
        if not as_json:
            said = " ".join(f"{name} {_said(value)}" for name, value in one.items() if name != "ask")
            print(f"{one['ask']} {said}".strip())
            print("\n".join(f"  {line}" for line in words(model, claim, one["ask"], fact)), flush=True)
    if as_json:
        print(json.dumps({"properties": answers}))


def _texts(value: Any) -> list[str]:
    return [str(part) for part in (value if isinstance(value, list) else [value])]


def _said(value: Any) -> str:
    return ", ".join(_texts(value))
