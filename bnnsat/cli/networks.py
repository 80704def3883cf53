"""Networks that commands are given: models, or files of other programs."""

from __future__ import annotations

import sys
from pathlib import Path

from bnnsat.foreign.imported import opened
from bnnsat.model import Model


def network_of(path: Path, scale: int | None = None) -> Model:
    """The model in a file; what speaks against a scale that nobody said is told on standard error.

    Args:
        path: the file, or the folder of a model.
        scale: of another program's, what a grey level is divided by before it comes in; 1 without.

    Raises:
        InputError: it cannot be read.
    """
    return opened(path, scale, lambda words: print(words, file=sys.stderr))
