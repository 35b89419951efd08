"""Comparing two reckonings: what differs is named, and no value of a record is."""

from dataclasses import replace

import pyarrow as pa
import pytest
from tests.rolls import folded
from tests.sales import DAILY, TABLE

from keepsum.engine.rolled import Rolled
from keepsum.engine.verify import compare
from keepsum.model.errors import ProofFailed

RIGHT = folded(DAILY, TABLE)


def changed(table: pa.Table, row: int, **values: object) -> pa.Table:
    rows = table.to_pylist()
    rows[row] |= values
    return pa.Table.from_pylist(rows, table.schema)


def refusal(computed: Rolled) -> str:
    with pytest.raises(ProofFailed) as refused:
        compare(DAILY, computed, RIGHT)
    assert refused.value.code == "ROLLUP_DIFFERS"
    assert "'orders_daily'" in refused.value.message
    return refused.value.message


def without(table: pa.Table, row: int) -> pa.Table:
    return pa.concat_tables([table.slice(0, row), table.slice(row + 1)])


def test_equal_reckonings_pass():
    compare(DAILY, folded(DAILY, TABLE), RIGHT)


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("people", 3, "people"),
        ("largest_amount", 1, "the largest share of measure 'amount'"),
        ("m_returns", 3, "measure 'returns'"),
        ("m_amount_hi", 1, "measure 'amount'"),
        ("m_amount_lo", None, "measure 'amount'"),
        ("m_least", 0, "measure 'least'"),
        ("m_most_unpaid", None, "measure 'most_unpaid'"),
    ],
)
def test_a_wrong_value_names_its_measure_day_and_count(column, value, what):
    rows = changed(changed(RIGHT.rows, 2, **{column: value}), 5, **{column: 77})
    message = refusal(replace(RIGHT, rows=rows))
    assert f"{what} on 2024-10-04 and 1 more day: 2 different" in message
    assert message.count(" on 2024") == 1


def test_a_missing_row_names_every_measure_of_the_rows():
    message = refusal(replace(RIGHT, rows=without(RIGHT.rows, 0)))
    for name in ("returns", "amount", "least", "most_unpaid"):
        assert f"measure '{name}' on 2024-10-04: 1 missing" in message


def test_a_row_twice_is_one_too_many():
    rows = pa.concat_tables([RIGHT.rows.slice(0, 1), RIGHT.rows])
    assert "measure 'amount' on 2024-10-04: 1 too many" in refusal(replace(RIGHT, rows=rows))


def test_a_row_under_another_value_is_missing_there_and_too_many_here():
    message = refusal(replace(RIGHT, rows=changed(RIGHT.rows, 3, d_country="GB")))
    assert "1 missing" in message
    assert "1 too many" in message


def test_rows_in_another_order_are_refused():
    assert "its order or types differ" in refusal(replace(RIGHT, rows=RIGHT.rows.take([1, 0, 2, 3, 4, 5, 6])))


@pytest.mark.parametrize(("row", "what"), [(0, "'amounts' in total"), (4, "'buyers' at 'country'")])
def test_one_other_byte_of_a_part_names_its_measure_and_where_it_is_kept(row, what):
    data = RIGHT.parts["data"][row].as_py()
    message = refusal(replace(RIGHT, parts=changed(RIGHT.parts, row, data=data[:-1] + b"\x07")))
    assert f"measure {what} on 2024-10-04: 1 different" in message


def test_a_missing_part_names_its_measure():
    message = refusal(replace(RIGHT, parts=without(RIGHT.parts, 12)))
    assert "measure 'orders' in total on 2024-10-05: 1 missing" in message


def test_no_value_of_a_dimension_is_in_the_message():
    wrong = Rolled(rows=RIGHT.rows.slice(0, 0), parts=RIGHT.parts.slice(0, 0))
    message = refusal(wrong)
    assert [value for value in ("DE", "FR", "AT", "Ann") if value in message] == []


def test_every_measure_that_is_wrong_is_named_once_however_many_rows_are():
    message = refusal(Rolled(rows=RIGHT.rows.slice(0, 0), parts=RIGHT.parts.slice(0, 0)))
    assert "measure 'amount' on 2024-10-04 and 1 more day: 7 missing" in message
    assert "measure 'buyers' at 'country' on 2024-10-04 and 1 more day: 7 missing" in message
    assert [message.count(f"'{m.name}'") for m in DAILY.measures] == [1, 1, 1, 1, 1, 2, 1]
