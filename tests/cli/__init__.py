"""The command line: what it prints, and the exit codes that scripts rely on."""
