"""VNN-LIB, the verification competitions' questions: bounds of inputs X_i, linear conditions on outputs Y_j."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from pathlib import Path
from typing import TypeAlias

from bnnsat.errors import InputError

MAX_BYTES, MOST_CASES = 1 << 28, 10_000
ENDS = re.compile(rb"\r\n|\r|\n")
TOKEN = re.compile(rb"[()]|[^\s()]+")
NUMBER = re.compile(r"[+-]?(\d{1,999}\.?\d{0,999}|\.\d{1,999})([eE][+-]?\d{1,3})?")

Expression: TypeAlias = "str | list[Expression]"
Sum = dict[str, Fraction]
"""Factors of variables; of the empty name is what is added."""


@dataclass(frozen=True)
class Condition:
    """A sum of outputs is at most so large.

    Attributes:
        weights: (classes,) of the outputs.
        most: how large.
    """

    weights: tuple[Fraction, ...]
    most: Fraction


@dataclass(frozen=True)
class Case:
    """Inputs within bounds whose outputs meet all conditions.

    Attributes:
        lower: (inputs,) the least value of each.
        upper: (inputs,) the largest.
        conditions: on the outputs.
    """

    lower: tuple[Fraction, ...]
    upper: tuple[Fraction, ...]
    conditions: tuple[Condition, ...]


def read_vnnlib(path: Path) -> tuple[Case, ...]:
    """The cases of which one has to occur for the property to be violated; as these files say it.

    Args:
        path: of the file, also with .gz.

    Raises:
        InputError: it cannot be read, an input has no bounds, or something in it is not supported.
    """
    return cases_of(content_of(path), str(path))


def content_of(path: Path) -> bytes:
    """The text of a file, unpacked where its name ends with .gz.

    Args:
        path: of the file.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    try:
        content = path.read_bytes()
        if path.suffix.lower() == ".gz":
            unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            content = unpacking.decompress(content, MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: no gz file, or damaged ({error})") from None
    return content


def cases_of(content: bytes, name: str) -> tuple[Case, ...]:
    """The cases of a text.

    Args:
        content: of the file, unpacked.
        name: of the file, for errors.

    Raises:
        InputError: as above.
    """
    if len(content) > MAX_BYTES:
        raise InputError(f"{name}: larger than {MAX_BYTES >> 20} MiB")
    try:
        return _cases(_parsed(content))
    except _UnreadError as error:
        raise InputError(f"{name}: {error}") from None


class _UnreadError(Exception):
    """What a file says that is not read."""


def _parsed(content: bytes) -> list[Expression]:
    """The expressions of a text; comments run from ; to the end of a line, which a carriage return is, too."""
    done: list[Expression] = []
    above: list[list[Expression]] = []
    opened: list[int] = []
    for number, line in enumerate(ENDS.split(content), 1):
        for token in TOKEN.findall(line.partition(b";")[0]):
            if token == b"(":
                above.append(done)
                opened.append(number)
                done = []
            elif token == b")":
                if not above:
                    raise _UnreadError(f"line {number}: a ) without its (")
                above[-1].append(done)
                done = above.pop()
                opened.pop()
            else:
                done.append(token.decode("ascii", "replace"))
    if above:
        raise _UnreadError(f"line {opened[-1]}: a ( without its )")
    return done


def _cases(commands: list[Expression]) -> tuple[Case, ...]:
    names: list[str] = []
    asserted: list[Expression] = []
    for command in commands:
        match command:
            case ["declare-const", str(name), "Real"] if re.fullmatch(r"[XY]_\d+", name):
                names.append(name)
            case ["assert", formula]:
                asserted.append(formula)
            case _:
                raise _UnreadError(f"{_told(command)} is not supported; declare-const X_i or Y_j Real, and assert are")
    sizes = {kind: sum(name.startswith(kind) for name in names) for kind in "XY"}
    if sorted(names) != sorted(f"{kind}_{i}" for kind, count in sizes.items() for i in range(count)):
        raise _UnreadError("the variables are not X_0, X_1, ... and Y_0, Y_1, ..., each declared once")
    known = set(names)
    parts, number = list[list[list[Sum]]](), 1
    for formula in asserted:
        parts.append(list(islice(_alternatives(formula, known), MOST_CASES + 1)))
        number *= max(1, len(parts[-1]))
        if number > MOST_CASES:
            raise _UnreadError(f"more than {MOST_CASES} cases")
    common = [at for part in parts if len(part) == 1 for at in part[0]]
    # Of an or of nothing there is no case.
    free = [part for part in parts if len(part) != 1]
    shared, said = _box(common, sizes), _conditions(common, sizes)
    found = []
    for chosen in product(*free):
        more = [at for part in chosen for at in part]
        # Most cases have the same bounds, which are large.
        within = any(name.startswith("X") for one in more for name in one)
        box = _box([*common, *more], sizes) if within else shared
        if isinstance(box, int):
            raise _UnreadError(f"X_{box} has no bounds on both sides")
        if box is not None:
            found.append(Case(*box, (*said, *_conditions(more, sizes))))
    return tuple(found)


def _box(sums: list[Sum], sizes: Mapping[str, int]) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]] | int | None:
    """The bounds of the inputs that sums of at most 0 say; the place of one without, or None where they are empty."""
    lower: dict[int, Fraction] = {}
    upper: dict[int, Fraction] = {}
    for one in sums:
        factors = {name: factor for name, factor in one.items() if name and factor}
        if not any(name.startswith("X") for name in factors):
            continue
        if len(factors) > 1:
            raise _UnreadError("a condition on several inputs, or on inputs and outputs, is not supported; bounds are")
        ((name, factor),) = factors.items()
        place, bound = int(name[2:]), -one.get("", Fraction(0)) / factor
        if factor > 0:
            upper[place] = min(bound, upper.get(place, bound))
        else:
            lower[place] = max(bound, lower.get(place, bound))
    for place in range(sizes["X"]):
        if place not in lower or place not in upper:
            return place
    if any(lower[place] > upper[place] for place in range(sizes["X"])):
        return None
    low, high = (tuple(side[place] for place in range(sizes["X"])) for side in (lower, upper))
    return low, high


def _conditions(sums: list[Sum], sizes: Mapping[str, int]) -> tuple[Condition, ...]:
    """What sums of at most 0 say of the outputs."""
    return tuple(
        Condition(
            tuple(one.get(f"Y_{j}", Fraction(0)) for j in range(sizes["Y"])),
            -one.get("", Fraction(0)),
        )
        for one in sums
        if not any(factor and name.startswith("X") for name, factor in one.items())
    )


def _alternatives(formula: Expression, names: set[str]) -> Iterator[list[Sum]]:
    """The cases of a formula, each as sums that are at most 0."""
    match formula:
        case ["or", *parts]:
            for part in parts:
                yield from _alternatives(part, names)
        case ["and", *parts]:
            for chosen in product(*(list(islice(_alternatives(part, names), MOST_CASES + 1)) for part in parts)):
                yield [one for part in chosen for one in part]
        case ["<=", a, b]:
            yield [_plus(_sum(a, names), _sum(b, names), -1)]
        case [">=", a, b]:
            yield [_plus(_sum(b, names), _sum(a, names), -1)]
        case _:
            raise _UnreadError(f"{_told(formula)} is not supported; <=, >=, and, or are")


def _sum(term: Expression, names: set[str]) -> Sum:
    """A linear term."""
    match term:
        case str() if term in names:
            return {term: Fraction(1)}
        case str() if NUMBER.fullmatch(term):
            return {"": Fraction(term)}
        case ["+", first, *parts]:
            total = _sum(first, names)
            for part in parts:
                total = _plus(total, _sum(part, names), 1)
            return total
        case ["-", first]:
            return _plus({}, _sum(first, names), -1)
        case ["-", first, *parts]:
            total = _sum(first, names)
            for part in parts:
                total = _plus(total, _sum(part, names), -1)
            return total
        case ["*", a, b]:
            left, right = _sum(a, names), _sum(b, names)
            if any(left.keys() - {""}):
                left, right = right, left
            if not any(left.keys() - {""}):
                return _plus({}, right, left.get("", 0))
    raise _UnreadError(f"{_told(term)} is no linear term of declared variables")


def _plus(a: Sum, b: Sum, factor: Fraction | int) -> Sum:
    return {name: a.get(name, Fraction(0)) + factor * b.get(name, Fraction(0)) for name in a.keys() | b.keys()}


def _told(expression: Expression) -> str:
    """An expression in errors, cut short."""
    said = expression if isinstance(expression, str) else f"({' '.join(map(_told, expression[:4]))} ...)"
    return said if len(said) < 80 else f"{said[:76]} ..."
