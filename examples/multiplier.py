"""The smallest circuit that multiplies two numbers of two bits: seven gates do, and no six.

A gate computes any function of two signals before it. Exact synthesis of circuits in this way: Knuth, "The Art of
Computer Programming", volume 4A, section 7.1.2. Run it with `python examples/multiplier.py [BITS GATES]` from an
environment that has bnnsat; of more bits a solver finds circuits, but proves little.
"""

import sys
from itertools import product
from typing import Any

import bnnsat
from bnnsat.sketch import Hole, require, stack


def circuit(bits: int, gates: int) -> Any:
    """The sketch of circuits of so many gates."""

    def sketch(x: Any) -> Any:
        signals = list(x)
        table = Hole(gates, 3, name="table")
        first, second = ([Hole(low=0, high=len(x) + i - 1, name=f"{side}{i}") for i in range(gates)] for side in "ab")
        for i in range(gates):
            a, b = _taken(signals, first[i]), _taken(signals, second[i])
            # What it says where only b is 1, where only a is, and where both are; 0 where neither is: what reads a gate
            # can as well read its inverse.
            only_b, only_a, both = table[i]
            # Constants, and gates that pass a or b on, do nothing that is needed.
            passes_a, passes_b = ~only_b & only_a & both, only_b & ~only_a & both
            require((first[i] < second[i]) & (only_b | only_a | both) & ~passes_a & ~passes_b)
            if i:
                # A gate that does not read the one before may stand before it: they ascend.
                reads = (second[i] == len(x) + i - 1) | (first[i] == len(x) + i - 1)
                require(
                    reads | (second[i - 1] < second[i]) | ((second[i - 1] == second[i]) & (first[i - 1] <= first[i]))
                )
            signals.append((only_b & ~a & b) | (only_a & a & ~b) | (both & a & b))
        taken = [Hole(low=0, high=len(signals) - 1, name=f"out{place}") for place in range(2 * bits)]
        return stack([_taken(signals, where) for where in taken])

    return sketch


def _taken(signals: list[Any], where: Any) -> Any:
    """The signal of that number."""
    return stack([(where == place) & signal for place, signal in enumerate(signals)]).any()


WORDS: dict[tuple[int, ...], str] = {
    (0, 0, 1): "{a} & {b}",
    (1, 1, 1): "{a} | {b}",
    (1, 1, 0): "{a} ^ {b}",
    (0, 1, 0): "{a} & ~{b}",
    (1, 0, 0): "~{a} & {b}",
}


def told(bits: int, holes: Any) -> list[str]:
    """A circuit as lines of Python over x, y (bits from place 0 up) and z."""
    names = [f"{name}[{place}]" for name in "xy" for place in range(bits)]
    lines = []
    for i, row in enumerate(holes["table"].tolist()):
        a, b = names[int(holes[f"a{i}"])], names[int(holes[f"b{i}"])]
        names.append(f"g{i}")
        lines.append(f"g{i} = " + WORDS[tuple(map(int, row))].format(a=a, b=b))
    outs = ", ".join(names[int(holes[f"out{place}"])] for place in range(2 * bits))
    return [*lines, f"z = {outs}"]


def products(bits: int) -> list[tuple[tuple[int, ...], list[int]]]:
    """Both factors' bits, from place 0 up, and those of their product."""
    rows = []
    for row in product((0, 1), repeat=2 * bits):
        a, b = (sum(bit << place for place, bit in enumerate(part)) for part in (row[:bits], row[bits:]))
        rows.append((row, [a * b >> place & 1 for place in range(2 * bits)]))
    return rows


def main() -> None:
    bits, gates = map(int, sys.argv[1:3] or (2, 7))
    while True:
        found = bnnsat.solve(circuit(bits, gates), products(bits))
        print(f"{gates} gates: {found.status}, {found.seconds:.1f} s", flush=True)
        if not found.holes:
            return
        print("\n".join(f"  {line}" for line in told(bits, found.holes)))
        gates -= 1


if __name__ == "__main__":
    main()
