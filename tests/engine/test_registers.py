import struct
from hashlib import blake2b

import numpy as np
import pytest
from datasketches import HLL_8, hll_sketch, hll_union

from keepsum.engine.registers import SLOTS, _ranks, decode, encode, encode_groups, estimate, merge, slots_and_ranks
from keepsum.model.errors import Invalid, ProofFailed

KEY = bytes(range(32))


def by_hand(subject, key=KEY):
    digest = blake2b(subject.encode(), digest_size=16, key=key).digest()
    first, last = struct.unpack("<QQ", digest)
    return first & 0xFFF, min(62, 64 - last.bit_length()) + 1


def people(count, salt=""):
    return [f"person-{salt}{i}" for i in range(count)]


def stored(subjects, key=KEY):
    slots, ranks, _ = slots_and_ranks(subjects, key)
    return encode(slots, ranks)


def pairs(*entries):
    return b"\x01" + b"".join(struct.pack("<HB", slot, rank) for slot, rank in entries)


def test_slot_and_rank_are_cut_from_the_keyed_digest():
    subjects = [*people(2000), "", "Zoë", "名前", "a" * 1000]
    slots, ranks, nobody = slots_and_ranks(subjects, KEY)
    assert list(zip(slots.tolist(), ranks.tolist(), strict=True)) == [by_hand(subject) for subject in subjects]
    assert (slots.dtype, ranks.dtype) == (np.int16, np.uint8)
    assert not nobody.any()


def test_the_digest_is_the_published_one():
    # Golden: a change of these would make every stored register useless.
    slots, ranks, _ = slots_and_ranks(["17850", "13047", "12583"], b"keepsum-golden-k")
    assert (slots.tolist(), ranks.tolist()) == ([700, 4084, 380], [1, 4, 1])


def test_nobody_has_no_slot():
    slots, ranks, nobody = slots_and_ranks([None, "a", None, "b"], KEY)
    assert nobody.tolist() == [True, False, True, False]
    assert [(slots[1], ranks[1]), (slots[3], ranks[3])] == [by_hand("a"), by_hand("b")]
    assert (slots[0], ranks[0]) == (slots[2], ranks[2]) == (-1, 0)
    assert encode(slots, ranks) == stored(["a", "b"])
    assert slots_and_ranks([], KEY)[0].tolist() == []
    assert slots_and_ranks([None], KEY)[2].tolist() == [True]


def test_ranks_are_right_at_every_bit_and_where_floats_round():
    words = [0, 1, *((1 << b) + d for b in range(1, 64) for d in (-1, 0, 1)), 2**64 - 1, 2**53 + 1, 2**63 - 1]
    expected = [min(62, 64 - word.bit_length()) + 1 for word in words]
    assert _ranks(np.array(words, np.uint64)).tolist() == expected


@pytest.mark.parametrize("key", [b"", b"short", bytes(65)])
def test_a_key_that_cannot_protect_is_refused(key):
    with pytest.raises(Invalid, match="BAD_KEY"):
        slots_and_ranks(["a"], key)


def test_another_key_gives_other_registers():
    assert stored(people(50)) != stored(people(50), bytes(32))


def test_few_slots_are_stored_as_sorted_pairs():
    slots, ranks = np.array([4095, 3, 3, 258]), np.array([1, 2, 7, 63])
    assert encode(slots, ranks) == pairs((3, 7), (258, 63), (4095, 1))
    assert encode(np.array([], np.int16), np.array([], np.uint8)) == b"\x01"


def test_many_slots_are_stored_as_all_ranks():
    most = np.arange(1365)
    assert len(encode(most, np.ones(1365, np.uint8))) == 4096
    registers = np.zeros(SLOTS, np.uint8)
    registers[:1366] = 1
    assert encode(np.arange(1366), np.ones(1366, np.uint8)) == b"\x01" + registers.tobytes()


def test_groups_are_stored_as_if_each_stood_alone():
    groups = {3: people(5), 4: people(4000), 9: people(1), 11: people(900)}
    rows = []
    for group, subjects in groups.items():
        registers = decode(stored(subjects))
        rows += [(group, slot, registers[slot]) for slot in np.flatnonzero(registers)]
    ids, slots, ranks = (np.array(column) for column in zip(*rows, strict=True))
    assert encode_groups(ids, slots, ranks) == [stored(subjects) for subjects in groups.values()]
    assert encode_groups(*(np.array([], np.int64) for _ in range(3))) == []


@pytest.mark.parametrize("count", [0, 1, 500, 1300, 3000, 50_000])
def test_what_is_stored_is_read_back(count):
    slots, ranks, _ = slots_and_ranks(people(count), KEY)
    registers = np.zeros(SLOTS, np.uint8)
    np.maximum.at(registers, slots, ranks)
    assert np.array_equal(decode(encode(slots, ranks)), registers)


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"\x02",
        b"\x01\x00",
        pairs((1, 1)) + b"\x00\x00",
        pairs((4096, 1)),
        pairs((1, 0)),
        pairs((1, 64)),
        pairs((2, 1), (1, 1)),
        pairs((1, 1), (1, 2)),
        b"\x01" + bytes(4096),
        b"\x01" + b"\x40" * 4096,
        b"\x01" + b"\x01" * 4098,
        b"\x01" + b"\x01" * 8193,
    ],
)
def test_damaged_registers_are_refused(blob):
    with pytest.raises(ProofFailed, match="BAD_REGISTERS"):
        decode(blob)


@pytest.mark.parametrize(
    "blob", [b"", b"\x02\x00\x01\x01", pairs((4096, 1)), pairs((1, 0)), pairs((1, 64)), bytes(4097)]
)
def test_damaged_registers_are_not_merged(blob):
    with pytest.raises(ProofFailed, match="BAD_REGISTERS"):
        merge([stored(people(10)), blob, stored(people(5000))])


def test_merged_registers_are_those_of_everybody():
    days = [people(40, "a"), people(3000, "b"), people(10, "c"), [], people(2000, "d")]
    everybody = decode(stored([person for day in days for person in day]))
    assert np.array_equal(merge(stored(day) for day in days), everybody)
    assert encode(np.arange(SLOTS), everybody) == stored([person for day in days for person in day])
    assert merge([]).tolist() == [0] * SLOTS


def test_nobody_is_estimated_as_exactly_nobody():
    found = estimate(merge([]))
    assert (found.value, found.low, found.high, found.error) == (0, 0, 0, 0.0)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 50])
def test_few_people_are_counted_nearly_exactly(count):
    found = estimate(decode(stored(people(count))))
    assert abs(found.value - count) <= 1
    assert found.low <= count <= found.high


def library_union(count):
    union = hll_union(12)
    for part in range(2):
        sketch = hll_sketch(12, HLL_8)
        for i in range(part, count, 2):
            sketch.update(i)
        union.update(sketch)
    return union.get_result(HLL_8)


@pytest.mark.parametrize("count", [3_000, 10_000, 200_000])
def test_estimates_are_those_of_apache_datasketches(count):
    theirs = library_union(count)
    registers = np.frombuffer(theirs.serialize_updatable()[40:], np.uint8)
    ours = estimate(decode(encode(np.arange(SLOTS), registers)))
    assert ours.value == round(theirs.get_estimate())
    assert ours.low == int(theirs.get_lower_bound(3))
    assert ours.high == int(theirs.get_upper_bound(3)) + 1
    assert 0.045 < ours.error < 0.055


def test_full_registers_are_still_estimated():
    found = estimate(np.full(SLOTS, 63, np.uint8))
    assert 0 < found.low <= found.value <= found.high


def test_estimates_are_as_near_as_promised_over_many_keys():
    subjects, keys = people(20_000), [blake2b(bytes([i]), digest_size=32).digest() for i in range(40)]
    found = [estimate(decode(stored(subjects, key))) for key in keys]
    errors = np.array([e.value for e in found]) / len(subjects) - 1
    assert np.sqrt((errors**2).mean()) < 0.02
    assert abs(errors.mean()) < 0.008
    assert sum(e.low <= len(subjects) <= e.high for e in found) >= 39
