"""Answers to sketches: holes that fit examples, that are best, or that are right for all inputs, or proofs of none."""
