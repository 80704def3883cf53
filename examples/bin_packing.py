"""The heaviest load under a limit: each better one as it is found, and the proof that nothing is heavier.

Run it with `python examples/bin_packing.py` from an environment that has bnnsat.
"""

from typing import Any

import bnnsat
from bnnsat.sketch import Hole, require

WEIGHTS, LIMIT = [10, 40, 20, 60, 25], 80


def load(take: Any = Hole(5)) -> Any:
    weight = (take * WEIGHTS).sum()
    require(weight < LIMIT)
    return weight


def main() -> None:
    found = bnnsat.maximize(load, on_step=lambda step: print("at least", step.value))
    assert found.status == "OPTIMAL"
    print(found.value)


if __name__ == "__main__":
    main()
