"""Holes that are right on all examples, and those with the least or most of something."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from bnnsat.errors import InputError
from bnnsat.questions.sketch import MAXIMIZE, MINIMIZE, SOLVE, VERIFY, SketchQuestion
from bnnsat.search.least import Descent, descended
from bnnsat.sketch.expression import Expression, expression
from bnnsat.sketch.program import Program
from bnnsat.sketch.tracing import Sketch, Traced, called, inputs_of, traced
from bnnsat.synthesis import found as told
from bnnsat.synthesis.examples import LABEL, arrays, described
from bnnsat.synthesis.found import Found, Step
from bnnsat.types import Integers

Listener = Callable[[Step], object]


def solve(
    sketch: Sketch, examples: Any = None, *, time_limit: float | None = None, on_step: Listener | None = None
) -> Found:
    """Holes with which a sketch computes every example's label, or the proof that there are none.

    Args:
        sketch: a function of inputs and holes (see `bnnsat.sketch`).
        examples: pairs of input and label, several inputs as a tuple; or a tuple of two arrays. Without any, what the
            sketch returns are the conditions.
        time_limit: seconds; None for none.
        on_step: is told of the solution.

    Raises:
        InputError: the parts do not fit.
        KeyboardInterrupt: it was interrupted.

    >>> from bnnsat.sketch import Hole, relu
    >>> def xor(x, w=Hole(2, 2, bits=4, signed=True), v=Hole(2, bits=4, signed=True)):
    ...     return relu(w @ x) @ v
    >>> found = solve(xor, [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)])
    >>> found.status, found([1, 0]), found([1, 1])
    ('SOLVED', 1, 0)
    """
    made, given, label = _read(sketch, examples)
    if label is None and not 0 <= made.output.form.low <= made.output.form.high <= 1:
        raise InputError(
            f"the sketch returns numbers from {made.output.form.low} to {made.output.form.high}, no conditions; give "
            "examples, or ask for the least or most: minimize or maximize (--goal, or a function `loss` or `gain`)"
        )
    right = made.output.all() if label is None else _right(made, label)
    return _answered(made, [right], None, given, SOLVE, time_limit, on_step, label)


def minimize(
    sketch: Sketch,
    loss: Callable[..., Any] | None = None,
    *,
    examples: Any = None,
    time_limit: float | None = None,
    on_step: Listener | None = None,
    keep_interrupted: bool = False,
) -> Found:
    """Holes with the least of what a sketch computes, and the proof that there is no less.

    Args:
        sketch: a function of inputs and holes.
        loss: of what it returns and, with examples, the label: a number, which is summed over the examples. Without, it
            is the number of wrong examples, and without these what the sketch returns.
        examples: as in `solve`.
        time_limit: seconds; None for none.
        on_step: is told of each solution.
        keep_interrupted: on Ctrl-C return the best so far, if there is one.

    Raises:
        InputError: the parts do not fit.
        KeyboardInterrupt: it was interrupted.
    """
    return _best(sketch, loss, examples, MINIMIZE, time_limit, on_step, keep_interrupted)


def maximize(
    sketch: Sketch,
    gain: Callable[..., Any] | None = None,
    *,
    examples: Any = None,
    time_limit: float | None = None,
    on_step: Listener | None = None,
    keep_interrupted: bool = False,
) -> Found:
    """Holes with the most of what a sketch computes, and the proof that there is no more.

    Args:
        sketch: a function of inputs and holes.
        gain: of what it returns and, with examples, the label: a number, which is summed over the examples. Without, it
            is the number of right examples, and without these what the sketch returns.
        examples: as in `solve`.
        time_limit: seconds; None for none.
        on_step: is told of each solution.
        keep_interrupted: on Ctrl-C return the best so far, if there is one.

    Raises:
        InputError: the parts do not fit.
        KeyboardInterrupt: it was interrupted.

    >>> from bnnsat.sketch import Hole, require
    >>> def packing(take=Hole(5)):
    ...     weight = (take * [10, 40, 20, 60, 25]).sum()
    ...     require(weight < 80)
    ...     return weight
    >>> maximize(packing).value
    75
    """
    return _best(sketch, gain, examples, MAXIMIZE, time_limit, on_step, keep_interrupted)


def _best(
    sketch: Sketch,
    loss: Callable[..., Any] | None,
    examples: Any,
    goal: str,
    time_limit: float | None,
    on_step: Listener | None,
    keep: bool,
) -> Found:
    made, given, label = _read(sketch, examples)
    if loss is not None:
        number = expression(called(loss, made.output, *(() if label is None else (label,))))
    elif label is None:
        number = made.output
    else:
        right = _right(made, label)
        number = right if goal == MAXIMIZE else ~right
    if number.shape:
        raise InputError(f"what is to be best is a single number, not an array of shape {number.shape}; sum it")
    return _answered(made, [], -number if goal == MAXIMIZE else number, given, goal, time_limit, on_step, label, keep)


def _read(sketch: Sketch, examples: Any) -> tuple[Traced, dict[str, Integers], Expression | None]:
    """The sketch, the numbers of its inputs and labels, and the labels' variable."""
    if examples is None:
        made = traced(sketch)
        if made.inputs:
            raise InputError(
                f"the sketch has inputs ({', '.join(made.inputs)}); give examples, or ask about all inputs with "
                "synthesize or verify"
            )
        return made, {}, None
    names = inputs_of(sketch)
    if not names:
        raise InputError("the sketch has no inputs, so it takes no examples")
    values, labels = arrays(examples, list(names))
    if LABEL in names:
        raise InputError(f"an input of a sketch cannot be called {LABEL!r}; that is what examples say")
    made = traced(sketch, {name: described(name, values[name]) for name in names})
    label = described(LABEL, labels)
    if LABEL in made.holes:
        raise InputError(f"a hole cannot be called {LABEL!r}; that is what examples say")
    return made, {**values, LABEL: labels}, label


def _right(made: Traced, label: Expression) -> Expression:
    """Whether what a sketch returns is the label, a bit."""
    if prod(made.output.shape) != prod(label.shape):
        raise InputError(
            f"labels have shape {label.shape}, and what the sketch returns has {made.output.shape}; () is one number"
        )
    return (made.output == label).all()


def _answered(
    made: Traced,
    conditions: list[Expression],
    objective: Expression | None,
    given: Mapping[str, Integers],
    goal: str,
    time_limit: float | None,
    on_step: Listener | None,
    label: Expression | None,
    keep: bool = False,
) -> Found:
    variables = {**made.inputs, **made.holes, **({} if label is None else {LABEL: label})}
    program = Program(variables, (*made.required, *conditions), objective)
    program.check()
    question = SketchQuestion(program, given, goal, made.name)
    return answered(question, made, time_limit, on_step, keep_interrupted=keep)


def answered(
    question: SketchQuestion,
    made: Traced,
    time_limit: float | None = None,
    on_step: Listener | None = None,
    *,
    keep_interrupted: bool = False,
) -> Found:
    """The answer to a question about a sketch, by the loop from above.

    Args:
        question: what is asked; its free variables are holes, or to verify inputs.
        made: the sketch.
        time_limit: seconds; None for none.
        on_step: is told of each solution.
        keep_interrupted: on Ctrl-C return the best so far, if there is one.

    Raises:
        SoundnessError: a model of the formula is no solution.
        KeyboardInterrupt: it was interrupted.
    """
    began, steps, last = time.monotonic(), list[Step](), Descent()

    def better(state: Descent) -> None:
        nonlocal last
        last = state
        value = None if state.value is None else question.value(state.value)
        steps.append(Step(time.monotonic() - began, value, question.value(state.lower)))
        if on_step is not None:
            on_step(steps[-1])

    try:
        state = descended(question, time_limit, on_better=better)
    except KeyboardInterrupt:
        if not keep_interrupted or last.solution is None:
            raise
        state = last
    seconds = time.monotonic() - began
    if state.solution is None:
        none = told.PROVED if question.goal == VERIFY else told.IMPOSSIBLE
        status = none if state.ended else told.UNKNOWN
        return Found(status, {}, None, None, {}, seconds, tuple(steps), question, made)
    holes = {name: values if values.shape else int(values) for name, values in question.numbers(state.solution).items()}
    if question.goal == VERIFY:
        return Found(told.REFUTED, {}, None, None, holes, seconds, tuple(steps), question, made)
    if question.program.objective is None:
        return Found(told.SOLVED, holes, None, None, {}, seconds, tuple(steps), question, made)
    assert state.value is not None
    status = told.OPTIMAL if state.done else told.FEASIBLE
    value, bound = question.value(state.value), question.value(state.lower)
    steps.append(Step(seconds, value, bound))
    return Found(status, holes, value, bound, {}, seconds, tuple(steps), question, made)
