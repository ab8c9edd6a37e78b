"""What is true and what follows from it: facts, policies, and the gate that decides.

Standard library only. Nothing here reads the clock, a file or a database, so every decision can be computed
again.
"""
