"""Native cardinality constraints, two for each count, for the solvers that know them (minicard, gluecard, CaDiCaL).

With output y of "at least k of n": at most n of the negated literals and k times y; and at most n of the
literals and n - k + 1 times not y. No clause and no auxiliary variable; repeats count as often as they occur.
Minicard and gluecard propagate them in C++; for CaDiCaL 1.9.5 and 3.0.0 PySAT brings a propagator in Python,
some thousand times slower.
"""

from functools import cache

import numpy as np

from bnnsat.circuit.reified import templates
from bnnsat.circuit.templates import Template

KIND = "popcount"
PAPER = "Liffiton, Maglalang: A cardinality solver: more expressive constraints for free, SAT 2012"
STRENGTH = (0, 100)
SOLVERS = ("minicard", "gluecard3", "gluecard4", "cadical195", "cadical300")


@cache
def template(n: int, k: int) -> Template:
    inputs, output = np.arange(1, n + 1, dtype=np.int32), np.int32(n + 1)
    fewer = np.concatenate([-inputs, np.full(k, output)])
    more = np.concatenate([inputs, np.full(n - k + 1, -output)])
    return Template(f"native-{n}-{k}", n, n + 1, np.array([output]), (), ((fewer, n), (more, n)))


count = templates(template)
