"""Quantiles: which bucket an integer falls into, how counts of buckets are stored and merged, and what they answer.

Bucket i + 1 holds the integers in [1.02**i, 1.02**(i + 1)), bucket 0 holds zero, and negative numbers fall into the
mirrored bucket. An answer is the geometric middle of a bucket, so it is within 1 % of every integer in it.
"""

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsum.engine.numbers import LIMIT, render
from keepsum.model.errors import Invalid, ProofFailed

Buckets = NDArray[np.int16]
Counts = NDArray[np.int64]

_GROWTH = Fraction(51, 50)
_VERSION = b"\x01"
_PAIR = np.dtype([("bucket", "<i2"), ("count", "<u4")])
_MOST_COUNTED = 2**32 - 1
_SIGNIFICANT = 6  # digits; together with the middle's own 0.995 % they stay within 1 %


@cache
def boundaries() -> NDArray[np.int64]:
    """The smallest integer at or above 1.02**i for each i, up to 18 digits: exact, rising, read-only."""
    found: list[int] = []
    numerator = denominator = 1
    while numerator <= LIMIT * denominator:
        found.append(-(-numerator // denominator))
        numerator, denominator = numerator * _GROWTH.numerator, denominator * _GROWTH.denominator
    array = np.array(found, np.int64)
    array.flags.writeable = False
    return array


def bucket_of(values: NDArray[np.int64]) -> Buckets:
    """The bucket of each integer; those beyond 18 digits fall into the outermost buckets."""
    sizes = np.minimum(np.abs(np.maximum(values, -LIMIT)), LIMIT)
    return (np.sign(values) * boundaries().searchsorted(sizes, side="right")).astype(np.int16)


@cache
def middle(bucket: int) -> Decimal:
    """The geometric middle of the smallest and largest integer in a bucket, of at most 6 digits, within 1 % of both.

    Exact where a bucket holds one integer. `NO_SUCH_BUCKET` for a bucket that holds none.
    """
    if not bucket:
        return Decimal(0)
    smallest, largest = _bounds(abs(bucket))
    if smallest == largest:
        return Decimal(smallest if bucket > 0 else -smallest)
    # The integer nearest to sqrt(smallest * largest) * 10**shift, then only its first digits.
    shift = max(0, _SIGNIFICANT - len(str(smallest)))
    root = (math.isqrt(4 * smallest * largest * 100**shift) + 1) // 2
    dropped = 10 ** max(0, len(str(root)) - _SIGNIFICANT)
    rounded = (root + dropped // 2) // dropped * dropped
    return Decimal(render(rounded if bucket > 0 else -rounded, shift))


def _bounds(bucket: int) -> tuple[int, int]:
    """The smallest and the largest integer of a positive bucket."""
    edges = boundaries()
    smallest = int(edges[bucket - 1]) if bucket <= len(edges) else LIMIT + 1
    largest = int(edges[bucket]) - 1 if bucket < len(edges) else LIMIT
    if largest < smallest:
        raise Invalid("NO_SUCH_BUCKET", f"bucket {bucket!r} holds no integer: the stored roll-up is damaged")
    return smallest, largest


def encode(buckets: NDArray[Any], counts: NDArray[Any]) -> bytes:
    """The stored form of how many numbers fell into each bucket, in any order; equal counts give equal bytes.

    A version byte, then sorted pairs (bucket as int16, count as uint32, little endian); from 2**32 on a count is
    refused as `COUNT_TOO_LARGE`.
    """
    kinds, places = np.unique(buckets, return_inverse=True)
    totals = np.zeros(len(kinds), np.int64)
    np.add.at(totals, places, counts.astype(np.int64))
    counted = totals > 0
    return _VERSION + _pairs(kinds[counted], totals[counted])


def encode_groups(group_ids: NDArray[Any], buckets: NDArray[Any], counts: NDArray[Any]) -> list[bytes]:
    """The stored forms of many groups, in the order of their rows.

    One row for each group and bucket with its count, at least 1, sorted by group, then bucket.
    """
    if not len(group_ids):
        return []
    bounds = [0, *(np.flatnonzero(group_ids[1:] != group_ids[:-1]) + 1).tolist(), len(group_ids)]
    pairs, size = _pairs(buckets, counts), _PAIR.itemsize
    return [_VERSION + pairs[size * begin : size * end] for begin, end in pairwise(bounds)]


def _pairs(buckets: NDArray[Any], counts: NDArray[Any]) -> bytes:
    if counts.max(initial=0) > _MOST_COUNTED:
        raise Invalid("COUNT_TOO_LARGE", f"a bucket of one group counts over {_MOST_COUNTED}: split the group")
    pairs = np.empty(len(buckets), _PAIR)
    pairs["bucket"], pairs["count"] = buckets, counts
    return pairs.tobytes()


def decode(blob: bytes) -> tuple[Buckets, Counts]:
    """The buckets, ascending, and their counts in a stored form; `BAD_BUCKETS` for bytes `encode` does not make."""
    buckets, counts = merge([blob])
    if encode(buckets, counts) != blob:
        raise _bad_buckets("they are not in their one order")
    return buckets, counts


def merge(blobs: Iterable[bytes]) -> tuple[Buckets, Counts]:
    """The buckets, ascending, and their counts over all stored forms; `BAD_BUCKETS` if one holds what is none.

    Only `decode` asks for the one order of a stored form, too.
    """
    bodies: list[bytes] = []
    for blob in blobs:
        if blob[:1] != _VERSION or len(blob) % _PAIR.itemsize != 1:
            raise _bad_buckets("their version or length is unknown")
        bodies.append(blob[1:])
    pairs = np.frombuffer(b"".join(bodies), _PAIR)
    highest = len(boundaries())
    places = pairs["bucket"].astype(np.int64) + highest
    if places.min(initial=0) < 0 or places.max(initial=0) > 2 * highest:
        raise _bad_buckets("a bucket is out of range")
    totals = np.zeros(2 * highest + 1, np.int64)
    np.add.at(totals, places, pairs["count"].astype(np.int64))
    counted = np.flatnonzero(totals)
    return (counted - highest).astype(np.int16), totals[counted]


def _bad_buckets(reason: str) -> ProofFailed:
    return ProofFailed("BAD_BUCKETS", f"stored buckets cannot be read, {reason}: the stored roll-up is damaged")


def quantile(buckets: NDArray[Any], counts: NDArray[Any], q: Fraction | str) -> int | None:
    """The bucket that holds the nearest-rank quantile: number ceil(q * n) of all n, counted from the smallest.

    Buckets ascend; none if nothing was counted. `BAD_QUANTILE` unless q is an exact number from 0 to 1.
    """
    share = _share(q)
    reached = np.cumsum(counts, dtype=np.int64)
    if not len(reached) or not reached[-1]:
        return None
    rank = max(1, math.ceil(share * int(reached[-1])))
    return int(buckets[np.searchsorted(reached, rank)])


def _share(q: Fraction | str) -> Fraction:
    try:
        share = Fraction(q)
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share <= 1:
        raise Invalid("BAD_QUANTILE", f"quantile {q!r} is not an exact number from 0 to 1: use a text such as '0.95'")
    return share
