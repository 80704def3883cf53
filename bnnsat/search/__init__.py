"""Training's own answers: methods that find good networks and prove bounds.

Here belong the state of a run, what its methods share, and the methods, in rooms by what they work with. Here does not
belong anything that certificates rest on.
"""
