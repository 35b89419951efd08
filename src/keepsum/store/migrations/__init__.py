"""Forward migrations of the two files, one chain each."""
