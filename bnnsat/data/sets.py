"""The names of the embedded data sets."""

SETS = {"mnist8x8": "image-mean", "mnist8x8-pad32": "threshold:128"}
"""Name and declared binarisation: the best measured one, and the one of the 2018 experiment."""
