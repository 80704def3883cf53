"""A single popcount neuron of any size by branch and bound."""
