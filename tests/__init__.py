"""The tests: sentences about what the programme does."""
