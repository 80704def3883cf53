"""Networks of whole numbers with ReLU: their shape, what they compute, and their files."""
