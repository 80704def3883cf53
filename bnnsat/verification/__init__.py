"""Facts about a trained network: about one example, or about all inputs that there are."""
