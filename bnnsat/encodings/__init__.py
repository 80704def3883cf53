"""Encodings of counts and comparisons: the catalogue, what `auto` takes of it, and orders of literals.

The encodings themselves are files of the folder `encodings` at the top of the checkout, which is appended to this
package's path; a wheel carries them here. That folder must never get an `__init__.py`: with the checkout on PYTHONPATH
it would hide the standard library's package `encodings`, and the interpreter would not start.
"""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "BNNSAT_ENCODINGS"
"""Names further folders of encodings, which are looked into last."""
_CHECKOUT = Path(__file__).resolve().parents[2]
if (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "encodings").is_dir():
    __path__.append(str(_CHECKOUT / "encodings"))
__path__ += [folder for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder]
