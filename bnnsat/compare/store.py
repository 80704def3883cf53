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
    """The results of a campaign in one file; the first result of a job is the one that counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.results: dict[str, Result] = {}
        names = set(Job.__dataclass_fields__)
        for result in self._read():
            job = Job(**{name: result[name] for name in names})
            self.results.setdefault(job.key, result)

    def add(self, job: Job, outcome: dict[str, Any]) -> None:
        """Append one result, on the disk before this returns."""
        result = {**asdict(job), **outcome}
        line = json.dumps(result).encode() + b"\n"
        with self._path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self.results.setdefault(job.key, result)

    def _read(self) -> list[Result]:
        if not self._path.exists():
            return []
        content = self._path.read_bytes()
        whole, _, rest = content.rpartition(b"\n")
        if rest:
            # A run was being written when the campaign was ended: it is done again.
            with self._path.open("r+b") as file:
                file.truncate(len(content) - len(rest))
        try:
            return [json.loads(line) for line in whole.splitlines() if line]
        except json.JSONDecodeError as error:
            raise InputError(f"{self._path}: not a file of results ({error}); name another --out") from None
