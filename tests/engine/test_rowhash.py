import hashlib
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from keepsum.engine import rowhash
from keepsum.engine.rowhash import hash_rows
from keepsum.model.errors import Invalid

KEY = bytes(range(32))
TEXTS = ["", None, "a", "a\0", "12345678", "123456789", "ß🙂", "x" * 63, "y" * 64, "z" * 65, "long " * 500, "", "b"]
NUMBERS = [0, None, 1, -1, 2**63 - 1, -(2**63), 7, 7, None, 0, 10**18, -5, 2]
FLAGS = [True, False, None, True, True, None, False, False, True, True, None, None, False]
ROWS = len(TEXTS)


def columns(**more):
    return {"text": pa.array(TEXTS), "number": pa.array(NUMBERS, pa.int64()), "flag": pa.array(FLAGS), **more}


def lanes(columns, key=KEY):
    a, b = hash_rows(columns, key)
    assert a.dtype == b.dtype == np.uint64
    return list(zip(a.tolist(), b.tolist(), strict=True))


def words_of(label, count, key):
    digest = blake2b(label.encode(), digest_size=16 * count, key=key, person=b"keepsum rowhash").digest()
    flat = [int.from_bytes(digest[i : i + 8], "little") for i in range(0, len(digest), 8)]
    return [(flat[2 * i] | (i > 0), flat[2 * i + 1] | (i > 0)) for i in range(count)]


def mixed(word, first, second):
    word = (word ^ word >> 32) * first % 2**64
    word = (word ^ word >> 32) * second % 2**64
    return word ^ word >> 29


def text_word(text, lane, key):
    length, first, step, second = (pair[lane] for pair in words_of("text", 4, key))
    data = text.encode()
    total = (len(data) + 1) * (length | 1)
    for j in range((len(data) + 7) // 8):
        word = int.from_bytes(data[8 * j : 8 * j + 8], "little")
        total += mixed(word, first + 2 * step * j, second)
    return total % 2**64


def by_hand(row, lane, key=KEY):
    """One lane of one row, by the definition and without numpy."""
    total = 0
    for name, value in row.items():
        if value is not None:
            word = text_word(value, lane, key) if isinstance(value, str) else int(value) % 2**64
            offset, first, second = (pair[lane] for pair in words_of(f"field {name}", 3, key))
            total += mixed(word ^ offset, first, second)
    offset, first, second = (pair[lane] for pair in words_of("row", 3, key))
    return mixed(total % 2**64 ^ offset, first, second)


def test_a_row_is_hashed_as_defined():
    rows = [dict(zip(("text", "number", "flag"), row, strict=True)) for row in zip(TEXTS, NUMBERS, FLAGS, strict=True)]
    assert lanes(columns()) == [(by_hand(row, 0), by_hand(row, 1)) for row in rows]


def test_the_hash_is_the_published_one():
    # Golden: a change would make every stored control and key index useless.
    a, b = hash_rows(columns(), KEY)
    digest = hashlib.sha256(a.astype("<u8").tobytes() + b.astype("<u8").tobytes()).hexdigest()
    assert digest == "64edfc3a8f04bd778482a8f32756fc02e189a621f5424af7d92905497dd8236b"


def chunked(array, *sizes):
    bounds = np.cumsum([0, *sizes, len(array) - sum(sizes)])
    return pa.chunked_array([array[a:b] for a, b in pairwise(bounds)])


def embedded(array):
    """The same values as a slice out of the middle of a longer array."""
    longer = pa.concat_arrays([array[3:8], array, array[2:4]])
    return longer.slice(5, len(array))


TEXT, NUMBER, FLAG = columns().values()
SMALL = pa.array([None if n is None else n % 100 for n in NUMBERS], pa.int64())


@pytest.mark.parametrize(
    "form",
    [
        embedded(TEXT),
        chunked(TEXT, 1, 0, 5),
        TEXT.cast(pa.large_string()),
        embedded(TEXT.cast(pa.large_string())),
        TEXT.cast(pa.string_view()),
        TEXT.dictionary_encode(),
        TEXT.dictionary_encode(null_encoding="encode"),
        embedded(TEXT.dictionary_encode()),
        pa.chunked_array([TEXT[:4].dictionary_encode(), TEXT[4:].dictionary_encode()]),
        pa.DictionaryArray.from_arrays(pa.array(range(ROWS), pa.uint8()), TEXT),
        pa.DictionaryArray.from_arrays(pa.array(range(7, 7 + ROWS), pa.int16()), pa.concat_arrays([TEXT[:7], TEXT])),
    ],
)
def test_the_form_of_a_text_changes_nothing(form):
    assert lanes(columns(text=form)) == lanes(columns())


@pytest.mark.parametrize(
    "form",
    [embedded(NUMBER), chunked(NUMBER, 2, 2), NUMBER.dictionary_encode(), embedded(NUMBER.dictionary_encode())],
)
def test_the_form_of_a_number_changes_nothing(form):
    assert lanes(columns(number=form)) == lanes(columns())


@pytest.mark.parametrize("width", ["int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64"])
def test_the_width_of_a_number_changes_nothing(width):
    assert lanes(columns(number=SMALL.cast(width))) == lanes(columns(number=SMALL))


def test_the_form_of_a_flag_changes_nothing():
    assert lanes(columns(flag=embedded(FLAG))) == lanes(columns(flag=chunked(FLAG, 9))) == lanes(columns())


def test_what_stands_under_a_null_changes_nothing():
    values, valid = pa.array([1, 2, 3]).buffers()[1], pa.array([1, None, 3]).buffers()[0]
    hidden = pa.Array.from_buffers(pa.int64(), 3, [valid, values])
    assert lanes({"n": hidden}) == lanes({"n": pa.array([1, None, 3])})
    _, offsets, data = pa.array(["a", "secret", "c"]).buffers()
    hidden = pa.Array.from_buffers(pa.string(), 3, [valid, offsets, data])
    assert lanes({"n": hidden}) == lanes({"n": pa.array(["a", None, "c"])})


def test_the_order_of_columns_changes_nothing():
    assert lanes(dict(reversed(columns().items()))) == lanes(columns())


@pytest.mark.parametrize(
    "nulls",
    [
        pa.nulls(ROWS),
        pa.nulls(ROWS, pa.string()),
        pa.nulls(ROWS, pa.string()).dictionary_encode(),
        pa.nulls(ROWS, pa.int64()),
        pa.nulls(ROWS, pa.bool_()),
    ],
)
def test_a_column_of_nulls_is_as_good_as_none(nulls):
    assert lanes(columns(later=nulls)) == lanes(columns())


def test_null_empty_zero_and_false_of_a_field_are_told_apart():
    kinds = [pa.nulls(1), pa.array([""]), pa.array([0]), pa.array(["\0"]), pa.array(["0"]), pa.array([1])]
    found = [lanes({"x": kind, "y": pa.array([5])})[0] for kind in kinds]
    for lane in range(2):
        assert len({pair[lane] for pair in found}) == len(kinds)


def test_the_name_of_a_field_counts():
    assert lanes({"x": pa.array([5])}) != lanes({"y": pa.array([5])})


def test_another_key_gives_other_hashes():
    others = lanes(columns(), bytes(32))
    assert all(ours != theirs for ours, theirs in zip(lanes(columns()), others, strict=True))


@pytest.mark.parametrize("key", [b"", b"short", bytes(65)])
def test_a_key_that_cannot_protect_is_refused(key):
    with pytest.raises(Invalid, match="BAD_KEY"):
        hash_rows(columns(), key)


def test_no_rows_have_no_hashes():
    assert lanes({"x": pa.array([], pa.string()), "y": pa.chunked_array([], pa.int64())}) == []
    assert lanes({}) == []


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one length"):
        hash_rows({"x": pa.array([1]), "y": pa.array([1, 2])}, KEY)


def test_a_type_without_one_form_is_refused():
    with pytest.raises(TypeError, match="double"):
        hash_rows({"x": pa.array([1.5])}, KEY)


def test_the_size_of_a_batch_changes_nothing(monkeypatch):
    expected = lanes(columns())
    one_by_one = [lanes({name: column[i : i + 1] for name, column in columns().items()})[0] for i in range(ROWS)]
    assert one_by_one == expected
    monkeypatch.setattr(rowhash, "_BLOCK", 4)
    assert lanes(columns()) == expected
    monkeypatch.setattr(rowhash, "_FEW", 0)
    assert lanes(columns()) == expected
    assert lanes(columns(text=pa.chunked_array([TEXT.dictionary_encode()]))) == expected


def test_a_large_batch_is_hashed_as_its_rows_are():
    rows = 40_000
    batch = {
        "id": pa.array([f"{i:032x}" for i in range(rows)]),
        "code": pa.array([f"{i:013d}" for i in range(rows)]),
        "note": pa.array([f"note {i % 977} " * (i % 30) for i in range(rows)]),
        "kind": pa.array([f"kind-{i % 7}" for i in range(rows)]).dictionary_encode(),
        "amount": pa.array(range(rows)),
    }
    found = lanes(batch)
    for begin in (0, 16_383, 39_990):
        part = {name: column.slice(begin, 10) for name, column in batch.items()}
        assert lanes(part) == found[begin : begin + 10]
    assert len(set(found)) == rows


def test_every_bit_of_a_number_reaches_every_bit_of_a_hash():
    numbers = np.array([0] + [1 << bit for bit in range(63)], np.int64)
    for lane in hash_rows({"n": pa.array(numbers)}, KEY):
        changed = np.unpackbits((lane[1:] ^ lane[0]).view(np.uint8).reshape(-1, 8), axis=1)
        assert (changed.sum(axis=1) > 8).all()
        assert (changed.mean(axis=0) > 0.2).all()
        assert 0.4 < changed.mean() < 0.6


@pytest.mark.parametrize(("one", "other"), [(7, 15), (0, 8), (3, 5), (7, 23), (12, 20)])
def test_two_bytes_of_a_text_never_make_up_for_each_other(one, other):
    both = np.arange(65_536)
    for base in (b"\0", b"~"):
        data = np.frombuffer(base * 24 * len(both), np.uint8).reshape(-1, 24).copy()
        data[:, one], data[:, other] = both >> 8, both & 255
        buffers = [None, pa.py_buffer((np.arange(len(both) + 1) * 24).tobytes()), pa.py_buffer(data.tobytes())]
        texts = pa.Array.from_buffers(pa.large_string(), len(both), buffers)
        assert all(len(np.unique(lane)) == len(both) for lane in hash_rows({"x": texts}, KEY))


def test_rows_in_lists_are_hashed_as_rows_in_arrow():
    texts = {"text": TEXTS, "other": TEXTS[::-1]}
    integers = {"number": NUMBERS, "flag": [None if f is None else int(f) for f in FLAGS]}
    expected = hash_rows(columns(other=pa.array(TEXTS[::-1])), KEY)
    assert np.array_equal(rowhash.hash_few(texts, integers, KEY), expected)
    for row in range(ROWS):
        one = rowhash.hash_few(
            {n: v[row : row + 1] for n, v in texts.items()}, {n: v[row : row + 1] for n, v in integers.items()}, KEY
        )
        assert np.array_equal(one, [lane[row : row + 1] for lane in expected])
    with pytest.raises(Invalid, match="BAD_KEY"):
        rowhash.hash_few(texts, integers, b"short")
