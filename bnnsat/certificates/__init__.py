"""Certificates: what is claimed, and why nothing better exists, for others to check.

Here belong the claim, its formulas, and making and checking proofs. `check` loads no search, fast encoder or solver.
"""
