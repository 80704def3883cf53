"""From files to bits: reading, reducing, choosing and binarising examples.

Here belongs what happens before there is a network. Nothing is ever unpickled.
"""
