"""Formulas for other solvers: files in their formats, and their answers as networks."""
