"""A third reading of the rules, for a solver: what holds for all whole numbers, not only for those that were tried."""
