"""Networks from elsewhere: read, folded exactly, and held against the program that they come from."""
