"""What belongs to purged rows of an application's own database: children that go with them, or keep them from going."""

from contextlib import closing
from dataclasses import replace

import pytest
from tests.ordering import MAPPING, TIMES, AttachedHouse, lay_table, order, orders, shop
from tests.systems import number, owner

from keepsum import Child, Column, Count, Lookup, Rollup, Stream, Text, Utc, years
from keepsum.engine.mapping import attached_of
from keepsum.model.errors import Conflict
from keepsum.model.ledger import Kind
from keepsum.pipeline import purge_attached, purge_switch
from keepsum.pipeline.purge_rows import Home
from keepsum.pipeline.verify import verify_ledger

FIRST, SECOND = "2026-02-01", "2026-02-02"
DUE = "2026-03-04T00:00:00"
ITEMS = (
    "CREATE TABLE items (id BIGINT PRIMARY KEY, order_id BIGINT, kind VARCHAR(20), "
    "FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE {rule})"
)
CODES = (
    "CREATE TABLE codes (code VARCHAR(20) PRIMARY KEY, item_id BIGINT, "
    "FOREIGN KEY (item_id) REFERENCES items (id) ON DELETE CASCADE)"
)
CODE = Child("codes", on=("id", "item_id"))
ITEM = Child("items", on=("id", "order_id"), children=(CODE,))


@pytest.fixture
def opened(tmp_path, database, monkeypatch):
    """Opens a shop with two orders a day, each with two items and each of these with a code."""
    made = []

    def opening(pack, rule="CASCADE"):
        lay_table(database, order(1), order(2, user="bob"), order(3, SECOND), order(4, SECOND))
        database.execute(ITEMS.format(rule=rule), CODES)
        database.insert("items", [(10 * i + j, i, "pen") for i in range(1, 5) for j in (1, 2)])
        database.insert("codes", [(f"code {10 * i + j}", 10 * i + j) for i in range(1, 5) for j in (1, 2)])
        house = AttachedHouse(tmp_path, database, monkeypatch, pack, now="2026-02-03T02:00:00Z")
        house.roll()
        made.append(house)
        return house

    yield opening
    for house in made:
        house.close()


def with_children(*children):
    return shop(orders(replace(MAPPING, children=children)))


def with_items_of_their_own():
    """A shop whose items are a stream, too."""
    leading = orders(replace(MAPPING, children=(ITEM,)))
    items = Stream(
        "items",
        time="sold_at",
        key="id",
        keep=leading.keep,
        fields=(Text("kind", most=5),),
        attached=replace(
            MAPPING,
            table="items",
            time=Utc(Lookup("orders", on=("order_id", "id"), value=Column("created_at"))),
            changed=None,
            subject=None,
            columns={"kind": Column("kind")},
        ),
    )
    pack = shop(leading)
    daily = Rollup("items_daily", of=items, by=("kind",), measures=(Count("items"),), keep=years(3))
    return replace(pack, streams=(*pack.streams, items), rollups=(*pack.rollups, daily))


def enable(house):
    purge_switch.enable(house.workspace, house.stream, owner(), now=house.clock())
    return house


def there(house):
    """What is left: orders, items, codes."""
    return tuple(house.database.execute(f"SELECT count(*) FROM {t}")[0][0] for t in ("orders", "items", "codes"))


def test_children_go_with_their_rows_and_theirs_before_them(opened):
    house = enable(opened(with_children(ITEM), rule="CASCADE")).at(DUE)
    done = house.purge()
    assert (done.days, done.records, done.along, there(house)) == (1, 2, 8, (2, 4, 4))
    (purging,) = house.entries(Kind.PURGING)
    counts = {name: [rows for rows, _ in listed] for name, listed in purging.body["children"].items()}
    assert counts == {"items/codes": [4], "items": [4]}


def test_so_they_do_where_a_foreign_key_forbids_to_leave_them(opened):
    house = enable(opened(with_children(ITEM), rule="RESTRICT")).at(DUE)
    assert (house.purge().days, there(house)) == (1, (2, 4, 4))


@pytest.mark.parametrize(("children", "rule", "named"), [
    ((), "CASCADE", "codes, items"), ((), "SET NULL", "items"), ((replace(ITEM, children=()),), "RESTRICT", "codes"),
])  # fmt: skip
def test_a_child_that_a_foreign_key_would_reach_unproven_refuses_the_purge(opened, children, rule, named):
    house = opened(with_children(*children), rule=rule)
    with pytest.raises(Conflict, match=f"UNPROVEN_CHILDREN.*{named}"):
        enable(house)


def test_one_that_is_added_later_keeps_every_day_from_going(opened):
    house = enable(opened(with_children(ITEM))).at(DUE)
    house.database.execute(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, order_id BIGINT, "
        "FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE)"
    )
    assert [(due.day, due.blocked) for due in house.purge_plan().blocked] == [(number(FIRST), "UNPROVEN_CHILDREN")]
    assert ([due.blocked for due in house.purge().blocked], there(house)) == (["UNPROVEN_CHILDREN"], (4, 8, 8))


def test_a_child_that_forbids_the_delete_and_is_no_part_of_it_stops_the_chunk(opened):
    house = enable(opened(with_children(), rule="RESTRICT")).at(DUE)
    assert ([due.blocked for due in house.purge().blocked], there(house)) == (["HELD_PARTLY_PURGED"], (4, 8, 8))
    house.database.execute("DELETE FROM codes WHERE item_id < 30", "DELETE FROM items WHERE order_id < 3")
    assert (house.purge().days, there(house)) == (1, (2, 4, 4))


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO codes VALUES ('new', 11)",
        "UPDATE items SET kind = 'cup' WHERE id = 12",
        "DELETE FROM codes WHERE item_id = 21",
    ],
)
def test_a_child_that_changes_between_proof_and_purge_stops_the_chunk(opened, monkeypatch, change):
    house = enable(opened(with_children(ITEM))).at(DUE)
    begin = purge_attached._begin

    def changed_after(*arguments, **named):
        found = begin(*arguments, **named)
        house.database.execute(change)
        return found

    monkeypatch.setattr(purge_attached, "_begin", changed_after)
    assert [due.blocked for due in house.purge().blocked] == ["HELD_PARTLY_PURGED"]
    assert there(house)[:2] == (4, 8)
    monkeypatch.undo()
    house.accept(FIRST)
    assert (house.purge().days, there(house)) == (1, (2, 4, 4))


def test_a_stream_of_children_goes_along_with_that_of_their_rows(opened):
    house = opened(with_items_of_their_own())
    items = house.workspace.catalog.stream("items")
    with pytest.raises(Conflict, match=r"PURGED_ALONG.*'orders'"):
        purge_switch.enable(house.workspace, items, owner(), now=house.clock())
    figures = house.digests()
    enable(house).at(DUE)
    assert [(due.stream, due.day) for due in house.purge_plan().going] == [("orders", number(FIRST))]
    assert (house.purge().days, there(house)) == (1, (2, 4, 4))
    purged = [(entry.kind, entry.stream) for entry in house.entries(Kind.PURGING, Kind.PURGED)]
    assert purged == [(kind, name) for kind in (Kind.PURGING, Kind.PURGED) for name in ("items", "orders")]
    assert house.digests() == figures
    assert verify_ledger(house.workspace).findings == ()
    house.roll(last=FIRST)
    assert house.purge().days == 0


def test_neither_goes_while_a_row_of_the_other_is_not_as_it_was_sealed(opened):
    house = enable(opened(with_items_of_their_own())).at(DUE)
    house.database.execute("UPDATE items SET kind = 'cup' WHERE id = 12")
    assert ([due.blocked for due in house.purge().blocked], there(house)) == (["ROWS_CHANGED"], (4, 8, 8))
    house.roll(last=FIRST)
    assert (house.purge().days, there(house)) == (1, (2, 4, 4))


def test_a_new_row_with_children_of_their_own_stream_is_booked_with_them_and_goes(opened, monkeypatch):
    house = enable(opened(with_items_of_their_own())).at(DUE)
    delete = Home.delete

    def with_a_new_row(home, piece, **how):
        if not house.database.execute("SELECT 1 FROM orders WHERE id = 5"):
            house.database.insert("orders", [order(5)])
            house.database.insert("items", [(51, 5, "pen")])
        return delete(home, piece, **how)

    monkeypatch.setattr(Home, "delete", with_a_new_row)
    house.purge()
    assert there(house) == (2, 4, 4)
    assert sorted(str(entry.stream) for entry in house.entries(Kind.CORRECTED)) == ["items", "orders"]


def test_a_row_that_goes_along_but_was_sealed_on_another_day_keeps_both_from_going(tmp_path, database, monkeypatch):
    pack = with_items_of_their_own()
    leading, items = pack.streams
    dated = replace(items, attached=replace(attached_of(items), time=Utc("sold_at")))
    rollups = (pack.rollups[0], replace(pack.rollups[1], of=dated))
    pack = replace(pack, streams=(leading, dated), rollups=rollups)
    lay_table(database, order(1), order(2, SECOND))
    database.execute(
        f"CREATE TABLE items (id BIGINT PRIMARY KEY, order_id BIGINT, kind VARCHAR(20), "
        f"sold_at {TIMES[database.dialect]})",
        "CREATE TABLE codes (code VARCHAR(20) PRIMARY KEY, item_id BIGINT)",
    )
    # As many items on the day as go along with its order, but not the same one.
    database.insert("items", [(11, 1, "pen", f"{SECOND} 10:00:00"), (21, 2, "cup", f"{FIRST} 10:00:00")])
    with closing(AttachedHouse(tmp_path, database, monkeypatch, pack, now="2026-02-03T02:00:00Z")) as house:
        house.roll()
        enable(house).at(DUE)
        assert ([due.blocked for due in house.purge().blocked], there(house)) == (["UNPROVEN_CHILDREN"], (2, 2, 0))
