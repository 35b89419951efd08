"""Purging rows that others hold, change or lock up, in a database that fails: nothing half done, and it goes on."""

import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy.engine import make_url
from tests.ordering import MAPPING, URL, AttachedHouse, lay_table, order, orders, shop
from tests.systems import owner

from keepsum import Amount, Child, Children
from keepsum.engine import arrival
from keepsum.model.errors import Unavailable
from keepsum.model.ledger import Kind
from keepsum.pipeline import purge_proof, purge_switch
from keepsum.pipeline.purge_rows import Home
from keepsum.pipeline.verify import verify_ledger
from keepsum.store.homes import attached as store
from keepsum.store.homes.attached import Changing

FIRST, SECOND = "2026-02-01", "2026-02-02"
DUE = "2026-03-04T00:00:00"


def sealed(tmp_path, database, monkeypatch):
    """A shop whose first day has six orders in three chunks, sealed and to be purged."""
    monkeypatch.setattr(arrival, "MOST_ROWS", 2)
    lay_table(database, *(order(i, user=f"user {i}") for i in range(1, 7)), order(7, SECOND))
    # Enough others that MariaDB looks rows up instead of reading, and locking, them all.
    database.insert("orders", [order(i, "2026-02-20") for i in range(1_000, 1_100)])
    house = AttachedHouse(tmp_path, database, monkeypatch, now="2026-02-03T02:00:00Z")
    house.roll()
    purge_switch.enable(house.workspace, house.stream, owner(), now=house.clock())
    return house.at(DUE)


@pytest.fixture
def house(tmp_path, database, monkeypatch):
    with closing(sealed(tmp_path, database, monkeypatch)) as made:
        yield made


@pytest.fixture
def served_house(tmp_path, served, monkeypatch):
    with closing(sealed(tmp_path, served, monkeypatch)) as made:
        yield made


def ids(house):
    return [key for (key,) in house.database.execute("SELECT id FROM orders WHERE id < 1000 ORDER BY id")]


def finishes(house):
    """Purge again, now that nothing is in the way."""
    assert (house.purge().days, ids(house)) == (1, [7])
    assert house.entries(Kind.PURGED)[0].body == {"was": 6, "gone": 6, "left": 0}


def unfinished(done):
    return [(due.blocked, due.stream) for due in done.unfinished]


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr("keepsum.pipeline.purge_rows.TRIES", 1)


def test_rows_that_somebody_holds_too_long_leave_the_rest_for_later(house, hurried):
    with closing(house.database.connect()) as other, closing(other.cursor()) as cursor:
        cursor.execute("BEGIN IMMEDIATE" if house.database.dialect == "sqlite" else "BEGIN")
        cursor.execute("UPDATE orders SET items = items WHERE id = 3")
        assert unfinished(house.purge()) == [("DATABASE_LOCKED", "orders")]
        other.rollback()
    # SQLite locks the whole file, so that nothing is begun; the others a row, and the chunks beside it go.
    if house.database.dialect == "sqlite":
        assert (ids(house), house.status(FIRST)) == ([1, 2, 3, 4, 5, 6, 7], "sealed")
    else:
        assert (ids(house), house.status(FIRST)) == ([3, 4, 7], "purging")
    finishes(house)


def test_a_change_that_is_committed_while_the_purge_waits_for_it_stops_its_chunk(served_house, monkeypatch):
    house, delete = served_house, Home.delete
    with closing(house.database.connect()) as other, closing(other.cursor()) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE orders SET items = 9 WHERE id = 3")
        commit = threading.Timer(0.4, other.commit)

        def committed_meanwhile(home, piece, **how):
            if 3 in piece.keys:
                commit.start()
            return delete(home, piece, **how)

        monkeypatch.setattr(Home, "delete", committed_meanwhile)
        done = house.purge()
        commit.join()
        monkeypatch.setattr(Home, "delete", delete)
    assert ([due.blocked for due in done.blocked], ids(house)) == (["HELD_PARTLY_PURGED"], [3, 4, 7])
    assert [entry.body for entry in house.entries(Kind.PARTLY_PURGED)] == [{"was": 6, "gone": 4, "left": 2}]
    house.database.execute("UPDATE orders SET items = 1 WHERE id = 3")
    finishes(house)


def test_a_day_of_which_somebody_holds_a_row_keeps_no_other_waiting(served_house, hurried):
    house = served_house.at("2026-03-05T00:00:00")
    with closing(house.database.connect()) as other, closing(other.cursor()) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE orders SET items = items WHERE id = 3")
        done = house.purge()
        other.rollback()
    assert (done.days, unfinished(done)) == (1, [("DATABASE_LOCKED", "orders")])
    assert (ids(house), house.status(FIRST), house.status(SECOND)) == ([3, 4], "purging", "purged")
    assert (house.purge().days, ids(house)) == (1, [])


def test_who_wants_rows_in_another_order_gets_them_and_no_chunk_is_half_deleted(served_house):
    house, told = served_house, []
    with closing(house.database.connect()) as other, closing(other.cursor()) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE orders SET items = items WHERE id = 2")

        def cross():
            time.sleep(0.3)  # until the purge has come to the row that is held here
            try:
                cursor.execute("UPDATE orders SET items = items WHERE id = 1")
            except Exception as error:  # noqa: BLE001 - whatever the driver raises
                told.append(error)
            other.rollback()

        crossing = threading.Thread(target=cross)
        crossing.start()
        done = house.purge()
        crossing.join()
    assert (told, done.days, done.unfinished, ids(house)) == ([], 1, (), [7])


@pytest.fixture
def entangled(served_house, monkeypatch):
    """The same shop, and a session that holds notes on its orders and wants the first order, which the purge holds."""
    house = served_house
    house.database.execute(
        "CREATE TABLE notes (id BIGINT PRIMARY KEY, of BIGINT, FOREIGN KEY (of) REFERENCES orders (id))"
    )
    house.database.insert("notes", [(number, 2) for number in range(100)])  # so much that MariaDB lets it win
    if house.database.dialect == "postgres":
        name = make_url(house.database.url).database
        house.database.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '100ms'")
    execute = Changing.execute
    with closing(house.database.connect()) as other, closing(other.cursor()) as cursor:
        cursor.execute("BEGIN")
        if house.database.dialect == "postgres":
            cursor.execute("SET deadlock_timeout = '1h'")  # so that ours is the one to end
        cursor.execute("DELETE FROM notes")

        def cross():
            cursor.execute("UPDATE orders SET items = items WHERE id = 1")
            other.commit()

        crossing = threading.Thread(target=cross)

        def meets(changing, statement):
            if 1 in statement.parameters and crossing.ident is None:
                crossing.start()
                time.sleep(0.5)  # until it waits for the order
            return execute(changing, statement)  # which waits for the notes: their foreign key is looked at

        monkeypatch.setattr(Changing, "execute", meets)
        yield house
        crossing.join()


def test_a_deadlock_ends_a_chunk_of_which_nothing_went_and_it_goes_the_next_time(entangled, hurried):
    house = entangled
    assert unfinished(house.purge()) == [("DATABASE_DEADLOCK", "orders")]
    assert (ids(house), house.status(FIRST)) == ([1, 2, 7], "purging")
    finishes(house)


def test_a_connection_that_is_lost_in_the_middle_of_a_chunk_takes_nothing_of_it(served_house, monkeypatch):
    house, execute = served_house, Changing.execute
    ends = {
        "postgres": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "mysql": "SELECT concat('KILL ', id) FROM information_schema.processlist "
        "WHERE db = database() AND id <> connection_id()",
    }

    def cut(changing, statement):
        count = execute(changing, statement)
        if 4 not in statement.parameters:
            return count
        found = house.database.execute(ends[house.database.dialect])
        if house.database.dialect == "mysql":
            house.database.execute(*(kill for (kill,) in found))
        return execute(changing, statement)

    monkeypatch.setattr(Changing, "execute", cut)
    assert unfinished(house.purge()) == [("DATABASE_LOST", "orders")]
    monkeypatch.undo()
    monkeypatch.setenv(URL, house.database.url)
    monkeypatch.setattr(arrival, "MOST_ROWS", 2)
    assert (ids(house), house.status(FIRST)) == ([3, 4, 5, 6, 7], "purging")
    finishes(house)


def test_a_role_that_may_not_delete_is_told_so(served_house):
    house, url = served_house, make_url(served_house.database.url)
    role, name = f"x_{url.database}"[-30:], url.database
    grants = {
        "postgres": (f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"),
        "mysql": (f"CREATE USER {role}@'%%'", f"GRANT SELECT, TRIGGER ON {name}.* TO {role}@'%%'"),
    }
    drops = {"postgres": (f"DROP OWNED BY {role}", f"DROP ROLE {role}"), "mysql": (f"DROP USER {role}@'%%'",)}
    house.database.execute(*grants[house.database.dialect])
    try:
        mine = url.set(username=role).render_as_string(hide_password=False)
        reading = store.AttachedDatabase(mine)
        house.workspace.attached["orders"]._url, before = reading._url, house.workspace.attached["orders"]._url
        assert unfinished(house.purge()) == [("DATABASE_DENIED", "orders")]
        house.workspace.attached["orders"]._url = before
    finally:
        house.database.execute(*drops[house.database.dialect])
    assert (len(ids(house)), house.status(FIRST)) == (7, "sealed")
    finishes(house)


def test_a_column_that_is_gone_stops_everything_before_it_begins(house):
    house.database.execute("ALTER TABLE orders RENAME COLUMN place TO town")
    assert unfinished(house.purge()) == [("DATABASE_SCHEMA", "orders")]
    assert (len(ids(house)), house.status(FIRST)) == (7, "sealed")
    house.database.execute("ALTER TABLE orders RENAME COLUMN town TO place")
    finishes(house)


def test_no_chunk_holds_its_rows_longer_than_it_takes_to_delete_them(house, monkeypatch):
    """Each chunk is a transaction of its own: another writer gets in between two of them."""
    delete, seen = Home.delete, []

    def watched(home, piece, **how):
        found = delete(home, piece, **how)
        house.database.execute("UPDATE orders SET items = items WHERE id = 7")
        seen.append(len(ids(house)))
        return found

    monkeypatch.setattr(Home, "delete", watched)
    assert house.purge().days == 1
    assert seen == [5, 3, 1]


def test_a_value_of_another_table_that_changes_while_its_row_is_held_stops_the_chunk(tmp_path, served, monkeypatch):
    """Who reads a row and what another table says of it in one locking statement reads both at different moments."""
    served.execute("CREATE TABLE parts (id INTEGER PRIMARY KEY, order_id BIGINT, n BIGINT)")
    served.insert("parts", [(1, 1, 5)])
    lay_table(served, order(1), order(2, SECOND))
    counted = {
        **dict(MAPPING.columns),
        "items": Children("parts", on=("id", "order_id"), sum=Amount("n", stored="integer")),
    }
    pack = shop(orders(replace(MAPPING, columns=counted)))
    with closing(AttachedHouse(tmp_path, served, monkeypatch, pack, now="2026-02-03T02:00:00Z")) as house:
        house.roll()
        purge_switch.enable(house.workspace, house.stream, owner(), now=house.clock())
        house.at(DUE)
        stream = Changing.stream

        def held_first(changing, *arguments):
            if not house.database.execute("SELECT 1 FROM parts WHERE n = 6"):
                cursor.execute("UPDATE orders SET place = place WHERE id = 1")
                cursor.execute("UPDATE parts SET n = 6")
                threading.Timer(0.3, other.commit).start()
                monkeypatch.setattr(Changing, "stream", stream)
            return stream(changing, *arguments)

        with closing(served.connect()) as other, closing(other.cursor()) as cursor:
            cursor.execute("BEGIN")
            monkeypatch.setattr(Changing, "stream", held_first)
            done = house.purge()
        assert [due.blocked for due in done.blocked] == ["HELD_PARTLY_PURGED"]
        assert ids(house) == [1, 2]


def test_a_day_whose_rows_have_many_children_goes_in_shorter_slices_and_goes_on_in_them(
    tmp_path, database, monkeypatch
):
    monkeypatch.setattr(purge_proof, "MOST_AT_ONCE", 60)
    lay_table(database, *(order(i) for i in range(1, 61)), order(99, SECOND))
    database.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, order_id BIGINT)")
    database.insert("items", [(10 * i + j, i) for i in range(1, 61) for j in range(3)])
    pack = shop(orders(replace(MAPPING, children=(Child("items", on=("id", "order_id")),))))
    with closing(AttachedHouse(tmp_path, database, monkeypatch, pack, now="2026-02-03T02:00:00Z")) as house:
        house.roll()
        purge_switch.enable(house.workspace, house.stream, owner(), now=house.clock())
        house.at(DUE)
        delete, sizes = Home.delete, []

        def cut_off(home, piece, **how):
            sizes.append(len(piece.keys))
            if len(sizes) == 3:
                raise Unavailable("DATABASE_LOST", "The connection was lost.")
            return delete(home, piece, **how)

        monkeypatch.setattr(Home, "delete", cut_off)
        assert unfinished(house.purge()) == [("DATABASE_LOST", "orders")]
        assert max(sizes) * 4 <= 60
        assert len(ids(house)) == 61 - sum(sizes[:2])
        assert (house.purge().days, ids(house)) == (1, [99])
        assert database.execute("SELECT count(*) FROM items") == [(0,)]
        assert house.entries(Kind.PURGED)[0].body == {"was": 60, "gone": 60, "left": 0}
        assert verify_ledger(house.workspace).findings == ()
