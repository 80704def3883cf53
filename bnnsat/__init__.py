"""bnnsat: exact training, verification and minimisation of binary neural networks by SAT.

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bnnsat.data.read import read as read
    from bnnsat.data.task import Task as Task
    from bnnsat.errors import InputError as InputError
    from bnnsat.errors import ResourceError as ResourceError
    from bnnsat.model import Model as Model
    from bnnsat.network import Network as Network
    from bnnsat.result import model_of as model_of
    from bnnsat.result import summary as summary
    from bnnsat.shape import Shape as Shape
    from bnnsat.training import Training as Training
    from bnnsat.training import train as train

__version__ = "0.1.0"

_HOMES = {
    "read": "data.read",
    "Task": "data.task",
    "InputError": "errors",
    "ResourceError": "errors",
    "Model": "model",
    "Network": "network",
    "model_of": "result",
    "summary": "result",
    "Shape": "shape",
    "Training": "training",
    "train": "training",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bnnsat' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"bnnsat.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
