"""Small programs in place of networks and other black boxes: lists, cards and trees, with what is proved of them.

Here belong the families of programs, the search for members that agree with all answers so far, and the two ways to
ask: by counterexamples until none is left, or at random as often as a bound asks for.
"""
