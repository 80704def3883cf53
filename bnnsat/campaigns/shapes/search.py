"""Which shape is trained next, for how long, and which need not be: what one finds is a bound for others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import asdict, dataclass, replace
from typing import Any

from bnnsat.campaigns.jobs.store import Store
from bnnsat.campaigns.shapes.space import Family, contains
from bnnsat.campaigns.shapes.trial import Trial, execute
from bnnsat.certificates.space import ERRORS_FIRST, WEIGHTS_FIRST, weights_of
from bnnsat.errors import ResourceError
from bnnsat.integers.shape import IntegerShape
from bnnsat.shape import Shape

FIRST_SECONDS, GROWTH = 3.0, 3.0
"""Of a shape's first trial, and how many times as long each further one is; the last one has what is left."""
BEST, WORSE, UNFINISHED = "BEST", "WORSE", "UNFINISHED"


@dataclass(frozen=True)
class Goal:
    """What the best shape is.

    Attributes:
        prefer: "errors,weights": the fewest errors, of these the fewest weights. "weights": the fewest weights with at
            most so many errors.
        errors: of "weights".
    """

    prefer: str = ERRORS_FIRST
    errors: int = 0


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a shape.

    Attributes:
        shape: the shape.
        weights: of its networks.
        errors: of the best network; None before there is one.
        lower: proved.
        model: the best network's file, as text.
        seconds: of all its trials.
        spent: limits of all its trials, in seconds.
        limit: of the next trial; None for no limit.
        ended: its trials have used up all time.
        bounded: by which other shape its bound is known, a topology; None where it is its own.
    """

    shape: Shape | IntegerShape
    weights: int
    errors: int | None = None
    lower: int = 0
    model: str | None = None
    seconds: float = 0.0
    spent: float = 0.0
    limit: float | None = None
    ended: bool = False
    bounded: str | None = None

    @property
    def topology(self) -> str:
        """Of the shape."""
        return self.shape.topology


class Shapes:
    """A search through a space.

    Args:
        shapes: the space.
        family: what is the same for all.
        task: `TaskOptions` as JSON.
        digest: of the examples.
        goal: what the best is.
        seconds: for each shape, of all its trials; None for as long as a proof takes.
        seed: of whatever is random.
    """

    def __init__(
        self,
        shapes: list[Shape | IntegerShape],
        family: Family,
        task: dict[str, Any],
        digest: str,
        goal: Goal,
        seconds: float | None,
        seed: int = 0,
    ) -> None:
        self._family, self._task, self._digest, self.goal, self._seconds, self._seed = (
            *(family, task, digest, goal),
            *(seconds, seed),
        )
        first = self._trial(FIRST_SECONDS, 0.0)
        self.known = {shape.topology: Known(shape, weights_of(shape), limit=first) for shape in shapes}
        self._inside = {
            large.topology: [small.topology for small in shapes if small != large and contains(large, small)]
            for large in shapes
        }

    @property
    def best(self) -> Known | None:
        """The best shape so far; None where there is none."""
        if self.goal.prefer == WEIGHTS_FIRST:
            fitting = [s for s in self.known.values() if s.errors is not None and s.errors <= self.goal.errors]
            return min(fitting, key=lambda s: (s.weights, s.topology), default=None)
        tried = [s for s in self.known.values() if s.errors is not None]
        return min(tried, key=lambda s: (s.errors, s.weights, s.topology), default=None)

    def open(self, shape: Known) -> bool:
        """Whether a shape could be better than the best, or be better than it is known to be.

        Args:
            shape: of the space.
        """
        best = self.best
        if self.goal.prefer == WEIGHTS_FIRST:
            fits = shape.errors is not None and shape.errors <= self.goal.errors
            return not fits and shape.lower <= self.goal.errors and (best is None or shape.weights < best.weights)
        if shape.errors is not None and shape.errors <= shape.lower:
            return False
        if best is None or best.errors is None or shape.topology == best.topology:
            return True
        return shape.lower < best.errors or (shape.lower == best.errors and shape.weights < best.weights)

    def status(self, shape: Known) -> str:
        """BEST, WORSE (proved), or UNFINISHED.

        Args:
            shape: of the space.
        """
        best = self.best
        if self.open(shape):
            return UNFINISHED
        return BEST if best is not None and shape.topology == best.topology else WORSE

    @property
    def settled(self) -> bool:
        """Whether the best shape is proved to be the best of the space, or that none has few enough errors."""
        return not any(map(self.open, self.known.values()))

    def run(
        self, store: Store[Trial], executor: Executor, ahead: int, on_done: Callable[[Known], object] = lambda _: None
    ) -> None:
        """Train shapes until none is left that could be better, or there is no more time for them.

        Args:
            store: of results; those that are there are not done again.
            executor: where trials are done.
            ahead: so many at a time.
            on_done: is told of a shape after each of its trials.

        Raises:
            ResourceError: a trial failed.
        """
        running: dict[Future[dict[str, Any]], Trial] = {}
        try:
            while True:
                busy = {trial.topology for trial in running.values()}
                while len(running) < ahead and (trial := self._next(busy)) is not None:
                    busy.add(trial.topology)
                    if store.done(trial):
                        self._took(trial, store.results[trial.key])
                        on_done(self.known[trial.topology])
                        busy.discard(trial.topology)
                        continue
                    running[executor.submit(execute, trial.fields)] = trial
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    trial = running.pop(future)
                    result = future.result()
                    store.add(trial, result)
                    self._took(trial, result)
                    on_done(self.known[trial.topology])
        finally:
            for future in running:
                future.cancel()

    def _next(self, busy: set[str]) -> Trial | None:
        """The next trial: the shortest, of these that of the fewest weights."""
        waiting = [s for s in self.known.values() if self.open(s) and not s.ended and s.topology not in busy]
        if not waiting:
            return None
        shape = min(waiting, key=lambda s: (s.limit or 0.0, s.weights, s.topology))
        inside = [self.known[name] for name in self._inside[shape.topology]]
        starts = [s for s in (*inside, shape) if s.model is not None and s.errors is not None]
        start = min(starts, key=lambda s: s.errors or 0, default=None)
        model = start.model if start is not None and isinstance(shape.shape, IntegerShape) else None
        return Trial(
            *(self._task, asdict(self._family), shape.topology, self._digest),
            *(shape.limit, self._seed, self.goal.errors if self.goal.prefer == WEIGHTS_FIRST else None, model),
        )

    def _trial(self, wanted: float, spent: float) -> float:
        """Seconds of a shape's next trial: as wanted, or all that are left where they are not enough for two."""
        if self._seconds is None:
            return wanted
        left = max(0.0, self._seconds - spent)
        return left if left < 2 * wanted else wanted

    def _took(self, trial: Trial, result: dict[str, Any]) -> None:
        """Take over what a trial found, and what follows for others."""
        if result["status"] != "done":
            raise ResourceError(f"{trial.topology}: {result.get('error', result['status'])}")
        old = self.known[trial.topology]
        errors, model = (
            (result["errors"], result["model"])
            if old.errors is None or result["errors"] < old.errors
            else (old.errors, old.model)
        )
        assert trial.seconds_limit is not None
        spent = old.spent + trial.seconds_limit
        self.known[trial.topology] = replace(
            old,
            errors=errors,
            model=model,
            lower=max(old.lower, result["lower"]),
            bounded=None if result["lower"] >= old.lower else old.bounded,
            seconds=old.seconds + result["took"],
            spent=spent,
            limit=self._trial(trial.seconds_limit * GROWTH, spent),
            ended=self._seconds is not None and spent >= self._seconds,
        )
        # No network of a shape that this one contains makes fewer errors than the best of this one.
        for name in self._inside[trial.topology]:
            small, large = self.known[name], self.known[trial.topology]
            if small.lower < large.lower:
                self.known[name] = replace(small, lower=large.lower, bounded=trial.topology)

    def told(self) -> dict[str, Any]:
        """The result as JSON."""
        best = self.best
        named = None if best is None else {"topology": best.topology, "errors": best.errors, "weights": best.weights}
        shapes = [
            {
                "topology": s.topology,
                "weights": s.weights,
                "errors": s.errors,
                "lower_bound": s.lower,
                "bounded_by": s.bounded,
                "status": self.status(s),
                "seconds": round(s.seconds, 3),
            }
            for s in self.known.values()
        ]
        if self.settled:
            status = "IMPOSSIBLE" if best is None else "OPTIMAL"
        else:
            status = "UNKNOWN" if best is None else "FEASIBLE"
        return {"status": status, "prefer": self.goal.prefer, "best": named, "shapes": shapes}
