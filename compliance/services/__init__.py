"""What the programme does, one function per verb. Doors call these; nothing else writes."""
