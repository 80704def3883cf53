"""Facts about a trained network: what of its input has to change until it says something else."""
