"""The experiments of the 2018 text on training by synthesis, one step each, and a page that sets both side by side."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from reproduce_page import DIGITS, SHAPES, Result, page, rows

ROOT = Path(__file__).resolve().parents[1]
CATS = ROOT.parent / "shared" / "data" / "cifar_cat_plane_8x8gray_small.npz"
CLASSES = {"airplane": 0, "cat": 3}
"""Labels of CIFAR-10."""
BITS = "mnist8x8-pad32"
"""Of its images each input is a pixel by itself."""
SEEDS = range(5)
FAMILIES = {
    "popcounts": "--activation popcount",
    "half-comparisons": "--activation half --input-order informative",
    "ReLU, 2 bits": "--activation relu --weight-bits 2",
    "ReLU, 4 bits": "--activation relu --weight-bits 4",
    "ReLU, 8 bits": "--activation relu --weight-bits 8",
}


class SkippedError(Exception):
    """What a step needs is not there."""


class Steps:
    """Commands of a step, and where its files are.

    Args:
        out: the folder.
        cats: the images, where they are.
    """

    def __init__(self, out: Path, cats: Path) -> None:
        self.out, self.cats = out, cats
        self.commands: list[str] = []

    def run(self, words: str) -> str:
        """What `bnnsat` prints."""
        self.commands.append(f"bnnsat {words}")
        command = [sys.executable, "-m", "bnnsat", *shlex.split(words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"bnnsat {words}: {done.stderr.strip().splitlines()[-1:]}")
        return done.stdout

    def json(self, words: str) -> Result:
        """What it prints as JSON."""
        found: Result = json.loads(self.run(f"{words} --json"))
        return found

    def certified(self, model: Path, more: str = "") -> float:
        """Certify a model and check that; the seconds of both."""
        began, folder = time.monotonic(), self.out / f"{model.name}-certificate"
        self.run(f"certify {model} --out {folder} {more} --quiet".replace("  ", " "))
        said = self.run(f"check {folder} --quiet")
        assert said.startswith("VERIFIED"), said
        return time.monotonic() - began

    def xor(self) -> Result:
        """XOR by ReLU with whole weights: 2-2-1 computes it, 2-1 cannot."""
        data = self.out / "xor.npz"
        np.savez(data, X=np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), y=np.array([0, 1, 1, 0]))
        words = f"train --data {data} --activation relu --weight-bits 4 --head exact --quiet"
        two = self.json(f"{words} --topology 2-2-1 --out {self.out / 'xor-2-2-1'}")
        one = self.json(f"{words} --topology 2-1 --out {self.out / 'xor-2-1'}")
        assert two["errors"] == 0 and one["status"] == "OPTIMAL" and one["errors"] > 0
        checked = self.certified(self.out / "xor-2-2-1", "--not 2-1") + self.certified(self.out / "xor-2-1")
        return {"found": two["seconds"], "impossible": one["seconds"], "errors": one["errors"], "certificates": checked}

    def packing(self) -> Result:
        """Bin packing: 10, 40, 20, 60 and 25 under 80."""
        self.commands.append("python examples/bin_packing.py")
        began = time.monotonic()
        said = subprocess.run(
            [sys.executable, str(ROOT / "examples" / "bin_packing.py")], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        steps = [int(line.split()[-1]) for line in said[:-1]]
        return {"steps": steps, "best": int(said[-1]), "seconds": time.monotonic() - began}

    def cats_and_planes(self) -> Result:
        """40 images of cats and aeroplanes, all shapes of at most two hidden layers of at most four neurons."""
        data = self._images()
        found: Result = {}
        for name, words in FAMILIES.items():
            folder = self.out / f"cats-{len(found)}"
            began = time.monotonic()
            told = self.json(
                f"shapes --data {data} {words} --hidden-layers 0..2 --width 1..4 --time-limit 27 --jobs 2 "
                f"--no-certificate --quiet --out {folder}"
            )
            seconds = time.monotonic() - began
            accuracy = self.json(f"predict {folder} --data {data} --part test")["accuracy"]
            left = [s["topology"] for s in told["shapes"] if s["status"] == "UNFINISHED"]
            bound = min((s["lower_bound"] for s in told["shapes"]), default=0)
            found[name] = {
                "status": told["status"],
                **told["best"],
                "bound": told["best"]["errors"] if told["status"] == "OPTIMAL" else bound,
                "shapes": len(told["shapes"]),
                "unfinished": left,
                "test_accuracy": accuracy,
                "seconds": seconds,
            }
        return found

    def digits(self) -> Result:
        """64-32-32-10 with popcounts on 100 digits."""
        words = (
            "train --topology 64-32-32-10 --activation popcount --head onehot --examples 100 --time-limit 60 --quiet"
        )
        runs = [self.json(f"{words} --seed {seed}") for seed in SEEDS]
        names = ("errors", "lower_bound", "train_accuracy", "test_accuracy", "seconds")
        return {name: [run[name] for run in runs] for name in names}

    def curves(self) -> Result:
        """Half-comparisons for a digit against the rest, 250 examples: test accuracy over the time of training."""
        found: Result = {}
        for digit in DIGITS:
            for shape in SHAPES:
                told = self.json(
                    f"train --data mnist8x8 --positive {digit} --examples 250 --activation half --topology {shape} "
                    f"--input-order informative --test-curve --quiet --out {self.out / f'half-{digit}-{shape}'}"
                )
                found[f"{digit} {shape}"] = {
                    "status": told["status"],
                    "errors": told["errors"],
                    "test_accuracy": told["test_accuracy"],
                    "seconds": told["seconds"],
                    "curve": [[e["seconds"], e["test_accuracy"]] for e in told["events"]],
                }
        return found

    def robust(self) -> Result:
        """How few pixels of each of 20 test images change the answer of such networks; and one certificate."""
        half = "--positive 3 --activation half --topology 64-4-1"
        counts = "--activation popcount --topology 64-32-32-10 --examples 100"
        found: Result = {}
        for name, words in (("half-comparison 64-4-1", half), ("popcounts 64-32-32-10", counts)):
            model = self.out / f"robust-{len(found)}"
            self.run(f"train --data {BITS} {words} --time-limit 60 --quiet --out {model}")
            began = time.monotonic()
            answers = self.json(f"verify {model} robust --data {BITS} --examples 0-19")["answers"]
            assert all(answer["status"] in ("OPTIMAL", "REFUSED") for answer in answers)
            radii = [answer["value"] for answer in answers if answer["status"] == "OPTIMAL"]
            found[name] = {"radii": radii, "seconds": time.monotonic() - began}
        folder = self.out / "robust-certificate"
        self.run(f"certify {self.out / 'robust-0'} --example 0 --out {folder} --quiet")
        assert self.run(f"check {folder} --quiet").startswith("VERIFIED")
        return found

    def forest(self) -> Result:
        """Programs for random forests: a multiplexer's, and a digit's against the rest, asked about test images."""
        try:
            from sklearn.ensemble import RandomForestClassifier
        except ImportError:
            raise SkippedError("scikit-learn is not installed (extra sklearn)") from None
        import bnnsat

        found: Result = {}
        mux = bnnsat.Task.chosen(bnnsat.TaskOptions("mux:6"), 1)
        digit = bnnsat.Task.chosen(bnnsat.TaskOptions("mnist8x8", positive=3, examples=250), 1)
        for name, task, family, queries in (
            ("multiplexer of 6 inputs", mux, "tree", mux.inputs),
            ("digit 3 of 250 images", digit, "score-card", digit.test_inputs),
        ):
            self.commands.append(f"bnnsat.distill(forest, {family!r}, data=queries)  # {name}")
            forest = RandomForestClassifier(100, random_state=0).fit(task.inputs, task.labels)
            told = bnnsat.distill(forest, family, data=queries, time_limit=30).noted()
            found[name] = {key: told[key] for key in ("status", "family", "topology", "claim", "rules", "seconds")}
            found[name]["disagreement"] = told["disagreement"]
        return found

    def _images(self) -> Path:
        """The images as a file that `bnnsat` reads: 20 of each class, and all test images."""
        if not self.cats.exists():
            raise SkippedError(
                f"the images are not there ({self.cats}); name a folder of CIFAR-10's binary files with --cats"
            )
        if self.cats.is_dir():
            images, labels, test = cifar(self.cats)
        else:
            with np.load(self.cats) as file:
                images, labels, test = file["x"], file["label"].astype(int), file["is_test"].astype(bool)
        rng, own = np.random.default_rng(0), np.flatnonzero(~test)
        rows = np.concatenate([rng.choice(own[labels[own] == c], 20, replace=False) for c in (1, 0)])
        path = self.out / "cats.npz"
        np.savez(
            path,
            images=images[rows].reshape(-1, 8, 8),
            labels=labels[rows],
            test_images=images[test].reshape(-1, 8, 8),
            test_labels=labels[test],
        )
        return path


def cifar(folder: Path) -> tuple[Any, Any, Any]:
    """Grey images 8x8 of cats (1) and aeroplanes (0) of CIFAR-10's binary files, and which are test images."""
    images, labels, test = [], [], []
    for path in sorted(folder.glob("*.bin")):
        rows = np.frombuffer(path.read_bytes(), dtype=np.uint8).reshape(-1, 3073)
        rows = rows[np.isin(rows[:, 0], [*CLASSES.values()])]
        colours = rows[:, 1:].reshape(-1, 3, 32, 32).astype(np.int64)
        grey = (299 * colours[:, 0] + 587 * colours[:, 1] + 114 * colours[:, 2]) // 1000
        images.append(grey.reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4)).astype(np.uint8).reshape(len(rows), 64))
        labels.append((rows[:, 0] == CLASSES["cat"]).astype(int))
        test.append(np.full(len(rows), "test" in path.name))
    if not images:
        raise SkippedError(f"{folder} holds no binary files of CIFAR-10")
    return np.concatenate(images), np.concatenate(labels), np.concatenate(test)


STEPS: dict[str, Callable[[Steps], Result]] = {
    "xor": Steps.xor,
    "packing": Steps.packing,
    "cats": Steps.cats_and_planes,
    "digits": Steps.digits,
    "curves": Steps.curves,
    "robust": Steps.robust,
    "forest": Steps.forest,
}


def done(name: str, steps: Steps) -> Result:
    """The result of a step: that of an earlier run, or of one now."""
    place = steps.out / f"{name}.json"
    if place.exists():
        print(f"{name}: done before", flush=True)
        found: Result = json.loads(place.read_text())
        return found
    print(f"{name}: {STEPS[name].__doc__}", flush=True)
    steps.commands = []
    began = time.monotonic()
    try:
        result = STEPS[name](steps)
    except SkippedError as reason:
        print(f"{name}: skipped: {reason}", flush=True)
        return {"skipped": str(reason)}
    result = {"result": result, "commands": steps.commands, "seconds": time.monotonic() - began}
    with tempfile.NamedTemporaryFile("w", dir=steps.out, delete=False) as file:
        file.write(json.dumps(result, indent=1) + "\n")
    Path(file.name).replace(place)
    print(f"{name}: {result['seconds']:.1f} s", flush=True)
    return result


def main() -> None:
    """Run the steps that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help=f"steps, separated by commas: {', '.join(STEPS)}")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "reproduce")
    parser.add_argument("--cats", type=Path, default=CATS, help="the images, or a folder of CIFAR-10's binary files")
    options = parser.parse_args()
    wanted = [*STEPS] if options.only is None else options.only.split(",")
    if unknown := [name for name in wanted if name not in STEPS]:
        parser.error(f"unknown step {unknown[0]!r}; there are {', '.join(STEPS)}")
    options.out.mkdir(parents=True, exist_ok=True)
    steps = Steps(options.out.resolve(), options.cats)
    found: dict[str, Result] = {}
    for name in STEPS:
        if name in wanted:
            found[name] = done(name, steps)
        elif (options.out / f"{name}.json").exists():
            found[name] = json.loads((options.out / f"{name}.json").read_text())
    for what, _, here in rows(found):
        print(f"{what}: {here}")
    print(page(found, steps.out))


if __name__ == "__main__":
    main()
