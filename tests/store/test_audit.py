import hashlib
import json

import pytest
from tests.control_file import open_control

from keepsum.model.audit import Kind, Origin
from keepsum.model.ledger import GENESIS, link
from keepsum.store import audit
from keepsum.store.audit import A_DAY, Wanted

ORIGIN = Origin(mark="0f" * 8, network="192.0.2.0/24")
YEAR = 365


@pytest.fixture
def control(tmp_path):
    made = open_control(tmp_path / "control.db")
    yield made
    made.close()


def fill(control, count=5, *, day=0):
    """So many events, one a day from a day on."""
    with control.write() as connection:
        for place in range(day, day + count):
            body = {"place": place, "text": "ä\u2028"}
            who = {"workspace": "shop", "caller": ("token", "t-1"), "origin": ORIGIN}
            audit.append(connection, Kind.TOKEN_MADE, body, now=place * A_DAY + 1_000, **who)


def breaks(control):
    with control.read() as connection:
        return list(audit.broken_at(connection))


def numbers(control, **filters):
    with control.read() as connection:
        limits = {name: filters.pop(name) for name in ("before", "limit") if name in filters}
        return [event.seq for event in audit.newest(connection, Wanted(**filters), **limits)]


def tamper(control, sql):
    with control.write() as connection:
        assert connection.exec_driver_sql(sql).rowcount


def expire(control, day, keep=YEAR):
    with control.write() as connection:
        return audit.expire(connection, now=day * A_DAY, keep=keep)


def test_an_empty_log_has_a_head_and_no_breaks(control):
    with control.read() as connection:
        assert audit.head(connection) == (0, GENESIS, 0)
    assert breaks(control) == []


def test_events_come_back_newest_first_as_they_were_appended(control):
    fill(control)
    with control.read() as connection:
        found = list(audit.newest(connection))
        assert audit.head(connection) == (5, found[0].hash, 4 * A_DAY + 1_000)
        assert audit.number_of(connection, found[1].hash) == 4
        assert audit.number_of(connection, found[1].hash, Wanted(workspace="other")) is None
    assert [event.body["place"] for event in found] == [4, 3, 2, 1, 0]
    assert [event.previous for event in found] == [*(event.hash for event in found[1:]), GENESIS]
    assert {(e.workspace, e.caller_kind, e.caller, e.origin) for e in found} == {("shop", "token", "t-1", ORIGIN)}
    assert breaks(control) == []


def test_events_are_narrowed_by_what_they_say(control):
    fill(control)
    with control.write() as connection:
        audit.append(connection, Kind.KEYS_ROTATED, {}, now=9 * A_DAY)
    assert numbers(control, kind=Kind.KEYS_ROTATED) == [6]
    assert numbers(control, workspace="shop", limit=2) == [5, 4]
    assert numbers(control, workspace="shop", before=4) == [3, 2, 1]
    assert numbers(control, caller="t-1", first=A_DAY, until=3 * A_DAY) == [3, 2]
    assert numbers(control, caller="t-2") == []
    assert numbers(control, workspace="other") == []


def test_a_link_can_be_checked_by_anybody_with_sha256_and_json(control):
    fill(control, 1)
    with control.read() as connection:
        (event,) = audit.newest(connection)
    body = '{"place":0,"text":"ä\u2028"}'
    parts = [1, 1_000, "token_made", "shop", "token", "t-1", "0f" * 8, "192.0.2.0/24", body, "0" * 64]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    assert event.hash == hashlib.sha256(text.encode()).hexdigest()


def test_an_event_is_never_dated_before_the_one_it_follows(control):
    with control.write() as connection:
        for now in (50, 40, 60):
            audit.append(connection, Kind.SIGNED_IN, {}, now=now)
    with control.read() as connection:
        assert [event.at for event in audit.newest(connection)] == [60, 50, 50]
    assert breaks(control) == []


@pytest.mark.parametrize(
    "change",
    [
        "at = at + 1",
        "kind = 'signed_in'",
        "workspace = NULL",
        "workspace = 'other'",
        "caller_kind = 'person'",
        "caller = 't-2'",
        "caller = NULL",
        "mark = 'x'",
        "network = '198.51.100.0/24'",
        "body = '{}'",
        "body = body || ' '",
    ],
)
def test_a_changed_event_is_found(control, change):
    fill(control)
    tamper(control, f"UPDATE audit SET {change} WHERE seq = 3")
    assert breaks(control) == [(3, "its content is not what was hashed")]


def test_a_changed_event_that_was_hashed_again_breaks_the_link_to_the_next(control):
    fill(control)
    tamper(control, "UPDATE audit SET hash = printf('%064d', 7) WHERE seq = 3")
    assert breaks(control) == [
        (3, "its content is not what was hashed"),
        (4, "it does not follow the event before it"),
    ]


def test_a_missing_event_is_found(control):
    fill(control)
    tamper(control, "DELETE FROM audit WHERE seq = 3")
    assert breaks(control) == [(3, "an event is missing"), (4, "it does not follow the event before it")]


def test_a_missing_first_event_is_found(control):
    fill(control)
    tamper(control, "DELETE FROM audit WHERE seq = 1")
    assert (1, "an event is missing") in breaks(control)


@pytest.mark.parametrize("left", [0, 3, 4])
def test_a_cut_off_end_is_found_and_stays_found_when_the_log_goes_on(control, left):
    fill(control)
    tamper(control, f"DELETE FROM audit WHERE seq > {left}")
    assert breaks(control) == [(5, "the last event is not the one that was noted")]
    fill(control, 1, day=5)
    assert (left + 1, "an event is missing") in breaks(control)


def test_a_changed_last_event_that_was_hashed_again_is_not_the_one_that_was_noted(control):
    fill(control)
    with control.read() as connection:
        last = next(audit.newest(connection))
    parts = (5, last.at, "token_made", "shop", "token", "t-2", ORIGIN.mark, ORIGIN.network)
    digest = link(*parts, '{"place":4,"text":"ä\u2028"}', last.previous)
    tamper(control, f"UPDATE audit SET caller = 't-2', hash = '{digest}' WHERE seq = 5")
    assert breaks(control) == [(5, "the last event is not the one that was noted")]


def test_what_expired_is_gone_and_the_rest_still_proves_itself(control):
    fill(control, 10)
    assert expire(control, YEAR + 4) == 4
    assert numbers(control) == [11, 10, 9, 8, 7, 6, 5]
    assert breaks(control) == []
    with control.read() as connection:
        gone = next(audit.newest(connection))
    assert (gone.kind, gone.body["through"], gone.body["events"]) == (Kind.EXPIRED, 4, 4)
    assert expire(control, YEAR + 4) == 0
    assert expire(control, YEAR + 7) == 3
    assert breaks(control) == []
    assert expire(control, 3 * YEAR) == 5
    assert numbers(control) == [13]
    assert breaks(control) == []
    fill(control, 1, day=4 * YEAR)
    assert breaks(control) == []


def test_an_event_stays_to_the_last_moment_of_its_retention(control):
    fill(control, 1)
    with control.write() as connection:
        assert audit.expire(connection, now=YEAR * A_DAY + 1_000, keep=YEAR) == 0
        assert audit.expire(connection, now=YEAR * A_DAY + 1_001, keep=YEAR) == 1


@pytest.mark.parametrize("change", ["caller = 't-2'", "at = at - 1", "body = '{}'"])
def test_a_change_of_what_is_left_is_found_behind_an_expiry(control, change):
    fill(control, 10)
    expire(control, YEAR + 4)
    tamper(control, f"UPDATE audit SET {change} WHERE seq = 5")
    assert breaks(control) == [(5, "its content is not what was hashed")]


def test_an_event_taken_from_behind_an_expiry_is_found(control):
    fill(control, 10)
    expire(control, YEAR + 4)
    tamper(control, "DELETE FROM audit WHERE seq = 5")
    assert breaks(control) == [(5, "an event is missing"), (6, "it does not follow the event before it")]


def test_an_expiry_that_is_taken_away_or_changed_is_found(control):
    fill(control, 10)
    expire(control, YEAR + 4)
    fill(control, 1, day=2 * YEAR)
    tamper(control, """UPDATE audit SET body = replace(body, '"through":4', '"through":5') WHERE kind = 'expired'""")
    assert (11, "its content is not what was hashed") in breaks(control)
    tamper(control, "DELETE FROM audit WHERE kind = 'expired'")
    assert (1, "an event is missing") in breaks(control)


@pytest.mark.parametrize(("keep", "found"), [(29, True), (30, False)])
def test_an_expiry_of_what_is_young_is_found(control, keep, found):
    fill(control, 50)
    expire(control, 50, keep=keep)
    assert ((51, "it took away events before their time") in breaks(control)) == found


def test_a_caller_is_known_from_an_address_it_came_from(control):
    fill(control, 1)
    with control.read() as connection:
        known = [
            audit.came_before(connection, kind, caller, mark)
            for kind, caller, mark in (
                (Kind.TOKEN_MADE, ("token", "t-1"), ORIGIN.mark),
                (Kind.TOKEN_MADE, ("token", "t-1"), "other"),
                (Kind.TOKEN_MADE, ("person", "t-1"), ORIGIN.mark),
                (Kind.TOKEN_MADE, ("token", "t-2"), ORIGIN.mark),
                (Kind.SIGNED_IN, ("token", "t-1"), ORIGIN.mark),
            )
        ]
    assert known == [True, False, False, False, False]
