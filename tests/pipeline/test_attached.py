"""Days of a stream whose rows stay in SQLite, PostgreSQL or MariaDB: rolled, proven, sealed, asked, and read again."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.engine import make_url
from tests.databases import Database, opened
from tests.ordering import MAPPING, AttachedHouse, lay_table, order, orders, shop
from tests.pipeline.test_markers import found
from tests.systems import number

from keepsum.model.access import machine
from keepsum.model.control import Control
from keepsum.model.job import Progress
from keepsum.model.ledger import Kind
from keepsum.model.rollup import NONE, OTHER
from keepsum.pipeline import exports, gather, make_export
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of
from keepsum.pipeline.asked import FRESH, Asked
from keepsum.pipeline.jobs import carry_out
from keepsum.pipeline.live import Remembered
from keepsum.pipeline.survey import survey
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import attachments

FIRST, SECOND, THIRD = "2026-02-01", "2026-02-02", "2026-02-03"
EVERYTHING = "orders,revenue,dearest,numbers,buyers,median"


class Silent(Progress):
    def progress(self, **_how_far):
        pass


@pytest.fixture
def house(tmp_path, database, monkeypatch):
    """A house on an empty table of orders, once on each database."""
    lay_table(database)
    made = AttachedHouse(tmp_path / "house", database, monkeypatch)
    yield made
    made.close()


@pytest.fixture
def plain(tmp_path, monkeypatch):
    """The same on a database file, for what is the same on all three; perhaps with another stream."""
    made, databases = [], opened("sqlite", tmp_path)
    database = next(databases)
    lay_table(database)

    def build(stream=None):
        made.append(AttachedHouse(tmp_path / "house", database, monkeypatch, shop(stream)))
        return made[0]

    yield build
    for one in made:
        one.close()


def some_orders(count=300, *, seed=7, days=(FIRST, SECOND)):
    """Believable orders: nulls, floats that are no decimals, more places than are kept, several people."""
    chance = random.Random(seed)
    places = ["york", "York", "hull", "bath ", "bath", None]
    return [
        order(
            n,
            chance.choice(days),
            at=f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}",
            user=chance.choice([*(f"user-{i}" for i in range(25)), None]),
            status=chance.choice(["open", "paid", "refunded"]),
            place=chance.choice(places),
            total=chance.choice([0.1 + 0.2, -3.5, 1e6 + 0.005, 19.99, 0.0]),
            items=chance.choice([None, 1, 2, -7]),
        )
        for n in range(count)
    ]


def ask(house, metrics=EVERYTHING, first=FIRST, last=THIRD, remembered=None, **more):
    asked = query_of({"metrics": metrics, "from": first, "to": last, **more})
    return answer(house.workspace, asked, caller=machine("default"), now=house.clock(), remembered=remembered)


def night(house):
    return carry_out(house.system, "nightly", {}, Silent())


def attachment(house):
    with house.workspace.file.read() as connection:
        found = attachments.of(connection, "orders")
    assert found is not None
    return found


def standing(house):
    return survey(house.workspace, house.system.calendar(), now=house.clock()).streams[0]


def test_every_day_from_the_first_row_to_yesterday_is_read_proven_and_sealed(house, database):
    database.insert("orders", some_orders(days=(FIRST, THIRD)))
    house.at("2026-02-05T02:00")
    assert house.roll().sealed == 4
    assert [house.status(f"2026-02-0{n}") for n in range(1, 6)] == ["sealed"] * 4 + ["open"]
    assert house.state(SECOND).control == Control()
    assert attachment(house).first_day == number(FIRST)
    assert attachment(house).backfilled_at == house.clock()
    assert verify_ledger(house.workspace, deep=True).findings == ()
    assert house.roll().days == 0


def test_what_is_sealed_is_what_the_database_comes_to(house, database):
    database.insert("orders", some_orders())
    house.at("2026-02-04T02:00").roll()
    wanted = {
        (status, str(day)): (int(count), round(Decimal(repr(float(revenue))), 2), int(buyers))
        for status, day, count, revenue, buyers in database.execute(
            "SELECT status, SUBSTR(CAST(created_at AS CHAR(10)), 1, 10), COUNT(*), "
            "SUM(ROUND(CAST(total AS DECIMAL(30, 6)), 2)), COUNT(DISTINCT user_id) FROM orders GROUP BY 1, 2"
        )
    }
    found = ask(house, "orders,revenue,buyers", by=["status"], grain="day", last=SECOND)
    assert {(r[1], str(r[0])): r[2:5] for r in found.rows} == wanted
    assert found.labels.final


def test_texts_are_told_apart_byte_for_byte_and_surplus_values_go_to_other(house, database):
    database.insert("orders", [order(n, place=p) for n, p in enumerate(["york", "York", "york ", "york", None, "a"])])
    house.at("2026-02-02T02:00").roll()
    stored = house.rows(house.workspace.catalog.rollup("orders_daily"))
    assert {key[1]: row["m_orders"] for key, row in stored.items()} == {
        "york": 2, "York": 1, "a": 1, OTHER: 1, NONE: 1
    }  # fmt: skip


def test_a_seal_lists_the_chunks_that_a_day_was_cut_into(plain):
    house = plain()
    house.database.insert("orders", some_orders(5_000, days=(FIRST,)))
    house.at("2026-02-02T02:00").roll()
    (entry,) = house.entries(Kind.SEALED)
    chunks = entry.body["chunks"]
    assert entry.body["segments"] == []
    assert sum(count for count, _, _ in chunks) == 5_000
    assert all(0 < count <= 2_000 for count, _, _ in chunks)
    total = Control(records=5_000, hash_a=sum(int(a) for _, a, _ in chunks), hash_b=sum(int(b) for _, _, b in chunks))
    assert (total.hash_a, total.hash_b) == (house.state(FIRST).control.hash_a, house.state(FIRST).control.hash_b)


def test_live_figures_are_those_that_are_sealed_later(house, database):
    database.insert("orders", some_orders())
    house.at("2026-02-03T12:00:00Z")
    questions = [{}, {"by": ["status"]}, {"by": ["status", "place"]}, {"by": ["place"], "where": {"status": "paid"}}]
    single = [metric for metric in EVERYTHING.split(",") if metric != "numbers"]
    live = [ask(house, ",".join(single if "by" in q else [*single, "numbers"]), **q) for q in questions]
    assert not any(one.labels.final for one in live)
    assert house.roll().sealed == 2
    later = [ask(house, ",".join(single if "by" in q else [*single, "numbers"]), last=SECOND, **q) for q in questions]
    assert [one.rows for one in later] == [one.rows for one in live]
    assert all(one.labels.final for one in later)


def test_a_changed_row_is_noticed_by_its_change_column_and_its_day_is_sealed_again(house, database):
    database.insert("orders", [order(1), order(2, SECOND)])
    house.at("2026-02-04T02:00")
    night(house)
    database.execute(f"UPDATE orders SET status = 'refunded', updated_at = '{THIRD} 20:00:00' WHERE id = 1")
    house.at("2026-02-05T02:00")
    night(house)
    assert [(e.day, e.body["reason"]) for e in house.entries(Kind.SEALED)] == [
        (number(FIRST), "first"), (number(SECOND), "first"), (number(THIRD), "first"),
        (number(FIRST), "touched"), (number("2026-02-04"), "first"),
    ]  # fmt: skip
    assert [row[0] for row in ask(house, "orders", by=["status"], last=FIRST).rows] == ["refunded"]


def test_a_change_that_is_in_no_record_leaves_the_seal(house, database):
    database.insert("orders", [order(1)])
    house.at("2026-02-03T02:00")
    night(house)
    before = house.state(FIRST)
    database.execute(f"UPDATE orders SET updated_at = '{THIRD} 20:00:00'")
    house.at("2026-02-04T02:00")
    night(house)
    after = house.state(FIRST)
    assert (after.seal, after.status, after.touched) == (before.seal, "sealed", before.touched + 1)
    assert verify_ledger(house.workspace, deep=True).ok


def test_without_a_change_column_sealed_days_are_counted_again(house, database):
    house.open(shop(orders(replace(MAPPING, changed=None))))
    database.insert("orders", [order(1), order(2, SECOND), order(3, THIRD)])
    house.at("2026-02-04T02:00")
    night(house)
    database.insert("orders", [order(4)])
    database.execute("UPDATE orders SET total = 5.5 WHERE id = 2")
    house.at("2026-02-05T02:00")
    night(house)
    resealed = {e.day for e in house.entries(Kind.SEALED) if e.body["reason"] == "touched"}
    assert resealed == {number(FIRST), number(SECOND)}


def test_without_a_change_column_a_sealed_day_is_answered_from_its_rows(house, database):
    house.open(shop(orders(replace(MAPPING, changed=None))))
    database.insert("orders", [order(1)])
    house.at("2026-02-02T12:00")
    night(house)
    database.execute("UPDATE orders SET total = 7.25 WHERE id = 1")
    found = ask(house, "revenue", last=FIRST)
    assert found.rows == ((Decimal("7.25"),),)
    assert not found.labels.final


def test_rows_that_are_only_ever_added_are_answered_from_rollups_and_a_late_one_is_found_at_night(house, database):
    house.open(shop(orders(replace(MAPPING, changed=MAPPING.time))))
    database.insert("orders", [order(1), order(2, SECOND)])
    house.at("2026-02-05T02:00")
    night(house)
    database.insert("orders", [order(3)])  # long after its time
    found = ask(house, "orders", last=SECOND)
    assert (found.rows, found.labels.final, found.labels.sources["records"]) == (((2,),), True, 0)
    house.at("2026-02-06T02:00")
    night(house)
    found = ask(house, "orders", last=SECOND)
    assert (found.rows, found.labels.final, found.labels.sources["records"]) == (((3,),), True, 0)


def test_days_near_their_deadline_are_read_again_every_night(plain, monkeypatch):
    house = plain()
    house.database.insert("orders", [order(n, day) for n, day in enumerate((FIRST, "2026-02-20"))])
    house.at("2026-02-24T02:00")
    night(house)
    read = []
    reading = gather.read
    monkeypatch.setattr(gather, "read", lambda *a, **n: (read.append(a[2].number), reading(*a, **n))[1])
    house.at("2026-02-25T02:00")
    night(house)
    assert sorted(read) == [number(FIRST), number(SECOND), number("2026-02-24")]


def test_a_day_that_lost_rows_is_held_until_a_person_accepts_it(house, database):
    database.insert("orders", [order(1), order(2), order(3, SECOND)])
    house.at("2026-02-03T02:00")
    night(house)
    database.execute("DELETE FROM orders WHERE id = 1", f"UPDATE orders SET updated_at = '{THIRD} 01:00:00'")
    house.at("2026-02-04T02:00")
    assert "DAYS_HELD" in (night(house).held or "")
    assert house.state(FIRST).held == "SHRUNK"
    assert ask(house, "orders", last=FIRST).rows in (((2,),), ((1,),))  # as sealed, or as it is there now
    house.accept(FIRST, "the application cleans up")
    night(house)
    assert house.status(FIRST) == "sealed"
    assert house.state(FIRST).control.records == 1


def test_rows_that_come_back_let_a_held_day_go_on(house, database):
    database.insert("orders", [order(1), order(2)])
    house.at("2026-02-02T02:00")
    night(house)
    database.execute("DELETE FROM orders WHERE id = 1", f"UPDATE orders SET updated_at = '{SECOND} 01:00:00'")
    house.at("2026-02-03T02:00")
    night(house)
    assert house.state(FIRST).held == "SHRUNK"
    database.insert("orders", [order(1)])
    database.execute(f"UPDATE orders SET updated_at = '{FIRST} 10:00:00'")
    house.at("2026-02-04T02:00")
    night(house)
    assert house.status(FIRST) == "sealed"


def test_a_row_that_is_no_record_holds_its_day_and_no_other(house, database):
    database.insert("orders", [order(1), order(2, status="stolen-goods"), order(3, SECOND)])
    house.at("2026-02-04T02:00")
    outcome = house.roll()
    assert (outcome.sealed, outcome.held) == (2, 1)
    state = house.state(FIRST)
    assert state.held == "BAD_ROW"
    assert "'status' is none of its options in 1 row" in (state.held_detail or "")
    assert "stolen" not in str(house.entries(Kind.HELD)[0].body)
    assert attachment(house).backfilled_at is None
    database.execute("UPDATE orders SET status = 'paid' WHERE id = 2")
    assert house.roll().sealed == 1
    assert attachment(house).backfilled_at == house.clock()


def test_rows_that_come_while_a_day_is_read_are_in_neither_half(house, database, monkeypatch):
    database.insert("orders", [order(1), order(2)])
    house.at("2026-02-02T02:00")
    rolled = gather.rolled

    def meanwhile(*arguments):
        database.insert("orders", [order(len(house.entries()) + 100)])
        return rolled(*arguments)

    monkeypatch.setattr(gather, "rolled", meanwhile)
    if database.dialect == "sqlite":
        database.execute("PRAGMA journal_mode = WAL")  # else who reads keeps who writes waiting
    assert house.roll().sealed == 1
    assert house.state(FIRST).control.records == 2


def test_a_database_that_is_gone_keeps_nobody_else_waiting(plain, monkeypatch, tmp_path):
    house = plain()
    house.database.insert("orders", [order(1)])
    house.at("2026-02-02T02:00")
    file = tmp_path / "application.db"
    file.rename(tmp_path / "away.db")
    outcome = night(house)
    assert "DATABASE_UNREACHABLE" in (outcome.held or "")
    assert house.entries(Kind.SEALED) == []
    (tmp_path / "away.db").rename(file)
    assert night(house).held is None
    assert house.status(FIRST) == "sealed"


def test_a_lost_connection_leaves_the_other_days_unread_and_the_next_night_goes_on(served, tmp_path, monkeypatch):
    lay_table(served, *(order(n, f"2026-02-0{n}") for n in range(1, 5)))
    house = AttachedHouse(tmp_path / "house", served, monkeypatch)
    house.at("2026-02-05T02:00")
    reading, count = gather.read, []

    def cut(*arguments, **named):
        count.append(1)
        if len(count) == 3:
            monkeypatch.setattr(house.workspace.attached["orders"], "_url", gone(served.url))
        return reading(*arguments, **named)

    monkeypatch.setattr(gather, "read", cut)
    outcome = house.roll()
    assert (outcome.sealed, outcome.unread) == (2, 2)
    assert [text.partition(":")[0] for text in outcome.unreached] == ["DATABASE_UNREACHABLE"]
    assert len(count) == 3  # the day behind it is not even tried
    house.open()
    assert house.roll().sealed == 2
    house.close()


def gone(url):
    """The address of a server that is not there."""
    parsed = make_url(url)
    drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
    return parsed.set(host="127.0.0.1", port=1, drivername=drivers[parsed.get_backend_name()])


def test_a_changed_schema_is_named_and_nothing_is_sealed(house, database):
    database.insert("orders", [order(1)])
    database.execute("ALTER TABLE orders RENAME COLUMN total TO amount")
    house.at("2026-02-02T02:00")
    assert "DATABASE_SCHEMA" in (night(house).held or "")
    assert house.entries(Kind.SEALED) == []


def test_nothing_of_a_row_is_written_to_keepsums_disk(house, database):
    database.insert(
        "orders",
        [order(n, user=f"markeruser{n}", email=f"marker{n}@example.org", place="york") for n in range(60)],
    )
    house.at("2026-02-01T12:00:00Z")
    ask(house, last=FIRST)
    house.at("2026-02-02T02:00")
    night(house)
    ask(house, last=FIRST)
    house.close()
    files = [path for path in (house.folder / "data").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"marker" in path.read_bytes()]
    password = make_url(database.url).password
    assert not password or not [path for path in files if password.encode() in path.read_bytes()]


def test_a_day_is_asked_for_once_in_ten_seconds(plain):
    house = plain()
    house.database.insert("orders", [order(1)])
    house.at("2026-02-01T12:00:00Z")
    remembered, clock = Remembered(), [0.0]
    remembered.asked = Asked(lambda: clock[0])
    assert ask(house, "orders", last=FIRST, remembered=remembered).rows == ((1,),)
    house.database.insert("orders", [order(2)])
    assert ask(house, "orders", last=FIRST, remembered=remembered).rows == ((1,),)
    clock[0] += FRESH
    assert ask(house, "orders", last=FIRST, remembered=remembered).rows == ((2,),)


def test_guarded_callers_see_nothing_of_days_whose_rows_may_change(plain):
    house = plain()
    house.database.insert("orders", [order(n, user=f"user-{n}") for n in range(30)])
    house.at("2026-02-01T12:00:00Z")
    found = ask(house, "orders", last=FIRST, guarded=True)
    assert (found.rows, found.labels.coverage.missing) == (((None,),), (FIRST,))
    house.at("2026-02-02T02:00").roll()
    assert ask(house, "orders", last=FIRST, guarded=True).rows == ((30,),)


def test_what_is_past_its_deadline_there_is_no_alarm_before_a_person_lets_rows_be_purged(plain):
    house = plain()
    house.database.insert("orders", [order(1)])
    house.at("2026-04-01T02:00").roll()
    assert standing(house).overdue == ()
    assert standing(house).attachment == attachment(house)
    assert house.purge_plan().going == ()
    with house.workspace.file.write() as connection:
        attachments.change(connection, "orders", purge_enabled_at=1, purge_enabled_by="ann")
    assert standing(house).overdue == (number(FIRST),)


def test_days_that_nobody_ever_read_count_as_unsealed(plain):
    house = plain()
    house.database.insert("orders", [order(1)])
    house.at("2026-02-02T02:00").roll()
    house.at("2026-02-05T02:00")
    assert standing(house).seal_lag == house.clock() - house.system.calendar().day(number(SECOND)).end


def test_the_address_of_a_database_is_in_no_message(tmp_path, monkeypatch):
    nowhere = Database("mysql", "mysql://keepsum:hunter2@127.0.0.1:1/shop")
    house = AttachedHouse(tmp_path / "house", nowhere, monkeypatch)
    house.at("2026-02-02T02:00")
    held = night(house).held or ""
    assert "DATABASE_UNREACHABLE" in held
    assert "hunter2" not in held + repr(house.system) + str([e.body for e in house.entries()])
    house.close()


def test_records_are_exported_from_where_they_live_and_stand_in_no_byte_here_but_the_file(house, database):
    name = "Zyxomma-Petiolatum"
    database.insert("orders", [*some_orders(40), order(999, SECOND, user=name)])
    house.at("2026-02-04T02:00").roll()
    before = found(house.folder / "data", [name])
    caller, means = machine("default"), house.system.exports
    wanted = exports.Order(dataset="orders", format="csv", first=number(FIRST), last=number(THIRD), filters={})
    made = exports.create(means, wanted, caller)
    make_export.make(means, made.id, Silent())
    assert exports.look(means, made.id, caller).rows == 41
    assert before == set()
    assert found(house.folder / "data", [name]) == {(name, "csv")}
    only = exports.create(means, replace(wanted, filters={"status": "paid", "user_id": name}), caller)
    make_export.make(means, only.id, Silent())
    _row, file = exports.fetch_own(means, only.id, caller)
    with file:
        assert [line.count(b"Zyxomma-Petiolatum") for line in file.read().splitlines()] == [0, 1]
    house.at("2026-02-05T03:00")
    exports.sweep(means)
    house.install.control.truncate()
    assert found(house.folder / "data", [name]) == set()
