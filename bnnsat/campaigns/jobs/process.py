"""A job in a process of its own, ended at its limit, from wherever an executor put it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from typing import Any

GRACE_SECONDS = 1.0
"""Seconds beyond the limit for starting Python and reading the data."""


MEMORY = (b"MemoryError", b"bad_alloc", b"failed to map segment", b"annot allocate memory")
"""What a process says that ran out of memory."""

_running: set[subprocess.Popen[bytes]] = set()


def end_all() -> None:
    """End the jobs that run in this process's threads, at once; their results are nobody's."""
    for process in list(_running):
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a job and all of its group."""
    # It may just have ended by itself.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def outcome(module: str, fields: dict[str, Any], seconds: float) -> dict[str, Any]:
    """All that `python -m module` said, an object a line, of the job with those fields before it ended or was ended.

    `status` is what it said, else timeout, memory, or failed with an `error`. Plain dictionaries in and out, so
    that any executor can carry them.
    """
    began = time.monotonic()
    # What it leaves in a temporary folder goes with it, also when it is ended.
    with (
        tempfile.TemporaryDirectory(prefix="bnnsat-", ignore_cleanup_errors=True) as place,
        subprocess.Popen(
            # -P: a file of the user's, in whose folder this runs, is none of its modules.
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "TMPDIR": place},
        ) as process,
    ):
        late = False
        _running.add(process)
        try:
            out, err = process.communicate(json.dumps(fields).encode(), timeout=seconds + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            late = True
            _end(process)
            out, err = process.communicate()
        finally:
            # Whatever it started itself ends with it.
            _end(process)
            _running.discard(process)
    result: dict[str, Any] = {"status": None}
    for line in out.decode().splitlines():
        # Only the last line can be cut off, and only when the process was ended while it wrote.
        try:
            result |= json.loads(line)
        except json.JSONDecodeError:
            break
    if result["status"] is None:
        if late:
            result["status"] = "timeout"
        elif any(sign in err for sign in MEMORY) or process.returncode in (-signal.SIGKILL, -signal.SIGSEGV):
            result["status"] = "memory"
        else:
            lines = err.decode(errors="replace").strip().splitlines()
            result |= {"status": "failed", "error": lines[-1] if lines else f"exit code {process.returncode}"}
    return {**result, "seconds": time.monotonic() - began}
