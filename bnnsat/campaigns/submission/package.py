"""The chosen instances as files, and a table of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bnnsat import files
from bnnsat.campaigns.jobs.store import Result
from bnnsat.campaigns.submission.candidate import LEAST, Candidate
from bnnsat.campaigns.submission.measure import bound, exported
from bnnsat.errors import InputError, ResourceError
from bnnsat.search.least import Best

OURS = re.compile(r"bnn-(popcount|half)-[0-9-]+-.*\.(cnf|wcnf|opb)\.xz(\.json)?")
FAMILY = "optimal-binary-neural-networks"


def available() -> None:
    """InputError where what computes hashes and features is not installed."""
    if find_spec("gbdc") is None:
        raise InputError("hashes and features need gbdc: pip install 'bnnsat[submission]'")


def of_another(track: str, folder: Path) -> bool:
    """Whether a package of another track is there."""
    place = folder / "instances"
    found = [OURS.fullmatch(file.name) for file in place.iterdir()] if place.is_dir() else []
    return any(match is not None and match[2] != track for match in found)


def write(results: Sequence[Result], author: str, folder: Path) -> list[dict[str, Any]]:
    """Write instances/NAME.xz with what is known beside each, and instances.csv; the rows of the latter.

    An earlier package is replaced; files that are none of it are left alone. Raises ResourceError where a formula
    is not the one that was measured.
    """
    place = files.folder(folder / "instances")
    rows = [_instance(result, author, place) for result in results]
    kept = {row["filename"] for row in rows}
    for old in place.iterdir():
        # An earlier choice, made with other limits or fewer measurements.
        if OURS.fullmatch(old.name) and old.name.removesuffix(".json") not in kept:
            old.unlink()
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write(folder / "instances.csv", text.getvalue().encode())
    return rows


def _instance(result: Result, author: str, place: Path) -> dict[str, Any]:
    job = Candidate(**{name: result[name] for name in Candidate.__dataclass_fields__})
    best = Best(result["value"], result["lower"], result["by"])
    most = bound(job, best)
    answer, made = best.answer(most), exported(job, best)
    file = place / f"{job.name(best.value if most is None else most, answer)}.{job.track}.xz"
    if made.digest() != result["sha256"]:
        raise ResourceError(f"{file.name} is not what was measured; measure it again in an empty folder")
    side = made.write(file).content
    return {
        "filename": file.name,
        "family": FAMILY,
        "author": author,
        "result": answer.lower(),
        "by": best.by,
        "topology": job.topology,
        "activation": job.activation,
        "data": job.data,
        "positive": job.positive,
        "examples": result["training_examples"],
        "bound": most,
        "fewest_errors": best.value if best.proved else None,
        "optimum": best.value - side["constant"] if job.ask == LEAST else None,
        "variables": side["variables"],
        "constraints": side["constraints"],
        "reference_limit": job.reference_limit,
        "reference_seconds": result["reference_seconds"],
        "own": "bnnsat train" if job.program is None else Path(job.program).name,
        "own_limit": job.limit,
        "own_seconds": result["own_seconds"],
        "bnnsat_seconds": result["bnnsat_seconds"],
        "interesting": result["interesting"],
        **_features(job.track, str(file)),
    }


def _features(track: str, file: str) -> dict[str, Any]:
    """Hashes and features as the benchmark database of the competitions has them."""
    import gbdc

    hashes, features = {
        "cnf": ({"gbdhash": gbdc.gbdhash, "isohash": gbdc.isohash}, gbdc.extract_base_features),
        "wcnf": ({"gbdhash": gbdc.wcnfhash, "isohash": gbdc.wcnfisohash}, gbdc.extract_wcnf_base_features),
        "opb": ({"gbdhash": gbdc.opbhash}, gbdc.extract_opb_base_features),
    }[track]
    return {name: function(file) for name, function in hashes.items()} | {
        f"feature_{name}": value for name, value in features(file).items()
    }
