"""Data: embedded digits, readers of files, binarisation, sampling, and the problem handed to training."""
