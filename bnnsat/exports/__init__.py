"""Questions as files for other solvers, and what these say about them.

Here belong file formats, the file that says what a formula means, and the reading of solvers' outputs.
"""
