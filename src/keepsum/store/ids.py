"""Ids of people and tokens: 26 characters that sort by when they were made, and say nothing else."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
RANDOM = 80  # bits


def made(now: int) -> str:
    """Give a new id (a ULID): the milliseconds of `now`, which is in microseconds, then chance."""
    number = (now // 1_000) << RANDOM | secrets.randbits(RANDOM)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
