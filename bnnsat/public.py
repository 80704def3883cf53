"""Where the public names live."""

from __future__ import annotations

import importlib

HOMES = {
    "certificates.certify": ("certify", "certify_robustness"),
    "certificates.check": ("check",),
    "certificates.claim": ("Claim", "Statement"),
    "certificates.prover": ("Prover",),
    "data.chosen": ("TaskOptions",),
    "data.read": ("read",),
    "data.task": ("Task",),
    "distilling.distill": ("distill",),
    "distilling.distilled": ("Distilled",),
    "errors": ("BnnsatError", "InputError", "RefusedError", "ResourceError", "SoundnessError"),
    "exports.export": ("export",),
    "exports.source": ("ExamplesSource", "ModelSource"),
    "integers.model": ("IntegerModel",),
    "integers.network": ("IntegerNetwork",),
    "integers.shape": ("IntegerShape",),
    "model": ("Model",),
    "network": ("Network",),
    "options": ("Options",),
    "origin": ("Origin",),
    "problem": ("Problem",),
    "questions.robustness": ("RobustnessQuestion",),
    "questions.training": ("TrainingQuestion",),
    "result": ("model_of", "summary"),
    "search.variants": ("Flips", "Swaps", "Variants"),
    "shape": ("Shape",),
    "synthesis.forall": ("synthesize", "verify"),
    "synthesis.integers": ("IntegerTraining", "train_integers"),
    "synthesis.solve": ("maximize", "minimize", "solve"),
    "tables.fixed": ("FixedPoint",),
    "trainer": ("train",),
    "training": ("Training",),
}
"""Modules and what is public of them; `__init__.pyi` says the same to type checkers."""
PLACES = {name: home for home, names in HOMES.items() for name in names}


def found(name: str) -> object:
    """The public thing of a name, or all names for `__all__`.

    Args:
        name: of it.

    Raises:
        AttributeError: there is none.
    """
    if name == "__all__":
        return ["__version__", *sorted(PLACES)]
    if name not in PLACES:
        raise AttributeError(f"module 'bnnsat' has no attribute {name!r}")
    return getattr(importlib.import_module(f"bnnsat.{PLACES[name]}"), name)
