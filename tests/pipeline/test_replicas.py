"""Replicas, which are read and never changed: days are proven from them, and a purge asks for the primary."""

from contextlib import closing

import pytest
from tests.pipeline.test_attached import ask
from tests.pipeline.test_purge_contended import FIRST, SECOND, finishes, ids, sealed, unfinished
from tests.replicas import KINDS, served_by

from keepsum.model.ledger import Kind


@pytest.fixture(params=KINDS)
def server(request):
    with served_by(request.param) as made:
        yield made


@pytest.fixture
def house(tmp_path, server, monkeypatch):
    """A shop on a server of its own, whose first day is sealed and due."""
    with closing(sealed(tmp_path, server.database, monkeypatch)) as made:
        yield made


def test_a_replica_is_proven_and_asked_like_its_primary_and_a_purge_of_it_is_refused_before_it_begins(house, server):
    server.demote()
    house.roll()
    assert house.status("2026-02-20") == "sealed"
    assert ask(house, "orders", first=SECOND, last="2026-02-20").rows[0][-1] == 101
    assert unfinished(house.purge()) == [("DATABASE_READ_ONLY", "orders")]
    assert (len(ids(house)), house.status(FIRST), house.entries(Kind.PURGING)) == (7, "sealed", [])
    server.promote()
    finishes(house)
