"""Uniques: how keyed subjects become registers, how these are stored and merged, and what count they stand for.

The registers are those of HyperLogLog (Flajolet et al., 2007) with 4,096 slots, as Apache DataSketches keeps them in
HLL_8; the stored form is our own, because equal registers must give equal bytes.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import numpy as np
from datasketches import hll_sketch
from numpy.typing import NDArray

from keepsum.model.errors import Invalid, ProofFailed

SLOTS = 4096
HIGHEST_RANK = 63
NO_SLOT = -1

_LG_SLOTS = 12
_VERSION = b"\x01"
_PAIR = np.dtype([("slot", "<u2"), ("rank", "u1")])
_MOST_PAIRS = SLOTS // _PAIR.itemsize  # more would be longer than all ranks
_DENSE_LENGTH = 1 + SLOTS
_SHORTEST_KEY, _LONGEST_KEY = 16, 64
_STANDARD_ERRORS = 3

Slots = NDArray[np.int16]
Ranks = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A count of different subjects: the likeliest value, and the bounds three standard errors away.

    `error` is the relative error promised for any count, as a share of it.
    """

    value: int
    low: int
    high: int
    error: float


def slots_and_ranks(subjects: Sequence[str | None], key: bytes) -> tuple[Slots, Ranks, NDArray[np.bool_]]:
    """(slot 0..4095, rank 1..63, is nobody) of each subject under an epoch's key; nobody has slot -1 and rank 0.

    d = BLAKE2b-128(key, UTF-8 subject); slot = the low 12 bits of d's first 8 bytes, rank = one more than the leading
    zeros (at most 62) of its last 8 bytes, both little endian. `BAD_KEY` unless the key has 16 to 64 bytes.
    """
    if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
        raise Invalid(
            "BAD_KEY", f"a key of {len(key)} bytes cannot hash subjects: use {_SHORTEST_KEY} to {_LONGEST_KEY}"
        )
    halves = np.frombuffer(_digests(subjects, key), "<u8").reshape(-1, 2)
    slots = (halves[:, 0] & (SLOTS - 1)).astype(np.int16)
    ranks = _ranks(halves[:, 1])
    nobody = np.zeros(len(subjects), np.bool_)
    if len(halves) == len(subjects):
        return slots, ranks, nobody
    nobody[:] = [subject is None for subject in subjects]
    all_slots = np.full(len(subjects), NO_SLOT, np.int16)
    all_ranks = np.zeros(len(subjects), np.uint8)
    all_slots[~nobody], all_ranks[~nobody] = slots, ranks
    return all_slots, all_ranks, nobody


def _digests(subjects: Sequence[str | None], key: bytes) -> bytes:
    """The digest of each subject that is somebody, one behind another."""
    found: list[bytes] = []
    keyed = blake2b(digest_size=16, key=key)  # copied for each: that is quicker than to begin with the key again
    for subject in subjects:
        if subject is not None:
            one = keyed.copy()
            one.update(subject.encode())
            found.append(one.digest())
    return b"".join(found)


def _ranks(words: NDArray[np.uint64]) -> Ranks:
    # TRICKY: rounding to a float can carry into a higher bit; without the bit below the highest it cannot.
    bits = np.frexp((words & ~(words >> np.uint64(1))).astype(np.float64))[1]
    return (np.minimum(64 - bits, HIGHEST_RANK - 1) + 1).astype(np.uint8)


def encode(slots: NDArray[Any], ranks: NDArray[Any]) -> bytes:
    """The stored form of the highest rank of each slot, in any order and number; rank 0 counts for nothing.

    A version byte, then sorted 3-byte pairs (slot as uint16, little endian, and rank), or all 4,096 ranks where these
    are shorter: equal registers give equal bytes. `encode(np.arange(4096), registers)` stores merged registers.
    """
    registers = np.zeros(SLOTS, np.uint8)
    np.maximum.at(registers, slots, ranks.astype(np.uint8))
    filled = np.flatnonzero(registers)
    if len(filled) > _MOST_PAIRS:
        return _VERSION + registers.tobytes()
    return _VERSION + _pairs(filled, registers[filled])


def encode_groups(group_ids: NDArray[Any], slots: NDArray[Any], ranks: NDArray[Any]) -> list[bytes]:
    """The stored forms of many groups, in the order of their rows.

    One row for each group and slot with the highest rank, sorted by group, then slot; no row without a rank.
    """
    if not len(group_ids):
        return []
    bounds = [0, *(np.flatnonzero(group_ids[1:] != group_ids[:-1]) + 1).tolist(), len(group_ids)]
    pairs, size = _pairs(slots, ranks), _PAIR.itemsize
    return [
        _VERSION + pairs[size * begin : size * end]
        if end - begin <= _MOST_PAIRS
        else _dense(slots[begin:end], ranks[begin:end])
        for begin, end in pairwise(bounds)
    ]


def _dense(slots: NDArray[Any], ranks: NDArray[Any]) -> bytes:
    registers = np.zeros(SLOTS, np.uint8)
    registers[slots] = ranks
    return _VERSION + registers.tobytes()


def _pairs(slots: NDArray[Any], ranks: NDArray[Any]) -> bytes:
    pairs = np.empty(len(slots), _PAIR)
    pairs["slot"], pairs["rank"] = slots, ranks
    return pairs.tobytes()


def decode(blob: bytes) -> Ranks:
    """The 4,096 registers of a stored form; `BAD_REGISTERS` for bytes that `encode` does not make."""
    registers = merge([blob])
    if encode(np.arange(SLOTS), registers) != blob:
        raise _bad_registers("they are not in their one order")
    return registers


def merge(blobs: Iterable[bytes]) -> Ranks:
    """The registers of everybody in any of the stored forms; `BAD_REGISTERS` if one holds what is none.

    Only `decode` asks for the one order of a stored form, too.
    """
    sparse: list[bytes] = []
    dense: list[bytes] = []
    for blob in blobs:
        if blob[:1] != _VERSION:
            raise _bad_registers("their version is unknown")
        if len(blob) == _DENSE_LENGTH:
            dense.append(blob)
        elif len(blob) < _DENSE_LENGTH and len(blob) % _PAIR.itemsize == 1:
            sparse.append(blob[1:])
        else:
            raise _bad_registers(f"{len(blob)} bytes are no length of theirs")
    registers = np.zeros(SLOTS, np.uint8)
    if dense:
        registers = np.frombuffer(b"".join(dense), np.uint8).reshape(-1, _DENSE_LENGTH)[:, 1:].max(axis=0)
    pairs = np.frombuffer(b"".join(sparse), _PAIR)
    if pairs["slot"].max(initial=0) >= SLOTS or pairs["rank"].min(initial=HIGHEST_RANK) == 0:
        raise _bad_registers("a slot or a rank is out of range")
    np.maximum.at(registers, pairs["slot"], pairs["rank"])
    if registers.max() > HIGHEST_RANK:
        raise _bad_registers("a rank is out of range")
    return registers


def _bad_registers(reason: str) -> ProofFailed:
    return ProofFailed("BAD_REGISTERS", f"stored registers cannot be read, {reason}: the stored roll-up is damaged")


def estimate(registers: Ranks) -> Estimate:
    """How many different subjects left these registers, by Apache DataSketches; nobody is exactly 0."""
    if not registers.any():
        return Estimate(value=0, low=0, high=0, error=0.0)
    sketch = hll_sketch.deserialize(_apache_image(registers))
    value = round(sketch.get_estimate())
    return Estimate(
        value=value,
        low=min(value, math.floor(sketch.get_lower_bound(_STANDARD_ERRORS))),
        high=max(value, math.ceil(sketch.get_upper_bound(_STANDARD_ERRORS))),
        error=_relative_error(),
    )


def _relative_error() -> float:
    stated = {"unioned": True, "lg_k": _LG_SLOTS, "num_std_devs": _STANDARD_ERRORS}
    return max(abs(hll_sketch.get_rel_err(upper_bound=upper, **stated)) for upper in (False, True))


def _apache_image(registers: Ranks) -> bytes:
    """The registers as a serialised HLL_8 sketch of Apache DataSketches.

    Source: HllSketchImpl's and HllArray's layout in datasketches-cpp, `hll/include/HllUtil.hpp`. Preamble of 10 ints,
    serial version 1, family 7, log2 of slots, log2 of the list (unused), flags, lowest rank, mode; then the estimate
    kept in order of arrival (unused), the sums of 2**-rank below and from rank 32 on, empty slots, exceptions.
    """
    compact, out_of_order, dense_eight_bits = 8, 16, 0x0A
    shares = np.ldexp(1.0, -registers.astype(np.int32))
    low_ranks = registers < 32
    preamble = struct.pack(
        "<8B3d2i",
        *(10, 1, 7, _LG_SLOTS, 0, compact | out_of_order, 0, dense_eight_bits),
        *(0.0, shares[low_ranks].sum(), shares[~low_ranks].sum()),
        *(int((registers == 0).sum()), 0),
    )
    return preamble + registers.tobytes()
