"""The whole story of one supply, told by people at a real browser."""
