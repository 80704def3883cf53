"""Further objectives, among the networks with the fewest errors."""
