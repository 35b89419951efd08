"""Letting rows of an application's own database be purged, by the command line only."""

from contextlib import closing

import pytest
from tests.databases import opened
from tests.ordering import URL, lay_table, order
from tests.ordering import shop as pack
from tests.systems import lay_out


@pytest.fixture
def database(tmp_path):
    yield from opened("sqlite", tmp_path)


@pytest.fixture
def attached(bare, tmp_path, monkeypatch, database):
    """The command line beside a table of orders, the first of which is past its retention."""
    lay_out(tmp_path, pack(), "UTC")
    lay_table(database, order(1, "2025-12-31"), order(2, "2026-02-02", user="bob"))
    monkeypatch.setenv(URL, database.url)
    return bare


def ids(database):
    with closing(database.connect()) as connection:
        return [key for (key,) in connection.execute("SELECT id FROM orders ORDER BY id")]


def test_a_purge_is_planned_switched_on_carried_out_and_switched_off(attached, database):
    too_early = attached("purge", "--enable", "orders")
    assert (too_early.code, "BACKFILL_INCOMPLETE" in too_early.err) == (1, True)
    attached("roll")
    planned = attached("purge", "--plan", "--json")
    assert (planned.code, planned.json["going"]) == (0, [])
    assert [(due["stream"], due["blocked"]) for due in planned.json["off"]][:1] == [("orders", "PURGE_OFF")]
    words = attached("purge", "--plan").words
    assert "not switched on" in words
    assert "Switch on with keepsum purge --enable STREAM: orders" in words
    assert (attached("purge", "--json").json["records"], ids(database)) == (0, [1, 2])
    assert attached("purge", "--enable", "orders", "--json").json == {"stream": "orders", "purge": "on"}
    assert attached("purge", "--plan", "--json").json["records"] == 1
    assert (attached("purge", "--json").json["records"], ids(database)) == (1, [2])
    assert "no more" in attached("purge", "--disable", "orders").words
    kinds = [entry["kind"] for entry in attached("ledger", "list", "--json").json["entries"]]
    assert {"purge_enabled", "purging", "purged", "purge_disabled"} <= set(kinds)
    assert attached("ledger", "verify").code == 0


def test_why_nothing_goes_is_said(attached, database):
    attached("roll")
    database.execute("CREATE TABLE notes (id INTEGER, order_id REFERENCES orders (id) ON DELETE CASCADE)")
    planned = attached("purge", "--plan")
    assert (planned.code, "UNPROVEN_CHILDREN" in planned.words, "Switch on" in planned.words) == (0, True, False)
    database.execute("DROP TABLE notes")
    attached("purge", "--enable", "orders")
    database.execute("CREATE TRIGGER gone AFTER DELETE ON orders BEGIN SELECT 1; END")
    planned = attached("purge", "--plan")
    assert planned.code == 1
    assert "DELETE_TRIGGER" in planned.words
    assert "gone on orders" in planned.words


def test_a_stream_that_keepsum_keeps_has_no_switch(shop):
    said = shop("purge", "--enable", "sales")
    assert "STREAM_NOT_ATTACHED" in said.err
    both = shop("purge", "--enable", "sales", "--disable", "sales")
    assert "BAD_PARAMETER" in both.err
