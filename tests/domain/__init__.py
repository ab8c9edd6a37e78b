"""The ground floor: what is true and what follows from it."""
