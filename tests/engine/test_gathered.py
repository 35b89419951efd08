"""Groups that a database added up come to the same rollup whichever way a driver hands them over, and in what lots."""

from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.attaching import KEYS
from tests.rolls import KEY, reckoned, run

from keepsum import (
    Amount,
    Attached,
    Boolean,
    Choice,
    Count,
    Distinct,
    Integer,
    Quantiles,
    Rollup,
    Stream,
    Sum,
    Text,
    Uniques,
    Utc,
    days,
    where,
    years,
)
from keepsum.engine.compile.attached import group_columns, spread_measures
from keepsum.engine.gathered import rolled
from keepsum.model.errors import ProofFailed

STREAM = Stream(
    "orders", time="at", key="id", subject="buyer", keep=days(30),
    fields=(Choice("state", ("paid", "open")), Boolean("gift"), Integer("size"), Text("note", most=5)),
    attached=Attached(
        "orders", url="u", time=Utc("at"), subject="buyer", columns={"size": Amount("size", stored="integer")}
    ),
)  # fmt: skip
MEASURES = (
    Count("orders"), Sum("size"), Uniques("buyers", of="buyer"), Distinct("notes", of="note"),
    Quantiles("sizes", of="size"), Distinct("keys", of="id"),
)  # fmt: skip
ROLLUP = Rollup("daily", of=STREAM, by=("state", "gift"), measures=MEASURES, keep=years(1))
NAMES = group_columns(ROLLUP)
SPREAD = spread_measures(ROLLUP)
WORDS, SIZES = st.sampled_from("abcdé"), st.integers(-300, 300)
STATES, GIFTS = st.none() | st.sampled_from(["paid", "open"]), st.none() | st.integers(0, 1)
GROUPS = st.fixed_dictionaries(
    {
        "d_state": STATES, "d_gift": GIFTS, "subject": st.none() | WORDS, "n": st.integers(1, 9), "m_orders": SIZES,
        "m_size": st.none() | st.integers(-(10**20), 10**20), "a_size": st.none() | SIZES, "u_buyers": st.just(1),
    }
)  # fmt: skip
VALUES = st.tuples(st.sampled_from(SPREAD), STATES, GIFTS, WORDS, SIZES, st.integers(1, 9))


RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.just(20_000), "buyer": st.none() | WORDS, "note": st.none() | st.sampled_from("qrstuvwxyz"),
            "gift": st.none() | st.booleans(), "size": st.none() | SIZES,
        }
    ),
    max_size=40,
)  # fmt: skip
ADDED = (Count("orders"), Sum("size"), Count("gifts", where=where(gift=True)), Uniques("buyers", of="buyer"))
NOTED = Rollup("noted", of=STREAM, by=("note", "gift"), measures=ADDED, keep=years(1))


def batches_of(rows, size):
    return [columns_of(rows[begin : begin + size]) for begin in range(0, len(rows), size)]


def by_subject(groups):
    """As a database gives them: one subject behind another, in an order of its own."""
    return sorted(groups, key=lambda group: (group["subject"] is not None, group["subject"]))


def grouped(records):
    """What a database groups records to, reckoned one by one."""
    groups = defaultdict(list)
    for record in records:
        groups[record["note"], record["gift"], record["buyer"]].append(record)
    for (note, gift, buyer), every in groups.items():
        sizes = [record["size"] for record in every if record["size"] is not None]
        yield {
            "d_note": note, "d_gift": None if gift is None else int(gift), "subject": buyer, "n": len(every),
            "m_orders": len(every), "m_size": sum(sizes) if sizes else None,
            "a_size": sum(map(abs, sizes)) if sizes else None,
            "m_gifts": len(every) if gift else 0, "u_buyers": 1,
        }  # fmt: skip


def spread_row(drawn):
    measure, state, gift, word, size, count = drawn
    value = str(size) if measure.source == "size" else word
    return SPREAD.index(measure), state, None if gift is None else str(gift), value, count


def columns_of(rows):
    return [list(column) for column in zip(*rows, strict=True)]


def as_arrays(columns):
    """As MySQL has them: texts as bytes, and numbers as integers where they fit."""
    return [_as_array(column) for column in columns]


def _as_array(column):
    if any(isinstance(value, str) for value in column):
        return pa.array([None if value is None else value.encode() for value in column], pa.binary())
    fits = all(value is None or -(2**63) <= value < 2**63 for value in column)
    return pa.array(column, pa.int64()) if fits else [None if value is None else Decimal(value) for value in column]


@given(st.lists(GROUPS, min_size=1, max_size=12), st.lists(VALUES, min_size=1, max_size=12))
def test_arrays_and_values_and_rows_one_by_one_are_the_same_rollup(groups, values):
    group_rows = [tuple(group[name] for name in NAMES) for group in by_subject(groups)]
    spread_rows = [spread_row(drawn) for drawn in values]
    ways = [
        ([columns_of(group_rows)], [columns_of(spread_rows)]),
        ([as_arrays(columns_of(group_rows))], [as_arrays(columns_of(spread_rows))]),
        ([columns_of([row]) for row in group_rows], [as_arrays(columns_of([row])) for row in spread_rows]),
    ]
    first, *others = (
        rolled(ROLLUP, lambda grouped=grouped: grouped, spread, KEYS, run, day=20_000, at_once=at_once)
        for grouped, spread in ways
        for at_once in (1, 100)
    )
    for other in others:
        assert other.rows.equals(first.rows)
        assert other.parts.equals(first.parts)


@given(RECORDS, st.integers(1, 7), st.integers(1, 7))
def test_lots_of_any_size_come_to_what_the_records_do(records, size, at_once):
    rows = [tuple(group[name] for name in group_columns(NOTED)) for group in by_subject(grouped(records))]
    batches, asked = batches_of(rows, size), Counter()

    def groups():
        asked["times"] += 1
        return iter(batches)

    keys = replace(KEYS, epoch=KEY)
    found = rolled(NOTED, groups, [], keys, run, day=20_000, at_once=at_once)
    expected = reckoned(NOTED, records)
    assert found.rows.equals(expected.rows)
    assert found.parts.equals(expected.parts)
    is_capped = len({record["note"] for record in records} - {None}) > 5
    assert asked["times"] == (2 if is_capped else 1)


def test_what_waits_is_a_lot_and_no_more():
    people = [{"note": "q", "gift": None, "buyer": f"buyer {n:03}", "size": 1, "day": 20_000} for n in range(200)]
    rows = [tuple(group[name] for name in group_columns(NOTED)) for group in by_subject(grouped(people))]
    seen = []

    def watched(statement, records):
        if "subject" in records.column_names:
            seen.append(len(records))
        return run(statement, records)

    batches = batches_of(rows, 10)
    found = rolled(NOTED, lambda: batches, [], KEYS, watched, day=20_000, at_once=20)
    assert found.rows["people"].to_pylist() == [200]
    # The last subject of each lot waits for the rest of its groups; rows and parts are made of each lot.
    assert (seen[0], max(seen), sum(seen)) == (19, 20, 2 * 200)


def test_a_value_that_is_no_text_holds_the_day_and_is_not_repeated():
    notes = next(number for number, measure in enumerate(SPREAD) if measure.name == "notes")
    with pytest.raises(ProofFailed, match="no UTF-8") as raised:
        rolled(ROLLUP, list, [columns_of([(notes, None, None, "marker\udcff", 1)])], KEYS, run, day=20_000)
    assert "marker" not in str(raised.value)


@pytest.mark.parametrize(("said", "is_whole"), [("12.00", True), ("12.5", False), ("12 apples", False)])
def test_a_number_that_is_said_is_whole_or_holds_the_day(said, is_whole):
    sizes = next(number for number, measure in enumerate(SPREAD) if measure.name == "sizes")
    spread = [columns_of([(sizes, None, None, said, 1)])]
    if is_whole:
        found = rolled(ROLLUP, list, spread, KEYS, run, day=20_000)
        same = rolled(ROLLUP, list, [columns_of([(sizes, None, None, "12", 1)])], KEYS, run, day=20_000)
        assert found.parts.equals(same.parts)
    else:
        with pytest.raises(ProofFailed, match="whole"):
            rolled(ROLLUP, list, spread, KEYS, run, day=20_000)
