"""Exports of rows that live in an application's own database: who gets what of whom, and where it stands meanwhile."""

import io
import json
import zipfile
from contextlib import contextmanager
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from tests.databases import opened
from tests.exporting import READERS, worker_of
from tests.ordering import MAPPING, MISREAD, AttachedHouse, lay_table, order, orders, shop
from tests.systems import DAY, number, owner

from keepsum import Grant, Permission, Role
from keepsum.engine import access
from keepsum.model.access import machine
from keepsum.model.errors import Forbidden
from keepsum.model.export import FORMATS, ExportState
from keepsum.pipeline import exports, purge_switch
from keepsum.pipeline.exports import Order
from keepsum.store import audit
from keepsum.store.homes.attached import AttachedDatabase

FIRST, SECOND, THIRD = "2026-02-01", "2026-02-02", "2026-02-03"
NAME, EMAIL = "Zyxomma-Petiolatum", "zyxomma@example.org"
SEER = Role("seer", permissions=(Permission.READ, Permission.SMALL_GROUPS, Permission.EXPORT), grants=(Grant("*"),))
SHOP = replace(shop(), roles=(SEER,))


class Exporting(AttachedHouse):
    """An attached house of which somebody asks for exports."""

    @property
    def means(self):
        return self.system.exports

    def role(self, name):
        return access.caller("identity", "somebody", self.system.id, (name,), self.workspace.catalog.roles)

    def exported(self, form="csv", caller=None, first=FIRST, last=THIRD, **filters):
        """Ask for an export and let a worker make it."""
        caller = caller or machine(self.system.id)
        asked = Order(dataset="orders", format=form, first=number(first), last=number(last), filters=filters)
        made = exports.create(self.means, asked, caller)
        worker = worker_of(self.install)
        while worker.step():
            pass
        return exports.look(self.means, made.id, caller)

    def content(self, export, caller=None):
        _row, file = exports.fetch_own(self.means, export.id, caller or machine(self.system.id))
        with file:
            return file.read()


@pytest.fixture
def house(tmp_path, database, monkeypatch):
    """Three orders on each of three days, of which nothing was rolled."""
    rows = [order(10 * day + n, f"2026-02-0{day}", user=NAME, email=EMAIL) for day in (1, 2, 3) for n in range(3)]
    lay_table(database, *rows)
    made = Exporting(tmp_path / "house", database, monkeypatch, SHOP).at("2026-02-04T02:00:00Z")
    yield made
    made.close()


def unpacked(form, content):
    """All that stands in a file, as bytes that can be searched."""
    if form == "parquet":
        return repr(pq.ParquetFile(io.BytesIO(content)).read().to_pylist()).encode()
    if form == "xlsx":
        book = zipfile.ZipFile(io.BytesIO(content))
        return b"".join(book.read(name) for name in book.namelist())
    return content


def holding(house, *markers):
    """The files of the data directory in which one of these stands, unpacked where that is needed."""
    found = set()
    for path in sorted(one for one in (house.folder / "data").rglob("*") if one.is_file()):
        content = unpacked(path.suffix.removeprefix("."), path.read_bytes())
        if any(marker.encode() in content for marker in markers):
            found.add(path.name)
    return found


@pytest.mark.parametrize("form", FORMATS)
def test_personal_values_stand_in_the_file_of_whoever_may_see_them_nowhere_else_and_go_with_it(house, form):
    export = house.exported(form)
    assert export.columns == ("created_at", "id", "user_id", "status", "place", "email", "price", "items")
    rows = READERS[form](house.folder, house.content(export))
    assert [(int(row["id"]), row["user_id"], float(row["price"])) for row in rows][:4] == [
        (10, NAME, 4.5), (11, NAME, 4.5), (12, NAME, 4.5), (20, NAME, 4.5),
    ]  # fmt: skip
    assert holding(house, NAME, EMAIL) == {f"{export.id}.{form}"}
    house.clock.now += DAY
    exports.sweep(house.means)
    house.install.control.truncate()
    assert holding(house, NAME, EMAIL) == set()


@pytest.mark.parametrize("form", FORMATS)
def test_whoever_may_not_see_people_gets_no_byte_of_theirs_and_nothing_of_them_is_kept(house, form):
    seer = house.role("seer")
    export = house.exported(form, seer)
    assert (export.rows, export.columns) == (9, ("created_at", "id", "status", "place", "price", "items"))
    assert not any(one.encode() in unpacked(form, house.content(export, seer)) for one in (NAME, EMAIL))
    assert holding(house, NAME, EMAIL) == set()
    with pytest.raises(Forbidden, match="NOT_PERMITTED: Filtering by 'user_id' needs the permission 'personal'"):
        house.exported(form, seer, user_id=NAME)


def test_a_key_that_is_the_person_is_theirs_alone_who_may_see_people(tmp_path, database, monkeypatch):
    stream = orders(replace(MAPPING, subject="id"))
    lay_table(database, order(70_071))
    house = Exporting(tmp_path / "house", database, monkeypatch, replace(shop(stream), roles=(SEER,)))
    house.at("2026-02-04T02:00:00Z")
    seer = house.role("seer")
    export = house.exported(caller=seer)
    assert export.columns == ("created_at", "status", "place", "price", "items")
    assert b"70071" not in house.content(export, seer)
    assert b"70071" in house.content(house.exported())
    (offer,) = exports.offers(house.means, seer)
    assert offer.personal == ("id", "user_id", "email")
    house.close()


def test_the_audit_log_says_what_was_exported_and_of_a_person_only_that_there_was_one(house):
    house.exported(user_id=NAME, status="paid")
    with house.install.control.read() as connection:
        (done,) = [one for one in audit.newest(connection) if one.kind == "exported"]
    assert done.body["filters"] == {"user_id": [], "status": ["paid"]}
    assert (done.body["rows"], done.body["personal"], done.body["outcome"]) == (9, ["user_id", "email"], "ready")
    assert NAME not in json.dumps(done.body)


def test_rows_that_come_while_a_day_is_read_are_in_no_export_and_those_that_go_still_are(house, monkeypatch):
    """One snapshot a day: what the application commits after it was opened is not seen."""
    if house.database.dialect == "sqlite":  # which lets nobody commit beside a reader, unless it keeps a log
        house.database.execute("PRAGMA journal_mode = WAL")
    snapshot, changed = AttachedDatabase.snapshot, []

    @contextmanager
    def then_changed(database):
        """A snapshot, beside which the application goes on as soon as it is open."""
        with snapshot(database) as reading:
            if not changed:
                changed.append(True)
                house.database.insert("orders", [order(19, FIRST, user="late")])
                house.database.execute("DELETE FROM orders WHERE id = 11", "UPDATE orders SET items = 7 WHERE id = 12")
            yield reading

    monkeypatch.setattr(AttachedDatabase, "snapshot", then_changed)
    rows = READERS["json"](house.folder, house.content(house.exported("json", last=FIRST)))
    assert [(row["id"], row["items"]) for row in rows] == [("10", 1), ("11", 1), ("12", 1)]
    rows = READERS["json"](house.folder, house.content(house.exported("json", last=FIRST)))
    assert [(row["id"], row["items"]) for row in rows] == [("10", 1), ("12", 7), ("19", 1)]


def test_an_export_that_a_purge_overtakes_is_refused_and_never_short(house, monkeypatch):
    house.roll()
    purge_switch.enable(house.workspace, house.stream, owner(), now=house.clock())
    house.at("2026-03-04T00:00:00Z")
    snapshot, purged = AttachedDatabase.snapshot, []

    def after_a_purge(database):
        if not purged:
            purged.append(True)
            assert house.purge().records == 3
        return snapshot(database)

    monkeypatch.setattr(AttachedDatabase, "snapshot", after_a_purge)
    export = house.exported()
    assert purged
    assert (export.state, (export.error or "").partition(":")[0]) == (ExportState.FAILED, "RECORDS_PURGED")


def test_a_database_out_of_reach_fails_the_export_and_says_which_without_its_address(tmp_path, monkeypatch):
    databases = opened("sqlite", tmp_path)
    database = next(databases)
    lay_table(database, order(1))
    house = Exporting(tmp_path / "house", database, monkeypatch, SHOP).at("2026-02-04T02:00:00Z")
    database.execute("DROP TABLE orders")
    export = house.exported()
    assert export.state is ExportState.FAILED
    assert (export.error or "").startswith("DATABASE_")
    assert str(tmp_path) not in (export.error or "")
    assert [path.name for path in house.means.folder.path.rglob("*.csv")] == []
    house.close()


def test_rows_of_a_column_that_would_be_misread_are_in_no_file(served, tmp_path, monkeypatch):
    lay_table(served, order(1))
    house = Exporting(tmp_path / "house", served, monkeypatch, SHOP).at("2026-02-04T02:00:00Z")
    served.execute(MISREAD[served.dialect])
    export = house.exported()
    assert (export.state, (export.error or "").partition(":")[0]) == (ExportState.FAILED, "DATABASE_SCHEMA")
    assert [path.name for path in house.means.folder.path.rglob("*.csv")] == []
    house.close()
