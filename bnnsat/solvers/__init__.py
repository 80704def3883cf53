"""SAT solvers behind one interface, in this process or in one of their own.

Here belongs how a formula is handed to a solver and how its answer comes back. What the formula means is unknown here.
"""
