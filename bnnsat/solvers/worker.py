"""A SAT solver in a process of its own, spoken to over its standard streams.

CaDiCaL and Kissat hold Python's lock while they work and cannot be interrupted; a process can
always be ended. This file imports nothing but PySAT and the standard library: it starts in a few
hundredths of a second. A message is one line of JSON, then the `bytes` of int32 that it announces.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from array import array
from collections.abc import Iterable
from typing import Any, BinaryIO

from pysat.solvers import Solver as PySolver


class Session:
    """One incremental PySAT solver, which writes down its proof if told to.

    Args:
        name: of a PySAT solver.
        proof: whether it writes one down.
    """

    def __init__(self, name: str, *, proof: bool = False) -> None:
        self._solver = PySolver(name=name, **({"with_proof": True} if proof else {}))
        self._needs_activation = name.startswith("cadical")

    def add(self, width: int, literals: array[int]) -> None:
        """Add clauses of one width.

        Args:
            width: literals per clause.
            literals: of all clauses, one behind the other.
        """
        flat = literals.tolist()
        if width == 0:
            # Not every solver takes an empty clause; two opposite units say the same.
            self._solver.append_formula([[1], [-1]])
            return
        self._solver.append_formula([flat[i : i + width] for i in range(0, len(flat), width)])

    def add_at_most(self, width: int, bound: int, literals: array[int]) -> None:
        """Add native constraints of one width.

        Args:
            width: literals per constraint.
            bound: at most so many of them hold.
            literals: of all constraints, one behind the other.
        """
        if self._needs_activation:
            # In CaDiCaL PySAT's propagator has to be connected before the first constraint.
            self._solver.activate_atmost()
            self._needs_activation = False
        flat = literals.tolist()
        for i in range(0, len(flat), width):
            self._solver.add_atmost(flat[i : i + width], bound)

    def solve(self, assumptions: list[int], conflicts: int | None) -> dict[str, Any]:
        """Decide.

        Args:
            assumptions: literals that are to hold in this call.
            conflicts: a budget, kept as well as the solver keeps budgets; None for none.
        """
        if conflicts is None:
            status = self._solver.solve(assumptions=assumptions)
        else:
            self._solver.conf_budget(conflicts)
            status = self._solver.solve_limited(assumptions=assumptions)
        return {
            "status": status,
            "model": array("i", self._solver.get_model() or ()) if status else array("i"),
            "core": (self._solver.get_core() or []) if status is False else [],
            "statistics": self._solver.accum_stats() or {},
        }

    def phases(self, literals: list[int]) -> None:
        """Prefer these literals in decisions.

        Args:
            literals: one for each variable that is meant.
        """
        self._solver.set_phases(literals)

    def propagate(self, assumptions: list[int]) -> dict[str, Any]:
        """Unit propagation: whether it found no conflict, and the literals that hold.

        Args:
            assumptions: literals that are to hold.
        """
        status, literals = self._solver.propagate(assumptions=assumptions)
        return {"status": status, "literals": literals}

    def proof(self) -> bytes:
        """The proof, DRAT as text, after an answer without assumptions that there is no model."""
        return ("\n".join(self._solver.get_proof()) + "\n").encode()

    def close(self) -> None:
        """Free the solver."""
        self._solver.delete()


def send(stream: BinaryIO, message: dict[str, Any], payload: bytes = b"") -> None:
    """Write one message.

    Args:
        stream: where it goes.
        message: a line of JSON; `bytes` is added.
        payload: what comes behind it.
    """
    stream.write(json.dumps({**message, "bytes": len(payload)}).encode() + b"\n" + payload)
    stream.flush()


def serve(requests: Iterable[bytes], read: Any, replies: BinaryIO, name: str, *, proof: bool) -> None:
    """Answer requests until there are no more.

    Args:
        requests: their lines.
        read: gives so many of the bytes that come behind a line.
        replies: where they go.
        name: of the solver.
        proof: whether it writes one down.
    """
    session = Session(name, proof=proof)
    for line in requests:
        request = json.loads(line)
        payload = array("i")
        payload.frombytes(read(request["bytes"]))
        match request["do"]:
            case "add":
                session.add(request["width"], payload)
            case "at most":
                session.add_at_most(request["width"], request["bound"], payload)
            case "phases":
                session.phases(payload.tolist())
            case "propagate":
                send(replies, session.propagate(payload.tolist()))
            case "proof":
                send(replies, {}, session.proof())
            case "solve":
                # Should the parent be gone by then, nobody else would end this process.
                signal.alarm(request["alarm"])
                answer = session.solve(payload.tolist(), request["conflicts"])
                signal.alarm(0)
                send(replies, answer, answer.pop("model").tobytes())


def main() -> None:
    """Serve on standard input and output; what a solver prints itself goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    die_with_parent()
    try:
        serve(
            iter(sys.stdin.buffer.readline, b""),
            sys.stdin.buffer.read,
            replies,
            sys.argv[1],
            proof="proof" in sys.argv[2:],
        )
    except Exception as error:
        send(replies, {"error": f"{type(error).__name__} {error}".strip()})
        sys.exit(1)


def die_with_parent() -> None:
    """On Linux, ask the kernel to end this process when the parent ends, even by SIGKILL."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


if __name__ == "__main__":
    main()
