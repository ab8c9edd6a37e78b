"""Tests of the project as a whole: its shape, words and tools, each with a planted fault to catch."""
