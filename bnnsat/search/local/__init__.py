"""Methods that find good networks fast and prove nothing: gradient descent and tabu search."""
