"""A stream that lives in a database, by the command line only."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from tests.databases import opened
from tests.ordering import MAPPING, URL, lay_table, order, orders, shop
from tests.systems import lay_out

from keepsum import Column, Lookup


@pytest.fixture
def attached(bare, tmp_path, monkeypatch):
    """The command line beside a table of orders."""
    lay_out(tmp_path, shop(), "UTC")
    databases = opened("sqlite", tmp_path)
    database = next(databases)
    lay_table(database, order(1), order(2, "2026-02-02", user="bob"))
    monkeypatch.setenv(URL, database.url)
    return bare


def test_days_are_rolled_and_status_says_where_they_live(attached, tmp_path):
    rolled = attached("roll", "--json")
    assert (rolled.code, rolled.json["sealed"], rolled.json["left"]) == (0, 10, None)
    assert [day["status"] for day in attached("days", "--json").json["days"]] == ["sealed"] * 10
    status = attached("status", "--json").json["streams"][0]
    assert status["attached"] == {
        "dialect": "sqlite",
        "database": f"sqlite://{tmp_path / 'application.db'}",
        "first_day": "2026-02-01",
        "backfilled_at": "2026-02-11T12:00:00Z",
        "purge_enabled_at": None,
        "purge_enabled_by": None,
    }
    assert "complete" in attached("status").words
    assert attached("ledger", "verify", "--deep").code == 0
    found = attached("query", "orders", "--by", "status", "--json").json
    assert [row[:2] for row in found["rows"]] == [["paid", 2]]


def test_a_database_that_is_gone_is_said_and_the_code_says_so_too(attached, tmp_path):
    (tmp_path / "application.db").unlink()
    said = attached("roll")
    assert said.code == 1
    assert "DATABASE_UNREACHABLE" in said.words


def test_a_backfill_takes_in_all_days_and_is_taken_up_where_it_was_stopped(attached):
    attached("roll", "--to", "2026-02-03")
    left = attached("backfill", "--json")
    assert (left.code, left.json["sealed"], left.json["left"]) == (0, 7, None)
    (stream,) = left.json["streams"]
    assert stream == {
        "stream": "orders", "first": "2026-02-01", "last": "2026-02-10", "days": 10, "open": 0, "complete": True,
    }  # fmt: skip
    again = attached("backfill")
    assert (again.code, "the backfill is complete" in again.words) == (0, True)
    assert attached("purge", "--enable", "orders").code == 0


def test_a_backfill_with_a_held_day_is_not_complete(attached, tmp_path):
    attached("roll", "--to", "2026-02-01")
    with closing(sqlite3.connect(tmp_path / "application.db")) as connection:
        connection.execute("UPDATE orders SET status = 'nonsense' WHERE id = 2")
        connection.commit()
    said = attached("backfill")
    assert (said.code, "BAD_ROW" in said.words, "not complete: orders" in said.words) == (1, True, True)
    assert "run `keepsum backfill` first" in attached("purge", "--enable", "orders").err


def test_a_backfill_of_a_database_that_is_gone_is_not_complete(attached, tmp_path):
    (tmp_path / "application.db").unlink()
    said = attached("backfill")
    assert (said.code, "DATABASE_UNREACHABLE" in said.words, "complete" in said.words) == (1, True, False)


def test_records_are_not_collected_from_files_either(attached):
    file = attached.write("orders.ndjson", [{"id": "1", "created_at": "2026-02-01T10:00:00Z", "status": "paid"}])
    said = attached("collect", file, "--stream", "orders")
    assert said.code != 0
    assert "STREAM_ATTACHED" in said.err


def test_a_look_at_a_declared_stream_names_what_else_its_role_has_to_read(bare, tmp_path, monkeypatch):
    place = Lookup("users", on=("user_id", "id"), value=Column("place"))
    mapping = replace(MAPPING, columns={**dict(MAPPING.columns), "place": place})
    lay_out(tmp_path, shop(orders(mapping)), "UTC")
    databases = opened("sqlite", tmp_path)
    database = next(databases)
    lay_table(database)
    monkeypatch.setenv(URL, database.url)
    found = bare.bare("attach", "--stream", "orders", "--json").json
    assert (found["table"], found["reads"]) == ("orders", ["users"])
    assert "let the role SELECT there: users" in bare.bare("attach", "--stream", "orders").words
    assert bare.bare("attach", "--url", database.url, "--table", "orders", "--json").json["reads"] == []
