"""Whether as few errors are possible: against all networks."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from bnnsat.campaigns.shapes import trial
from bnnsat.campaigns.shapes.space import Family
from bnnsat.data.chosen import TaskOptions
from bnnsat.integers.shape import IntegerShape
from bnnsat.questions.integers import IntegersQuestion
from bnnsat.questions.replay import replayed
from bnnsat.questions.training import TrainingQuestion
from bnnsat.search.decided import decided, narrowing
from bnnsat.shape import Shape


def fewest(question: TrainingQuestion | IntegersQuestion) -> int:
    sizes = {name: int(np.prod(size)) for name, size in question.holes.items()}
    values = []
    for bits in product([False, True], repeat=sum(sizes.values())):
        parts = np.split(np.array(bits), np.cumsum([*sizes.values()])[:-1])
        holes = {name: part.reshape(question.holes[name]) for name, part in zip(sizes, parts, strict=True)}
        values.append(replayed(question, holes).value)
    return min(values)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("words", ["3-2-1", "2-1-1 ternary", "2-1-1 relu"])
def test_as_few_errors_as_any_network_makes_and_no_fewer(words: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    topology, kind = [*words.split(), "binary"][:2]
    n = int(topology[0])
    # Rows repeat, so that errors are certain and cost more than one.
    inputs, labels = rng.integers(0, 2, (9, n)), rng.integers(0, 2, 9)
    question: TrainingQuestion | IntegersQuestion
    if kind == "relu":
        question = IntegersQuestion(IntegerShape.parse(topology, weight_bits=2), inputs, labels)
    else:
        shape = Shape.parse(topology, weights=kind)
        question = TrainingQuestion.on(inputs.astype(np.bool_), labels, shape)
    narrow, least = narrowing(question), fewest(question)
    assert narrow is not None
    for most in (-1, 0, least - 1, least, least + 1, len(labels) + 1):
        answer = decided(question, most, None, narrow)
        if most < least:
            assert answer is False
        else:
            assert answer
            assert replayed(question, answer[1]).value == answer[0] <= most


def test_a_trial_whose_time_went_into_training_has_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "TRAINING_SHARE", 40.0)
    family = {**Family("popcount", 3, 1).__dict__}
    made = trial.found(trial.Trial(TaskOptions("parity:3").noted(), family, "3-2-1", "", 0.01, 0, most=1))
    assert made["errors"] == 2 and made["lower"] <= 2


def test_too_short_a_time_is_no_answer() -> None:
    inputs = np.array(list(product([0, 1], repeat=5)))
    question = TrainingQuestion.on(inputs.astype(np.bool_), inputs.sum(axis=1) % 2, Shape.parse("5-4-1"))
    assert decided(question, 0, 0.0) is None
    assert narrowing(TrainingQuestion.on(inputs[:, :4] > 0, inputs[:, 0], Shape.parse("4-2-1", "half"))) is None
