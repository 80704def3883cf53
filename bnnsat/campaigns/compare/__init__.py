"""Comparing encodings: many runs, each in a process of its own, and what they say."""
