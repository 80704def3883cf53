"""The errors that a user can cause or meet; the command line turns them into exit codes."""

from __future__ import annotations


class BnnsatError(Exception):
    """All errors that this package raises on purpose; `exit_code` is what the command line ends with."""

    exit_code = 1


class InputError(BnnsatError, ValueError):
    """Something given by the user does not fit; the message says what is wrong and what would be right."""

    exit_code = 2


class ResourceError(BnnsatError, RuntimeError):
    """Memory, time or a solver process ran out before there was any result."""

    exit_code = 3


class HaltedError(BnnsatError, RuntimeError):
    """Ctrl-C where something has been done already; the message says what, and how to go on."""

    exit_code = 130


class RefusedError(BnnsatError):
    """Something in a certificate is wrong; the message says what."""


class SoundnessError(BnnsatError):
    """A replay or a bound contradicts what was claimed: no result of such a run can be trusted; please report it."""

    exit_code = 70
