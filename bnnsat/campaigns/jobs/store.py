"""Results on disk: one JSON object a line, appended as runs end, so that what was stopped goes on."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from bnnsat.errors import InputError

Result = dict[str, Any]
"""The fields of a job and what its run said of it."""


class Work(Protocol):
    """A frozen dataclass of what JSON can hold."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str:
        """What tells jobs apart, also in files."""

    @property
    def fields(self) -> dict[str, Any]:
        """What an executor carries to wherever it is done."""

    @classmethod
    def needs(cls, result: Result) -> dict[str, type | tuple[type, ...]]:
        """What a result of such a job says, beside its fields and `status`, and of which type each is."""


J = TypeVar("J", bound=Work)


class Store(Generic[J]):
    """The results of jobs of a kind in one file; the first result of a job is the one that counts.

    A run that failed is kept in the file but counts as not done: what was wrong may have been mended.
    Raises InputError for a file that cannot be read or holds anything else, which is left as it is.
    """

    def __init__(self, path: Path, kind: type[J]) -> None:
        self._path, self._kind = path, kind
        self.results: dict[str, Result] = {}
        for result in self._read():
            self._keep(result)

    def add(self, job: J, outcome: dict[str, Any]) -> None:
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
        key = self._kind(**{name: result[name] for name in self._kind.__dataclass_fields__}).key
        if key not in self.results or self.results[key]["status"] == "failed":
            self.results[key] = result

    def done(self, job: J) -> bool:
        """Whether the job has a result other than a failure."""
        return job.key in self.results and self.results[job.key]["status"] != "failed"

    def _read(self) -> list[Result]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError(f"cannot read {self._path}: {error.strerror or error}; name another folder") from None
        whole, _, rest = content.rpartition(b"\n")
        try:
            results = [self._checked(json.loads(line)) for line in whole.splitlines() if line]
            if rest and not rest.startswith(b"{"):
                raise ValueError("its last line is no result")
        except (RecursionError, ValueError) as error:
            raise InputError(f"{self._path}: not a file of results ({error}); name another folder") from None
        if rest:
            # A run was being written when the campaign was ended: it is done again.
            with self._path.open("r+b") as file:
                file.truncate(len(content) - len(rest))
        return results

    def _checked(self, result: Any) -> Result:
        """A line of the file, if it has all that is read later; ValueError otherwise."""
        if not isinstance(result, dict):
            raise ValueError("a line is no object")
        if "samples" in result:
            # As version 0.1 wrote it.
            result["training_examples"] = result.pop("examples", None)
            result["examples"], result["positive"] = result.pop("samples"), result.pop("digit", None)
        missing = {*self._kind.__dataclass_fields__, "status"} - result.keys()
        needs = {} if missing else self._kind.needs(result)
        if missing := missing | (needs.keys() - result.keys()):
            raise ValueError(f"a line lacks {min(missing)}")
        if wrong := [name for name, kind in needs.items() if not isinstance(result[name], kind)]:
            raise ValueError(f"{wrong[0]} is {result[wrong[0]]!r}")
        return result
