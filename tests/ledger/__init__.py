"""So that the ledger is tried by people who want to deceive it."""
