"""Some examples of a data set, each asked how robust a network is there.

`python -m bnnsat.campaigns.verifying.part` reads such a part as JSON on standard input, and prints the answers.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bnnsat.campaigns.jobs.process import outcome
from bnnsat.data.lines import sha256
from bnnsat.data.sets import SETS
from bnnsat.errors import BnnsatError, InputError
from bnnsat.foreign.imported import opened
from bnnsat.model import Model, file_of
from bnnsat.solvers.worker import die_with_parent
from bnnsat.types import Grey
from bnnsat.verification.minimum import minimum
from bnnsat.verification.rows import every_row

SIZE = 20
"""Examples of a part: few enough to lose, and enough for reading the network once."""
READING_SECONDS, UNLIMITED_SECONDS = 60.0, 1e6
"""Beyond the limits of the examples, for reading the network; and where there is no limit."""


@dataclass(frozen=True)
class Part:
    """Examples one after the other.

    Attributes:
        model: the path of a network.
        scale: what its grey levels are divided by; None where that is known.
        data: the path of a data set, or its name.
        digest: of the network's file and of the data's, which tells their versions apart.
        norm: l0, l1, l2 or linf.
        radius: whether a change within it does it; None for the least change.
        tied: keeps or changes.
        within: places of the raw values that may change; None for all.
        seconds_limit: for each example; None for none.
        first: the first example.
        last: the last one.
    """

    model: str
    scale: int | None
    data: str
    digest: str
    norm: str
    radius: int | None
    tied: str
    within: list[int] | None
    seconds_limit: float | None
    first: int
    last: int

    @property
    def key(self) -> str:
        """What tells parts apart, also in files."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def fields(self) -> dict[str, Any]:
        """What an executor carries; paths are whole, for who does it may be in another folder."""
        data = self.data if self.data in SETS else str(Path(self.data).resolve())
        return {**asdict(self), "model": str(Path(self.model).resolve()), "data": data}

    @classmethod
    def needs(cls, result: dict[str, Any]) -> dict[str, type | tuple[type, ...]]:
        """What a summary reads of a result."""
        return {"answers": list} if result["status"] == "done" else {}


def parts(part: Part, examples: range) -> list[Part]:
    """Examples in parts, which are the same whatever else is asked for.

    Args:
        part: with everything but the examples.
        examples: one after the other.
    """
    starts = range(examples.start // SIZE * SIZE, examples.stop, SIZE)
    return [
        replace(part, first=max(examples.start, start), last=min(examples.stop, start + SIZE) - 1) for start in starts
    ]


def digest(model: Path, data: str) -> str:
    """What tells versions of the files apart.

    Args:
        model: of a network.
        data: a data set.
    """
    contents = [file_of(model).read_bytes()]
    if data not in SETS and Path(data).is_file():
        contents.append(Path(data).read_bytes())
    return " ".join(map(sha256, contents))


def execute(fields: dict[str, Any]) -> dict[str, Any]:
    """The answers of the part with those fields, in a process of its own; `status` is done, or why not.

    Args:
        fields: of a part.
    """
    part = Part(**fields)
    limit = UNLIMITED_SECONDS
    if part.seconds_limit is not None:
        limit = part.seconds_limit * (part.last - part.first + 1) + READING_SECONDS
    return outcome("bnnsat.campaigns.verifying.part", fields, limit)


def answers(part: Part) -> list[dict[str, Any]]:
    """What there is to be said of each example, as JSON.

    Args:
        part: the examples.

    Raises:
        InputError: the network or the data cannot be read.
    """
    model = opened(Path(part.model), part.scale)
    rows = every_row(model, part.data)
    return [_answer(part, model, rows[example], example) for example in range(part.first, part.last + 1)]


def _answer(part: Part, model: Model, row: Grey, example: int) -> dict[str, Any]:
    try:
        found = minimum(
            model,
            row,
            part.norm,
            radius=part.radius,
            tied=part.tied,
            within=part.within,
            seconds=part.seconds_limit,
        )
    except InputError as error:
        return {"example": example, "status": "REFUSED", "error": str(error)}
    noted = found.noted(model)
    # Of the whole input there would be a line of thousands for each example.
    raw = noted.pop("counterexample")
    return {"example": example, **noted, "to": [] if raw is None else [raw[place] for place in found.changed]}


def main() -> None:
    """Read a part, and say what came of it."""
    part = Part(**json.loads(sys.stdin.read()))
    die_with_parent()
    try:
        print(json.dumps({"status": "done", "answers": answers(part)}))
    except BnnsatError as error:
        print(json.dumps({"status": "failed", "error": str(error)}))


if __name__ == "__main__":
    main()
