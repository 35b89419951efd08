import sqlite3
import ssl
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest
from tests.databases import opened

from keepsum.model.errors import Conflict, Invalid, KeepsumError, Unavailable
from keepsum.store.homes.attached import AttachedDatabase, Limits


@dataclass(frozen=True)
class Told:
    sql: str
    parameters: tuple[Any, ...] = ()


EVERY = Told("SELECT id, name FROM people ORDER BY id")
EVERY_ONE = Told("SELECT count(*) FROM people")
QUICK = Limits(statement=30, lock=0.2)


@pytest.fixture
def people(database):
    database.execute("CREATE TABLE people (id integer PRIMARY KEY, name varchar(40))")
    database.insert("people", [(number, f"name {number}") for number in range(10)])
    if database.dialect == "sqlite":
        database.execute("PRAGMA journal_mode = WAL")
    return database


def test_rows_come_in_lists_of_the_asked_size(people):
    with AttachedDatabase(people.url).snapshot() as reading:
        lists = list(reading.stream(EVERY, size=4))
    assert [len(rows) for rows in lists] == [4, 4, 2]
    assert lists[0][0] == (0, "name 0")


def test_parameters_are_values_never_text(people):
    mark = "?" if people.dialect == "sqlite" else "%s"
    asked = Told(f"SELECT count(*) FROM people WHERE name = {mark}", ("' OR '' = '",))
    with AttachedDatabase(people.url).snapshot() as reading:
        assert reading.row(asked) == (0,)


def test_a_snapshot_does_not_see_what_others_commit_meanwhile(people):
    with AttachedDatabase(people.url).snapshot() as reading:
        before = reading.row(Told("SELECT count(*) FROM people"))
        people.insert("people", [(99, "late")])
        assert reading.row(Told("SELECT count(*) FROM people")) == before == (10,)
    with AttachedDatabase(people.url).snapshot() as reading:
        assert reading.row(Told("SELECT count(*) FROM people")) == (11,)


def test_a_snapshot_changes_nothing(people):
    changing = "DELETE FROM people"
    if people.dialect == "postgres":
        people.execute("CREATE SEQUENCE numbers")
        changing = "SELECT nextval('numbers')"
    with AttachedDatabase(people.url).snapshot() as reading, pytest.raises(Unavailable, match="primary") as raised:
        list(reading.stream(Told(changing)))
    assert raised.value.code == "DATABASE_READ_ONLY"


def test_a_change_is_kept_when_its_block_ends(people):
    with AttachedDatabase(people.url).change() as changing:
        assert changing.execute(Told("DELETE FROM people WHERE id < 4")) == 4
    assert people.execute("SELECT count(*) FROM people") == [(6,)]


def test_a_change_whose_block_fails_leaves_nothing(people):
    with suppress(ZeroDivisionError), AttachedDatabase(people.url).change() as changing:
        changing.execute(Told("DELETE FROM people"))
        raise ZeroDivisionError
    assert people.execute("SELECT count(*) FROM people") == [(10,)]


def test_reading_may_stop_half_way(people):
    database = AttachedDatabase(people.url)
    with database.snapshot() as reading:
        assert len(next(reading.stream(EVERY, size=2))) == 2
    with suppress(ZeroDivisionError), database.snapshot() as reading:
        for _ in reading.stream(EVERY, size=2):
            raise ZeroDivisionError
    with database.snapshot() as reading:
        assert reading.row(Told("SELECT count(*) FROM people")) == (10,)


def test_a_lock_that_others_hold_is_waited_for_briefly(people):
    with closing(people.connect()) as other, closing(other.cursor()) as cursor:
        cursor.execute("UPDATE people SET name = 'held' WHERE id = 1")
        with pytest.raises(Conflict) as raised, AttachedDatabase(people.url, limits=QUICK).change() as changing:
            changing.execute(Told("DELETE FROM people WHERE id = 1"))
        assert raised.value.code == "DATABASE_LOCKED"
        other.rollback()
    assert people.execute("SELECT count(*) FROM people") == [(10,)]


def test_a_deadlock_ends_the_step_that_it_chose(served):
    served.execute("CREATE TABLE people (id integer PRIMARY KEY, name varchar(40))")
    served.insert("people", [(number, "") for number in range(2)])
    with closing(served.connect()) as other, closing(other.cursor()) as cursor:
        cursor.execute("UPDATE people SET name = 'theirs' WHERE id = 1")
        with pytest.raises(Conflict) as raised:
            _meet(served, cursor)
        assert raised.value.code == "DATABASE_DEADLOCK"


def _meet(served, cursor):
    """Ours has row 0 and theirs row 1; theirs waits for row 0, and then ours asks for row 1."""
    database = AttachedDatabase(served.url, limits=Limits(statement=30, lock=20))
    waiting = Thread(target=lambda: cursor.execute("UPDATE people SET name = 'theirs' WHERE id = 0"))
    with database.change() as changing:
        changing.execute(Told("UPDATE people SET name = 'ours' WHERE id = 0"))
        if served.dialect == "postgres":
            changing.execute(Told("SET LOCAL deadlock_timeout = '10ms'"))
        waiting.start()
        time.sleep(0.5)
        try:
            changing.execute(Told("UPDATE people SET name = 'ours' WHERE id = 1"))
        finally:
            changing._connection.rollback()
            waiting.join()


def test_a_foreign_key_that_refuses_is_named(people):
    people.execute(
        "CREATE TABLE pets (id integer PRIMARY KEY, owner integer, FOREIGN KEY (owner) REFERENCES people(id))"
    )
    people.insert("pets", [(1, 3)])
    with pytest.raises(Conflict) as raised, AttachedDatabase(people.url).change() as changing:
        changing.execute(Told("DELETE FROM people"))
    assert raised.value.code == "DATABASE_REFUSED"
    assert people.execute("SELECT count(*) FROM people") == [(10,)]


@pytest.mark.parametrize(
    ("statement", "named"), [("SELECT age FROM people", "age"), ("SELECT id FROM persons", "persons")]
)
def test_a_changed_schema_is_named(people, statement, named):
    with AttachedDatabase(people.url).snapshot() as reading, pytest.raises(Unavailable, match=named) as raised:
        list(reading.stream(Told(statement)))
    assert raised.value.code == "DATABASE_SCHEMA"


def test_a_statement_that_takes_too_long_is_ended(people):
    endless = f"SELECT count(*) FROM {', '.join(f'people AS p{place}' for place in range(9))}"
    limits = Limits(statement=0.2, lock=1)
    with AttachedDatabase(people.url, limits=limits).snapshot() as reading, pytest.raises(Unavailable) as raised:
        reading.row(Told(endless))
    assert raised.value.code == "DATABASE_TIMEOUT"


def test_a_connection_that_is_ended_is_lost(served):
    own, end = "SELECT CONNECTION_ID()", "KILL {}"
    if served.dialect == "postgres":
        own, end = "SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"
    with AttachedDatabase(served.url).snapshot() as reading:
        served.execute(end.format(*reading.row(Told(own))))
        with pytest.raises(Unavailable) as raised:
            reading.row(Told("SELECT 1"))
    assert raised.value.code == "DATABASE_LOST"


def test_errors_hold_no_value_and_no_password(served):
    served.execute("CREATE TABLE numbers (n integer)")
    database = AttachedDatabase(served.url.replace("@", ":secret-word@", 1), of="stream 'people'")
    for statement in ("INSERT INTO numbers VALUES ('marker-1234')", "SELECT 1 FROM numbers WHERE marker-1234 = 'a"):
        with pytest.raises(KeepsumError) as raised, database.change() as changing:
            changing.execute(Told(statement))
        assert "stream 'people'" in str(raised.value)
        assert "secret-word" not in str(raised.value)
        assert "marker" not in str(raised.value)
        assert raised.value.__cause__ is None


def test_a_server_that_is_not_there_cannot_be_reached(served):
    driver = "postgresql" if served.dialect == "postgres" else "mysql"
    database = AttachedDatabase(f"{driver}://role:secret-word@127.0.0.1:9/shop")
    with pytest.raises(Unavailable, match="'shop'") as raised, database.snapshot():
        pass
    assert raised.value.code == "DATABASE_UNREACHABLE"
    assert "secret-word" not in str(raised.value)


def test_a_wrong_role_is_denied(served):
    driver = "postgresql" if served.dialect == "postgres" else "mysql"
    url = f"{driver}://nobody_there:secret-word@127.0.0.1:{5432 if driver == 'postgresql' else 3306}/shop"
    with pytest.raises(Unavailable) as raised, AttachedDatabase(url).snapshot():
        pass
    assert raised.value.code == "DATABASE_DENIED"


def test_a_file_that_is_no_database_cannot_be_reached(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be taken for one " * 20)
    for name in ("notes.txt", "missing.db"):
        with pytest.raises(Unavailable) as raised, AttachedDatabase(f"sqlite:///{tmp_path / name}").snapshot():
            pass
        assert raised.value.code == "DATABASE_UNREACHABLE"
    assert not (tmp_path / "missing.db").exists()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "oracle://role:secret-word@host/shop", "sqlite://", "sqlite:///:memory:", "mysql://host"]
)
def test_another_address_is_refused_without_repeating_it(url):
    with pytest.raises(Invalid) as raised:
        AttachedDatabase(url)
    assert raised.value.code == "BAD_DATABASE_URL"
    assert "secret-word" not in str(raised.value)


def test_an_identity_says_which_database_but_not_who_asks(tmp_path):
    assert AttachedDatabase("mysql+pymysql://role:secret-word@host:3306/shop").identity == "mysql://host:3306/shop"
    assert AttachedDatabase("postgresql://host/shop").identity == "postgres://host:5432/shop"
    assert AttachedDatabase("mysql://role@127.0.0.1/shop").identity == "mysql://127.0.0.1:3306/shop"
    assert AttachedDatabase("postgresql:///shop?host=/run/a&port=7").identity == "postgres:///run/a:7/shop"
    assert AttachedDatabase("postgresql:///shop?host=/run/b").identity == "postgres:///run/b:5432/shop"
    assert AttachedDatabase("mysql:///shop?unix_socket=/run/a.sock").identity == "mysql:///run/a.sock/shop"
    assert AttachedDatabase(f"sqlite:///{tmp_path}/a.db").identity == f"sqlite://{tmp_path.resolve()}/a.db"


def test_no_authorities_are_read_for_a_connection_that_verifies_nobody(tmp_path, monkeypatch):
    read, made = [], ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(ssl, "create_default_context", lambda **named: read.append(named) or made)
    for database in opened("mysql", tmp_path):
        for address, wanted in ((database.url, 0), (f"{database.url}?ssl_ca=/a.pem", 1)):
            with suppress(Unavailable), AttachedDatabase(address).snapshot():
                pass
            assert len(read) == wanted


def test_texts_of_sqlite_that_are_no_utf_8_are_read_all_the_same(tmp_path):
    path = tmp_path / "odd.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE t (a TEXT)")
        made.execute("INSERT INTO t VALUES (CAST(x'61ff' AS TEXT))")
        made.commit()
    with AttachedDatabase(f"sqlite:///{path}").snapshot() as reading:
        (text,) = reading.row(Told("SELECT a FROM t"))
    assert text.encode("utf-8", "surrogateescape") == b"a\xff"


def test_columns_are_the_same_rows(people):
    people.insert("people", [(20, None), (21, "")])
    with AttachedDatabase(people.url).snapshot() as reading:
        rows = [row for rows in reading.stream(EVERY) for row in rows]
        batches = list(reading.columns(EVERY, size=5))
        lists = [[getattr(column, "to_pylist", lambda column=column: column)() for column in one] for one in batches]
        assert reading.row(EVERY_ONE) == (12,)
    assert [row for listed in lists for row in zip(*listed, strict=True)] == rows
    assert [len(listed[0]) for listed in lists] == [5, 5, 2]


def test_a_connection_that_ends_between_columns_is_lost(served):
    served.execute("CREATE TABLE numbers (n integer)")
    served.insert("numbers", [(number,) for number in range(500)])
    own, end = "SELECT CONNECTION_ID()", "KILL {}"
    slow = "SELECT n, REPEAT('x', 20000), SLEEP(0.01) FROM numbers"
    if served.dialect == "postgres":
        own, end = "SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"
        slow = "SELECT n, pg_sleep(0.01) FROM numbers"
    with AttachedDatabase(served.url).snapshot() as reading:
        (number,) = reading.row(Told(own))
        columns = reading.columns(Told(slow), size=1)
        next(columns)
        served.execute(end.format(number))
        with pytest.raises(Unavailable) as raised:
            list(columns)
    assert raised.value.code == "DATABASE_LOST"
