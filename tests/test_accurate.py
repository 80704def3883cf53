"""Networks for new examples: what is held out, weighed and drawn, and what training for accuracy ends with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import LONG
from running import train
from strategies import often

from bnnsat.problem import Problem
from bnnsat.readings import packed
from bnnsat.search.found import Found
from bnnsat.search.local import accurate, gradient
from bnnsat.search.local.accurate import Budget, Manner, balanced
from bnnsat.search.local.ensembles import resampled
from bnnsat.search.local.gradient import Recipe, descend
from bnnsat.search.variants import Flips, Swaps, Variants
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers


def noisy(rows: int, seed: int) -> tuple[Bits, Integers]:
    """A majority of 21 bits, a fifth of whose labels are wrong."""
    rng = np.random.default_rng(seed)
    inputs = rng.random((rows, 21)) < 0.5
    return inputs, ((inputs.sum(axis=1) > 10) ^ (rng.random(rows) < 0.2)).astype(np.int64)


@often(50)
@given(st.lists(st.integers(0, 2), min_size=12, max_size=80), st.integers(0, 5))
def test_the_same_share_of_each_label_is_held_out(labels: list[int], seed: int) -> None:
    held = accurate._held_out(np.array(labels), np.random.default_rng(seed))
    for label in set(labels):
        there = labels.count(label)
        assert held[np.array(labels) == label].sum() == max(1, there // 4)


def test_labels_are_balanced_by_what_their_errors_cost() -> None:
    inputs = np.eye(10, dtype=np.bool_)
    problem = balanced(Problem.of(inputs, np.array([0] * 7 + [1] * 3), costs=(2, 1)))
    cost = np.bincount(problem.labels, weights=problem.costs)
    assert abs(cost[0] / cost[1] - 1) < 0.01
    # The labels that are not there have no weight.
    assert balanced(Problem.of(inputs, np.array([0, 2] * 5))).costs.tolist() == [accurate.UNIT] * 10


def test_a_sample_has_as_many_examples_of_each_label() -> None:
    inputs, labels = noisy(200, 0)
    problem = Problem.of(inputs, labels)
    sample = resampled(problem, np.random.default_rng(1))
    for label in (0, 1):
        assert sample.costs[sample.labels == label].sum() == problem.costs[problem.labels == label].sum()
    # About a third of the examples is not drawn.
    assert 0.55 < len(sample.labels) / len(problem.labels) < 0.72
    # Equal examples are drawn one by one.
    rows = Problem.of(np.eye(3, dtype=np.bool_)[[0] * 90 + [1] * 5 + [2] * 5], np.zeros(100, dtype=np.int64))
    for seed in range(20):
        assert resampled(rows, np.random.default_rng(seed)).costs.sum() == 100


@pytest.mark.parametrize(
    ("topology", "options"),
    [
        ("21-16-1", {}),
        ("21-16-1", {"weights": "ternary"}),
        ("21-1", {"thresholds": "learned"}),
        ("21-4-4-1", {"thresholds": "learned"}),
        ("21-8-2", {"head": "onehot"}),
        ("21-8-2", {"head": "argmax", "thresholds": "learned"}),
    ],
)
def test_accuracy_is_trained_for_in_any_shape_of_popcounts(topology: str, options: dict[str, str]) -> None:
    inputs, labels = noisy(150, 0)
    shape = Shape.parse(topology, **options)
    began = time.monotonic()
    training = train(inputs, labels, shape, goal="accuracy", time_limit=0.5)
    assert time.monotonic() - began < LONG
    assert training.errors == int((~training.network.right(inputs, labels)).sum()) < 75
    assert training.status == "FEASIBLE" and training.stopped == "goal accuracy"


def test_training_for_accuracy_is_right_about_more_new_examples_than_the_fewest_errors() -> None:
    inputs, labels = noisy(600, 0)
    new = noisy(20_000, 1)[0]
    truth = new.sum(axis=1) > 10
    shape, right = Shape.parse("21-128-1", thresholds="learned"), []
    for options in ({"goal": "errors"}, {"goal": "accuracy", "ensemble": 4}):
        network = train(inputs, labels, shape, time_limit=2, **options).network
        right.append((packed.predict(network.shape, network.matrices(), new) == truth).mean())
    assert right[1] > right[0]


@pytest.mark.parametrize("bootstrap", [False, True])
def test_an_ensemble_is_trained_for_accuracy(bootstrap: bool) -> None:
    inputs, labels = noisy(150, 0)
    shape = Shape.parse("21-24-1", thresholds="learned")
    training = train(inputs, labels, shape, goal="accuracy", time_limit=0.5, ensemble=3, bootstrap=bootstrap)
    assert training.errors < 75


def test_augmentation_leaves_nothing_to_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, labels = noisy(60, 0)
    problem, shape, rng = Problem.of(inputs, labels), Shape.parse("21-4-1"), np.random.default_rng(0)
    monkeypatch.setattr(accurate, "_chosen", None)
    for augment in (Flips(0.3), Swaps(0.3), Variants(inputs, labels)):
        assert list(accurate.accurate(problem, shape, rng, Manner(Budget(0.05), augment=augment)))
    # Nor is anything where a label is too rare to be held out.
    rare = Problem.of(inputs, np.arange(60) // 57)
    assert list(accurate.accurate(rare, shape, rng, Manner(Budget(0.05))))


def test_swapped_bits_are_those_of_another_example() -> None:
    recipe, rng = Recipe.of(Shape.parse("6-4-1")).with_noise(Swaps(0.25)), np.random.default_rng(0)
    recipe = replace(recipe, drop=0.0)
    # Each row is told from all others in each column.
    rows = np.arange(400 * 6, dtype=np.float32).reshape(400, 6)
    made = gradient._disturbed(rows, recipe, rng)
    changed = made != rows
    assert 0.2 < changed.mean() < 0.3
    assert np.array_equal(made % 6, rows % 6)
    assert not replace(recipe, swap=0.0).noisy and recipe.noisy


@pytest.mark.parametrize("descents", [1, 9])
def test_an_interrupt_leaves_the_best_network_so_far(descents: int, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, labels = noisy(60, 0)
    done = 0

    def interrupted(*arguments: Any) -> Iterator[Found | None]:
        nonlocal done
        done += 1
        if done > descents:
            raise KeyboardInterrupt
        yield from descend(*arguments)

    monkeypatch.setattr("bnnsat.search.local.accurate.descend", interrupted)
    shape = Shape.parse("21-12-1", thresholds="learned")
    training = train(inputs, labels, shape, goal="accuracy", time_limit=1, ensemble=2)
    # What makes no errors is proved, whoever ends the run.
    assert training.stopped == ("interrupted" if training.errors else None)
    assert training.errors == int((~training.network.right(inputs, labels)).sum()) < 20


def test_a_limit_in_which_nothing_can_be_learned_leaves_the_start() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.random((20_000, 300)) < 0.5, rng.integers(2, size=20_000)
    began = time.monotonic()
    training = train(inputs, labels, Shape.parse("300-400-1"), goal="accuracy", time_limit=0.2)
    assert training.stopped == "time limit" and time.monotonic() - began < LONG
