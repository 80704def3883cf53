"""What Linux says of other processes, so that tests wait for what they need instead of sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from oracles import LONG


def wait(until: Callable[[], object], what: str, seconds: float = 3 * LONG) -> None:
    """Look again and again; AssertionError where it does not come."""
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


def state(pid: int) -> str:
    """Its state's letter; X where it is gone."""
    fields = _fields(pid)
    return fields[0] if fields else "X"


def ended(pid: int) -> bool:
    """Whether it is gone, or only its parent has not asked for its code yet."""
    return state(pid) in "XZ"


def ticks(pid: int) -> int:
    """How long it has worked, in the kernel's ticks."""
    fields = _fields(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def children(parent: int) -> list[int]:
    """The processes that it has started itself."""
    pids = [int(place.name) for place in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if (fields := _fields(pid)) and int(fields[1]) == parent]


def running() -> str:
    """The command lines of all processes."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        # One may just have ended.
        with suppress(OSError):
            found.append(file.read_text(errors="replace"))
    return "\n".join(found)


def _fields(pid: int) -> list[str]:
    """What follows its name in /proc; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
