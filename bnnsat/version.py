"""The version, in a file of its own: nothing below has to import the package's face."""

__version__ = "0.2.0"
