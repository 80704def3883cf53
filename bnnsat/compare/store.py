"""Results on disk: one JSON object a line, appended as runs end, so that a stopped campaign goes on."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bnnsat.compare.job import Job
from bnnsat.errors import InputError

Result = dict[str, Any]
"""The fields of a job and what `execute` said of it."""


class Store:
    """The results of a campaign in one file; the first result of a job is the one that counts.

    A run that failed is kept in the file but counts as not done: what was wrong may have been mended.
    Raises InputError for a file that cannot be read or holds anything else, which is left as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.results: dict[str, Result] = {}
        for result in self._read():
            self._keep(result)

    def add(self, job: Job, outcome: dict[str, Any]) -> None:
        """Append one result, on the disk before this returns."""
        result = {**asdict(job), **outcome}
        line = json.dumps(result).encode() + b"\n"
        try:
            with self._path.open("ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(f"cannot write {self._path}: {error.strerror or error}") from None
        self._keep(result)

    def _keep(self, result: Result) -> None:
        key = Job(**{name: result[name] for name in Job.__dataclass_fields__}).key
        if key not in self.results or self.results[key]["status"] == "failed":
            self.results[key] = result

    def done(self, job: Job) -> bool:
        """Whether the job has a result other than a failure."""
        return job.key in self.results and self.results[job.key]["status"] != "failed"

    def _read(self) -> list[Result]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError(f"cannot read {self._path}: {error.strerror or error}; name another --out") from None
        whole, _, rest = content.rpartition(b"\n")
        try:
            results = [_checked(json.loads(line)) for line in whole.splitlines() if line]
            if rest and not rest.startswith(b"{"):
                raise ValueError("its last line is no result")
        except ValueError as error:
            raise InputError(f"{self._path}: not a file of results ({error}); name another --out") from None
        if rest:
            # A run was being written when the campaign was ended: it is done again.
            with self._path.open("r+b") as file:
                file.truncate(len(content) - len(rest))
        return results


def _checked(result: Any) -> Result:
    """A line of the file, if it has all that the statistics read; ValueError otherwise."""
    if not isinstance(result, dict):
        raise ValueError("a line is no object")
    wanted = {*Job.__dataclass_fields__, "status", *(["seconds_to_proof"] if result.get("status") == "solved" else [])}
    if missing := sorted(wanted - set(result)):
        raise ValueError(f"a line lacks {missing[0]}")
    return result
