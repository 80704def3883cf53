"""A package of measured instances for the competitions of SAT, MaxSAT and pseudo-Boolean solvers."""
