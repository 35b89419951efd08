"""Rows that more than one stream is made of: none of these streams lets them go."""

from dataclasses import replace

import pytest
from tests.databases import opened
from tests.ordering import MAPPING, AttachedHouse, lay_table, order, orders, shop
from tests.systems import number, owner

from keepsum import Column, Count, Lookup, Rollup, Stream, Text, Utc, years
from keepsum.model.errors import Conflict
from keepsum.pipeline import purge_switch
from keepsum.store import attachments

FIRST = "2026-02-01"
VISITS = "CREATE TABLE visits (id BIGINT PRIMARY KEY, order_id BIGINT, at TEXT NOT NULL)"


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Opens a shop on a database file with two orders, and the visits that led to them."""
    databases, made = opened("sqlite", tmp_path), []
    database = next(databases)

    def opening(other):
        lay_table(database, order(1), order(2))
        database.execute(VISITS)
        database.insert("visits", [(n, n, f"{FIRST} 09:00:00") for n in (1, 2)])
        house = AttachedHouse(tmp_path, database, monkeypatch, with_another(other), now="2026-02-02T02:00:00Z")
        house.roll()
        made.append(house)
        return house

    yield opening
    for one in made:
        one.close()


def with_another(stream):
    """A shop with another stream in the same database."""
    pack = shop()
    daily = Rollup("other_daily", of=stream, by=("place",), measures=(Count("others"),), keep=years(3))
    return replace(pack, streams=(*pack.streams, stream), rollups=(*pack.rollups, daily))


def another(**mapped):
    plain = {"changed": None, "subject": None, "columns": {"place": Column("place")}}
    mapping = replace(MAPPING, **plain | mapped)
    fields = (Text("place", most=3),)
    return Stream("others", time="at", key="id", keep=orders().keep, fields=fields, attached=mapping)


SAME_TABLE = another(time=Utc("updated_at"), where={"status": "paid"})
LOOKED_UP = another(
    table="visits",
    time=Utc("at"),
    columns={"place": Lookup("orders", on=("order_id", "id"), value=Column("place"))},
)


@pytest.mark.parametrize("other", [SAME_TABLE, LOOKED_UP])
def test_rows_that_another_stream_is_made_of_cannot_be_purged(house, other):
    made = house(other)
    with pytest.raises(Conflict, match=r"ROWS_SHARED.*'orders'.*'others'"):
        purge_switch.enable(made.workspace, made.stream, owner(), now=made.clock())


def test_a_plan_says_of_what_is_not_switched_on_whether_it_could_be(house):
    made = house(LOOKED_UP).at("2026-03-04T00:00:00Z")
    said = {due.stream: (due.detail or "").partition(":")[0] for due in made.purge_plan().off}
    assert said == {"orders": "ROWS_SHARED", "others": ""}


def test_rows_that_only_look_at_others_may_go(house):
    made = house(LOOKED_UP)
    others = made.workspace.catalog.stream("others")
    purge_switch.enable(made.workspace, others, owner(), now=made.clock())
    made.at("2026-03-04T00:00:00")
    assert made.purge().days == 1
    assert made.database.execute("SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM visits)") == [(2, 0)]


def test_a_stream_that_is_declared_later_keeps_every_day_from_going(house):
    made = house(SAME_TABLE)
    with made.workspace.file.write() as connection:
        attachments.change(connection, "orders", purge_enabled_at=1, purge_enabled_by="ann")
    made.at("2026-03-04T00:00:00")
    going = [(due.stream, due.day, due.blocked) for due in made.purge_plan().blocked]
    assert going == [("orders", number(FIRST), "ROWS_SHARED")]
    assert made.purge().days == 0
    assert made.database.execute("SELECT count(*) FROM orders") == [(2,)]
