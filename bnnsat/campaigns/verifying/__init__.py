"""How robust a network is on many examples: parts of a data set as jobs, and what they say together."""
