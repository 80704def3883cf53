"""Cross-validation: a network for each fold, trained in a process of its own and judged on what it has not seen."""
