"""The case format: what people may write, what is refused, and the cases themselves."""
