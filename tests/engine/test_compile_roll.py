"""The roll-up statement: its text, and what DuckDB makes of it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp
from tests.rolls import computed, run, table_of
from tests.sales import DAILY, FIRST, PARTS, ROWS, TABLE

from keepsum import Count, Distinct, Integer, Level, Rollup, Stream, Sum, days, years
from keepsum.engine.codes import Codes, encode
from keepsum.engine.compile import decode as decode_module
from keepsum.engine.compile import roll
from keepsum.engine.compile.decode import decode
from keepsum.model.rollup import ALL, NONE, OTHER

SNAPSHOTS = Path(__file__).parent / "snapshots"
RESERVED = (ALL, NONE, OTHER)
CODES = {"country": Codes((*RESERVED, "DE", "FR")), "kind": Codes((*RESERVED, "return", "sale"))}
CAPPED = CODES | {"country": Codes((*RESERVED, "AT", "DE", "FR"))}
BARE = Stream("hits", time="at", key="id", keep=days(30), fields=(Integer("size"),))


def cells(table: pa.Table) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in table.to_pylist()]


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("rows", roll.rows(DAILY, CODES)),
        ("rows_capped", roll.rows(DAILY, CAPPED)),
        ("parts_capped", roll.parts(DAILY, CAPPED)),
    ],
)
def test_the_statement_is_the_one_that_was_reviewed(name, statement):
    tree = sqlglot.parse_one(statement.sql, dialect="duckdb")
    text = f"{tree.sql(dialect='duckdb', pretty=True)}\n-- {statement.parameters}\n"
    assert text == (SNAPSHOTS / f"orders_daily_{name}.sql").read_text(encoding="utf-8")


def test_two_days_of_orders_roll_up_to_what_was_reckoned_by_hand():
    assert cells(computed(DAILY, TABLE).rows) == ROWS


def test_the_parts_of_two_days_hold_what_was_reckoned_by_hand():
    assert cells(computed(DAILY, TABLE).parts) == PARTS


def test_no_value_of_a_declaration_or_a_record_stands_in_the_text():
    for statement in (roll.rows(DAILY, CAPPED), roll.parts(DAILY, CAPPED)):
        assert statement
        literals = sqlglot.parse_one(statement.sql, dialect="duckdb").find_all(exp.Literal)
        assert [literal for literal in literals if literal.is_string] == []
        assert "return" not in statement.sql.replace("returns", "")


def test_the_text_is_the_same_whatever_texts_the_records_hold():
    other = CODES | {"country": Codes((*RESERVED, "AT", "IT"))}
    assert roll.rows(DAILY, other).sql == roll.rows(DAILY, CODES).sql


def test_a_filter_on_a_text_that_no_record_has_allows_none():
    nothing = CODES | {"kind": Codes(RESERVED)}
    assert -1 in roll.rows(DAILY, nothing).parameters


def test_a_rollup_without_measures_at_grains_has_no_statement_for_parts():
    plain = Rollup("hits_daily", of=BARE, measures=(Count("hits"),), keep=years(1))
    assert roll.parts(plain, {}) is None
    assert computed(plain, table_of(BARE, [{"day": FIRST}])).parts.num_rows == 0


def test_a_stream_without_a_subject_is_grouped_once_and_has_no_people():
    plain = Rollup("hits_daily", of=BARE, measures=(Count("hits"), Sum("size")), keep=years(1))
    records = table_of(BARE, [{"day": FIRST, "size": 2}, {"day": FIRST, "size": -5}])
    assert "ABS" not in roll.rows(plain, {}).sql
    assert computed(plain, records).rows.to_pylist() == [
        {"day": FIRST, "m_hits": 2, "m_size_hi": -1, "m_size_lo": 10**9 - 3}
    ]


def test_no_records_give_no_rows_and_no_parts():
    nothing = computed(DAILY, TABLE.slice(0, 0))
    assert (nothing.rows.num_rows, nothing.parts.num_rows) == (0, 0)
    assert nothing.rows.schema == computed(DAILY, TABLE).rows.schema


def test_ten_thousand_numbers_of_eighteen_digits_add_up_exactly():
    plain = Rollup("hits_daily", of=BARE, measures=(Sum("size"),), keep=years(1))
    row = computed(plain, table_of(BARE, [{"day": FIRST, "size": 10**18 - 1}] * 10_000)).rows.to_pylist()[0]
    assert row["m_size_hi"] * 10**9 + row["m_size_lo"] == 10_000 * (10**18 - 1)


def test_a_declaration_that_is_not_carried_out_is_refused_rather_than_left_out():
    stock = Rollup("stock_daily", of=BARE, measures=(Level("size"),), keep=years(1))
    with pytest.raises(TypeError):
        roll.rows(stock, {})


def test_rows_of_the_answers_may_come_in_any_order():
    coded = encode(TABLE, [DAILY])
    statement = roll.parts(DAILY, coded.codes)
    assert statement
    answers = run(roll.rows(DAILY, coded.codes), coded.table), run(statement, coded.table)
    rows, parts = (answer.take(np.random.default_rng(1).permutation(len(answer))) for answer in answers)
    mixed = decode(DAILY, coded.codes, rows, parts)
    assert (cells(mixed.rows), cells(mixed.parts)) == (ROWS, PARTS)


def test_distinct_counts_keys_texts_and_numbers():
    measures = tuple(Distinct(name, of=name, at=((),)) for name in ("id", "size"))
    plain = Rollup("hits_daily", of=BARE, measures=measures, keep=years(1))
    records = [{"day": FIRST, "id": key, "size": size} for key, size in (("x", 1), ("x", -(10**18) + 1), ("y", None))]
    parts = computed(plain, table_of(BARE, records)).parts.to_pylist()
    assert [(part["measure"], part["value"]) for part in parts] == [("id", 2), ("size", 2)]


@pytest.mark.parametrize("far", [1, 10**6, 10**9])
def test_groups_sort_as_their_columns_do_however_far_apart_the_values_lie(far):
    columns = [np.array([2, 0, 2, 1, 0]) * far, np.array([0, 5, 0, -5, 4]) * far, np.array([1, 0, 0, 0, 3])]
    group, room = decode_module._group(columns)
    assert sorted(range(5), key=group.tolist().__getitem__) == [4, 1, 3, 2, 0]
    assert len(set(group.tolist())) == 5
    assert group.max() < room <= decode_module._MOST_GROUPS
