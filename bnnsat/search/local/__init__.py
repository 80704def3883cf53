"""Methods that find good networks fast and prove nothing: gradient descent, annealing and tabu search."""
