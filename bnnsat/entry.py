"""The command `bnnsat`: a Ctrl-C while Python still reads the modules gets one line, like any other."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Import the command line and run it."""
    # Its threads would only take the processors from the solver; and where none can be had, it interrupts its process.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from bnnsat import cli
    except KeyboardInterrupt:
        print("bnnsat: interrupted before there was any result", file=sys.stderr)
        sys.exit(130)
    cli.main()
