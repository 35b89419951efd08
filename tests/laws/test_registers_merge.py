import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keepsum.engine.registers import SLOTS, decode, encode, encode_groups, merge, slots_and_ranks

KEY = b"a key of sixteen"
ROWS = st.lists(st.tuples(st.integers(0, SLOTS - 1), st.integers(1, 63)), max_size=40)
WIDE = st.integers(0, 2**32).map(
    lambda seed: np.random.default_rng(seed).integers([0, 1], [SLOTS, 64], (3_000, 2)).tolist()
)
PARTS = st.lists(ROWS | WIDE, min_size=1, max_size=5)


def stored(rows):
    slots, ranks = np.array(rows, np.int64).reshape(-1, 2).T
    return encode(slots, ranks)


def merged(blobs):
    return encode(np.arange(SLOTS), merge(blobs))


@given(ROWS | WIDE, st.randoms(use_true_random=False))
def test_order_and_repetition_change_no_byte(rows, random):
    shuffled = rows + rows[: len(rows) // 2]
    random.shuffle(shuffled)
    assert stored(shuffled) == stored(rows)


@given(PARTS)
def test_merging_equals_storing_everything_at_once(parts):
    whole = stored([row for part in parts for row in part])
    assert merged(map(stored, parts)) == whole
    assert merged(map(stored, reversed(parts))) == whole
    left = merged([merged(map(stored, parts[:2])), *map(stored, parts[2:])])
    right = merged([*map(stored, parts[:-2]), merged(map(stored, parts[-2:]))])
    assert left == right == whole
    assert merged([whole, whole]) == whole


@given(ROWS | WIDE)
def test_stored_registers_are_read_back_and_are_the_only_form(rows):
    blob = stored(rows)
    assert encode(np.arange(SLOTS), decode(blob)) == blob


@given(st.lists(ROWS.filter(bool) | WIDE, max_size=5))
def test_many_groups_are_stored_as_each_alone(parts):
    registers = [decode(stored(rows)) for rows in parts]
    sizes = [np.count_nonzero(r) for r in registers]
    ids = np.repeat(np.arange(len(parts)), sizes)
    slots = np.concatenate([np.empty(0, np.int64), *(np.flatnonzero(r) for r in registers)])
    ranks = np.concatenate([np.empty(0, np.uint8), *(r[r > 0] for r in registers)])
    assert encode_groups(ids, slots, ranks) == [stored(rows) for rows in parts]


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"))))
def test_how_subjects_are_batched_changes_nothing(subjects):
    slots, ranks, nobody = slots_and_ranks(subjects, KEY)
    one_by_one = [slots_and_ranks([subject], KEY) for subject in subjects]
    assert [(s[0], r[0], n[0]) for s, r, n in one_by_one] == list(zip(slots, ranks, nobody, strict=True))
    assert all((rank > 0) == (subject is not None) for rank, subject in zip(ranks, subjects, strict=True))
