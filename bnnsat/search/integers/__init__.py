"""Training networks of whole numbers: descents by gradient, exact moves of single weights, then the loop from above."""
