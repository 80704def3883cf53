"""What users meet says what it takes: each parameter has a line of its own, in its order."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bnnsat
from bnnsat.public import PLACES
from bnnsat.questions.question import Question

PACKAGE = Path(__file__).resolve().parents[1] / "bnnsat"

IN_THEIR_SUMMARY = {
    "Claim.about",
    "Claim.loads",
    "Problem.errors",
    "Shape.admits",
    "Shape.of",
    "Shape.read",
    "Shape.sources",
    "Shape.with_thresholds",
}
"""Methods of the trusted base, each line of which is counted in docs/trust.md: one line names what they take."""


def _named(doc: str, section: str) -> list[str]:
    """The names that have a line in a section of a docstring, in their order."""
    found = re.search(rf"^{section}:\n((?:    .*\n?)+)", doc, re.MULTILINE)
    return [] if found is None else re.findall(r"^    \*{0,2}(\w+): \S", found[1], re.MULTILINE)


def _taken(function: Any) -> list[str]:
    """The parameters of a function, also of one in a class, where the first is not the caller's."""
    inner = getattr(function, "__func__", function)
    names = list(inspect.signature(inspect.unwrap(inner)).parameters)
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _public() -> Iterator[tuple[str, Any]]:
    """Every public name that is defined in the package, and the public members of its classes."""
    for name in sorted(PLACES):
        thing: Any = getattr(bnnsat, name)
        yield name, thing
        if inspect.isclass(thing):
            members = vars(thing).items()
            yield from ((f"{name}.{member}", value) for member, value in members if _is_told(thing, member, value))


def _is_told(owner: type, member: str, value: Any) -> bool:
    data = dataclasses.is_dataclass(owner) and member in {field.name for field in dataclasses.fields(owner)}
    return not member.startswith("_") and not data and (callable(value) or hasattr(value, "__get__"))


def _doc(name: str, thing: Any) -> str:
    """The docstring; methods that every kind of question has are described once, in their protocol."""
    own, shared = thing.__doc__, getattr(Question, name.rpartition(".")[2], None)
    asked = name.partition(".")[0].endswith("Question")
    return inspect.cleandoc(own or (getattr(shared, "__doc__", "") if asked else "") or "")


PUBLIC = dict(_public())


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_public_says_what_it_takes(name: str) -> None:
    thing = PUBLIC[name]
    doc = _doc(name, thing)
    assert doc, f"{name} has no docstring"
    if inspect.isclass(thing):
        fields = [field.name for field in dataclasses.fields(thing)] if dataclasses.is_dataclass(thing) else []
        assert _named(doc, "Attributes") == fields
    elif name in IN_THEIR_SUMMARY:
        assert "\n" not in doc and set(_taken(thing)) <= set(re.findall(r"\w+", doc))
    elif callable(thing) or isinstance(thing, classmethod):
        assert _named(doc, "Args") == _taken(thing)


def test_the_exceptions_are_methods() -> None:
    assert PUBLIC.keys() >= IN_THEIR_SUMMARY


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_a_docstring_names_all_parameters_or_none(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef) and (told := _named(ast.get_docstring(node) or "", "Args")):
            every = (*node.args.posonlyargs, *node.args.args, node.args.vararg, *node.args.kwonlyargs, node.args.kwarg)
            names = [argument.arg for argument in every if argument is not None]
            assert told == [name for name in names if name not in ("self", "cls")], f"{node.name}, line {node.lineno}"
