"""Rows: the one place that knows SQL. It stores facts, states and the log, and decides nothing."""
