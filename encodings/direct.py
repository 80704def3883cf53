"""Direct: every set of n - k + 1 literals holds a true one, or every set of k a false one.

C(n, k - 1) + C(n, k) clauses and no new variable but the output: for narrow counts only.
"""

from functools import cache
from itertools import combinations

from bnnsat.circuit.reified import templates
from bnnsat.circuit.templates import Template

KIND = "popcount"
PAPER = "the definition"
STRENGTH = (100, 100)
MOST = 12


@cache
def template(n: int, k: int) -> Template:
    inputs, output = range(1, n + 1), n + 1
    some = [[-output, *subset] for subset in combinations(inputs, n - k + 1)]
    every = [[output, *(-i for i in subset)] for subset in combinations(inputs, k)]
    return Template.of(f"direct-{n}-{k}", n, [output], some + every)


count = templates(template)
