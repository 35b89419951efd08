import pyarrow as pa
import pytest
from tests.systems import SALES, SHOP

from keepsum import Boolean, Count, Rollup, Stream, days, years
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.layout import record_layout
from keepsum.store import records, shapes

DAY, OTHER = 20_485, 20_486
LAYOUT = record_layout(Catalog((SHOP,)), SALES)
ODD = ["a", "A", "ä", "1", "01", "null", '"', "'; DROP TABLE x; --", "\U0001f600", "\x7f", "k" * 200, " ", "[1]"]


@pytest.fixture
def tail(file):
    with file.write() as connection:
        shapes.create(connection, shapes.tail(LAYOUT))
    return file


def claim(file, pairs, day=DAY):
    with file.write() as connection:
        return records.claim(connection, "sales", day, pairs)


def append(file, keys, day=DAY, **columns):
    values = {"time": 1, "key": "", "subject": None, "slot": None, "rank": None, "f_amount": 5} | columns
    with file.write() as connection:
        listed = [keys if n == "key" else [values.get(n)] * len(keys) for n in LAYOUT.names]
        return records.append(connection, LAYOUT, [day] * len(keys), listed)


def read(file, day=DAY, after=0, names=None):
    with file.read() as connection:
        return records.tail(connection, LAYOUT, day, after, names)


def test_new_keys_are_noted_and_known_ones_are_told_with_the_row_they_came_with(file):
    assert claim(file, [("a", 1), ("b", -(2**63))]) is None
    assert claim(file, [("b", 9), ("c", 3)]) == {"b": -(2**63)}
    assert claim(file, [("c", 3)]) is None


def test_a_clash_notes_none_of_the_batch(file):
    assert claim(file, [("a", 1)]) is None
    assert claim(file, [("b", 2), ("a", 1)]) == {"a": 1}
    assert claim(file, [("b", 2)]) is None


def test_a_key_twice_in_one_batch_notes_nothing_and_is_known_from_nowhere(file):
    assert claim(file, [("a", 1), ("a", 2)]) == {}
    assert claim(file, [("a", 1)]) is None


def test_keys_live_on_their_day_and_in_their_stream(file):
    assert claim(file, [("a", 1)]) is None
    assert claim(file, [("a", 1)], day=OTHER) is None
    with file.write() as connection:
        assert records.claim(connection, "returns", DAY, [("a", 1)]) is None


def test_several_days_are_claimed_together_or_not_at_all(file):
    claim(file, [("b", 1)], day=OTHER)
    with file.write() as connection:
        assert not records.claim_all(connection, "sales", {DAY: [("a", 1)], OTHER: [("b", 1)]})
        assert records.seen(connection, "sales", DAY, ["a"]) == {}
        assert records.claim_all(connection, "sales", {DAY: [("a", 1)], OTHER: [("c", 1)]})
        assert records.seen(connection, "sales", DAY, ["a"]) == {"a": 1}


def test_any_text_may_be_a_key(file):
    pairs = [(key, place) for place, key in enumerate(ODD)]
    assert claim(file, pairs) is None
    with file.read() as connection:
        assert records.seen(connection, "sales", DAY, [*ODD, "unknown"]) == dict(pairs)
        assert records.seen(connection, "sales", OTHER, ODD) == {}
        assert dict(records.keys_of(connection, "sales", DAY)) == dict(pairs)


def test_many_keys_are_looked_up_at_once(file):
    pairs = [(f"key {i}", i) for i in range(40_000)]
    assert claim(file, pairs) is None
    assert claim(file, pairs) == dict(pairs)


def test_records_come_back_in_arrival_order_with_the_number_of_the_last(tail):
    assert append(tail, ["b", "a"]) == 2
    assert append(tail, ["c"], day=OTHER) == 3
    assert append(tail, ["a2"]) == 4
    table, last = read(tail)
    assert (table.column("key").to_pylist(), last) == (["b", "a", "a2"], 4)
    assert table.schema.types == LAYOUT.schema.types
    table, last = read(tail, after=2)
    assert (table.column("key").to_pylist(), last) == (["a2"], 4)
    table, last = read(tail, after=4)
    assert (table.num_rows, last) == (0, 4)
    assert read(tail, names=["f_amount"])[0].column_names == ["f_amount"]


def test_numbers_are_given_once_even_after_all_rows_are_gone(tail):
    append(tail, ["a", "b"])
    with tail.write() as connection:
        assert records.drop_tail(connection, "sales", DAY, 2**62, 100) == 2
    assert append(tail, ["c"]) == 3
    with tail.read() as connection:
        assert records.sequence(connection, "sales") == 3
        assert records.sequence(connection, "unknown") == 0


def test_the_tail_is_dropped_a_few_rows_at_a_time_up_to_a_number(tail):
    append(tail, [f"k{i}" for i in range(10)])
    append(tail, ["other"], day=OTHER)
    with tail.write() as connection:
        assert records.drop_tail(connection, "sales", DAY, 7, 5) == 5
        assert records.drop_tail(connection, "sales", DAY, 7, 5) == 2
        assert records.drop_tail(connection, "sales", DAY, 7, 5) == 0
        assert records.tail_days(connection, "sales") == {DAY: (3, 10), OTHER: (1, 11)}


def test_rows_can_be_dropped_by_number(tail):
    append(tail, ["a", "b", "c"])
    with tail.write() as connection:
        assert records.tail_keys(connection, "sales", DAY) == [(1, "a"), (2, "b"), (3, "c")]
        assert records.drop_rows(connection, "sales", DAY, [1, 3, 9]) == 2
        assert records.tail_keys(connection, "sales", DAY) == [(2, "b")]


def test_booleans_come_back_as_booleans(file):
    stream = Stream("ticks", time="at", key="id", keep=days(1), fields=(Boolean("up"),))
    pack = Pack("p", streams=(stream,), rollups=(Rollup("t", of=stream, measures=(Count("n"),), keep=years(1)),))
    layout = record_layout(Catalog((pack,)), stream)
    with file.write() as connection:
        shapes.create(connection, shapes.tail(layout))
        records.append(connection, layout, [DAY] * 3, [[1, 2, 3], ["a", "b", "c"], [True, False, None]])
        table, _ = records.tail(connection, layout, DAY, 0)
    assert table.column("f_up").type == pa.bool_()
    assert table.column("f_up").to_pylist() == [True, False, None]


def test_keys_of_a_purged_day_can_be_recognised_but_not_read(file):
    claim(file, [("secret key", 7), ("other", 8)])
    with file.write() as connection:
        records.replace_keys(connection, "sales", DAY, [(111, 7), (222, 8)])
        assert records.keys_of(connection, "sales", DAY) == []
        assert records.recognise(connection, "sales", DAY, [111, 333]) == {111: 7}
        assert records.recognise(connection, "sales", OTHER, [111]) == {}
        records.add_fingerprints(connection, "sales", DAY, [(333, 9)])
        assert records.recognise(connection, "sales", DAY, [222, 333]) == {222: 8, 333: 9}
    file.truncate()
    assert b"secret key" not in file.path.read_bytes()
    with file.write() as connection:
        records.forget_fingerprints(connection, "sales", DAY)
        assert records.recognise(connection, "sales", DAY, [111]) == {}


def test_a_day_without_keys_can_be_purged_and_corrected(file):
    with file.write() as connection:
        records.replace_keys(connection, "sales", DAY, [])
        records.add_fingerprints(connection, "sales", DAY, [(1, 2)])
        assert records.recognise(connection, "sales", DAY, [1]) == {1: 2}


def test_rejects_add_up_by_field_and_reason(file):
    with file.write() as connection:
        records.count_rejects(connection, "sales", DAY, {("amount", "WRONG_TYPE"): 2, ("", "KEY_CONFLICT"): 1})
        records.count_rejects(connection, "sales", DAY, {("amount", "WRONG_TYPE"): 3})
        records.count_rejects(connection, "sales", OTHER, {("amount", "WRONG_TYPE"): 1})
        assert records.rejects_of(connection, "sales", DAY, DAY) == [
            (DAY, "", "KEY_CONFLICT", 1),
            (DAY, "amount", "WRONG_TYPE", 5),
        ]
        assert len(records.rejects_of(connection, "sales", DAY, OTHER)) == 3
        assert records.rejects_of(connection, "returns", DAY, OTHER) == []
