"""A second, independent reading of the rules, so that the gate is never the only judge of itself."""
