"""Texts as numbers and back: nothing is lost, whatever form the columns have."""

import numpy as np
import pyarrow as pa
import pytest
from tests.sales import DAILY, FIRST, ORDERS, SECOND, TABLE

from keepsum.engine.codes import NO_CODE, Codes, encode, source_column
from keepsum.model.rollup import ALL, NONE, OTHER


def texts_of(coded, column, field):
    return [None if code is None else coded.codes[field].texts[code] for code in coded.table[column].to_pylist()]


def replaced(table, name, column):
    return table.set_column(table.column_names.index(name), name, column)


def test_a_code_turns_back_into_its_text():
    coded = encode(TABLE, [DAILY])
    assert texts_of(coded, "d_country", "country") == TABLE["f_country"].to_pylist()
    assert texts_of(coded, "f_kind", "kind") == TABLE["f_kind"].to_pylist()


def test_codes_compare_as_their_texts_do_byte_by_byte():
    texts = ["b", "B", "", "ä", "\uffff", "\U00010000", "日本", "\t"]
    table = replaced(TABLE.slice(0, len(texts)), "f_country", pa.array(texts))
    known = encode(table, [DAILY]).codes["country"].texts
    assert list(known) == sorted([*texts, ALL, NONE, OTHER], key=str.encode)


def test_subjects_are_numbered_anew_each_day():
    numbers = encode(TABLE, [DAILY]).table["subject"].to_pylist()
    assert numbers == [0, 0, 1, None, 1, 1, 2, 2, 3, 0, None, 0, 0]


def test_days_that_lie_mixed_are_put_in_order_each_keeping_the_order_of_its_records():
    mixed = TABLE.take([9, 0, 10, 1, 2])
    coded = encode(mixed, [DAILY]).table
    assert coded["day"].to_pylist() == [FIRST, FIRST, FIRST, SECOND, SECOND]
    assert coded["f_amount"].to_pylist() == [700, -200, 100, 1, 1]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_the_form_of_a_text_column_changes_no_code(kind):
    plain = encode(TABLE, [DAILY])
    table = TABLE
    for name in ("f_country", "f_kind", "subject", "key"):
        table = replaced(table, name, TABLE[name].cast(kind))
    coded = encode(table, [DAILY])
    assert coded.codes == plain.codes
    assert coded.table["d_country"].to_pylist() == plain.table["d_country"].to_pylist()
    assert coded.table["f_kind"].to_pylist() == plain.table["f_kind"].to_pylist()


def test_pieces_with_dictionaries_of_their_own_share_one_numbering():
    pieces = [TABLE["f_country"].slice(begin, 4).combine_chunks().dictionary_encode() for begin in (0, 4, 8, 12)]
    coded = encode(replaced(TABLE, "f_country", pa.chunked_array(pieces)), [DAILY])
    assert texts_of(coded, "d_country", "country") == TABLE["f_country"].to_pylist()


def test_a_dictionary_may_hold_null_and_a_text_twice():
    values = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None] * 3 + [0], pa.int32()), pa.array(["x", None, "x"]))
    coded = encode(replaced(TABLE, "f_country", values), [DAILY])
    assert texts_of(coded, "d_country", "country") == ["x", None, "x", None] * 3 + ["x"]


def test_a_text_that_no_record_has_is_a_code_that_no_row_has():
    assert Codes(("a",)).of("b") == NO_CODE
    assert NO_CODE < 0


def test_reserved_texts_are_no_values():
    assert Codes((ALL, NONE, OTHER, "a")).values == 1


def test_only_what_the_rollups_read_is_carried():
    assert set(encode(TABLE, [DAILY]).table.column_names) == {
        "day", "d_country", "f_country", "f_kind", "f_paid", "f_amount", "b_amount", "key", "subject", "slot", "rank",
    }  # fmt: skip


def test_a_stream_without_rollups_has_its_days_and_nothing_else():
    assert encode(TABLE, []).table.column_names == ["day"]


def test_a_bucket_that_does_not_fit_is_refused_rather_than_cut():
    with pytest.raises(pa.ArrowInvalid):
        encode(replaced(TABLE, "b_amount", pa.array(np.full(len(TABLE), 2**15))), [DAILY])


def test_the_key_the_subject_and_the_time_are_columns_of_their_own():
    assert [source_column(ORDERS, name) for name in ("id", "buyer", "at", "amount")] == [
        "key", "subject", "time", "f_amount",
    ]  # fmt: skip
