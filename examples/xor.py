"""XOR needs a hidden layer: networks that compute it are found, and shapes that cannot are proved so.

Run it with `python examples/xor.py` from an environment that has bnnsat.
"""

import numpy as np

import bnnsat

INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool)
XOR = np.array([0, 1, 1, 0])

SHAPES = [
    ("2-1", "popcount"),
    ("2-1-1", "popcount"),
    ("2-2-1", "popcount"),
    ("2-1", "half"),
    ("2-2-1", "half"),
]


def main() -> None:
    for topology, activation in SHAPES:
        training = bnnsat.train(INPUTS, XOR, bnnsat.Shape.parse(topology, activation))
        assert training.status == "OPTIMAL"
        if training.errors:
            print(f"{topology:6} {activation:9} cannot: every choice of weights has {training.errors} error or more")
        else:
            weights = [[row.to01() for row in layer] for layer in training.network.weights]
            print(f"{topology:6} {activation:9} computes XOR, with weights {weights}")


if __name__ == "__main__":
    main()
