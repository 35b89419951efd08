"""Side-by-side measurements: Keepsum and the others on the same data, in the same run, on the same machine."""
