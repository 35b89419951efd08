"""Rows of an application's own database whose time is moved off a day that counts them for good."""

from contextlib import closing
from dataclasses import replace

import pytest
from tests.ordering import AttachedHouse, lay_table, order, orders, shop
from tests.systems import owner

from keepsum import Count, Rollup, years
from keepsum.model.errors import Unavailable
from keepsum.model.ledger import Kind
from keepsum.pipeline import purge_switch
from keepsum.pipeline.purge_rows import Home
from keepsum.pipeline.verify import verify_ledger

FIRST, SECOND = "2026-02-01", "2026-02-02"
DAILY = Rollup("daily", of=orders(), by=("status",), measures=(Count("orders"),), keep=years(3))
PACK = replace(shop(), rollups=(DAILY,), metrics=(), datasets=())  # nothing counts values that live on one day


@pytest.fixture
def house(tmp_path, database, monkeypatch):
    """A shop with three orders on its first day and two on the second, both sealed, that may be purged."""
    lay_table(database, *(order(i) for i in (1, 2, 3)), *(order(i, SECOND) for i in (4, 5)))
    with closing(AttachedHouse(tmp_path, database, monkeypatch, PACK, now="2026-02-03T02:00:00Z")) as made:
        made.roll()
        purge_switch.enable(made.workspace, made.stream, owner(), now=made.clock())
        yield made


def begun(house, monkeypatch):
    """Cut the purge of the first day off, before anything of it went."""

    def lost(home, piece, **how):
        raise Unavailable("DATABASE_LOST", "The connection was lost.")

    with monkeypatch.context() as patch:
        patch.setattr(Home, "delete", lost)
        house.at("2026-03-04T00:00:00").purge()
    assert house.status(FIRST) == "purging"


def moved(house, key, day):
    house.database.execute(
        f"UPDATE orders SET created_at = '{day} 10:00:00', updated_at = '2026-03-04' WHERE id = {key}"
    )


def ids(house):
    return [key for (key,) in house.database.execute("SELECT id FROM orders ORDER BY id")]


def counts(house):
    return [row["m_orders"] for _, row in sorted(house.rows(DAILY).items())]


def test_a_row_that_leaves_a_day_whose_purge_has_begun_holds_the_day_it_comes_to(house, monkeypatch):
    begun(house, monkeypatch)
    moved(house, 2, SECOND)
    house.roll(last=SECOND)
    assert (house.state(SECOND).held, counts(house)) == ("KEY_ON_TWO_DAYS", [3, 2])
    assert all(text in str(house.state(SECOND).held_detail) for text in (FIRST, SECOND, "1 row"))
    house.roll(last=SECOND)
    assert len(house.entries(Kind.HELD)) == 1  # said once
    moved(house, 2, FIRST)
    house.roll(last=SECOND)
    assert (house.status(SECOND), counts(house)) == ("sealed", [3, 2])
    house.purge()
    assert (house.status(FIRST), verify_ledger(house.workspace).findings) == ("purged", ())


def test_a_person_may_let_both_days_count_a_row_and_is_not_asked_again(house, monkeypatch):
    begun(house, monkeypatch)
    moved(house, 2, SECOND)
    house.roll(last=SECOND)
    house.accept(SECOND)
    house.roll(last=SECOND)
    assert (house.status(SECOND), counts(house)) == ("sealed", [3, 3])
    house.database.execute("UPDATE orders SET items = 9, updated_at = '2026-03-04' WHERE id = 4")
    house.roll(last=SECOND)
    assert (house.status(SECOND), house.entries(Kind.SEALED)[-1].body["reason"]) == ("sealed", "touched")
    moved(house, 3, SECOND)
    house.roll(last=SECOND)
    assert house.state(SECOND).held == "KEY_ON_TWO_DAYS"  # about another row he was not asked
    assert verify_ledger(house.workspace).findings == ()


def test_a_day_that_was_sealed_with_a_row_before_another_counted_it_for_good_does_not_go_with_it(house, monkeypatch):
    moved(house, 2, SECOND)
    house.at("2026-02-10T02:00:00").roll(first=SECOND, last=SECOND)
    house.database.execute(f"UPDATE orders SET created_at = '{FIRST} 10:00:00' WHERE id = 2")  # and nobody hears of it
    begun(house, monkeypatch)
    moved(house, 2, SECOND)
    done = house.at("2026-03-05T00:00:00").purge()
    assert {due.blocked for due in done.blocked} == {"HELD_PARTLY_PURGED", "HELD_KEY_ON_TWO_DAYS"}
    assert (2 in ids(house), house.state(SECOND).held, house.state(SECOND).purge) == (True, "KEY_ON_TWO_DAYS", None)
    house.accept(SECOND)
    house.roll(last=SECOND)
    assert (house.purge().days, house.status(SECOND)) == (1, "purged")
    assert verify_ledger(house.workspace).findings == ()


def test_a_day_that_is_read_again_as_it_was_sealed_is_held_too(house, monkeypatch):
    moved(house, 2, SECOND)
    house.at("2026-02-10T02:00:00").roll(first=SECOND, last=SECOND)
    house.database.execute(f"UPDATE orders SET created_at = '{FIRST} 10:00:00' WHERE id = 2")
    begun(house, monkeypatch)
    moved(house, 2, SECOND)
    house.roll(last=SECOND)
    assert (house.state(SECOND).held, counts(house)) == ("KEY_ON_TWO_DAYS", [3, 3])


def test_a_row_that_moves_between_two_days_that_are_final_is_booked_on_neither(house, monkeypatch):
    begun(house, monkeypatch)
    house.database.execute("UPDATE orders SET items = 9 WHERE id = 2")
    house.at("2026-03-05T00:00:00").purge()
    assert (house.state(FIRST).held, house.status(SECOND)) == ("PARTLY_PURGED", "purged")
    moved(house, 2, SECOND)
    house.purge()
    assert (house.state(SECOND).held, counts(house), house.entries(Kind.CORRECTED)) == ("REAPPEARED", [3, 2], [])
    house.accept(SECOND)
    house.purge()
    assert (2 in ids(house), counts(house)) == (False, [3, 2])


def test_a_key_is_known_until_late_of_its_purged_day_ends(house):
    house.at("2026-03-04T00:00:00").purge()
    house.database.insert("orders", [order(2, SECOND, changed="2026-03-04 10:00:00")])  # as an older backup has it
    house.roll(last=SECOND)
    assert house.state(SECOND).held == "KEY_ON_TWO_DAYS"
    house.at("2026-03-12T00:00:00").purge()
    house.roll(last=SECOND)
    assert (house.status(SECOND), counts(house)) == ("sealed", [3, 3])
