"""Control as records are accepted: many days of a stream read, and added to, in one statement each.

Every commit of accepted records passes here, small ones over many days too, so the statements are the driver's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from keepsum.store.database import driver

_WORD = 2**64 - 1
_STANDING = """
    SELECT day, touched, records, hash_a, hash_b, purge IS NOT NULL OR incomplete IS NOT NULL FROM stream_days
    WHERE stream = ? AND day IN (SELECT value FROM json_each(?))
"""
_DAY = """
    INSERT INTO stream_days (stream, day, touched, records, hash_a, hash_b, moved, version, uncounted)
    VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0)
    ON CONFLICT (stream, day) DO UPDATE SET
        touched = excluded.touched, records = excluded.records, hash_a = excluded.hash_a, hash_b = excluded.hash_b
"""
# The sum is hi * 10**9 + lo with 0 <= lo < 10**9, before and after.
_SUM = """
    INSERT INTO control_sums (stream, day, field, hi, lo) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (stream, day, field) DO UPDATE SET
        hi = hi + excluded.hi + (lo + excluded.lo) / 1000000000, lo = (lo + excluded.lo) % 1000000000
"""


class Standing(NamedTuple):
    """How a day stands before records are added to it; one that `is_final` takes new records as corrections only."""

    touched: int = 0
    records: int = 0
    hash_a: int = 0
    hash_b: int = 0
    is_final: bool = False


class More(NamedTuple):
    """What accepted records add to a day's control: how many, both lanes, and each number's sum in two limbs."""

    day: int
    records: int
    hash_a: int
    hash_b: int
    sums: Sequence[tuple[str, int, int]]


UNTOUCHED = Standing()


def standings(connection: Connection, stream: str, wanted: Sequence[int]) -> dict[int, Standing]:
    """Give how days stand; those that nobody wrote about are left out."""
    rows = driver(connection).execute(_STANDING, (stream, msgspec.json.encode(wanted).decode()))
    return {
        day: Standing(touched, records, int(hash_a), int(hash_b), bool(is_final))
        for day, touched, records, hash_a, hash_b, is_final in rows
    }


def add(connection: Connection, stream: str, before: Mapping[int, Standing], more: Iterable[More]) -> None:
    """Add accepted records to the control of their days; whatever seals these have no longer cover all of them."""
    listed = list(more)
    rows = (_row(stream, before.get(one.day, UNTOUCHED), one) for one in listed)
    sums = ((stream, one.day, name, hi, lo) for one in listed for name, hi, lo in one.sums if hi or lo)
    raw = driver(connection)
    raw.executemany(_DAY, rows)
    raw.executemany(_SUM, sums)


def _row(stream: str, before: Standing, more: More) -> tuple[object, ...]:
    hash_a, hash_b = (before.hash_a + more.hash_a) & _WORD, (before.hash_b + more.hash_b) & _WORD
    return stream, more.day, before.touched + 1, before.records + more.records, str(hash_a), str(hash_b)
