"""Closed months, by the command line only."""

from dataclasses import replace

import pytest
from tests.systems import SALES, lay_out, sale

from keepsum import Count, Money, Pack, Rollup, Sum, years

STREAM = replace(SALES, fields=(*(one for one in SALES.fields if one.name != "amount"), Money("amount", unit="EUR")))
MONTHLY = Rollup(
    "monthly", of=STREAM, measures=(Count("sales"), Sum("revenue", of="amount")), closes="month", keep=years(10)
)
MARCH = "2026-03-02T12:00:00Z"
APRIL = "2026-04-01T12:00:00Z"


@pytest.fixture
def install(bare):
    lay_out(bare.folder, Pack("shop", streams=(STREAM,), rollups=(MONTHLY,)), "UTC")

    def say(*words, clock=MARCH):
        return bare(*words, clock=clock)

    def collect(*sent, clock=MARCH):
        assert say("collect", bare.write("sales.ndjson", sent), "--stream=sales", clock=clock).code == 0

    collect(sale("1", amount="1234.50"), sale("2", "2026-02-20", amount="0.50"))
    return say, collect


def test_a_month_is_closed_and_what_changes_it_later_is_listed(install):
    say, collect = install
    assert "No month is closed yet" in say("closings").words
    assert "monthly 2026-02 28" in say("closings", "make").words
    say("roll")
    made = say("closings", "make", "--json").json
    (february,) = made["closed"]
    assert (february["month"], february["figures"]) == ("2026-02", {"sales": 2, "revenue": 1235.00})
    assert "There is no month to close." in say("closings", "make").words
    collect(sale("3", "2026-02-20", amount="-10.00"))
    say("roll")
    words = say("closings").words
    assert "2026-02 closed 2026-03-02 12:00" in words
    assert "sales revenue, EUR" in words
    assert "2 1,235.00" in words
    assert "+1 -10.00" in words
    assert "is now 3 1,225.00" in words
    say("roll", clock=APRIL)
    say("purge", clock=APRIL)
    collect(sale("4", "2026-02-20", amount="1.00"), clock=APRIL)
    assert "booked later +1 +1.00" in say("closings", clock=APRIL).words
    (february,) = say("closings", "--json", clock=APRIL).json["months"]
    assert [one["changed"] for one in february["changes"]] == [{"sales": 1, "revenue": -10.00}]
    assert february["booked_later"] == {"sales": 1, "revenue": 1.00}
    assert say("ledger", "verify", clock=APRIL).code == 0
