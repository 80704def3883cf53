"""The suites: which networks on which data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.problem import Problem
from bnnsat.shape import Shape


@dataclass(frozen=True)
class Instance:
    """One optimisation problem, by its parameters (those of `bnnsat data sample` and `bnnsat train`)."""

    suite: str
    data: str
    topology: str
    activation: str
    digit: int | None = None
    samples: int | None = None
    seed: int = 0
    input_order: str = "raw"
    head: str | None = None
    binarize: str | None = None
    reduce: str | None = None

    @property
    def name(self) -> str:
        digit = "" if self.digit is None else f" digit {self.digit}"
        samples = "" if self.samples is None else f" {self.samples}"
        order = "" if self.input_order == "raw" else f" {self.input_order}"
        seed = f" seed {self.seed}" if self.seed else ""
        return f"{self.suite} {Path(self.data).stem} {self.topology} {self.activation}{digit}{samples}{order}{seed}"

    def shape(self) -> Shape:
        return Shape.parse(self.topology, self.activation, self.head)

    def problem(self) -> Problem:
        task = Task.of(
            read(self.data, reduce=self.reduce),
            positive=self.digit,
            examples=self.samples,
            seed=self.seed,
            binarize=self.binarize,
            input_order=self.input_order,
        )
        return Problem.of(task.inputs, task.labels)


PAD32, CROP24 = "mnist8x8-pad32", "mnist8x8"


def suites(shared: Path, digits: list[int]) -> dict[str, list[Instance]]:
    """All suites; without the folder of shared data no S2 (its UCI tables), and S5 as far as the embedded images go."""
    one = [
        *(Instance("S1", PAD32, f"64-{h}1", "half", d, 250) for h in ("", "2-", "4-", "6-", "8-") for d in digits),
        *(Instance("S1", PAD32, "64-4-1", "half", d, 1000) for d in digits),
        *(
            Instance("S1", CROP24, f"64-{h}-1", "half", d, 250, input_order=order)
            for h in (2, 4)
            for order in ("raw", "informative")
            for d in digits
        ),
    ]
    two = []
    for file in sorted((shared / "uci").glob("*.npz")):
        n = read(str(file)).inputs
        two += [Instance("S2", str(file), f"{n}-{hidden}1", "popcount") for hidden in ("", "2-", "3-", "5-")]
    three = [
        Instance("S3", CROP24, f"64-{hidden}1", "popcount", digit, 250)
        for hidden in ("", "5-", "16-", "32-", "128-")
        for digit in digits
    ]
    four = [Instance("S4", PAD32, "64-32-32-10", "popcount", None, 100, seed) for seed in range(5)]
    mnist = shared / "mnist_train_60k.npz"
    five = [
        Instance("S5", str(mnist), topology, activation, 0, samples, binarize=binarize, reduce=reduce)
        if mnist.exists()
        else Instance("S5", embedded, topology, activation, 0, samples)
        for topology, activation, embedded, binarize, reduce in (
            ("64-1", "half", PAD32, "threshold:128", "pad32"),
            ("64-16-1", "popcount", CROP24, "image-mean", "crop24"),
        )
        # Of the embedded 10,000 images, some 1,000 show the digit: half of the examples at most.
        for samples in (100, 250, 1000, *((5000, 10_000) if mnist.exists() else (1800,)))
    ]
    return {"S1": one, "S2": two, "S3": three, "S4": four, "S5": five}
