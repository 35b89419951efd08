import hashlib
import json

import pytest

from keepsum.model.ledger import GENESIS, Kind
from keepsum.store import ledger


def fill(file, count=5):
    with file.write() as connection:
        for place in range(count):
            body = {"place": place, "text": "ä\u2028"}
            ledger.append(connection, Kind.SEALED, body, now=1_000 + place, stream="sales", day=20_000 + place)


def breaks(file):
    with file.read() as connection:
        return list(ledger.broken_at(connection))


def tamper(file, sql):
    with file.write() as connection:
        assert connection.exec_driver_sql(sql).rowcount


def test_an_empty_ledger_has_a_head_and_no_breaks(file):
    with file.read() as connection:
        assert ledger.head(connection) == (0, GENESIS, 0)
    assert breaks(file) == []


def test_entries_come_back_in_order_as_they_were_appended(file):
    fill(file)
    with file.read() as connection:
        found = list(ledger.entries(connection))
        assert ledger.head(connection) == (5, found[-1].hash, 1_004)
        assert ledger.entry(connection, 3) == found[2]
        assert ledger.entry(connection, 9) is None
        assert list(ledger.entries(connection, day=20_003)) == [found[3]]
        assert list(ledger.entries(connection, kind=Kind.PURGED)) == []
        assert list(ledger.entries(connection, stream="other")) == []
        assert list(ledger.entries(connection, after=3, limit=1)) == [found[3]]
    assert [entry.body["place"] for entry in found] == list(range(5))
    assert [entry.previous for entry in found] == [GENESIS, *(entry.hash for entry in found[:-1])]
    assert breaks(file) == []


def test_a_link_can_be_checked_by_anybody_with_sha256_and_json(file):
    fill(file, 1)
    with file.read() as connection:
        entry = ledger.entry(connection, 1)
    assert entry is not None
    body = '{"place":0,"text":"ä\u2028"}'
    text = json.dumps([1, 1_000, "sealed", "sales", 20_000, body, "0" * 64], ensure_ascii=False, separators=(",", ":"))
    assert entry.hash == hashlib.sha256(text.encode()).hexdigest()


def test_an_entry_is_never_dated_before_the_one_it_follows(file):
    with file.write() as connection:
        for now in (50, 40, 60):
            ledger.append(connection, Kind.HELD, {}, now=now)
    with file.read() as connection:
        assert [entry.at for entry in ledger.entries(connection)] == [50, 50, 60]
    assert breaks(file) == []


@pytest.mark.parametrize(
    "change",
    ["at = at + 1", "kind = 'held'", "stream = NULL", "day = day + 1", "body = '{}'", "body = body || ' '"],
)
def test_a_changed_entry_is_found(file, change):
    fill(file)
    tamper(file, f"UPDATE ledger SET {change} WHERE seq = 3")
    assert breaks(file) == [(3, "its content is not what was hashed")]


def test_a_changed_entry_that_was_hashed_again_breaks_the_link_to_the_next(file):
    fill(file)
    tamper(file, "UPDATE ledger SET hash = printf('%064d', 7) WHERE seq = 3")
    assert breaks(file) == [
        (3, "its content is not what was hashed"),
        (4, "it does not follow the entry before it"),
    ]


def test_a_missing_entry_is_found(file):
    fill(file)
    tamper(file, "DELETE FROM ledger WHERE seq = 3")
    assert breaks(file) == [(3, "an entry is missing"), (4, "it does not follow the entry before it")]


def test_a_missing_first_entry_is_found(file):
    fill(file)
    tamper(file, "DELETE FROM ledger WHERE seq = 1")
    assert (1, "an entry is missing") in breaks(file)


def test_a_cut_off_end_shows_only_against_a_kept_head(file):
    fill(file)
    with file.read() as connection:
        kept = ledger.head(connection)[1]
    tamper(file, "DELETE FROM ledger WHERE seq = 5")
    assert breaks(file) == []
    with file.read() as connection:
        assert not ledger.has(connection, kept)
