"""One forward pass and its readings.

Here belong the algebra of bits, the layers and heads written once against it, and the readings of it: booleans (the
judge of every answer), literals (the fast formula), single literals (the trusted formula), packed words (fast
inference). Here does not belong what is asked of a network: no problem, no question, no solver.
"""
