"""The policy files and their proofs, each proof with a fault that it must catch."""
