"""The benchmark against peers: the same instances, limits and processors for general solvers and bnnsat."""
