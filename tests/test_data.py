"""From data sets to training problems: embedded digits, sampling, binarisation, input order, scores, reduction."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import often

from bnnsat import scores
from bnnsat.data.binarize import Binarizer
from bnnsat.data.dataset import Dataset, Examples
from bnnsat.data.embedded import embedded, packed
from bnnsat.data.orders import informative_order
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.data.read import read
from bnnsat.data.reduce import REDUCTIONS, reduced, sixteen_levels
from bnnsat.data.sets import SETS
from bnnsat.data.task import Task
from bnnsat.errors import InputError
from bnnsat.problem import Problem
from bnnsat.search.netting import netted
from bnnsat.types import Bits, Integers

SHARED = Path(__file__).parents[2] / "shared" / "data"


def numbered(labels: list[int], binarize: str = "bits") -> Dataset:
    """Examples whose 12 bits spell their index."""
    inputs = (np.arange(len(labels))[:, np.newaxis] >> np.arange(12) & 1).astype(np.uint8)
    examples = Examples(inputs, np.array(labels, dtype=np.int64))
    return Dataset.of("numbered", examples, None, binarize)


def indices(task: Task) -> list[int]:
    return [int(value) for value in task.inputs @ (1 << np.arange(12))]


@st.composite
def tables(draw: st.DrawFn, *, most_inputs: int = 6, classes: int = 2, most_rows: int = 14) -> tuple[Bits, Integers]:
    n, rows = draw(st.integers(1, most_inputs)), draw(st.integers(1, most_rows))
    bits = draw(st.lists(st.integers(0, 2**n - 1), min_size=rows, max_size=rows))
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))
    return (np.array(bits)[:, np.newaxis] >> np.arange(n) & 1).astype(np.bool_), np.array(labels)


# Embedded sets


@pytest.mark.parametrize("name", SETS)
def test_embedded_sets_hold_their_digits_in_sixteen_grey_levels(name: str) -> None:
    dataset = read(name)
    assert dataset is embedded(name) and dataset.test is not None
    assert (dataset.name, dataset.binarize, dataset.classes) == (name, SETS[name], 10)
    for part in (dataset.train, dataset.test):
        assert part.grey.shape == (10_000, 64) and part.grey.dtype == np.uint8
        assert part.labels.shape == (10_000,)
        assert sorted(set(part.labels.tolist())) == list(range(10))
        assert np.unique(part.grey).tolist() == list(range(0, 256, 17))
    # The first labels of MNIST's own files.
    assert dataset.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert dataset.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_embedded_sets_are_the_same_digits_reduced_differently() -> None:
    crop, pad = embedded("mnist8x8"), embedded("mnist8x8-pad32")
    np.testing.assert_array_equal(crop.train.labels, pad.train.labels)
    assert (crop.train.grey != pad.train.grey).any()


@pytest.mark.parametrize("name", ["", "MNIST8x8", "mnist", "../files/mnist8x8"])
def test_unknown_embedded_sets_are_refused_by_name(name: str) -> None:
    with pytest.raises(InputError, match="mnist8x8-pad32"):
        embedded(name)


@given(levels=st.lists(st.integers(0, 15), min_size=4, max_size=4))
def test_packing_puts_the_first_of_two_levels_in_the_high_half(levels: list[int]) -> None:
    a, b, c, d = levels
    assert packed(np.array([levels], dtype=np.uint8)).tolist() == [[16 * a + b, 16 * c + d]]


# Sampling


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("digit", "samples", "seed"), [(0, 250, 0), (0, 1, 0), (3, 7, 5), (9, 1900, 2**40)])
def test_sample_of_a_digit_is_drawn_half_and_half_in_that_order(name: str, digit: int, samples: int, seed: int) -> None:
    dataset = embedded(name)
    task = Task.of(dataset, positive=digit, examples=samples, seed=seed, binarize="threshold:100")
    rng = np.random.default_rng(seed)
    ones = rng.choice(np.flatnonzero(dataset.train.labels == digit), samples // 2, replace=False)
    zeros = rng.choice(np.flatnonzero(dataset.train.labels != digit), samples - samples // 2, replace=False)
    chosen = np.concatenate([ones, zeros])
    np.testing.assert_array_equal(task.inputs, dataset.train.grey[chosen] >= 100)
    assert task.labels.tolist() == [1] * (samples // 2) + [0] * (samples - samples // 2)
    assert dataset.test is not None and task.test_inputs is not None and task.test_labels is not None
    np.testing.assert_array_equal(task.test_inputs, dataset.test.grey >= 100)
    np.testing.assert_array_equal(task.test_labels, dataset.test.labels == digit)


@pytest.mark.parametrize(("samples", "seed"), [(10, 0), (250, 3)])
def test_sample_of_ten_classes_is_a_tenth_of_each_from_class_0_on(samples: int, seed: int) -> None:
    train = embedded("mnist8x8").train
    task = Task.of(embedded("mnist8x8"), examples=samples, seed=seed, binarize="threshold:17")
    rng = np.random.default_rng(seed)
    chosen = np.concatenate([rng.choice(np.flatnonzero(train.labels == k), samples // 10, False) for k in range(10)])
    np.testing.assert_array_equal(task.inputs, train.grey[chosen] >= 17)
    assert task.labels.tolist() == [k for k in range(10) for _ in range(samples // 10)]
    assert task.classes == 10


@given(labels=st.lists(st.integers(0, 1), min_size=2, max_size=60), seed=st.integers(0, 99), data=st.data())
def test_sample_of_two_labels_takes_label_1_first(labels: list[int], seed: int, data: st.DataObject) -> None:
    ones, zeros = np.flatnonzero(labels), np.flatnonzero(np.array(labels) == 0)
    samples = data.draw(st.integers(1, 1 + 2 * min(len(ones), len(zeros))))
    if samples - samples // 2 > len(zeros):
        samples -= 1
    assume(samples)
    rng = np.random.default_rng(seed)
    half = samples // 2
    expected = [*rng.choice(ones, half, replace=False), *rng.choice(zeros, samples - half, replace=False)]
    task = Task.of(numbered(labels), examples=samples, seed=seed)
    assert indices(task) == expected
    assert task.labels.tolist() == [labels[i] for i in expected]


@pytest.mark.parametrize("digit", [None, 2])
def test_without_samples_all_examples_are_taken_in_their_order(digit: int | None) -> None:
    task = Task.of(numbered([2, 0, 1, 2]), positive=digit, seed=7)
    assert indices(task) == [0, 1, 2, 3]
    assert task.labels.tolist() == ([2, 0, 1, 2] if digit is None else [1, 0, 0, 1])
    assert task.test_inputs is None and task.test_labels is None


def test_sample_may_take_every_example_but_not_one_more() -> None:
    dataset = numbered([0, 1, 0, 1])
    assert sorted(indices(Task.of(dataset, examples=4))) == [0, 1, 2, 3]
    with pytest.raises(InputError, match="only 2"):
        Task.of(dataset, examples=5)


@pytest.mark.parametrize(
    "options",
    [
        {"positive": 0, "examples": 0},
        {"positive": 0, "examples": -2},
        {"positive": 0, "examples": 2004},
        {"positive": 0, "examples": 10**30},
        {"positive": -1, "examples": 10},
        {"positive": 10, "examples": 10},
        {"positive": 10},
        {"positive": 0, "examples": 10, "seed": -1},
        {"examples": 0},
        {"examples": -10},
        {"examples": 15},
        {"examples": 100_000},
        {"examples": 10, "seed": -1},
        {"input_order": "sorted"},
        {"binarize": "bits"},
        {"binarize": "threshold:256"},
    ],
)
def test_tasks_that_cannot_be_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(InputError):
        Task.of(embedded("mnist8x8"), **options)  # type: ignore[arg-type]


def test_parts_of_different_width_are_refused() -> None:
    wide, narrow = (Examples(np.zeros((1, n), np.uint8), np.zeros(1, np.int64)) for n in (3, 2))
    with pytest.raises(InputError, match="3 inputs"):
        Dataset.of("odd", wide, narrow, "bits")


# Binarisation

GREYS = st.lists(st.lists(st.integers(0, 255), min_size=5, max_size=5), min_size=1, max_size=8)


@given(rows=GREYS, level=st.integers(1, 255))
def test_binarisers_compare_greys_as_their_way_says(rows: list[list[int]], level: int) -> None:
    greys = np.array(rows, dtype=np.uint8)

    def bits(way: str) -> list[list[bool]]:
        result = Binarizer.fit(way, greys)(greys)
        assert result.dtype == np.bool_
        return result.tolist()  # type: ignore[no-any-return]

    assert bits(f"threshold:{level}") == [[v >= level for v in row] for row in rows]
    assert bits("image-mean") == [[v * len(row) > sum(row) for v in row] for row in rows]
    sums = [sum(column) for column in zip(*rows, strict=True)]
    assert bits("pixel-mean") == [[v * len(rows) > s for v, s in zip(row, sums, strict=True)] for row in rows]


def test_pixel_means_come_from_the_training_sample_alone() -> None:
    rng = np.random.default_rng(0)
    train = Examples(rng.integers(0, 256, (30, 4), dtype=np.uint8), np.arange(30) % 2)
    test = Examples(rng.integers(0, 256, (20, 4), dtype=np.uint8), np.arange(20) % 2)
    task = Task.of(Dataset.of("random", train, test, "pixel-mean"), examples=6, seed=1)
    draws = np.random.default_rng(1)
    chosen = [*draws.choice(np.flatnonzero(train.labels), 3, False), *draws.choice(np.arange(0, 30, 2), 3, False)]
    means = train.grey[chosen].astype(int).sum(axis=0) / 6
    assert task.preprocessing.noted()["means"] == tuple(means)
    assert task.test_inputs is not None
    np.testing.assert_array_equal(task.inputs, train.grey[chosen] > means)
    np.testing.assert_array_equal(task.test_inputs, test.inputs > means)


def test_bits_are_kept_and_anything_above_1_is_refused_in_either_part() -> None:
    bits = Examples(np.array([[0, 1], [1, 1]], np.uint8), np.array([0, 1]))
    greys = Examples(np.array([[0, 1], [1, 2]], np.uint8), np.array([0, 1]))
    assert Task.of(Dataset.of("bits", bits, bits, "bits")).inputs.tolist() == [[False, True], [True, True]]
    for train, test in ((greys, None), (bits, greys)):
        with pytest.raises(InputError, match="2"):
            Task.of(Dataset.of("greys", train, test, "bits"))


@pytest.mark.parametrize(
    "way",
    [
        *("", "bit", "mean", "threshold", "pixel-mean:3"),
        *(
            f"threshold:{level}"
            for level in ("", "0", "256", "-1", "1.5", "1:2", " 5", "\N{SUPERSCRIPT TWO}", "9" * 5000)
        ),
    ],
)
def test_unknown_binarisations_are_refused(way: str) -> None:
    with pytest.raises(InputError, match="binarisation"):
        Binarizer.fit(way, np.zeros((1, 3), np.uint8))


# Input order


def squared_correlation(x: list[int], y: list[int]) -> Fraction:
    def covariance(a: list[int], b: list[int]) -> int:
        return len(a) * sum(u * v for u, v in zip(a, b, strict=True)) - sum(a) * sum(b)

    scale = covariance(x, x) * covariance(y, y)
    return Fraction(covariance(x, y) ** 2, scale) if scale else Fraction(0)


@given(table=tables(most_inputs=9))
def test_informative_order_deals_ranks_by_correlation_to_upper_and_lower_half(table: tuple[Bits, Integers]) -> None:
    check_informative_order(*table)


@given(table=tables(most_inputs=7, classes=4))
def test_informative_order_of_many_labels_takes_the_best_correlation_of_any(table: tuple[Bits, Integers]) -> None:
    check_informative_order(*table)


def check_informative_order(inputs: Bits, labels: Integers) -> None:
    n = inputs.shape[1]
    columns = inputs.astype(int).T.tolist()
    values = range(int(labels.max()) + 1) if labels.max() > 1 else [1]
    best = [max(squared_correlation(x, (labels == v).astype(int).tolist()) for v in values) for x in columns]
    ranks = sorted(range(n), key=lambda i: -best[i])
    # What says the same as one before it comes last.
    same = {i: {tuple(columns[i]), tuple(1 - x for x in columns[i])} for i in ranks}
    again = [i for place, i in enumerate(ranks) if any(tuple(columns[j]) in same[i] for j in ranks[:place])]
    ranks = [i for i in ranks if i not in again] + again
    order = informative_order(inputs, labels)
    assert sorted(order) == list(range(n))
    assert list(order[: (n + 1) // 2]) == ranks[0::2]
    assert list(order[(n + 1) // 2 :]) == ranks[1::2]


def test_informative_order_puts_constant_inputs_last_and_keeps_ties() -> None:
    y = np.array([0, 0, 1, 1])
    zeros, ones, weak = np.zeros(4, int), np.ones(4, int), np.array([0, 0, 0, 1])
    inputs = np.stack([zeros, weak, ones, y, 1 - y, 1 - weak], axis=1).astype(np.bool_)
    # By rank: 3, 4 (equal to and opposite of the label), 1, 5, then the constants 0, 2; 4, 5 and 2 repeat others.
    assert informative_order(inputs, y) == (3, 0, 5, 1, 4, 2)
    assert informative_order(inputs, np.zeros(4, np.int64)) == (0, 3, 4, 1, 2, 5)


@pytest.mark.parametrize("digit", [None, 6])
def test_informative_task_is_the_raw_task_with_its_inputs_moved(digit: int | None) -> None:
    dataset = embedded("mnist8x8")
    raw, moved = (
        Task.of(dataset, positive=digit, examples=100, seed=2, input_order=order) for order in ("raw", "informative")
    )
    order = moved.preprocessing.order
    assert raw.preprocessing.order is None and order == informative_order(raw.inputs, raw.labels)
    np.testing.assert_array_equal(moved.inputs, raw.inputs[:, order])
    assert moved.test_inputs is not None and raw.test_inputs is not None
    np.testing.assert_array_equal(moved.test_inputs, raw.test_inputs[:, order])


def test_an_odd_number_of_inputs_is_made_even_by_reading_one_again() -> None:
    inputs, labels = np.array([[0, 0, 1], [1, 0, 0], [1, 0, 1]], np.uint8), np.array([0, 0, 1])
    dataset = Dataset.of("odd", Examples(inputs, labels), None, "bits")
    raw, informative = (Task.of(dataset, even=True, input_order=order) for order in ("raw", "informative"))
    assert raw.preprocessing.order == (0, 1, 2, 0) and raw.preprocessing.raw
    # The first is the most informative one.
    assert (
        informative.preprocessing.order == (0, 1, 2, 0) == informative_order(raw.inputs[:, :3], raw.labels, even=True)
    )
    assert raw.inputs.astype(int).tolist() == [[0, 0, 1, 0], [1, 0, 0, 1], [1, 0, 1, 1]]
    for preprocessing in (raw.preprocessing, Preprocessing(Binarizer("bits"), (2, 1, 0, 1))):
        assert Preprocessing.of(json.loads(json.dumps(preprocessing.noted())), 4) == preprocessing
        assert preprocessing.bits(4) == 3
    with pytest.raises(InputError, match="the data have 4 inputs; start the topology with as many"):
        Task.of(Dataset.of("even", Examples(raw.inputs.astype(np.uint8), labels), None, "bits"), even=True)


@given(order=st.permutations(range(6)), row=st.lists(st.integers(0, 1), min_size=6, max_size=6))
def test_preprocessing_makes_column_i_of_raw_input_order_i(order: list[int], row: list[int]) -> None:
    bits = Preprocessing(Binarizer("bits"), tuple(order))(np.array([row], np.uint8))
    assert bits.tolist() == [[bool(row[i]) for i in order]]


# Problems


@given(table=tables(most_inputs=3, classes=2), data=st.data())
def test_what_contradictions_cost_is_lost_whatever_is_said(table: tuple[Bits, Integers], data: st.DataObject) -> None:
    problem = Problem.of(*table, costs=data.draw(st.sampled_from([(), (1, 3), (4, 2)])))
    rest, lost = netted(problem)
    said = {row: data.draw(st.integers(0, 1)) for row in map(tuple, problem.inputs.tolist())}
    errors = [
        part.errors(
            np.array([said[tuple(row)] == label for row, label in zip(part.inputs.tolist(), part.labels, strict=True)])
        )
        for part in (problem, rest)
    ]
    assert errors[0] == lost + errors[1]
    assert lost == problem.lower_bound or len(rest.labels) == len(problem.labels)
    assert (rest.costs > 0).all() and len(rest.labels)


@given(table=tables(most_inputs=3, classes=3))
def test_problem_merges_duplicates_into_weights(table: tuple[Bits, Integers]) -> None:
    inputs, labels = table
    counts = Counter((*row, label) for row, label in zip(inputs.tolist(), labels.tolist(), strict=True))
    problem = Problem.of(inputs, labels)
    rows = [(*row, label) for row, label in zip(problem.inputs.tolist(), problem.labels.tolist(), strict=True)]
    assert dict(zip(rows, problem.costs.tolist(), strict=True)) == counts
    assert rows == sorted(counts)
    assert problem.inputs.dtype == np.bool_ and problem.total_cost == len(labels)


@given(table=tables(most_inputs=2, classes=3))
def test_lower_bound_is_the_least_errors_of_any_function_of_the_input(table: tuple[Bits, Integers]) -> None:
    inputs, labels = table
    problem = Problem.of(inputs, labels)
    keys = (inputs @ (1 << np.arange(inputs.shape[1]))).tolist()
    seen = sorted(set(keys))
    least = min(
        sum(function[seen.index(key)] != label for key, label in zip(keys, labels.tolist(), strict=True))
        for function in itertools.product(range(3), repeat=len(seen))
    )
    assert problem.lower_bound == least


@given(table=tables(most_inputs=3), data=st.data())
def test_problem_errors_count_every_duplicate_of_a_wrong_row(table: tuple[Bits, Integers], data: st.DataObject) -> None:
    inputs, labels = table
    problem = Problem.of(inputs, labels)
    function = np.array(data.draw(st.lists(st.integers(0, 1), min_size=8, max_size=8)))
    places = 1 << np.arange(inputs.shape[1])
    assert problem.errors(function[problem.inputs @ places] == problem.labels) == int(
        (function[inputs @ places] != labels).sum()
    )


# Scores


@given(pairs=st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_scores_are_shares_of_right_labels(pairs: list[tuple[int, int]]) -> None:
    predicted, labels = (np.array(values) for values in zip(*pairs, strict=True))
    by_label = {label: [p == q for p, q in pairs if q == label] for label in {q for _, q in pairs}}
    assert scores.accuracy(predicted, labels) == pytest.approx(sum(p == q for p, q in pairs) / len(pairs))
    balanced = sum(sum(right) / len(right) for right in by_label.values()) / len(by_label)
    assert scores.balanced_accuracy(predicted, labels) == pytest.approx(balanced)


def test_scores_of_no_examples_are_none() -> None:
    none = np.zeros(0, np.int64)
    assert scores.accuracy(none, none) is None and scores.balanced_accuracy(none, none) is None


@given(data=st.data(), n=st.sampled_from([1, 7, 8, 9, 64, 65]))
def test_unseen_rows_are_those_not_among_the_seen(data: st.DataObject, n: int) -> None:
    few = st.lists(st.sampled_from([0, 1, 2, 1 << (n - 1), (1 << n) - 1]).map(lambda v: v % (1 << n)), max_size=6)
    values, seen = data.draw(few), data.draw(few)

    def bits(numbers: list[int]) -> Bits:
        return np.array([[v >> i & 1 for i in range(n)] for v in numbers], dtype=np.bool_).reshape(-1, n)

    assert scores.unseen(bits(values), bits(seen)).tolist() == [v not in seen for v in values]


# Reduction


def blocks(image: NDArray[np.uint8], how: str) -> list[int]:
    """The 64 levels of a 28x28 image, one block after another."""
    side = 3 if how == "crop24" else 4
    start = 2 if how == "crop24" else -2
    levels = []
    for y, x in itertools.product(range(start, start + 8 * side, side), repeat=2):
        cells = itertools.product(range(y, y + side), range(x, x + side))
        total = sum(int(image[i, j]) for i, j in cells if 0 <= i < 28 and 0 <= j < 28)
        levels.append(int(Fraction(total, 17 * side**2) + Fraction(1, 2)))
    return levels


@given(seed=st.integers(0, 2**32), highest=st.sampled_from([1, 17, 40, 255]), how=st.sampled_from(REDUCTIONS))
@often(20)
def test_reduction_is_the_nearest_level_of_each_block_mean(seed: int, highest: int, how: str) -> None:
    images = np.random.default_rng(seed).integers(0, highest + 1, (2, 28, 28), dtype=np.uint8)
    levels = sixteen_levels(images.reshape(2, 784), how)
    assert levels.dtype == np.uint8 and levels.tolist() == [blocks(image, how) for image in images]


@pytest.mark.parametrize("how", REDUCTIONS)
def test_reduced_data_set_keeps_labels_and_both_parts(how: str) -> None:
    train = Examples(np.full((3, 784), 255, np.uint8), np.array([4, 0, 9]))
    test = Examples(np.zeros((2, 784), np.uint8), np.array([1, 2]))
    dataset = reduced(Dataset.of("full", train, test, "image-mean"), how)
    assert dataset.test is not None and dataset.inputs == 64
    assert dataset.train.labels.tolist() == [4, 0, 9] and dataset.test.labels.tolist() == [1, 2]
    assert dataset.train.grey.max() == 255 and not dataset.test.grey.any()
    assert reduced(Dataset.of("train", train, None, "image-mean"), how).test is None


@pytest.mark.parametrize("how", ["crop24", "pad32", "crop", ""])
def test_reduction_takes_known_ways_and_28x28_images_alone(how: str) -> None:
    with pytest.raises(InputError, match="64 inputs"):
        read("mnist8x8", reduce=how)
    if how not in REDUCTIONS:
        with pytest.raises(InputError, match="crop24, pad32"):
            sixteen_levels(np.zeros((1, 784), np.uint8), how)


@pytest.mark.parametrize(("name", "how"), [("mnist8x8", "crop24"), ("mnist8x8-pad32", "pad32")])
def test_embedded_sets_are_reduced_from_the_original_images(name: str, how: str) -> None:
    paths = [SHARED / "mnist_train_60k.npz", SHARED / "mnist_test_10k.npz"]
    if not all(path.is_file() for path in paths):
        pytest.skip("no original MNIST images in ../shared/data beside the checkout")
    dataset = embedded(name)
    assert dataset.test is not None
    for path, part in zip(paths, (dataset.train, dataset.test), strict=True):
        with np.load(path, allow_pickle=False) as file:
            images, labels = file["images"], file["labels"]
            order = np.argsort(file["original_index"]) if "original_index" in file else np.arange(len(labels))
        first = order[:10_000]
        np.testing.assert_array_equal(part.labels, labels[first])
        np.testing.assert_array_equal(part.inputs, 17 * sixteen_levels(images[first].reshape(-1, 784), how))


@pytest.mark.parametrize("how", ["shift", "affine"])
def test_copies_are_small_warps_of_the_images(how: str) -> None:
    from bnnsat.data.augment import copies

    rng = np.random.default_rng(0)
    image = np.zeros((28, 28), dtype=np.uint8)
    image[8:20, 12:16] = 200
    images = np.stack([image.reshape(-1)] * 3)
    made = copies(images, how, 5, rng)
    assert made.shape == (5, 3, 784)
    assert made.dtype == np.uint8
    # All different, each with about as much ink, about the same place.
    assert len({copy.tobytes() for copy in made.reshape(-1, 784)}) == 15
    y, x = np.mgrid[:28, :28]
    for copy in made.reshape(-1, 28, 28).astype(float):
        assert 0.6 < copy.sum() / image.sum() < 1.6
        assert abs((copy * x).sum() / copy.sum() - 13.5) < 2.5
        assert abs((copy * y).sum() / copy.sum() - 13.5) < 2.5


def test_an_image_that_is_not_warped_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from bnnsat.data import augment

    monkeypatch.setitem(augment.WAYS, "shift", augment.Reach(0.0))
    images = np.random.default_rng(0).integers(256, size=(4, 64)).astype(np.uint8)
    assert (augment.copies(images, "shift", 2, np.random.default_rng(0)) == images).all()


def test_augmentation_refuses_what_it_cannot_warp() -> None:
    from bnnsat.data.augment import copies

    with pytest.raises(InputError, match="no square image"):
        copies(np.zeros((2, 15), dtype=np.uint8), "affine", 1, np.random.default_rng(0))
    with pytest.raises(InputError, match="there are shift, affine"):
        copies(np.zeros((2, 16), dtype=np.uint8), "magic", 1, np.random.default_rng(0))


def test_variants_come_from_full_size_images_where_there_are_any(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(256, size=(30, 784)).astype(np.uint8), np.arange(30) % 3
    np.savez(tmp_path / "full.npz", X=images, y=labels)
    task = Task.of(read(str(tmp_path / "full.npz"), reduce="crop24"), positive=1, examples=10)
    assert task.images is not None and task.images.shape == (10, 784)
    assert task.inputs.shape == (10, 64)
    assert task.variants("affine", 4).shape == (4, 10, 64)
    assert (task.variants("affine", 4) == task.variants("affine", 4)).all()
    small = Task.of(read("mnist8x8"), positive=1, examples=10, input_order="informative")
    assert small.variants("shift", 2).shape == (2, 10, 64)
    assert (small.variants("shift", 2) == small.inputs).mean() > 0.7


def test_parity_and_multiplexers_are_what_they_say() -> None:
    parity = read("parity:4").train
    assert len({row.tobytes() for row in parity.grey}) == 16
    assert (parity.labels == np.bitwise_xor.reduce(parity.grey, axis=1)).all()
    for bits, address in ((6, 2), (11, 3)):
        mux = read(f"mux:{bits}").train
        assert len({row.tobytes() for row in mux.grey}) == 2**bits
        chosen = mux.grey[:, :address] @ (1 << np.arange(address - 1, -1, -1))
        assert (mux.labels == mux.grey[np.arange(2**bits), address + chosen]).all()


@pytest.mark.parametrize(("number", "positives"), [(1, 216), (2, 142), (3, 228)])
def test_the_monks_have_the_published_numbers_of_positives(number: int, positives: int) -> None:
    train = read(f"monk:{number}").train
    assert train.grey.shape == (432, 17)
    assert (train.labels == 1).sum() == positives
    # One bit of each attribute's values.
    for start, end in itertools.pairwise((0, 3, 6, 8, 11, 15, 17)):
        assert (train.grey[:, start:end].sum(axis=1) == 1).all()


@pytest.mark.parametrize("name", ["parity:1", "parity:13", "parity:x", "mux:7", "monk:4", "monk:"])
def test_problems_that_there_are_not(name: str) -> None:
    with pytest.raises(InputError, match="unknown problem"):
        read(name)
