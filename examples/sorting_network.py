"""The shortest sorting network of five inputs: nine comparators sort, and no eight do.

A comparator puts the smaller of two numbers first. A network that sorts all rows of bits sorts everything (Knuth, "The
Art of Computer Programming", volume 3, section 5.3.4), so 32 rows decide. Run it with
`python examples/sorting_network.py [FOLDER]` from an environment that has bnnsat; FOLDER is for the certificates.
"""

import sys
from itertools import combinations, product
from pathlib import Path
from typing import Any

import bnnsat
from bnnsat.sketch import Hole, if_, require, stack

INPUTS = 5
PAIRS = list(combinations(range(INPUTS), 2))
ROWS = [(row, sorted(row)) for row in product((0, 1), repeat=INPUTS)]


def network(comparators: int) -> Any:
    """The sketch of networks of so many comparators, one of all pairs each."""

    def sketch(bits: Any) -> Any:
        place = Hole(comparators, low=0, high=len(PAIRS) - 1, name="place")
        wires = list(bits)
        for step, where in enumerate(place):
            chosen = [where == number for number in range(len(PAIRS))]
            if step:
                # Comparators that share no wire may stand in either order, and one twice in a row does nothing.
                require(_follows(place[step - 1], where))
            small = stack([wires[a] & wires[b] for a, b in PAIRS])
            large = stack([wires[a] | wires[b] for a, b in PAIRS])
            for wire in range(INPUTS):
                for number, pair in enumerate(PAIRS):
                    if wire in pair:
                        wires[wire] = if_(chosen[number], (small if wire == pair[0] else large)[number], wires[wire])
        return stack(wires)

    return sketch


def _follows(before: Any, after: Any) -> Any:
    bad = [
        (i, j)
        for i, first in enumerate(PAIRS)
        for j, second in enumerate(PAIRS)
        if i == j or (i > j and not set(first) & set(second))
    ]
    return ~stack([(before == i) & (after == j) for i, j in bad]).any()


def main() -> None:
    for comparators in (9, 8):
        found = bnnsat.solve(network(comparators), ROWS)
        print(f"{comparators} comparators: {found.status}, {found.seconds:.1f} s")
        if found.holes:
            print("  ", " ".join(f"{a}-{b}" for a, b in (PAIRS[place] for place in found.holes["place"])))
        if sys.argv[1:]:
            folder = Path(sys.argv[1], f"{comparators}-comparators")
            found.certify(folder)
            print("  ", bnnsat.check(folder))


if __name__ == "__main__":
    main()
