"""Ways to better networks and better bounds, each in a module of its own."""
