"""bnnsat: exact training, verification and minimisation of binary neural networks by SAT.

The public names (see `__init__.pyi`) are loaded when they are first used, so that importing the package costs nothing.
"""

from bnnsat.version import __version__ as __version__


def __getattr__(name: str) -> object:
    from bnnsat.public import found

    return found(name)


def __dir__() -> object:
    return __getattr__("__all__")
