"""Methods that ask a SAT solver: bounds from above and from below, examples one by one, large neighbourhoods."""
