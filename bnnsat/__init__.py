"""bnnsat: exact training, verification and minimisation of binary neural networks by SAT.

The public names (see `__init__.pyi`) are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

from bnnsat.version import __version__

_HOMES = {
    "certificates.certify": ("certify", "certify_robustness"),
    "certificates.check": ("check",),
    "certificates.claim": ("Claim", "Statement"),
    "certificates.prover": ("Prover",),
    "data.chosen": ("TaskOptions",),
    "data.read": ("read",),
    "data.task": ("Task",),
    "errors": ("BnnsatError", "InputError", "RefusedError", "ResourceError", "SoundnessError"),
    "exports.export": ("export",),
    "model": ("Model",),
    "network": ("Network",),
    "options": ("Options",),
    "origin": ("Origin",),
    "problem": ("Problem",),
    "questions.robustness": ("RobustnessQuestion",),
    "questions.training": ("TrainingQuestion",),
    "result": ("model_of", "summary"),
    "shape": ("Shape",),
    "training": ("Training", "train"),
}
_PLACES = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_PLACES)]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'bnnsat' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"bnnsat.{_PLACES[name]}"), name)
    globals()[name] = value
    return value
