"""What can be asked, one file for each kind of question.

A question declares what is free, what has to hold, which sums are to be small, how a solution is told, and how it is
noted and made again. Here does not belong any way to answer: answers to every kind know none of them by name.
"""
