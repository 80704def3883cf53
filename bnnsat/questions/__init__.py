"""What can be asked, one file for each kind of question.

A question declares what is free, has to hold and is to be small, and how it is told and noted. No way to answer it.
"""
