"""What a folder of results is about, so that results of different questions do not get mixed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bnnsat import files
from bnnsat.errors import InputError

ASKED = "asked.json"


def same_question(folder: Path, asked: Mapping[str, Any]) -> None:
    """Note what is asked in a folder of results, or see that it is what was asked there before.

    Args:
        folder: of the results.
        asked: the question as JSON.

    Raises:
        InputError: the folder is about something else.
    """
    place, text = folder / ASKED, json.dumps(asked, indent=1, sort_keys=True) + "\n"
    if not place.exists():
        files.write(place, text.encode())
    elif place.read_bytes() != text.encode():
        raise InputError(f"{folder} holds the results of another question ({ASKED} says which); name another folder")
