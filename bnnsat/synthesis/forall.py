"""What holds for all inputs: claims about a sketch with its holes known, and holes that make a claim true.

Counterexample-guided synthesis, Solar-Lezama et al., "Combinatorial sketching for finite programs", ASPLOS 2006: holes
are right for some inputs, an input is looked for on which they are wrong, and joins these, until there is none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bnnsat import limits
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.templates import Circuit
from bnnsat.errors import InputError, SoundnessError
from bnnsat.questions.formula import reading, variables
from bnnsat.questions.sketch import SOLVE, VERIFY, SketchQuestion
from bnnsat.search.least import SOLVER, descended
from bnnsat.sketch.expression import Expression, expression
from bnnsat.sketch.program import Program
from bnnsat.sketch.tracing import Sketch, Traced, called, traced
from bnnsat.solvers.process import SolverProcess
from bnnsat.synthesis.examples import fixed
from bnnsat.synthesis.found import IMPOSSIBLE, SOLVED, UNKNOWN, Found, Step
from bnnsat.synthesis.solve import Listener, answered
from bnnsat.types import Integers


def verify(sketch: Sketch, holes: Any, claim: Callable[..., Any], *, time_limit: float | None = None) -> Found:
    """Whether a claim holds for all inputs of a sketch: PROVED, or REFUTED by inputs.

    Args:
        sketch: a function of inputs, which says what these can be (`x=Input(...)`), and holes.
        holes: numbers for the holes by name, or what `solve` returned.
        claim: takes the sketch's inputs, in that order, and, last, what it returns; says bits that are to be 1.
        time_limit: seconds; None for none.

    Raises:
        InputError: the parts do not fit.
        KeyboardInterrupt: it was interrupted.

    >>> from bnnsat.sketch import Hole, Input
    >>> def double(x=Input(bits=8), times=Hole(bits=2)):
    ...     return x * times
    >>> verify(double, {"times": 2}, lambda x, y: y == x + x).status
    'PROVED'
    >>> found = verify(double, {"times": 2}, lambda x, y: y < 300)
    >>> found.status, found.inputs["x"] >= 150
    ('REFUTED', True)
    """
    made = traced(sketch)
    known = fixed(holes.holes if isinstance(holes, Found) else holes, made.holes)
    found = answered(_against(made, _claimed(made, claim), known), made, time_limit)
    return replace(found, holes=_plain({name: values[0] for name, values in known.items()}))


def synthesize(
    sketch: Sketch, spec: Callable[..., Any], *, time_limit: float | None = None, on_step: Listener | None = None
) -> Found:
    """Holes with which a claim holds for all inputs, proved; or the proof, on few inputs, that there are none.

    Args:
        sketch: a function of inputs, which says what these can be (`x=Input(...)`), and holes.
        spec: takes the sketch's inputs, in that order, and, last, what it returns; says bits that are to be 1.
        time_limit: seconds; None for none.
        on_step: is told after each input that joins.

    Raises:
        InputError: the parts do not fit.
        KeyboardInterrupt: it was interrupted.

    >>> from bnnsat.sketch import Hole, Input
    >>> def masked(x=Input(8), mask=Hole(8)):
    ...     return (x & mask).sum()
    >>> found = synthesize(masked, lambda x, y: y == x[:3].sum())
    >>> found.status, found.holes["mask"].tolist()
    ('SOLVED', [1, 1, 1, 0, 0, 0, 0, 0])
    """
    began, deadline = time.monotonic(), limits.deadline(time_limit)
    made = traced(sketch)
    claim = _claimed(made, spec)
    program = Program({**made.inputs, **made.holes}, (*made.required, claim))
    program.check()
    # Any input will do for a beginning.
    rows = {
        name: [np.clip(np.zeros(node.shape, dtype=np.int64), node.form.low, node.form.high)]
        for name, node in made.inputs.items()
    }
    steps: list[Step] = []

    def asked(last: int | None = None) -> SketchQuestion:
        given = {name: np.stack(found[-last:] if last else found) for name, found in rows.items()}
        return SketchQuestion(program, given, SOLVE, made.name)

    def ended(status: str, holes: Mapping[str, Any], question: SketchQuestion) -> Found:
        return Found(status, holes, None, None, {}, time.monotonic() - began, tuple(steps), question, made)

    circuit = Circuit(Cnf(), check=lambda: limits.check(deadline))
    literals = variables(circuit.cnf, asked())
    try:
        with SolverProcess(circuit.cnf, SOLVER) as solver:
            while True:
                one = asked(1)
                circuit.cnf.add(one.required(reading(one, circuit), literals).reshape(-1, 1))
                answer = solver.solve(seconds=_left(deadline))
                if answer.status is None:
                    raise TimeoutError
                question = asked()
                if not answer.status:
                    return ended(IMPOSSIBLE, {}, question)
                numbers = question.numbers({name: answer.model[variables] for name, variables in literals.items()})
                try:
                    # The judge has the last word on what the solver found.
                    question.loss(numbers)
                except InputError as error:
                    raise SoundnessError(f"a model of the formula is no solution: {error}") from None
                known = {name: values[np.newaxis] for name, values in numbers.items()}
                against = _against(made, claim, known)
                state = descended(against, _left(deadline))
                if state.solution is None:
                    if not state.ended:
                        raise TimeoutError
                    return ended(SOLVED, _plain(numbers), against)
                for name, values in against.numbers(state.solution).items():
                    rows[name].append(values)
                steps.append(Step(time.monotonic() - began, None, None))
                if on_step is not None:
                    on_step(steps[-1])
    except TimeoutError:
        return ended(UNKNOWN, {}, asked())


def _claimed(made: Traced, claim: Callable[..., Any]) -> Expression:
    """The claim about a sketch, a bit."""
    if not made.inputs:
        raise InputError("the sketch has no inputs, so there is nothing that holds for all of them")
    found = expression(called(claim, *made.inputs.values(), made.output))
    if not found.form.bits:
        raise InputError(f"a claim says bits, not numbers from {found.form.low} to {found.form.high}")
    return found.all()


def _against(made: Traced, claim: Expression, known: Mapping[str, Integers]) -> SketchQuestion:
    """Which inputs violate the claim, or a condition of the sketch."""
    wrong = ~(claim if not made.required else _all((claim, *made.required)))
    program = Program({**made.inputs, **made.holes}, (wrong,))
    program.check()
    return SketchQuestion(program, known, VERIFY, made.name)


def _all(bits: tuple[Expression, ...]) -> Expression:
    made = bits[0]
    for bit in bits[1:]:
        made = made & bit
    return made


def _plain(numbers: Mapping[str, Integers]) -> dict[str, Any]:
    return {name: values if values.shape else int(values) for name, values in numbers.items()}


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())
