"""Formulas and how they are built: clauses, templates, gates, numbers, sorting networks, counters.

Here belongs what turns literals into literals by writing clauses. Networks, data and solvers are unknown here.
"""
