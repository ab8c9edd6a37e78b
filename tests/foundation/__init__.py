"""Tests of what everything else stands on: settings, clock, paths, databases and the browser."""
