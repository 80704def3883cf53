"""One forward pass and its readings.

Here belong the algebra of bits, layers and heads written once against it, and its readings: booleans (the judge),
literals (the fast formula), single literals (the trusted one), packed words (inference). No problem, question, solver.
"""
