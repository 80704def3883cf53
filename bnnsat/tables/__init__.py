"""Tables as people have them: columns of numbers, truth values and texts, and the bits that are made of them.

Here belongs what reads a table, tells its columns apart and binarises them; which examples are learned is `data`.
"""
