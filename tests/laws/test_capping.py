"""Which values of a dimension a day keeps, when many have the same number of records: one answer, however computed."""

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.rolls import computed, folded, reckoned, table_of

from keepsum import Count, Distinct, Rollup, Stream, Text, Uniques, years
from keepsum import days as days_of
from keepsum.engine.codes import encode
from keepsum.engine.compile.decode import rolled
from keepsum.engine.verify import compare
from keepsum.model.rollup import NONE, OTHER

# What could upset an order: nothing, no text, a blank, case, language, and what UTF-8 and UTF-16 sort differently.
VALUES = (None, "", " ", "0", "00", "A", "a", "B", "b", "ä", "(", ")", "~", "\uffff", "\U00010000", "日本")
RECORDS = st.lists(st.tuples(st.sampled_from([20_000, 20_001]), st.sampled_from(VALUES)), max_size=60)


def rollup(most):
    stream = Stream(
        "sales", time="at", key="id", subject="buyer", keep=days_of(30),
        fields=(Text("place", most=most), Text("other", most=most)),
    )  # fmt: skip
    measures = (Count("sales"), Distinct("keys", of="id"), Uniques("buyers", of="buyer", at=((), ("place",))))
    return Rollup("sales_daily", of=stream, by=("place", "other"), measures=measures, keep=years(1))


def sales(pairs):
    return [
        {"id": str(n), "buyer": f"b{n % 7}", "day": day, "place": place, "other": VALUES[n % len(VALUES)]}
        for n, (day, place) in enumerate(pairs)
    ]


def by_two_threads(statement, records):
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.register("records", records)
        return connection.sql(statement.sql, params=list(statement.parameters)).to_arrow_table()


def in_pieces(table, length):
    """The same records in several chunks, each with a dictionary of its own, as several segments give them."""
    chunks = [table.slice(begin, length) for begin in range(0, len(table), length)] or [table]
    for name in ("f_place", "f_other"):
        place = table.column_names.index(name)
        column = pa.chunked_array([c[name].combine_chunks().dictionary_encode() for c in chunks])
        table = table.set_column(place, name, column)
    return table


@given(pairs=RECORDS, most=st.integers(1, len(VALUES)), length=st.integers(1, 30), order=st.randoms())
def test_ties_are_decided_by_the_value_in_any_order_of_records_pieces_and_threads(pairs, most, length, order):
    one, records = rollup(most), sales(pairs)
    wanted = reckoned(one, records)
    order.shuffle(records)
    table = in_pieces(table_of(one.of, records), length)
    for found in (computed(one, table), folded(one, table), rolled(one, encode(table, [one]), by_two_threads)):
        compare(one, wanted, found)


def test_a_day_of_hundreds_of_values_with_few_records_each_keeps_as_many_as_declared(round_seed):
    most = 500
    chance = np.random.default_rng(round_seed)
    one, days = rollup(most), 20_000 + np.sort(chance.integers(0, 10, 9_000))
    # One to three records for most values: nearly all ties lie across the border.
    values = [None if n == 0 else "" if n == 1 else f"{n:05}"[n % 3 :] for n in chance.integers(0, 900, 9_000).tolist()]
    records = sales(zip(days.tolist(), values, strict=True))
    table = in_pieces(table_of(one.of, records), 700)
    found = folded(one, table)
    compare(one, reckoned(one, records), found)
    compare(one, found, rolled(one, encode(table, [one]), by_two_threads))
    kept = {day: set() for day in set(days.tolist())}
    for row in found.rows.select(["day", "d_place"]).to_pylist():
        kept[row["day"]].add(row["d_place"])
    assert {len(places - {NONE, OTHER}) for places in kept.values()} == {most}
