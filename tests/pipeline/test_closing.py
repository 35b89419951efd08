"""Closing months: what the ledger says of them then, and of every change since."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.systems import SALES, House, number, sale

from keepsum import Count, Integer, Money, Pack, Rollup, Sum, years
from keepsum.model.ledger import Kind
from keepsum.pipeline import closing
from keepsum.pipeline.jobs import carry_out
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import ledger

STREAM = replace(
    SALES,
    fields=(*(one for one in SALES.fields if one.name != "amount"), Money("amount", unit="EUR"), Integer("units")),
)
MEASURES = (Count("sales"), Sum("revenue", of="amount"), Count("in_cash", where=(("way", ("cash",)),)))
MONTHLY = Rollup("monthly", of=STREAM, measures=MEASURES, closes="month", keep=years(1))
PACK = Pack("shop", streams=(STREAM,), rollups=(MONTHLY,))

MARCH = "2026-03-01T12:00:00Z"
LATER = "2026-03-10T12:00:00Z"  # the first week of February is past its retention


def paid(key, day, amount="5.00", **more):
    return sale(key, day, amount=amount, **more)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "house", PACK)
    house.at(MARCH)
    house.collect(paid("1", "2026-02-01", "0.10"), paid("2", "2026-02-01", "0.20"), paid("3", "2026-02-28", way="cash"))
    yield house
    house.close()


def close(house):
    return closing.close(house.workspace, house.system.calendar(), now=house.clock())


def closed(house):
    """The closings in the ledger: what they are of, their figures, and what changed."""
    with house.workspace.file.read() as connection:
        return [(str(one.first), dict(one.figures), dict(one.changed)) for one in closing.closings(connection)]


def figures(sales, revenue, in_cash):
    return {"sales": Decimal(sales), "revenue": Decimal(revenue), "in_cash": Decimal(in_cash)}


FEBRUARY = str(number("2026-02-01"))
FIRST = figures(3, "5.30", 1)


def findings(house):
    return [(one.code, one.where) for one in verify_ledger(house.workspace).findings]


def test_a_month_that_is_over_and_proven_is_closed_once_with_its_figures(house):
    house.roll()
    (made,), waiting = close(house)
    assert (made.figures, made.units, made.missing, made.before) == (FIRST, {"revenue": "EUR"}, (), None)
    assert waiting == []
    assert close(house) == ([], [])
    assert closed(house) == [(FEBRUARY, FIRST, {})]
    (entry,) = house.entries(Kind.CLOSED)
    assert entry.body["figures"] == {"sales": "3", "revenue": "5.30", "in_cash": "1"}
    assert entry.body["month"] == "2026-02"
    assert findings(house) == []


def test_a_month_waits_until_each_of_its_days_is_proven(house):
    house.roll("2026-02-01", "2026-02-26")
    made, (waiting,) = close(house)
    assert (made, waiting.first, waiting.days) == ([], number("2026-02-01"), 2)
    house.at("2026-02-28T12:00:00Z").roll()
    assert close(house) == ([], [])  # it is not over
    house.at(MARCH).roll()
    assert len(close(house)[0]) == 1


def test_a_late_record_of_a_closed_month_changes_it_by_an_entry_that_says_so(house):
    house.roll()
    close(house)
    house.collect(paid("4", "2026-02-27", "1.05"))
    assert closed(house) == [(FEBRUARY, FIRST, {})]
    assert findings(house) == []
    house.roll()
    assert closed(house) == [
        (FEBRUARY, FIRST, {}),
        (FEBRUARY, figures(4, "6.35", 1), {"sales": Decimal(1), "revenue": Decimal("1.05")}),
    ]
    *_, before, entry = house.entries(Kind.SEALED, Kind.CLOSED)
    assert (before.kind, entry.body["before"]) == ("sealed", house.entries(Kind.CLOSED)[0].seq)
    assert before.at == entry.at  # one transaction
    assert findings(house) == []


def test_a_day_that_is_sealed_again_with_the_same_figures_changes_no_month(house):
    house.roll()
    close(house)
    with house.workspace.file.write() as connection:
        connection.exec_driver_sql("UPDATE stream_days SET touched = touched + 1")
    assert house.roll().sealed == 28
    assert len(closed(house)) == 1


def test_what_comes_after_the_purge_leaves_the_month_as_it_was_and_is_booked_later(house):
    house.roll()
    close(house)
    house.at(LATER).roll()
    house.purge()
    assert house.status("2026-02-01") == "purged"
    house.collect(paid("5", "2026-02-01", "7.00"))
    assert closed(house) == [(FEBRUARY, FIRST, {})]
    assert findings(house) == []
    with house.workspace.file.read() as connection:
        (made,) = closing.closings(connection)
        later = closing.booked_later(connection, STREAM, made)
    assert later == {"sales": Decimal(1), "revenue": Decimal("7.00")}
    house.at("2026-04-01T12:00:00Z").roll()
    (march,), _ = close(house)
    assert march.figures == figures(1, "7.00", 0)  # the month it was booked in
    assert findings(house) == []


def test_a_clock_that_was_set_back_books_into_a_closed_month_by_an_entry(house):
    house.roll()
    close(house)
    house.at(LATER).roll()
    house.purge()
    house.at("2026-02-28T23:00:00Z").collect(paid("5", "2026-02-01", "7.00"))
    assert [changed for _, _, changed in closed(house)] == [{}, {"sales": Decimal(1), "revenue": Decimal("7.00")}]
    assert findings(house) == []


def test_a_day_that_was_purged_unproven_is_missing_and_said_so(house):
    house.roll("2026-02-02", "2026-02-28")
    house.at(LATER).purge_unproven("2026-02-01")
    (made,), _ = close(house)
    assert (made.figures, made.missing) == (figures(1, "5.00", 1), ("2026-02-01",))
    assert findings(house) == []


@pytest.mark.parametrize("column", ["m_sales", "m_revenue_lo", "booked"])
def test_a_figure_of_a_closed_month_that_is_changed_behind_its_back_is_found(house, column):
    house.roll()
    close(house)
    with house.workspace.file.write() as connection:
        table = next(one.table for one in closing.rollups.known(connection))
        connection.exec_driver_sql(f'UPDATE "{table}" SET "{column}" = "{column}" + 31 WHERE day = {FEBRUARY}')
    assert ("CLOSING_DIFFERS", "monthly, 2026-02") in findings(house)


def test_an_entry_that_does_not_add_up_with_the_one_before_is_found(house):
    house.roll()
    close(house)
    (entry,) = house.entries(Kind.CLOSED)
    body = {**entry.body, "before": entry.seq, "changed": {"sales": "1"}}
    with house.workspace.file.write() as connection:
        ledger.append(connection, Kind.CLOSED, body, now=house.clock(), stream="sales", day=int(FEBRUARY))
    assert findings(house) == [("CLOSING_DIFFERS", "monthly, 2026-02")]


def test_another_definition_closes_a_month_again_and_the_purged_days_keep_their_part(house):
    house.roll()
    close(house)
    house.at(LATER).roll()
    house.purge()
    other = replace(MONTHLY, measures=(Count("sales", where=(("way", ("card",)),)), Sum("revenue", of="amount")))
    house.open(replace(PACK, rollups=(other,)))
    house.roll()
    *_, last = closed(house)
    # 1 and 2 are gone, counted as they were then; 3 was paid in cash, so it is counted no more.
    assert last == (FEBRUARY, {"sales": Decimal(2), "revenue": Decimal("5.30")}, {"sales": Decimal(-1)})
    assert findings(house) == []


def test_a_closing_outlives_the_figures_that_it_was_added_up_from(house):
    house.roll()
    close(house)
    house.at("2027-06-01T12:00:00Z").roll()
    house.purge()
    assert close(house)[1] == []
    assert closed(house)[0] == (FEBRUARY, FIRST, {})
    assert findings(house) == []


def test_months_whose_figures_are_kept_no_more_are_not_closed(house):
    house.roll()
    house.at("2027-02-15T12:00:00Z").roll()
    house.purge()
    made, waiting = close(house)
    assert number("2026-02-01") not in {one.first for one in (*made, *waiting)}
    assert next(one.first for one in made) == number("2026-03-01")


def test_the_night_closes_months_by_itself(house):
    carry_out(house.system, "nightly", {}, Quiet())
    assert closed(house) == [(FEBRUARY, FIRST, {})]


class Quiet:
    """Hears what a job says of itself, and does nothing about it."""

    def progress(self, **_said): ...


def test_nothing_is_closed_of_rollups_that_do_not_say_so(house):
    house.open(replace(PACK, rollups=(replace(MONTHLY, closes=None),)))
    house.roll()
    assert close(house) == ([], [])
