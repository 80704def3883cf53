"""What `bnnsat check` loads of this package to verify a training certificate, in lines by file, for docs/trust.md."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from bnnsat.certificates.certificate import write
from bnnsat.certificates.models import training_claim
from bnnsat.certificates.prover import Prover
from bnnsat.data.binarize import Binarizer
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.model import Model
from bnnsat.options import Options
from bnnsat.origin import Origin
from bnnsat.questions.training import TrainingQuestion
from bnnsat.shape import Shape
from bnnsat.trainer import train

ROOT = Path(__file__).resolve().parents[1]
CODE = """
import runpy, sys
sys.argv = ["check", "--quiet", sys.argv[1]]
try:
    runpy.run_module("bnnsat.certificates.check", run_name="__main__", alter_sys=True)
except SystemExit as stop:
    assert stop.code in (0, None), stop.code
for module in list(sys.modules.values()):
    print("loaded", module.__name__, getattr(module, "__file__", ""))
"""


def table() -> str:
    """The table in Markdown, largest first, with the sum in its last row."""
    lines = {file: len((ROOT / "bnnsat" / file).read_text().splitlines()) for file in loaded()}
    rows = [f"| `{file}` | {count} |" for file, count in sorted(lines.items(), key=lambda item: (-item[1], item[0]))]
    return "\n".join(["| file | lines |", "|---|---|", *rows, f"| all | {sum(lines.values())} |"]) + "\n"


def loaded() -> list[str]:
    """The files that a process loads which checks a certificate with a proof, as the command does."""
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((12, 4)) < 0.5, rng.integers(2, size=12)
    shape = Shape.parse("4-1")
    training = train(inputs, labels, shape, Options(jobs=1))
    origin = Origin(errors=training.errors, lower_bound=training.lower_bound)
    model = Model(training.network, Preprocessing(Binarizer("bits")), origin)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "certificate")
        claim, files = training_claim(model, TrainingQuestion.on(inputs, labels, shape))
        if all(statement.trees is None for statement in write(claim, files, out, Prover()).impossible):
            raise ValueError("the certificate has no proof")
        command = [sys.executable, "-c", CODE, str(out)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    places = {Path(line.split(maxsplit=2)[2]) for line in said.splitlines() if line.startswith("loaded bnnsat")}
    places.add(ROOT / "bnnsat" / "certificates" / "check.py")
    return sorted(str(place.relative_to(ROOT / "bnnsat")) for place in places)


if __name__ == "__main__":
    print(table(), end="")
