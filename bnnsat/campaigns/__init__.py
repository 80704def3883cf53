"""Many runs, each in a process of its own, and what they say together.

Here belong jobs and their results on disk, comparisons of encodings, packages for competitions, and the measured size
and strength of encodings.
"""
