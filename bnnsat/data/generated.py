"""Small classic problems, made by rule: every input there is, once, with its label."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from bnnsat.data.dataset import Dataset, Examples
from bnnsat.errors import InputError

KINDS = ("parity:N", "majority:N", "mux:6|11", "monk:1|2|3")


def generated(name: str) -> Dataset | None:
    """The problem of that name, or None where the name is none of this module's.

    parity:N, the parity of N bits, and majority:N, whether more than half of them are 1 (N from 2 to 12); mux:6 and
    mux:11, the multiplexers with 2 and 3 address bits in front; monk:1 to 3, the MONK's problems' true rules over all
    432 inputs, each attribute as one bit per value (Thrun et al., "The MONK's problems", CMU-CS-91-197, 1991).

    Args:
        name: kind and number, with a colon between.

    Raises:
        InputError: the number does not fit.
    """
    kind, colon, number = name.partition(":")
    if not colon or kind not in MAKERS:
        return None
    allowed = {"parity": range(2, 13), "majority": range(2, 13), "mux": (6, 11), "monk": (1, 2, 3)}[kind]
    if not number.isdecimal() or len(number) > 2 or int(number) not in allowed:
        raise InputError(f"unknown problem {name!r}; there are {', '.join(KINDS)} with N from 2 to 12")
    inputs, labels = MAKERS[kind](int(number))
    return Dataset.of(name, Examples.of(inputs, labels, name), None, "bits")


def _parity(n: int) -> tuple[np.ndarray, list[int]]:
    inputs = list(product((0, 1), repeat=n))
    return np.array(inputs), [sum(row) % 2 for row in inputs]


def _majority(n: int) -> tuple[np.ndarray, list[int]]:
    inputs = list(product((0, 1), repeat=n))
    return np.array(inputs), [int(2 * sum(row) > n) for row in inputs]


def _mux(n: int) -> tuple[np.ndarray, list[int]]:
    address = {6: 2, 11: 3}[n]
    inputs = list(product((0, 1), repeat=n))
    return np.array(inputs), [row[address + int("".join(map(str, row[:address])), 2)] for row in inputs]


def _monk(number: int) -> tuple[np.ndarray, list[int]]:
    sizes = (3, 3, 2, 3, 4, 2)
    rows = list(product(*(range(1, size + 1) for size in sizes)))
    rules = {
        1: lambda a: a[0] == a[1] or a[4] == 1,
        2: lambda a: sum(value == 1 for value in a) == 2,
        3: lambda a: (a[4] == 3 and a[3] == 1) or (a[4] != 4 and a[1] != 3),
    }
    bits = [[a == v for a, size in zip(row, sizes, strict=True) for v in range(1, size + 1)] for row in rows]
    return np.array(bits), [int(rules[number](row)) for row in rows]


MAKERS: dict[str, Callable[[int], tuple[np.ndarray, list[int]]]] = {
    "parity": _parity,
    "majority": _majority,
    "mux": _mux,
    "monk": _monk,
}
"""By kind: what makes the inputs and labels of a number."""
