"""Groups that a database added up come to the same rollup whichever way a driver hands them over."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.attaching import KEYS
from tests.rolls import run

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
    group_rows = [tuple(group[name] for name in NAMES) for group in groups]
    spread_rows = [spread_row(drawn) for drawn in values]
    ways = [
        ([columns_of(group_rows)], [columns_of(spread_rows)]),
        ([as_arrays(columns_of(group_rows))], [as_arrays(columns_of(spread_rows))]),
        ([columns_of([row]) for row in group_rows], [as_arrays(columns_of([row])) for row in spread_rows]),
    ]
    first, *others = (rolled(ROLLUP, grouped, spread, KEYS, run, day=20_000) for grouped, spread in ways)
    for other in others:
        assert other.rows.equals(first.rows)
        assert other.parts.equals(first.parts)


def test_a_value_that_is_no_text_holds_the_day_and_is_not_repeated():
    notes = next(number for number, measure in enumerate(SPREAD) if measure.name == "notes")
    with pytest.raises(ProofFailed, match="no UTF-8") as raised:
        rolled(ROLLUP, [], [columns_of([(notes, None, None, "marker\udcff", 1)])], KEYS, run, day=20_000)
    assert "marker" not in str(raised.value)


@pytest.mark.parametrize(("said", "is_whole"), [("12.00", True), ("12.5", False), ("12 apples", False)])
def test_a_number_that_is_said_is_whole_or_holds_the_day(said, is_whole):
    sizes = next(number for number, measure in enumerate(SPREAD) if measure.name == "sizes")
    spread = [columns_of([(sizes, None, None, said, 1)])]
    if is_whole:
        found = rolled(ROLLUP, [], spread, KEYS, run, day=20_000)
        same = rolled(ROLLUP, [], [columns_of([(sizes, None, None, "12", 1)])], KEYS, run, day=20_000)
        assert found.parts.equals(same.parts)
    else:
        with pytest.raises(ProofFailed, match="whole"):
            rolled(ROLLUP, [], spread, KEYS, run, day=20_000)
