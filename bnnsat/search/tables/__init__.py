"""Small popcount networks from tables of all neurons."""
