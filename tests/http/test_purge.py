"""Letting rows of an application's own database be purged, over HTTP: who may, and what is written down."""

import pytest
from tests.databases import opened
from tests.ordering import AttachedHouse, lay_table, order
from tests.served import problem_of, served_from

from keepsum.model.audit import Kind as Event
from keepsum.model.ledger import Kind
from keepsum.pipeline import audit

PATH = "/v1/purge/orders"
OFF = {"stream": "orders", "purge": "off", "since": None, "by": None, "along": []}


@pytest.fixture
def attached(tmp_path, monkeypatch):
    """A server beside a table with an order past its retention, sealed."""
    databases = opened("sqlite", tmp_path)
    database = next(databases)
    lay_table(database, order(1), order(2, "2026-03-03"))
    house = AttachedHouse(tmp_path / "house", database, monkeypatch, now="2026-03-05T02:00:00Z")
    with served_from(house) as served:
        yield served
    house.close()


def test_it_is_switched_on_and_off_and_kept_who_did_it(attached):
    attached.house.roll()
    assert attached.get(PATH).json() == OFF
    on = attached.client.put(PATH, json={"purge": "on"})
    assert on.status_code == 200, on.text
    assert on.json() | {"by": None} == OFF | {"purge": "on", "since": "2026-03-05T02:00:00Z"}
    assert attached.get(PATH).json() == on.json()
    assert attached.house.purge().records == 1
    assert attached.client.put(PATH, json={"purge": "off"}).json() == OFF
    entries = attached.house.entries(Kind.PURGE_ENABLED, Kind.PURGE_DISABLED)
    assert [(entry.kind, entry.body["by"]) for entry in entries] == [
        (Kind.PURGE_ENABLED, on.json()["by"]),
        (Kind.PURGE_DISABLED, on.json()["by"]),
    ]
    kinds = (Event.PURGE_DISABLED, Event.PURGE_ENABLED)
    events = [event for event in audit.page(attached.install.control) if event.kind in kinds]
    assert [(event.kind, event.body, event.caller) for event in events] == [
        (kind, {"stream": "orders"}, on.json()["by"]) for kind in kinds
    ]


def test_why_it_cannot_be_switched_on_is_told_and_nothing_is_written_down(attached):
    problem_of(attached.client.put(PATH, json={"purge": "on"}), 409, "BACKFILL_INCOMPLETE")
    problem_of(attached.client.put(PATH, json={"purge": "perhaps"}), 400, "BAD_PARAMETER")
    problem_of(attached.client.put("/v1/purge/nothing", json={"purge": "on"}), 404, "UNKNOWN_STREAM")
    assert attached.house.entries(Kind.PURGE_ENABLED) == []
    assert all(event.kind is not Event.PURGE_ENABLED for event in audit.page(attached.install.control))


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("viewer", 403), ("collector", 403)])
def test_who_operates_sees_it_and_only_who_may_delete_turns_it(attached, role, status):
    client = attached.role(role)
    assert client.get(PATH).status_code == status
    problem_of(client.put(PATH, json={"purge": "on"}), 403, "NOT_PERMITTED")


def test_a_stream_that_keepsum_keeps_has_no_switch(shared):
    problem_of(shared.get("/v1/purge/orders"), 400, "STREAM_NOT_ATTACHED")
