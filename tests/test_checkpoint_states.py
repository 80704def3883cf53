"""Checkpoints under any order of finds, saves, reads and mishaps: what is read is what was saved last, or refused."""

from __future__ import annotations

import errno
import json
import tempfile
import threading
import time
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from oracles import fewest_errors
from strategies import examples, often, shapes

from bnnsat.checkpoint import Checkpoint
from bnnsat.criterion import Criterion
from bnnsat.errors import InputError, SoundnessError
from bnnsat.network import Network
from bnnsat.problem import Problem
from bnnsat.search.progress import Run
from bnnsat.shape import Shape
from bnnsat.types import Bits, Integers

NAME = "checkpoint.json"
seeds = st.integers(0, 2**16)


def some_network(shape: Shape, seed: int) -> Network:
    rng = np.random.default_rng(seed)
    return Network.of(shape, [rng.integers(2, size=size) for size in shape.matrices])


class CheckpointStates(RuleBasedStateMachine):
    """`kept` is the run's state when it was saved last; without a file there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / NAME
        self.kept: tuple[Network, int, int, tuple[Criterion, ...]] | None = None
        self.wrong = False

    def teardown(self) -> None:
        self.folder.cleanup()

    @initialize(data=st.data(), seed=seeds)
    def start(self, data: st.DataObject, seed: int) -> None:
        self.shape = data.draw(shapes(most_weights=7))
        inputs, labels = data.draw(examples(self.shape))
        self.optimum = fewest_errors(self.shape, inputs.astype(int).tolist(), labels.tolist())
        self.begin(inputs, labels, seed)

    def begin(self, inputs: Bits, labels: Integers, seed: int) -> None:
        self.problem = Problem.of(inputs, labels)
        # One that differs in a single label.
        self.other = Problem.of(inputs, np.where(np.arange(len(labels)), labels, (labels + 1) % self.shape.classes))
        self.checkpoint = Checkpoint(self.path, self.problem, self.shape)
        self.run = Run(self.problem, some_network(self.shape, seed), time.monotonic())
        self.run.begin()

    @rule(seed=seeds, equal=st.booleans())
    def offer(self, seed: int, equal: bool) -> None:
        network, before = some_network(self.shape, seed), self.run.errors
        self.run.offer(network, network.errors(self.problem), "offer", equal=equal)
        assert self.run.errors == min(before, network.errors(self.problem))

    @rule(seed=seeds)
    def claim_too_much(self, seed: int) -> None:
        network, before = some_network(self.shape, seed), self.run.best
        with pytest.raises(SoundnessError, match="claimed"):
            self.run.offer(network, network.errors(self.problem) - 1, "liar")
        with pytest.raises(SoundnessError, match="are attained"):
            self.run.bound(self.run.errors + 1, "liar")
        assert self.run.best == before

    @rule(below=st.integers(0, 3))
    def bound(self, below: int) -> None:
        bound, before = max(0, self.optimum - below), self.run.lower_bound
        self.run.bound(bound, "bound")
        assert self.run.lower_bound == max(before, bound)

    @rule(objective=st.sampled_from(("margin", "sparse")), value=st.integers(0, 9), bound=st.integers(0, 9))
    def level(self, objective: str, value: int, bound: int) -> None:
        self.run.further(self.run.network, Criterion(objective, value, bound), "level")

    @rule()
    def save(self) -> None:
        """Until its last moment what was there before is there, whole."""
        before, seen = self.content(), []
        replace = Path.replace

        def seen_replace(old: Path, new: Path) -> Path:
            seen.append(self.content())
            return replace(old, new)

        with mock.patch.object(Path, "replace", seen_replace):
            self.checkpoint.save(self.run)
        assert seen == [before]
        self.kept, self.wrong = (*self.run.best, self.run.then), False

    @rule(where=st.sampled_from(("os.fsync", "pathlib.Path.replace")))
    def save_where_there_is_no_room(self, where: str) -> None:
        before = self.content()
        with (
            mock.patch(where, side_effect=OSError(errno.ENOSPC, "no space left")),
            pytest.raises(InputError, match="no space left"),
        ):
            self.checkpoint.save(self.run)
        assert self.content() == before

    @rule()
    def load(self) -> None:
        if self.wrong:
            with pytest.raises(InputError, match=NAME):
                self.checkpoint.load()
            return
        saved = self.checkpoint.load()
        if self.kept is None:
            assert saved is None
            return
        assert saved is not None
        network, errors, bound, then = self.kept
        assert saved.network == network
        assert (saved.network.errors(self.problem), saved.lower_bound) == (errors, bound)
        assert saved.then == {level.objective: level for level in then}
        assert saved.lower_bound <= self.optimum <= errors

    @precondition(lambda self: self.kept is not None and not self.wrong)
    @rule()
    def go_on(self) -> None:
        """A new process: it knows what the file knows, and nothing else."""
        self.checkpoint = Checkpoint(self.path, self.problem, self.shape)
        saved = self.checkpoint.load()
        assert saved is not None and self.kept is not None
        self.run = Run(self.problem, saved.network, time.monotonic())
        self.run.bound(saved.lower_bound, "checkpoint")
        assert self.run.best == self.kept[:3]

    @precondition(lambda self: self.kept is not None and not self.wrong)
    @rule(part=st.integers(0, 1000))
    def truncate(self, part: int) -> None:
        content = self.path.read_text()
        # Without its last character, the end of the line, it is as good as whole.
        self.path.write_text(content[: min(part * len(content) // 1000, len(content) - 2)])
        self.wrong = True

    @rule()
    def another_problem_s(self) -> None:
        run = Run(self.other, self.run.network, time.monotonic())
        Checkpoint(self.path, self.other, self.shape).save(run)
        self.wrong = True

    @rule(text=st.sampled_from(("", "{}", "[]", "null", "my notes", '{"format": "bnnsat-model", "version": 1}')))
    def another_program_s(self, text: str) -> None:
        self.path.write_text(text)
        self.wrong = True

    @rule()
    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.kept, self.wrong = None, False

    @invariant()
    def nothing_else_is_there(self) -> None:
        names = [path.name for path in Path(self.folder.name).iterdir()]
        assert names == ([NAME] if self.kept is not None or self.wrong else [])
        if self.kept is not None and not self.wrong:
            assert json.loads(self.path.read_text())["errors"] == self.kept[1]

    def content(self) -> bytes | None:
        return self.path.read_bytes() if self.path.exists() else None


TestCheckpointStates = CheckpointStates.TestCase
TestCheckpointStates.settings = settings(often(60), stateful_step_count=25)


def test_who_reads_while_another_writes_reads_what_gets_no_worse(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shape = Shape.parse("9-3-1")
    problem = Problem.of(rng.random((60, 9)) < 0.5, rng.integers(2, size=60))
    networks = sorted((some_network(shape, seed) for seed in range(200)), key=lambda n: -n.errors(problem))
    run = Run(problem, networks[0], time.monotonic())
    writer, reader = (Checkpoint(tmp_path / NAME, problem, shape) for _ in range(2))
    writer.save(run)

    def write() -> None:
        for network in networks:
            run.offer(network, network.errors(problem), "test", equal=True)
            writer.save(run)

    thread = threading.Thread(target=write)
    thread.start()
    errors = []
    while thread.is_alive():
        saved = reader.load()
        assert saved is not None
        errors.append(saved.network.errors(problem))
    thread.join()
    assert errors == sorted(errors, reverse=True)
    assert len(set(errors)) > 1
    saved = reader.load()
    assert saved is not None and saved.network.errors(problem) == networks[-1].errors(problem)
