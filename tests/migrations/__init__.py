"""Tests of how a schema comes to be and goes."""
