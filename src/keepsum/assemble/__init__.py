"""Settings become a running system here, and nowhere else: packs, files, keys, clock, engine, wired once."""
