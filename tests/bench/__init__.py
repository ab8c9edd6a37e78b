"""Measurements, so that claims about speed can be repeated."""
