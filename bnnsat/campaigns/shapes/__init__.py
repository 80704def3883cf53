"""The best shape of a space: many trainings that share what they find, until no shape is left that could be better."""
