"""A SAT solver in a process of its own, which can be ended at any time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np

from bnnsat import limits
from bnnsat.circuit.cnf import Cnf
from bnnsat.errors import InputError, ResourceError
from bnnsat.solvers import pipes, worker
from bnnsat.solvers.solver import PROVING, Answer, answer_of, checked, native
from bnnsat.types import Literals

MAX_LITERALS = 1 << 20
"""The most literals in one message: the worker turns a message into Python integers at once."""


LOOK_SECONDS = 0.05
"""Seconds after which a wait looks whether it still has to."""


class SolverProcess:
    """A solver in a process of its own: limits hold to a fraction of a second for every solver.

    A solver that is stopped has lost what it learned; the next call starts a new one.
    """

    def __init__(self, cnf: Cnf, name: str, *, proof: bool = False) -> None:
        self._cnf = cnf
        self._name = checked(name)
        if proof and name not in PROVING:
            raise InputError(f"solver {name} writes no proofs; use {', '.join(PROVING)}")
        self._options = ["proof"] if proof else []
        self._phases: Literals | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def solve(
        self,
        assumptions: Sequence[int] = (),
        *,
        conflicts: int | None = None,
        seconds: float | None = None,
        until: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Decide; past `seconds`, or once `until()` holds, the process is ended and the answer is unknown.

        Raises ResourceError if the solver fails or its process dies (out of memory, most likely).
        """
        # Time that is over already is none left, not a mistake.
        deadline = limits.deadline(None if seconds is None else max(0.0, seconds))
        alarm = 0 if deadline is None else int(deadline - time.monotonic()) + 5
        try:
            self._load(deadline)
            request = {"do": "solve", "conflicts": conflicts, "alarm": alarm}
            reply, model = self._ask(request, assumptions, deadline, until)
        except TimeoutError:
            self.close()
            return Answer(None)
        except BaseException:
            self.close()
            raise
        return answer_of(reply, model, self._cnf.variables)

    def phases(self, literals: Sequence[int]) -> None:
        """Prefer these literals in decisions, from the next call on."""
        self._phases, self._sent_phases = np.asarray(literals, dtype=np.int32), False

    def propagate(self, assumptions: Sequence[int] = ()) -> tuple[bool, list[int]]:
        """Unit propagation only."""
        try:
            self._load(None)
            reply, _ = self._ask({"do": "propagate"}, assumptions, None)
        except BaseException:
            self.close()
            raise
        return bool(reply["status"]), reply["literals"]

    def proof(self) -> bytes:
        """The proof, DRAT as text, after `solve` without assumptions has found that there is no model."""
        try:
            _, payload = self._ask({"do": "proof"}, (), None)
        except BaseException:
            self.close()
            raise
        return payload

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        # -P keeps the worker's own folder off its path: this package's `types.py` is not the standard one.
        command = [sys.executable, "-P", worker.__file__, self._name, *self._options]
        # A group of its own: Ctrl-C at the terminal is for this process, which ends the worker itself.
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, process_group=0
            )
        except OSError as error:
            reason = error.strerror or error
            raise ResourceError(f"no process could be started for solver {self._name}: {reason}") from None
        assert self._process.stdin is not None
        os.set_blocking(self._process.stdin.fileno(), False)
        self._sent = self._sent_cards = 0
        self._sent_phases = False
        return self._process

    def _load(self, deadline: float | None) -> None:
        if self._process is None:
            self._start()
        for block in self._cnf.blocks[self._sent :]:
            width = block.shape[1]
            step = max(1, MAX_LITERALS // max(1, width))
            for start in range(0, len(block), step):
                self._send({"do": "add", "width": width}, block[start : start + step].tobytes(), deadline)
            self._sent += 1
        for rows, bound in native(self._cnf, self._sent_cards, self._name):
            width = rows.shape[1]
            step = max(1, MAX_LITERALS // width)
            for start in range(0, len(rows), step):
                request = {"do": "at most", "width": width, "bound": bound}
                self._send(request, rows[start : start + step].tobytes(), deadline)
            self._sent_cards += 1
        if self._phases is not None and not self._sent_phases:
            self._send({"do": "phases"}, self._phases.tobytes(), deadline)
            self._sent_phases = True

    def _ask(
        self,
        request: dict[str, Any],
        literals: Sequence[int],
        deadline: float | None,
        until: Callable[[], bool] = lambda: False,
    ) -> tuple[dict[str, Any], bytes]:
        self._send(request, array("i", literals).tobytes(), deadline)
        received = b""
        while b"\n" not in received:
            received += self._receive(1 << 16, deadline, until)
        line, payload = received.split(b"\n", 1)
        reply = json.loads(line)
        if "error" in reply:
            raise ResourceError(f"solver {self._name} failed: {reply['error']}")
        parts = [payload]
        missing = reply["bytes"] - len(payload)
        while missing:
            parts.append(self._receive(missing, deadline))
            missing -= len(parts[-1])
        return reply, b"".join(parts)

    def _send(self, request: dict[str, Any], payload: bytes, deadline: float | None) -> None:
        assert self._process is not None and self._process.stdin is not None
        head = json.dumps({**request, "bytes": len(payload)}).encode() + b"\n"
        pipe = self._process.stdin.fileno()
        data = memoryview(head + payload)
        while data:
            if not pipes.writable(pipe, _left(deadline)):
                if deadline is None:
                    continue
                raise TimeoutError
            try:
                data = data[os.write(pipe, data) :]
            except BrokenPipeError:
                raise self._death() from None

    def _receive(self, size: int, deadline: float | None, until: Callable[[], bool] = lambda: False) -> bytes:
        assert self._process is not None and self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        left = _left(deadline)
        while not pipes.readable(pipe, LOOK_SECONDS if left is None else min(LOOK_SECONDS, left)):
            if left == 0 or until():
                raise TimeoutError
            left = _left(deadline)
        data = os.read(pipe, size)
        if not data:
            raise self._death()
        return data

    def _death(self) -> ResourceError:
        assert self._process is not None
        code = self._process.wait()
        return ResourceError(f"the process of solver {self._name} ended with code {code}; was memory short?")


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())
