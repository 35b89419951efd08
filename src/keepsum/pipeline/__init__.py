"""What the system does, in order: collect, move, roll, prove, purge, answer."""
