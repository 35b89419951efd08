"""A purge in an application's own database that is killed at any step, and goes on: what is left and what is gone are
what was, at every moment that the ledger speaks of.
"""

import sys

import pytest
from tests.crash.purge_process import DUE, ROWS_A_CHUNK
from tests.crash.test_spine_crash import Nursery
from tests.ordering import AttachedHouse, lay_table, order
from tests.systems import owner

from keepsum.engine import arrival
from keepsum.model.ledger import Kind
from keepsum.pipeline import purge_switch
from keepsum.pipeline.verify import verify_ledger

COMMAND = [sys.executable, "-m", "tests.crash.purge_process"]
FIRST, SECOND = "2026-02-01", "2026-02-02"
WAS = 7
STEPS = 26  # of a purge that nobody interrupts


@pytest.fixture(scope="module")
def nursery():
    made = Nursery(COMMAND)
    yield made
    with made.process:
        made.process.kill()


@pytest.fixture
def house(tmp_path, database, monkeypatch):
    """A shop whose first day has seven orders in four chunks, sealed and to be purged."""
    monkeypatch.setattr(arrival, "MOST_ROWS", ROWS_A_CHUNK)
    lay_table(database, *(order(i, user=f"user {i}") for i in range(1, WAS + 1)), order(8, SECOND))
    made = AttachedHouse(tmp_path, database, monkeypatch, now="2026-02-03T02:00:00Z")
    made.roll()
    purge_switch.enable(made.workspace, made.stream, owner(), now=made.clock())
    yield made.at(DUE)
    made.close()


def there(house):
    return [key for (key,) in house.database.execute("SELECT id FROM orders WHERE id < 8 ORDER BY id")]


def purged(nursery, house, dies_at=None):
    """Purge in another process, which may die; give how many steps it came to."""
    house.close()
    lines = nursery.run(house.folder, url=house.database.url, dies_at=dies_at)
    house.open()
    return next((int(words[1]) for words in lines if words[0] == "steps"), None)


def holds_together(house):
    """What must be true whenever a process died: whole chunks, and nothing gone before the ledger says it will be."""
    left = there(house)
    assert left in [list(range(gone + 1, WAS + 1)) for gone in (0, 2, 4, 6, 7)]
    assert len(left) == WAS or house.state(FIRST).purge in {"purging", "purged"}
    assert not left or house.state(FIRST).purge != "purged"


def comes_to_the_same(nursery, house, figures):
    """Purge again without harm."""
    assert purged(nursery, house) is not None
    assert (there(house), house.status(FIRST), house.digests()) == ([], "purged", figures)
    (entry,) = house.entries(Kind.PURGED)
    assert entry.body == {"was": WAS, "gone": WAS, "left": 0}
    assert house.entries(Kind.PURGING, Kind.HELD, Kind.PARTLY_PURGED)[1:] == []
    assert verify_ledger(house.workspace).findings == ()
    assert house.database.execute("SELECT id FROM orders") == [(8,)]


def test_killed_at_any_step_it_goes_on_and_nothing_is_half_gone(nursery, house, round_seed):
    figures, dies_at = house.digests(), 1 + round_seed % STEPS
    purged(nursery, house, dies_at)
    holds_together(house)
    comes_to_the_same(nursery, house, figures)


def test_every_step_of_a_purge_is_one_it_can_be_killed_at(nursery, house):
    assert purged(nursery, house) == STEPS
    assert there(house) == []
