"""Rows that are no records and times that are none, in an application's own database: what they keep from whom."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.databases import opened
from tests.ordering import MAPPING, MISREAD, AttachedHouse, lay_table, order, orders, shop
from tests.pipeline.test_attached import FIRST, SECOND, ask, night
from tests.systems import number

from keepsum import Amount, Zoned, where
from keepsum.model.errors import Unavailable

EXACT = {**dict(MAPPING.columns), "price": Amount("total", stored="decimal")}


@pytest.fixture
def house(tmp_path, database, monkeypatch):
    """A house on an empty table of orders, once on each database."""
    lay_table(database)
    made = AttachedHouse(tmp_path / "house", database, monkeypatch)
    yield made
    made.close()


def test_a_row_whose_time_stands_for_something_else_keeps_no_day_waiting(house, database):
    database.insert("orders", [order(1), order(2, "1900-01-01"), order(3, "9999-12-31")])
    house.at("2026-02-03T02:00")
    told = night(house).held or ""
    assert "ROWS_WITHOUT_TIME: of stream 'orders' 2 rows are of no day" in told
    assert (house.status(FIRST), house.state(FIRST).control.records) == ("sealed", 1)


def test_a_row_that_leaves_the_filter_lets_its_day_be_read_again(house, database):
    house.open(shop(orders(replace(MAPPING, where=where(status=("paid", "open"))), shrinks=True)))
    database.insert("orders", [order(1), order(2)])
    house.at("2026-02-02T02:00")
    night(house)
    database.execute(f"UPDATE orders SET status = 'refunded', updated_at = '{SECOND} 05:00:00' WHERE id = 2")
    house.at("2026-02-03T02:00")
    night(house)
    assert house.state(FIRST).control.records == 1


def test_a_live_day_with_a_row_that_is_no_record_is_missing_and_the_others_are_not(house, database):
    house.open(shop(orders(replace(MAPPING, columns=EXACT))))
    database.insert("orders", [order(1, total=1.505), order(2, total=1.5), order(3, SECOND, total=2.25)])
    house.at(f"{SECOND}T12:00:00Z")
    found = ask(house, "revenue", last=SECOND, grain="day")
    assert [row[-1] for row in found.rows] == [None, Decimal("2.25")]
    assert found.labels.coverage.missing == (FIRST,)
    refused = ask(house, "revenue", last=SECOND, explain=True).explain
    assert "DAY_DAMAGED" in str(refused)


def test_a_sealed_row_that_is_no_record_any_more_holds_its_day_only(house, database):
    house.open(shop(orders(replace(MAPPING, changed=None, columns=EXACT))))
    database.insert("orders", [order(1, total=1.5), order(2, SECOND, total=1.5)])
    house.at("2026-02-03T02:00")
    night(house)
    database.execute("UPDATE orders SET total = 1.505 WHERE id = 1")
    database.insert("orders", [order(3, SECOND, total=1.5)])
    house.at("2026-02-04T02:00")
    assert "DAYS_HELD: 1 day " in (night(house).held or "")
    assert house.state(FIRST).held == "BAD_ROW"
    assert (house.status(SECOND), house.state(SECOND).control.records) == ("sealed", 2)


def test_a_stream_on_texts_with_offsets_is_read_again_for_what_changed_and_no_more(tmp_path, monkeypatch):
    for database in opened("sqlite", tmp_path):
        lay_table(database, order(1, at="10:00:00Z"), order(2, SECOND, at="23:00:00-03:00"))
        zoned = replace(MAPPING, time=Zoned("created_at"), changed=Zoned("updated_at"))
        house = AttachedHouse(tmp_path / "house", database, monkeypatch, shop(orders(zoned)))
        for now in ("2026-02-04T02:00", "2026-02-06T02:00"):
            house.at(now)
            night(house)
        assert house.state(FIRST).touched == 1
        database.execute("UPDATE orders SET updated_at = '2026-02-06T04:30:00+05:30' WHERE id = 2")
        house.at("2026-02-07T02:00")
        night(house)
        touched = [day for day in (FIRST, SECOND, "2026-02-03") if house.state(day).touched > 1]
        assert [number(day) for day in touched] == [number("2026-02-03")]
        house.close()


def test_a_time_of_another_kind_than_the_mapping_says_is_refused_and_not_misread(served, tmp_path, monkeypatch):
    lay_table(served, order(1))
    zoned = replace(MAPPING, time=Zoned("created_at"))
    house = AttachedHouse(tmp_path / "house", served, monkeypatch, shop(orders(zoned)))
    house.at("2026-02-02T02:00")
    assert "'created_at' of 'orders' is" in (night(house).held or "")
    with pytest.raises(Unavailable, match="DATABASE_SCHEMA"):
        ask(house, "orders", last=FIRST)
    assert house.status(FIRST) == "open"
    house.close()


def test_people_who_are_bytes_are_refused_and_not_taken_for_one(tmp_path, monkeypatch):
    for database in opened("mysql", tmp_path):
        lay_table(database, order(1))
        database.execute(MISREAD["mysql"])
        house = AttachedHouse(tmp_path / "house", database, monkeypatch)
        house.at("2026-02-02T02:00")
        assert "'user_id' of 'orders' is BINARY" in (night(house).held or "")
        house.close()
