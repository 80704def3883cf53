"""The JSON documents that this package writes: an object with the name and version of its format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bnnsat.errors import InputError


@dataclass(frozen=True)
class Format:
    """A kind of document: its `name` and `version` in the file, and `what` it is called in errors."""

    name: str
    version: int
    what: str

    def dumps(self, content: Mapping[str, Any]) -> bytes:
        """A document of this format."""
        return (json.dumps({"format": self.name, "version": self.version, **content}, indent=1) + "\n").encode()

    def loads(self, text: bytes, name: str) -> dict[str, Any]:
        """The content of a document in a file of that name; InputError for anything but one of this format."""
        try:
            content = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}: not {self.what}: no JSON ({error})") from None
        if not isinstance(content, dict) or content.pop("format", None) != self.name:
            raise InputError(f'{name}: not {self.what} (its "format" is not "{self.name}")')
        if (version := content.pop("version", None)) != self.version:
            raise InputError(f"{name}: {self.what} of version {version}; this program reads version {self.version}")
        return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands there twice")
    return dict(pairs)
