"""Tests of what the programme does, each on a real database with a real log."""
