"""Accuracy on new images: `scripts/bench accuracy [FOLDER]`, FOLDER with mnist_train_60k.npz and mnist_test_10k.npz.

digits   64-128-1, one digit against the rest, 250 images at 8x8: balanced test accuracy over ten digits and
         three seeds, without and with augmentation, beside scikit-learn's classifiers on the same bits
classes  784-512-10, three voting, ten classes with 10 and 40 images each, beside the same classifiers
deep     64-32-32-10 on 100 images: errors with onehot, test accuracy with argmax

Without the folder the embedded 8x8 images take the place of full-size ones, and `classes` is left out.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from bnnsat.data.dataset import Dataset
from bnnsat.data.read import read
from bnnsat.data.task import Task
from bnnsat.options import Options
from bnnsat.readings import packed
from bnnsat.scores import accuracy, balanced_accuracy
from bnnsat.search.variants import Variants
from bnnsat.shape import Shape
from bnnsat.trainer import train
from bnnsat.training import Training

SEEDS = (0, 1, 2)


def full(folder: Path, reduce: str | None) -> Dataset:
    data = read(str(folder / "mnist_train_60k.npz"), reduce=reduce)
    test = read(str(folder / "mnist_test_10k.npz"), reduce=reduce)
    return replace(data, test=test.train, binarize="image-mean")


def embedded(name: str, folder: Path) -> Dataset:
    """An embedded set, with its images at full size where they are there."""
    data, reduce = read(name), {"mnist8x8": "crop24", "mnist8x8-pad32": "pad32"}[name]
    file = folder / "mnist_train_60k.npz"
    if not file.exists():
        return data
    large, examples = read(str(file), reduce=reduce), len(data.train)
    assert large.full is not None
    assert np.array_equal(large.train.grey[:examples], data.train.grey)
    return replace(data, full=large.full[:examples], reduction=reduce)


def trained(
    task: Task, shape: Shape, seed: int, copies: int, members: int = 1, limit: float = 60, how: str = "affine"
) -> Training:
    variants = None
    if copies:
        bank = task.variants(how, copies, seed)
        variants = Variants(bank.reshape(-1, bank.shape[2]), np.tile(task.labels, copies))
    options = Options(seed=seed, augment=variants, ensemble=members, time_limit=limit)
    return train(task.inputs, task.labels, shape, options)


def digits(data: Dataset) -> None:
    print("\n64-128-1, a digit against the rest, 250 images: balanced test accuracy in %, mean over digits and seeds")
    shape = Shape.parse("64-128-1")
    for copies in (0, 99):
        scores, zero, seconds = [], 0, []
        for seed in SEEDS:
            for digit in range(10):
                task = Task.of(data, positive=digit, examples=250, seed=seed)
                began = time.perf_counter()
                result = trained(task, shape, seed, copies)
                seconds.append(time.perf_counter() - began)
                zero += result.status == "OPTIMAL" and result.errors == 0
                assert task.test_inputs is not None and task.test_labels is not None
                predicted = packed.predict(result.network.shape, result.network.matrices(), task.test_inputs)
                scores.append(100 * (balanced_accuracy(predicted, task.test_labels) or 0))
        print(
            f"{copies:3} copies: {np.mean(scores):.2f} (from {min(scores):.2f} to {max(scores):.2f}); "
            f"0 training errors in {zero} of {len(scores)}; "
            f"median {np.median(seconds):.2f} s, longest {max(seconds):.2f} s",
            flush=True,
        )
        others: dict[str, list[float]] = {}
        for seed in SEEDS:
            for digit in range(10):
                task = Task.of(data, positive=digit, examples=250, seed=seed)
                for name, score in _others(task, min(copies, 29), seed, balanced=True).items():
                    others.setdefault(name, []).append(score)
        print(
            f"     beside ({min(copies, 29)} copies): "
            + ", ".join(f"{name} {np.mean(values):.2f}" for name, values in others.items()),
            flush=True,
        )


def classes(data: Dataset) -> None:
    print("\n784-512-10, three voting, ten classes, 28x28: test accuracy in %, mean over seeds")
    shape = Shape.parse("784-1536-10", head="argmax")
    for each in (10, 40):
        scores, seconds, others = [], [], dict[str, list[float]]()
        for seed in SEEDS:
            task = Task.of(data, examples=10 * each, seed=seed)
            began = time.perf_counter()
            result = trained(task, shape, seed, 60, members=3, limit=300, how="wide")
            seconds.append(time.perf_counter() - began)
            assert task.test_inputs is not None and task.test_labels is not None
            predicted = packed.predict(result.network.shape, result.network.matrices(), task.test_inputs)
            scores.append(100 * (accuracy(predicted, task.test_labels) or 0))
            for name, score in _others(task, 0, seed, balanced=False).items():
                others.setdefault(name, []).append(score)
        print(
            f"{each:3} a class: {np.mean(scores):.2f} ({', '.join(f'{s:.2f}' for s in scores)}); "
            f"training errors {result.errors}, {np.mean(seconds):.1f} s; beside: "
            + ", ".join(f"{name} {np.mean(values):.2f}" for name, values in others.items()),
            flush=True,
        )


def deep(folder: Path) -> None:
    print("\n64-32-32-10, 100 images: onehot errors [bound] seconds; argmax test accuracy in %, plain and augmented")
    for name in ("mnist8x8", "mnist8x8-pad32"):
        data = embedded(name, folder)
        for seed in range(5):
            task = Task.of(data, examples=100, seed=seed)
            onehot = trained(task, Shape.parse("64-32-32-10"), seed, 0, limit=20)
            argmax = []
            for copies in (0, 99):
                result = trained(task, Shape.parse("64-32-32-10", head="argmax"), seed, copies, limit=20)
                assert task.test_inputs is not None and task.test_labels is not None
                predicted = packed.predict(result.network.shape, result.network.matrices(), task.test_inputs)
                argmax.append(f"{100 * (accuracy(predicted, task.test_labels) or 0):.1f}")
            print(
                f"{name:14} seed {seed}: {onehot.errors} [{onehot.lower_bound}] {onehot.seconds_to_best:.2f} s; "
                + " ".join(argmax),
                flush=True,
            )


def _others(task: Task, copies: int, seed: int, *, balanced: bool) -> dict[str, float]:
    inputs, labels = task.inputs, task.labels
    if copies:
        bank = task.variants("affine", copies, seed)
        inputs = np.concatenate([inputs, bank.reshape(-1, bank.shape[2])])
        labels = np.tile(labels, copies + 1)
    assert task.test_inputs is not None and task.test_labels is not None
    made = {
        "logistic regression": LogisticRegression(max_iter=2000),
        "random forest": RandomForestClassifier(200, random_state=0),
        "SVM": SVC(C=10 if balanced else 1, gamma="scale"),
    }
    score = balanced_accuracy if balanced else accuracy
    return {
        name: 100 * (score(model.fit(inputs, labels).predict(task.test_inputs), task.test_labels) or 0)
        for name, model in made.items()
    }


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else Path("../shared/data")
    wanted = arguments[1:] or ["digits", "classes", "deep"]
    there = (folder / "mnist_train_60k.npz").exists()
    if not there:
        print(f"no mnist_train_60k.npz in {folder}: the embedded images are warped instead, and classes is left out")
    if "deep" in wanted:
        deep(folder)
    if "digits" in wanted:
        digits(full(folder, "crop24") if there else read("mnist8x8"))
    if "classes" in wanted and there:
        classes(full(folder, None))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
