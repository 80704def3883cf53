"""How robust a network is on many examples: `bnnsat verify MODEL robust --examples`."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bnnsat import files
from bnnsat.campaigns.jobs.run import run
from bnnsat.campaigns.jobs.store import Store
from bnnsat.campaigns.verifying.part import Part, digest, execute, parts
from bnnsat.campaigns.verifying.plot import cactus
from bnnsat.campaigns.verifying.summary import summary
from bnnsat.cli.executors import executor, runs
from bnnsat.cli.networks import network_of
from bnnsat.errors import HaltedError, InputError, ResourceError
from bnnsat.plural import counted
from bnnsat.verification.rows import every_row

ALL = "all"


def batch(
    model: Path,
    scale: int | None,
    data: str,
    examples: str,
    part: dict[str, Any],
    jobs: int,
    dask: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Ask about many examples, and print each answer in a line and a summary.

    Args:
        model: the path of a network.
        scale: what its grey levels are divided by.
        data: a data set.
        examples: FIRST-LAST, or all.
        part: the other fields of a part: norm, radius, tied, seconds_limit.
        jobs: parts at a time.
        dask: the address of a scheduler; None for this machine.
        out: a folder for results, from which a stopped run goes on; None for none.
        as_json: print JSON.
    """
    if jobs < 1:
        raise InputError(f"--jobs {jobs} is none; give 1 or more")
    # What does not fit is seen before any process is started.
    chosen = _range(examples, len(every_row(network_of(model, scale), data)), data)
    work = parts(Part(str(model), scale, data, digest(model, data), **part, first=0, last=0), chosen)
    with tempfile.TemporaryDirectory(prefix="bnnsat-") as place:
        store = Store(files.folder(out or Path(place)) / "results.jsonl", Part)
        try:
            with executor(jobs, dask) as (pool, ahead), runs(len(work), sum(map(store.done, work))) as advance:
                run(work, store, pool, execute, lambda _: advance(), ahead=ahead)
        except KeyboardInterrupt:
            kept = "nothing is kept without --out" if out is None else f"the same command goes on from {out}"
            raise HaltedError(f"interrupted; {kept}") from None
        results = [store.results[one.key] for one in work]
    answers = [answer for result in results if result["status"] == "done" for answer in result["answers"]]
    if failed := next((result for result in results if result["status"] != "done"), None):
        raise ResourceError(
            f"examples {failed['first']} to {failed['last']}: {failed.get('error', failed['status'])}; "
            f"{counted(len(answers), 'other')} have an answer"
        )
    facts = summary(answers, part["seconds_limit"])
    if out is not None:
        drawn = cactus(answers, out) if find_spec("matplotlib") else []
        said = f"wrote {drawn[0]}" if drawn else "no plot without matplotlib: pip install 'bnnsat[plots]'"
        print(said, file=sys.stderr)
    if as_json:
        print(json.dumps({**facts, "answers": answers}))
        return
    for answer in answers:
        print(_line(answer, part["norm"]))
    said = ", ".join(f"{number} {status}" for status, number in facts["statuses"].items())
    print(
        f"{counted(facts['examples'], 'example')}: {said}; median {facts['seconds_median']} s, all {facts['seconds']} s"
    )


def _range(examples: str, rows: int, data: str) -> range:
    """The examples; InputError for those that are not there."""
    if examples == ALL:
        return range(rows)
    found = re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", examples)
    if not found or int(found[1]) > int(found[2]):
        raise InputError(f"--examples {examples!r} is no range; write it like 0-99, or {ALL}")
    if int(found[2]) >= rows:
        raise InputError(f"{data} has {counted(rows, 'example')}, 0 to {rows - 1}; there is no {found[2]}")
    return range(int(found[1]), int(found[2]) + 1)


def _line(answer: dict[str, Any], norm: str) -> str:
    """An answer in a line."""
    if "error" in answer:
        return f"{answer['example']}: {answer['status']}: {answer['error']}"
    value = f"{norm} {answer['value']}" if answer["value"] is not None else "no change"
    bound = f", at least {answer['lower_bound']}" if answer["status"] in ("FEASIBLE", "UNKNOWN") else ""
    new = {None: "", -1: ", label none"}.get(answer["new_label"], f", label {answer['new_label']}")
    return f"{answer['example']}: {answer['status']}: {value}{bound}{new}; {answer['seconds']:.3f} s"
