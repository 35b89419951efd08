"""Who has the most of a metric, added up from records."""

from decimal import Decimal

import pyarrow as pa
import pytest

from keepsum import (
    Boolean,
    Choice,
    Count,
    Integer,
    Metric,
    Money,
    Rollup,
    Stream,
    Sum,
    Text,
    Uniques,
    days,
    where,
    years,
)
from keepsum.engine.compile.attached import group_columns
from keepsum.engine.lead import Standings, grouping, latest, leading
from keepsum.model.errors import Invalid

ENTRIES = Stream(
    "entries",
    time="at",
    key="id",
    subject="user",
    keep=days(30),
    fields=(Choice("way", ("in", "out")), Text("shop", most=9), Integer("amount"), Money("paid", unit="EUR"),
            Boolean("gift"), Text("email")),
)  # fmt: skip
VISITS = Stream("visits", time="at", key="id", subject="user", keep=days(30), fields=(Integer("amount"),))
ROOMS = Stream("rooms", time="at", key="id", keep=days(30), fields=(Integer("amount"),))
DAILY = Rollup(
    "daily",
    of=ENTRIES,
    by=("way", "shop"),
    measures=(
        Count("entries"),
        Count("gifts", where=where(gift=True)),
        Sum("amount"),
        Sum("paid"),
        Uniques("users", of="user"),
    ),
    keep=years(1),
)
VISITED = Rollup("visited", of=VISITS, measures=(Sum("amount"),), keep=years(1))
ROOMED = Rollup("roomed", of=ROOMS, measures=(Sum("amount"),), keep=years(1))
GOT, SPENT = DAILY.amount.where(way="in"), DAILY.amount.where(way="out")


def records(*rows):
    """Records of (subject, way, amount), and what else is said."""
    plain = [{"subject": s, "f_way": w, "f_amount": a, "f_shop": None, "f_gift": None, "f_paid": None} | m
             for s, w, a, m in ((*row, {})[:4] if len(row) == 3 else row for row in rows)]  # fmt: skip
    schema = pa.schema([
        ("subject", pa.string()), ("f_way", pa.dictionary(pa.int32(), pa.string())), ("f_amount", pa.int64()),
        ("f_shop", pa.string()), ("f_gift", pa.bool_()), ("f_paid", pa.int64()),
    ])  # fmt: skip
    return pa.Table.from_pylist(plain, schema)


def first(formula, *batches, count=9):
    standings = Standings(leading(Metric("asked", formula)))
    for batch in batches:
        standings.add(batch)
    return standings.first(count)


SOME = records(("ann", "in", 10), ("bob", "in", 30), ("ann", "out", 4), ("ann", "in", 5), (None, "in", 99))


def test_the_largest_sum_comes_first_and_nobody_is_nowhere():
    assert first(GOT, SOME) == [("bob", 30), ("ann", 15)]


def test_who_has_no_record_that_counts_is_on_no_list():
    assert first(SPENT, SOME) == [("ann", 4)]


def test_a_difference_counts_both_sides():
    assert first(GOT - SPENT, SOME) == [("bob", 30), ("ann", 11)]
    assert first(SPENT - (GOT - SPENT), SOME) == [("ann", -7), ("bob", -30)]


def test_batches_add_up():
    assert first(GOT, SOME, records(("ann", "in", 100)), SOME) == [("ann", 130), ("bob", 60)]


def test_of_equals_the_one_whose_id_comes_first_is_first():
    tied = records(("zoe", "in", 1), ("ann", "in", 1), ("bob", "in", 1))
    assert first(GOT, tied, count=2) == [("ann", 1), ("bob", 1)]


def test_records_are_counted_too():
    assert first(DAILY.entries, SOME) == [("ann", 3), ("bob", 1)]
    given = records(("ann", "in", 1, {"f_gift": True}), ("bob", "in", 1, {"f_gift": False}), ("bob", "in", 1))
    assert first(DAILY.gifts, given) == [("ann", 1)]


def test_a_filter_may_be_for_records_without_a_value():
    some = records(("ann", "in", 1, {"f_shop": "york"}), ("bob", "in", 2), ("cat", "in", 3, {"f_shop": "bath"}))
    assert first(DAILY.amount.where(shop=(None, "york")), some) == [("bob", 2), ("ann", 1)]


def test_numbers_that_are_missing_add_nothing():
    assert first(DAILY.amount, records(("ann", "in", None), ("bob", "in", -5))) == [("ann", 0), ("bob", -5)]


def test_sums_are_exact_beyond_64_bits():
    most = 10**18 - 1
    assert first(DAILY.amount, records(*[("ann", "in", most)] * 20)) == [("ann", 20 * most)]
    assert first(DAILY.amount, records(*[("ann", "in", -most)] * 20)) == [("ann", -20 * most)]


@pytest.mark.parametrize(
    "formula",
    [
        DAILY.users,
        GOT / SPENT,
        GOT * 2,
        GOT + VISITED.amount,
        GOT + DAILY.paid,
        ROOMED.amount,
    ],
)
def test_a_metric_in_which_nobody_leads_is_refused(formula):
    with pytest.raises(Invalid, match="NOT_OF_PEOPLE"):
        leading(Metric("asked", formula))


def test_only_columns_that_matter_are_read():
    assert leading(Metric("asked", GOT - SPENT)).columns == ("subject", "f_amount", "f_way")
    assert leading(Metric("asked", DAILY.entries)).columns == ("subject",)


def test_fields_are_those_of_the_last_record_by_time_and_then_by_key():
    rows = [
        {"time": 2, "key": "a", "subject": "ann", "f_email": "new", "f_paid": 150, "f_gift": True},
        {"time": 1, "key": "b", "subject": "ann", "f_email": "old", "f_paid": 1, "f_gift": False},
        {"time": 1, "key": "d", "subject": "bob", "f_email": None, "f_paid": None, "f_gift": None},
        {"time": 1, "key": "c", "subject": "bob", "f_email": "earlier", "f_paid": 2, "f_gift": True},
        {"time": 9, "key": "e", "subject": "cat", "f_email": "other", "f_paid": 3, "f_gift": True},
    ]
    fields = [field for field in ENTRIES.fields if field.name in {"email", "paid", "gift"}]
    found = latest(pa.Table.from_pylist(rows), fields, {"ann", "bob"})
    assert found == {"ann": (Decimal("1.50"), True, "new"), "bob": (None, None, None)}


def test_groups_of_a_database_add_up_as_the_records_do():
    wanted = leading(Metric("asked", GOT - SPENT))
    email = next(field for field in ENTRIES.fields if field.name == "email")
    names = group_columns(grouping(wanted, (email,)))
    standings = Standings(wanted)
    for group in (
        {"d_email": b"ann@old", "subject": 1, "n": 2, "m_n0": 2, "m_s0": "0:15", "m_n1": 0, "m_s1": None},
        {"d_email": b"ann@new", "subject": 1, "n": 3, "m_n0": 2, "m_s0": Decimal(10), "m_n1": 1, "m_s1": 4},
        {"d_email": None, "subject": "bob", "n": 1, "m_n0": 0, "m_s0": None, "m_n1": 1, "m_s1": Decimal(1)},
        {"d_email": None, "subject": None, "n": 9, "m_n0": 9, "m_s0": 900, "m_n1": 0, "m_s1": None},
        {"d_email": None, "subject": "cat", "n": 5, "m_n0": 0, "m_s0": None, "m_n1": 0, "m_s1": None},
    ):
        standings.add_groups(names, [tuple(group.get(name) for name in names)])
    assert standings.first(9) == [("1", 21), ("bob", -1)]
    assert standings.fields(("1", "bob"), (email,)) == {"1": ("ann@new",), "bob": (None,)}
