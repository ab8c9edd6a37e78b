"""Tests of rows, locks and the log's keeper on both databases."""
