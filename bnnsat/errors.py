"""The errors that a user can cause or meet; the command line turns them into exit codes."""

from __future__ import annotations


class InputError(ValueError):
    """Something given by the user does not fit; the message says what is wrong and what would be right."""

    exit_code = 2


class HaltedError(RuntimeError):
    """Ctrl-C where something has been done already; the message says what, and how to go on."""

    exit_code = 130


class ResourceError(RuntimeError):
    """Memory, time or a solver process ran out before there was any result."""

    exit_code = 3
