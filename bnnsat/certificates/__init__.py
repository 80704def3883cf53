"""Certificates: what is claimed, and why nothing better exists, for others to check.

Here belong the claim, the formulas it rests on, making their proofs, and checking them. `check` loads nothing that
finds answers: no search, no fast encoder, no solver.
"""
