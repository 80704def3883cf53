"""Half-comparisons along the trie of the examples: decision lists, groups, dynamic programming."""
