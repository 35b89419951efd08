"""A stream that lives in a database, by the command line only."""

import pytest
from tests.databases import opened
from tests.ordering import URL, lay_table, order, shop
from tests.systems import lay_out


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


def test_records_are_not_collected_from_files_either(attached):
    file = attached.write("orders.ndjson", [{"id": "1", "created_at": "2026-02-01T10:00:00Z", "status": "paid"}])
    said = attached("collect", file, "--stream", "orders")
    assert said.code != 0
    assert "STREAM_ATTACHED" in said.err
