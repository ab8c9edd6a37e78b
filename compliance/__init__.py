"""So that every part of the programme's rules, records and proofs has one home."""
