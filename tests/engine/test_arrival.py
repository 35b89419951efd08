import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.attaching import KEYS, day_of, layout_of

from keepsum import (
    Amount,
    Attached,
    Boolean,
    Choice,
    Choose,
    Coalesce,
    Constant,
    Integer,
    Minus,
    Money,
    Quantiles,
    Rollup,
    Stream,
    Text,
    Utc,
    When,
    days,
    where,
    years,
)
from keepsum.engine.arrival import MOST_ROWS, Arrival, Chunk, Chunks, cuts
from keepsum.engine.buckets import bucket_of
from keepsum.engine.control import control_of
from keepsum.engine.mapping import leaves
from keepsum.engine.registers import slots_and_ranks
from keepsum.model.errors import ProofFailed

DAY = day_of(dt.date(2025, 1, 2))
NOON = dt.datetime.fromisoformat("2025-01-02 12:00:00")
STREAM = Stream(
    "orders", time="at", key="id", subject="buyer", keep=days(30),
    fields=(
        Choice("state", ("paid", "open"), required=True), Text("note", most=5), Text("email"), Boolean("gift"),
        Money("total", unit="EUR"), Integer("size"),
    ),
    attached=Attached(
        "orders", url="database_url", time=Utc("created"), subject="user_id",
        columns={
            "total": Minus(Amount("total", stored="float"), Coalesce(Amount("wallet", stored="float"), Constant("0"))),
            "size": Choose(When(where(gift=True, state=("paid", None)), Constant(2)), otherwise=Constant(1)),
        },
    ),
)  # fmt: skip
ROLLUP = Rollup("daily", of=STREAM, measures=(Quantiles("totals", of="total"),), keep=years(1))
LAYOUT = layout_of(STREAM, ROLLUP)
PLAIN = {"user_id": "7", "state": "paid", "note": "a", "email": "a@b.example", "gift": 1, "total": 12.5, "wallet": 0.5}


def row(key: Any = 1, time: Any = NOON, **changed: Any):
    read = {**PLAIN, **changed}
    return (key, time, *(read[leaf.name] for leaf in leaves(STREAM)))


def read(*rows, stream=STREAM):
    arrival = Arrival(stream, replace(LAYOUT, stream=stream), KEYS, DAY)
    table = arrival.batch(rows)
    arrival.finish()
    return table.to_pylist()


def refused(*rows):
    with pytest.raises(ProofFailed) as raised:
        read(*rows)
    assert raised.value.code == "BAD_ROW"
    return raised.value.message


def test_a_row_becomes_a_record_in_the_columns_of_its_layout():
    (record,) = read(row())
    (slot,), (rank,), _ = slots_and_ranks(["7"], KEYS.epoch)
    assert list(record) == list(LAYOUT.names)
    assert record == {
        "time": DAY.start + 12 * 3_600_000_000, "key": "1", "subject": "7", "slot": slot, "rank": rank,
        "f_state": "paid", "f_note": "a", "f_email": "a@b.example", "f_gift": True, "f_total": 1200, "f_size": 2,
        "b_total": bucket_of(np.array([1200]))[0],
    }  # fmt: skip


def test_what_is_missing_stays_missing():
    (record,) = read(row(user_id=None, note=None, email=None, gift=None, total=None))
    assert {name for name, value in record.items() if value is None} == {
        "subject", "slot", "rank", "f_note", "f_email", "f_gift", "f_total", "b_total",
    }  # fmt: skip
    assert record["f_size"] == 1


def test_a_public_text_is_redacted_as_at_the_door():
    (record,) = read(row(note="call a@b.example"))
    assert record["f_note"] == "call [email]"
    assert record["f_email"] == "a@b.example"


@pytest.mark.parametrize(
    ("raw", "text"),
    [(7, "7"), ("é", "é"), (Decimal(7), "7"), (b"\x01\xff", "01ff"), (UUID(int=5), str(UUID(int=5)))],
)
def test_a_key_is_a_text_whatever_its_column_is(raw, text):
    assert read(row(raw))[0]["key"] == text


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"state": "PAID"}, "'state' is none of its options in 1 row"),
        ({"state": None}, "'state' has none in 1 row"),
        ({"gift": 2}, "'gift' is neither true nor false in 1 row"),
        ({"total": 1e300}, "'total' does not fit its unit and 18 digits in 1 row"),
        ({"total": 9e15, "wallet": -9e15}, "'total' does not fit its unit and 18 digits in 1 row"),
        ({"total": "12.5"}, "'total' does not fit its unit and 18 digits in 1 row"),
        ({"note": "\x01none"}, "'note' holds a control character between U+0000 and U+0008 in 1 row"),
        ({"note": "a\udcff"}, "'note' is no text in 1 row"),
        ({"note": b"\xff"}, "'note' is no text in 1 row"),
        ({"user_id": "\x00"}, "'subject' holds a control character between U+0000 and U+0008 in 1 row"),
        ({"key": None}, "'id' has none in 1 row"),
        ({"key": ""}, "'id' has none in 1 row"),
        ({"key": 1.5}, "'id' is no text in 1 row"),
        ({"time": None}, "'at' is no time that its clock can read in 1 row"),
        ({"time": "0000-00-00"}, "'at' is no time that its clock can read in 1 row"),
        ({"time": NOON - dt.timedelta(days=1)}, "'at' lies outside the day that the database found it on in 1 row"),
    ],
)
def test_a_row_that_is_no_record_holds_its_day_and_is_not_repeated(changed, what):
    message = refused(row(8), row(**changed), row(9))
    assert what in message
    assert not any(str(value) in message for value in changed.values() if isinstance(value, str) and len(value) > 1)


def test_every_fault_is_counted_by_field():
    message = refused(row(1, state="x"), row(2, state="y"), row(3, gift=2))
    assert "'gift' is neither true nor false in 1 row, 'state' is none of its options in 2 rows" in message


def test_a_key_that_comes_twice_holds_its_day_over_batches():
    arrival = Arrival(STREAM, LAYOUT, KEYS, DAY)
    for batch in ([row(1), row(2)], [row(3)], [row(2)]):
        arrival.batch(batch)
    with pytest.raises(ProofFailed, match="KEY_NOT_UNIQUE: 1 row too many"):
        arrival.finish()


def test_a_number_and_a_text_that_are_one_key_are_one_key():
    with pytest.raises(ProofFailed, match="KEY_NOT_UNIQUE"):
        read(row(1), row("1"))


def table_of(keys):
    return pa.table({"key": pa.array(keys), "f_n": pa.array([len(key) for key in keys], pa.int64())})


def chunks_of(keys, size):
    chunks = Chunks(KEYS)
    for begin in range(0, len(keys), size):
        chunks.add(table_of(keys[begin : begin + size]))
    return chunks.done()


KEYS_OF_DAY = [f"order {number:06}" for number in range(30_000)]


@pytest.mark.parametrize("size", [1_999, 2_000, 2_001, 7_000, 30_000])
def test_chunks_are_the_same_however_rows_are_batched(size):
    found = chunks_of(KEYS_OF_DAY, size)
    assert found == chunks_of(KEYS_OF_DAY, 501)
    assert sum(chunk.count for chunk in found) == len(KEYS_OF_DAY)
    assert max(chunk.count for chunk in found) <= MOST_ROWS
    assert 20 <= len(found) <= 80


def test_chunks_add_up_to_control():
    control = control_of({name: table_of(KEYS_OF_DAY)[name] for name in ("key", "f_n")}, (), KEYS.control)
    found = chunks_of(KEYS_OF_DAY, 4_000)
    assert sum(chunk.hash_a for chunk in found) % 2**64 == control.hash_a
    assert sum(chunk.hash_b for chunk in found) % 2**64 == control.hash_b


def test_a_row_more_or_less_changes_few_chunks():
    before = set(chunks_of(KEYS_OF_DAY, 2_000))
    for keys in (KEYS_OF_DAY[:100] + KEYS_OF_DAY[101:], [*KEYS_OF_DAY[:100], "order 000099b", *KEYS_OF_DAY[100:]]):
        after = set(chunks_of(keys, 2_000))
        assert len(before - after) <= 4


def test_no_records_have_no_chunks():
    assert chunks_of([], 10) == ()
    assert chunks_of(["a"], 10)[0] == replace(chunks_of(["a"], 10)[0], count=1)
    assert isinstance(chunks_of(["a"], 10)[0], Chunk)


@given(st.lists(st.integers(0, 5_000), max_size=6), st.integers(0, MOST_ROWS - 1))
def test_a_chunk_ends_with_a_mark_or_when_it_is_full(places, before):
    marks = np.ones(5_001, np.uint64)
    marks[places] = 1_024
    ends = list(cuts(marks, before))
    expected, size = [], before
    for place, mark in enumerate(marks.tolist()):
        size += 1
        if mark == 1_024 or size == MOST_ROWS:
            expected.append(place + 1)
            size = 0
    assert ends == expected
