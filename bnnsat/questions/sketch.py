"""The question of a sketch: which holes meet its conditions, and make a sum small? With known holes: which inputs?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bnnsat.data.lines import sha256
from bnnsat.documents import Format
from bnnsat.errors import InputError
from bnnsat.questions.parts import Sum
from bnnsat.sketch.language import HOLE, INPUT
from bnnsat.sketch.numbers import Numbers
from bnnsat.sketch.program import Program, array, listed
from bnnsat.sketch.reading import Reading
from bnnsat.sketch.rules import MOST_BITS
from bnnsat.sketch.words import Term, digits, numbers, within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bnnsat.questions.question import Files, Holes
    from bnnsat.readings.algebra import Algebra, Value
    from bnnsat.types import Bits, Integers

SKETCH, FOUND = "sketch.json", "found.json"
"""The sketch with its examples; numbers for what is free."""
FORMAT = Format("bnnsat-sketch", 1, "a sketch")
SOLVE, MINIMIZE, MAXIMIZE, VERIFY, NEAREST = GOALS = "solve", "minimize", "maximize", "verify", "nearest"
"""Holes that meet all conditions, or have the least or most; inputs that violate a claim, or have the least."""
OF_INPUTS, BEST = (VERIFY, NEAREST), (MINIMIZE, MAXIMIZE, NEAREST)
MOST_SUM = 1 << MOST_BITS
"""What terms may add up to: far from overflowing 64 bits."""


@dataclass(frozen=True, eq=False)
class SketchQuestion:
    """What the free variables of a program have to be.

    Its sum, `loss`, counts from the least that the sketch's terms could make: `value` is the number itself.

    Attributes:
        program: conditions and what is to be small (of maximize: the negative).
        given: numbers of variables, (examples or 1, *shape), by name.
        goal: solve, minimize, maximize, verify or nearest: what is free, and how it is told.
        name: of the sketch.
    """

    KIND: ClassVar[str] = "sketch"
    UNIT: ClassVar[str] = "loss"
    CHANGES: ClassVar[tuple[str, ...]] = ()
    SOLUTION: ClassVar[str] = FOUND

    program: Program
    given: Mapping[str, Integers] = field(default_factory=dict)
    goal: str = SOLVE
    name: str = "sketch"

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise InputError(f"the goal of a sketch is {', '.join(GOALS)}, not {self.goal!r}")
        if (self.program.objective is not None) != (self.goal in BEST):
            raise InputError(f"the goal {self.goal} and what is to be small do not fit each other")
        for name, node in self.program.variables.items():
            role, known = node.data[0], name in self.given
            if role not in (HOLE, INPUT):
                raise InputError(f"{name} is neither a hole nor an input")
            # Holes are found on given inputs, and inputs with given holes: else the words would not be true.
            if known != ((role == HOLE) == (self.goal in OF_INPUTS)):
                raise InputError(
                    f"{name}, which is {role}, is {'given' * known or 'free'}, which {self.goal} is not about"
                )
        if self.goal in OF_INPUTS and self.rows > 1:
            raise InputError("what holds for all inputs is asked of one choice of holes")
        for name, values in self.given.items():
            if name not in self.program.variables:
                raise InputError(f"the sketch has no variable {name!r}; it has {', '.join(self.program.variables)}")
            form = self.program.variables[name].form
            if values.shape[1:] != form.shape or len(values) not in (1, self.rows):
                raise InputError(
                    f"{name} has shape {values.shape[1:]} in {len(values)} examples, and {form.shape} in {self.rows} "
                    "are due"
                )
            if values.size and not form.low <= values.min() <= values.max() <= form.high:
                raise InputError(f"{name} is to be from {form.low} to {form.high}, and there are others")

    @property
    def rows(self) -> int:
        """The number of examples."""
        return max((len(values) for values in self.given.values()), default=1)

    @cached_property
    def free(self) -> list[str]:
        """The names of the free variables."""
        return [name for name in self.program.variables if name not in self.given]

    @cached_property
    def neurons(self) -> tuple[str, ...]:
        ops = {node.op for node in self.program.nodes}
        return ("popcount",) * ("at_least" in ops) + ("half",) * ("greater" in ops)

    @property
    def holes(self) -> dict[str, tuple[int, ...]]:
        forms = {name: self.program.variables[name].form for name in self.free}
        return {name: (*form.shape, form.width) for name, form in forms.items()}

    @property
    def sums(self) -> tuple[str, ...]:
        return (self.UNIT,)

    def required(self, algebra: Algebra, holes: Holes) -> Value:
        roots = self.program.required
        found = [np.broadcast_to(algebra.constant(True), (0,))]
        for name in self.free:
            form, word = self.program.variables[name].form, holes[name]
            found += within(algebra, word, form.low, form.high, form.signed)
        if roots:
            reading = Reading(algebra, self.program, roots, self.given, holes)
            found += [reading.bits(node).reshape(-1) for node in roots]
        return np.concatenate(found)

    def sum(self, name: str, algebra: Algebra, holes: Holes) -> Sum:
        if name != self.UNIT:
            raise InputError(f"a sketch has no sum {name!r}")
        # One term at least, which is 0: a sum of nothing has no digits.
        bits, costs = [np.broadcast_to(algebra.constant(False), (1,))], [np.ones(1, dtype=np.int64)]
        if self.program.objective is not None:
            for term in self._terms(algebra, holes)[0]:
                there = np.ones(term.bits.shape, dtype=np.bool_) if term.there is None else term.there
                # What is the same for all examples counts for each.
                cost = (1 if len(term.bits) > 1 else self.rows) << term.place
                bits.append(term.bits[there])
                costs.append(np.full(len(bits[-1]), cost, dtype=np.int64))
        return Sum(np.concatenate(bits), np.concatenate(costs))

    @cached_property
    def offset(self) -> int:
        """What the objective is where the sum is 0."""
        from bnnsat.readings.numpy import NUMPY

        if self.program.objective is None:
            return 0
        holes = {name: np.zeros(shape, dtype=np.bool_) for name, shape in self.holes.items()}
        return self._terms(NUMPY, holes)[1]

    def value(self, loss: int) -> int:
        """The number that is to be small, or large, for a sum.

        Args:
            loss: the sum.
        """
        return (-1 if self.goal == MAXIMIZE else 1) * (loss + self.offset)

    def unbounded(self) -> SketchQuestion:
        """The same without a sum: whether there is any solution."""
        if self.program.objective is None:
            return self
        goal = VERIFY if self.goal in OF_INPUTS else SOLVE
        return replace(self, program=replace(self.program, objective=None), goal=goal)

    def loss_of(self, value: int) -> int:
        """The sum for a number that is to be small, or large.

        Args:
            value: the number.
        """
        return (-value if self.goal == MAXIMIZE else value) - self.offset

    def numbers(self, holes: Mapping[str, Bits]) -> dict[str, Integers]:
        """What bits of free variables say, (*shape) by name.

        Args:
            holes: their bits.
        """
        variables = self.program.variables
        return {name: numbers(np.asarray(holes[name]), variables[name].form.signed) for name in self.free}

    def bits(self, found: Mapping[str, Integers]) -> dict[str, Bits]:
        """The bits of numbers for the free variables, by name.

        Args:
            found: the numbers, (*shape).
        """
        return {name: digits(found[name], self.program.variables[name].form.width) for name in self.free}

    def loss(self, found: Mapping[str, Integers]) -> int:
        """The sum for numbers of the free variables, by the judge.

        Args:
            found: (*shape) by name.

        Raises:
            InputError: they meet not all conditions.
        """
        variables = self.program.variables
        for name in self.free:
            form = variables[name].form
            if found[name].shape != form.shape or (
                form.size and not form.low <= found[name].min() <= found[name].max() <= form.high
            ):
                raise InputError(f"{name} is no array of shape {form.shape} from {form.low} to {form.high}")
        rows = {name: np.asarray(found[name])[np.newaxis] for name in self.free}
        judge = Numbers({variables[name]: values for name, values in {**self.given, **rows}.items()})
        for node in self.program.nodes:
            judge.value(node)
        for node in self.program.required:
            if (held := judge.value(node)) is None or not held.all():
                raise InputError("a condition of the sketch does not hold: no solution")
        if self.program.objective is None:
            return 0
        values = judge.value(self.program.objective)
        assert values is not None
        return int(np.broadcast_to(values, (self.rows,)).sum()) - self.offset

    def certain(self, most: Mapping[str, int]) -> bool:
        return most[self.UNIT] < 0

    def facts(self, holes: Mapping[str, Bits]) -> dict[str, Any]:
        found = self.numbers(holes)
        return {
            "found": {name: values.tolist() for name, values in found.items()},
            "value": self.value(self.loss(found)),
        }

    def attained(self, files: Files) -> dict[str, int]:
        if FOUND not in files:
            return {}
        found = FORMAT.loads(files[FOUND], FOUND)
        if found.keys() != {*self.free}:
            raise InputError(f"{FOUND} does not hold {', '.join(self.free)}")
        return {self.UNIT: self.loss({name: array(values) for name, values in found.items()})}

    def told(self, sums: Mapping[str, int]) -> str:
        value, found = self.value(sums[self.UNIT]), self._who
        if self.goal in BEST:
            return f"{found} of sketch {self.name!r} attain {value}{self._on}"
        if self.goal == VERIFY:
            return f"{found} of sketch {self.name!r} violate what is claimed"
        return f"{found} of sketch {self.name!r} meet all its conditions{self._on}"

    def refuted(self, most: Mapping[str, int]) -> str:
        value = self.value(most[self.UNIT])
        if self.goal in (MINIMIZE, NEAREST):
            return f"no {self._who} of sketch {self.name!r} attain less than {value + 1}{self._on}"
        if self.goal == MAXIMIZE:
            return f"no {self._who} of sketch {self.name!r} attain more than {value - 1}{self._on}"
        if self.goal == VERIFY:
            return f"no {self._who} of sketch {self.name!r} violate what is claimed"
        return f"no {self._who} of sketch {self.name!r} meet all its conditions{self._on}"

    def found(self, numbers: Mapping[str, Integers]) -> bytes:
        """Numbers for the free variables as the file of a solution.

        Args:
            numbers: (*shape) by name.
        """
        return FORMAT.dumps({name: listed(values) for name, values in numbers.items()})

    def noted(self) -> dict[str, Any]:
        return {"goal": self.goal, "name": self.name, "sha256": sha256(self.files()[SKETCH])}

    def files(self) -> dict[str, bytes]:
        return {SKETCH: self._file}

    @classmethod
    def of(cls, noted: Mapping[str, Any], files: Files) -> SketchQuestion:
        if sha256(files[SKETCH]) != noted["sha256"]:
            raise InputError("the sketch is not the one of the question")
        if unknown := noted.keys() - {"goal", "name", "sha256"}:
            raise InputError(f"the question says {', '.join(sorted(unknown))}, which it does not know")
        content = FORMAT.loads(files[SKETCH], SKETCH)
        given = {name: array(values) for name, values in content["given"].items()}
        return cls(Program.of(content["program"]), given, noted["goal"], str(noted["name"]))

    @cached_property
    def _file(self) -> bytes:
        given = {name: listed(values) for name, values in self.given.items()}
        return FORMAT.dumps({"program": self.program.noted(), "given": given})

    @property
    def _who(self) -> str:
        return "inputs" if self.goal in OF_INPUTS else "holes"

    @property
    def _on(self) -> str:
        return f" on {self.rows} example{'' if self.rows == 1 else 's'}" * (
            self.goal not in OF_INPUTS and bool(self.given)
        )

    def _terms(self, algebra: Algebra, holes: Holes) -> tuple[list[Term], int]:
        """What is to be small as terms, none of which is subtracted, and what is known."""
        objective, rows = self.program.objective, self.rows
        assert objective is not None
        reading = Reading(algebra, self.program, (objective,), self.given, holes)
        terms, known = reading.linear(objective).positive(algebra)
        sizes = [(len(t.bits) if len(t.bits) > 1 else rows) << t.place for t in terms]
        most = sum(sizes) + rows * (int(np.abs(known).max()) + max(abs(objective.form.low), abs(objective.form.high)))
        if most >= MOST_SUM:
            raise InputError(f"what is to be best may add up to more than {MOST_BITS} bits over {rows} examples")
        return terms, int(np.broadcast_to(known, (rows,)).sum())


QUESTION = SketchQuestion
"""The kind."""
