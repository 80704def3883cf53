"""Names for the arrays that everything passes around."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Literals = NDArray[np.int32]
"""Signed DIMACS literals; `cnf.TRUE` and `-cnf.TRUE` stand for the constants."""

Bits = NDArray[np.bool_]
"""Truth values."""

Grey = NDArray[np.uint8]
"""Bits 0/1 or grey levels 0..255, (examples, inputs)."""

Floats = NDArray[np.float32]
"""Single precision; whole numbers are exact in it below 2^24."""

Doubles = NDArray[np.float64]
"""Double precision."""

Integers = NDArray[np.int64]
"""Counts, thresholds, labels and indices."""
