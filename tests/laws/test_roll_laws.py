"""Rolling up, on anything that may be declared and recorded: three reckonings agree, whatever order and batches."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.rolls import computed, folded, pooled, reckoned, table_of

from keepsum import (
    Boolean,
    Choice,
    Count,
    Distinct,
    Integer,
    Max,
    Min,
    Quantiles,
    Rollup,
    Stream,
    Sum,
    Text,
    Uniques,
    years,
)
from keepsum import days as days_of
from keepsum.engine.codes import encode
from keepsum.engine.content import contents_by_day
from keepsum.engine.fold import fold, pools
from keepsum.engine.folding import Folding, Sliced
from keepsum.engine.numbers import LIMIT
from keepsum.engine.verify import compare
from keepsum.model.filter import Filter
from keepsum.model.rollup import Measure

DAYS = st.sampled_from([20_000, 20_001, 20_004])
# Texts whose order differs by bytes, by UTF-16 and by language, beside whatever else a text may hold.
ODD = st.sampled_from(["", " ", "a", "A", "ä", "B", "\uffff", "\U00010000", "日本"])
TEXTS = ODD | ODD | st.text(st.characters(min_codepoint=9, exclude_categories=["Cs"]), max_size=3)
# Small ones, ones on both sides of a limb, and the largest.
NUMBERS = st.integers(-3, 3) | st.integers(-(10**10), 10**10) | st.sampled_from([LIMIT, -LIMIT])
OPTIONS = ("credit", "debit", "none of these")
FIELDS = {
    "place": TEXTS, "way": st.sampled_from(OPTIONS), "paid": st.booleans(), "size": st.integers(-12, 12),
    "invoice": TEXTS, "amount": NUMBERS, "weight": NUMBERS,
}  # fmt: skip
FILTERS = {"place": TEXTS, "way": FIELDS["way"], "paid": FIELDS["paid"], "size": FIELDS["size"]}
DIMENSIONS = ("place", "way", "paid", "size")


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    return Stream(
        "sales", time="at", key="id", keep=days_of(30), subject=draw(st.sampled_from(["buyer", "buyer", None])),
        fields=(
            Text("place", most=draw(st.integers(1, 4))), Choice("way", OPTIONS), Boolean("paid"), Integer("size"),
            Text("invoice"), Integer("amount"), Integer("weight"),
        ),
    )  # fmt: skip


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    names = draw(st.lists(st.sampled_from(sorted(FILTERS)), max_size=2, unique=True))
    return tuple((name, tuple(draw(st.lists(FILTERS[name] | st.none(), max_size=3)))) for name in names)


@st.composite
def rollups(draw: st.DrawFn) -> Rollup:
    stream = draw(streams())
    by = tuple(draw(st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3)))
    kinds = ["count", "sum", "min", "max", "distinct", "quantiles", *(["uniques"] if stream.subject else [])]
    drawn = enumerate(draw(st.lists(st.sampled_from(kinds), min_size=3, max_size=6)))
    measures = tuple(draw(measures_of(stream, by, kind, f"{kind}_{place}")) for place, kind in drawn)
    return Rollup("sales_daily", of=stream, by=by, measures=measures, keep=years(1))


@st.composite
def measures_of(draw: st.DrawFn, stream: Stream, by: tuple[str, ...], kind: str, name: str) -> Measure:
    where, number = draw(filters()), draw(st.sampled_from(["amount", "weight"]))
    if kind == "count":
        return Count(name, where=where)
    if kind in {"sum", "min", "max"}:
        return {"sum": Sum, "min": Min, "max": Max}[kind](name, of=number, where=where)
    grain = st.lists(st.sampled_from(by), unique=True).map(tuple) if by else st.just(())
    at = draw(st.none() | st.lists(grain, max_size=2).map(tuple))
    source = draw(st.sampled_from(["id", "invoice", "place", "paid", number]))
    match kind:
        case "distinct":
            return Distinct(name, of=source, where=where, at=at)
        case "uniques":
            return Uniques(name, of=stream.subject, where=where, at=at)
        case _:
            return Quantiles(name, of=number, where=where, at=at)


RECORD = st.fixed_dictionaries(
    {
        "day": DAYS,
        "id": st.sampled_from(["x", "y", "z", "é"]),
        "buyer": st.sampled_from(["Ann", "Bo", "ann"]) | st.none(),
    }
    | {name: values | st.none() for name, values in FIELDS.items()}
)
# Enough for groups of several records, and for days with more values than a dimension keeps.
RECORDS = st.lists(RECORD, max_size=3) | st.lists(RECORD, min_size=15, max_size=60)


def table(rollup, records):
    return table_of(rollup.of, records, bucketed=("amount", "weight"))


def digests(rolled):
    return contents_by_day(rolled.rows), contents_by_day(rolled.parts)


@given(rollups(), RECORDS)
def test_the_statement_and_the_fold_and_plain_reckoning_agree(rollup, records):
    found = computed(rollup, table(rollup, records))
    compare(rollup, found, folded(rollup, table(rollup, records)))
    compare(rollup, found, reckoned(rollup, records))


@given(rollups(), RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(rollup, records, random):
    shuffled, expected = table(rollup, random.sample(records, len(records))), reckoned(rollup, records)
    compare(rollup, computed(rollup, shuffled), expected)
    compare(rollup, folded(rollup, shuffled), expected)


@given(rollups(), RECORDS)
def test_days_rolled_one_by_one_are_the_days_rolled_together(rollup, records):
    numbers = sorted({record["day"] for record in records})
    tables = [table(rollup, [record for record in records if record["day"] == number]) for number in numbers]
    together = digests(reckoned(rollup, records))
    for roll in (computed, folded):
        one_by_one = [digests(roll(rollup, day)) for day in tables]
        assert together == tuple({n: h for day in one_by_one for n, h in day[i].items()} for i in (0, 1))


@given(rollups(), RECORDS, st.integers(1, 20))
def test_records_folded_slice_by_slice_are_the_records_folded_at_once(rollup, records, most):
    sliced = Sliced(encode(table(rollup, records), [rollup]), rollup.of, most)
    compare(rollup, fold(sliced, rollup), reckoned(rollup, records))


@given(rollups(), RECORDS, st.data())
def test_a_pool_has_the_people_and_the_largest_share_of_its_records(rollup, records, data):
    if not rollup.of.subject:
        return
    coded, most = encode(table(rollup, records), [rollup]), data.draw(st.integers(1, 20))
    rows = fold(Folding(coded, rollup.of), rollup).rows
    is_pooled = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))), bool)
    chosen = {
        tuple(row[name] for name in row if name[:2] in {"da", "d_"}) for row in rows.filter(is_pooled).to_pylist()
    }
    pool_of = np.where(is_pooled, rows["day"].to_numpy(), -1)
    for folding in (Folding(coded, rollup.of), Sliced(coded, rollup.of, most)):
        assert pools(folding, rollup, pool_of) == pooled(rollup, records, chosen)
