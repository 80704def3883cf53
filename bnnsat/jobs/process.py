"""A job in a process of its own, ended at its limit, from wherever an executor put it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

GRACE = 1.0
"""Seconds beyond the limit for starting Python and reading the data."""


MEMORY = (b"MemoryError", b"bad_alloc", b"failed to map segment", b"annot allocate memory")
"""What a process says that ran out of memory."""

_running: set[subprocess.Popen[bytes]] = set()


def end_all() -> None:
    """End the jobs that run in this process's threads, at once; their results are nobody's."""
    for process in list(_running):
        # One may just have ended by itself.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def outcome(module: str, fields: dict[str, Any], seconds: float) -> dict[str, Any]:
    """All that `python -m module` said, an object a line, of the job with those fields before it ended or was ended.

    `status` is what it said, else timeout, memory, or failed with an `error`. Plain dictionaries in and out, so
    that any executor can carry them.
    """
    began = time.monotonic()
    command = [sys.executable, "-m", module]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        late = False
        _running.add(process)
        try:
            out, err = process.communicate(json.dumps(fields).encode(), timeout=seconds + GRACE)
        except subprocess.TimeoutExpired:
            late = True
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
        except BaseException:
            process.kill()
            raise
        finally:
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
